"""Small worlds in which every check matters: a catalog, an account, requests and instants.

A world is drawn from a `random.Random`, so that a loop can make a million from one seed. `worlds()`
draws the same worlds with the randomness of Hypothesis, which can shrink them.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final, final

import attrs
from hypothesis import strategies as st

from entitlements.access.decider import AccountDecider
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.records.changes import Amendment
from entitlements.kernel.instants import DAY, END_OF_TIME, HOUR, START_OF_TIME, to_micros, utc
from entitlements.kernel.requests import Request
from entitlements.testing.strategies.worlds.contracts import (
    CHANNELS,
    GROUPS,
    PEOPLE,
    SEVERITIES,
    account_of,
    catalog_of,
)
from entitlements.testing.strategies.worlds.dice import START, Dice
from entitlements.testing.strategies.worlds.plan_facts import with_plan_facts
from entitlements.testing.strategies.worlds.usage import CASES, IDS, used

CLOCK_CHANGES: Final = tuple(
    to_micros(utc(text))
    for text in (
        "2026-03-08T07:00Z",
        "2026-03-29T01:00Z",
        "2026-04-04T15:00Z",
        "2026-10-03T15:30Z",
        "2026-10-25T01:00Z",
        "2026-11-01T06:00Z",
    )
)


_OFTEN: Final = 4
_LAST_EDGE: Final = to_micros(utc("2028-12-01T00:00Z"))


@final
@attrs.frozen
class World:
    """A catalog, one account under it, and requests with their instants."""

    catalog: Catalog
    account: Account
    questions: tuple[tuple[Request, int], ...]


def worlds() -> st.SearchStrategy[World]:
    """Draw worlds, each with 24 requests."""
    return st.randoms(use_true_random=False).map(world)


def world(random: Random, questions: int = 24) -> World:
    """Return a world with so many requests, drawn from `random`."""
    dice = Dice(random)
    catalog = catalog_of(dice)
    account = used(dice, account_of(dice, catalog))
    edges = edges_of(account, catalog)
    asked = tuple((question(dice, account), some_instant(dice, edges)) for _ in range(questions))
    return World(*with_plan_facts(dice, (catalog, account, asked)))


def edges_of(account: Account, catalog: Catalog) -> list[int]:
    """Return the instants at which something may change in an account."""
    edges = {
        edge
        for history in AccountDecider(account, catalog).histories
        for edge in history.states.starts
        if START_OF_TIME < edge < _LAST_EDGE  # oracles look at no tacit terms after it
    }
    edges |= {to_micros(case.opened) for case in account.cases}
    edges |= {to_micros(case.closed) for case in account.cases if case.closed is not None}
    edges |= {to_micros(case.resolved) for case in account.cases if case.resolved is not None}
    edges |= {to_micros(each.start) for each in account.delegations}
    for grant in account.ledger.grants:
        edges |= {to_micros(each) for each in (grant.effective, grant.expires) if each is not None}
    for entry in account.ledger.entries:
        edges |= {to_micros(each) for each in (entry.at, entry.until) if each is not None}
    # Lead times are short, so that their ends are drawn more often.
    waiting = [*_lead_times_over(account, catalog)]
    return sorted([*edges, *_OFTEN * waiting, *(over - HOUR for over in _OFTEN * waiting)])


def _lead_times_over(account: Account, catalog: Catalog) -> Iterator[int]:
    """Yield the instants at which lead times of amendments may be over."""
    zones = {each.id: each.zone for each in account.contracts}
    for change in account.changes:
        if isinstance(change, Amendment) and change.contract in zones:
            for plan in catalog.plans:
                if plan.lead_time is not None:
                    hours = catalog.calendars.get(plan.lead_time.calendar or "")
                    over = plan.lead_time.over(change.effective, zones[change.contract], hours)
                    yield from [over] if over < END_OF_TIME else []


def some_instant(dice: Dice, edges: list[int]) -> int:
    """Return an instant, often one of `edges` or next to it."""
    match dice.number(0, 9):
        case 0 | 1 if edges:
            return dice.one(edges) + dice.number(-1, 1)
        case 2:
            return dice.one(CLOCK_CHANGES) + dice.number(-1, 1)
        case 3:
            return START + dice.number(0, 400 * 24) * HOUR + dice.number(-1, 1)
        case _:
            weekday = START + 35 * DAY + dice.number(0, 20) * 7 * DAY + dice.number(0, 4) * DAY
            return weekday + dice.number(6, 20) * HOUR


def question(dice: Dice, account: Account) -> Request:
    """Return a request to an account."""
    return Request(
        id="Q" if dice.often(50) else dice.one([*IDS, *CASES]),
        customer="acme" if dice.often(99) else "other",
        contact=dice.one(PEOPLE) if dice.often(98) else "zoe",
        product=dice.one(["db"] * 6 + ["os"] * 3 + ["lan"]) if dice.often(98) else "ghost",
        severity=dice.one(SEVERITIES) if dice.often(94) else dice.one(["S9", None]),
        channel=dice.one(CHANNELS),
        group=dice.one(GROUPS) if dice.often(7) else None,
        contract=dice.one([*(each.id for each in account.contracts), "C0"])
        if dice.often(7)
        else None,
        version=dice.one(["1", "1", "2", "2", "2", "2", "3"]) if dice.often(50) else None,
        asset=dice.one(["A1", "A1", "A2", "A3"]) if dice.often(50) else None,
        site=dice.maybe(40, ["bonn", "rome"]),
        party=dice.maybe(50, ["north"]),
        follows=dice.maybe(35, CASES),
        conditions=dice.some(["reachable", "overage-consent"], 50),
    )
