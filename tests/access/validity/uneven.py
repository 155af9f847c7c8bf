"""Worlds of uneven grants: cycles, lifetimes and hours without a common period of a few years."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

import attrs
from tests.access.small import CATALOG, CONTRACT, PLAN, REQUEST

from entitlements.access import AccountDecider
from entitlements.calendars import Calendar
from entitlements.contracts import (
    AccessRight,
    Account,
    Allowance,
    Contract,
    ContractLine,
    Cycle,
    Grant,
    Issue,
    Plan,
    Rollover,
    ledger_with_plan_grants,
)
from entitlements.contracts.catalog import Catalog, Precedence
from entitlements.contracts.ledger.entries import Reserve
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.contracts.plan_terms.renewal_terms import RenewalTerms
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import DAY, HOUR, from_micros, to_micros, utc
from entitlements.kernel.requests import Request
from entitlements.testing.strategies.worlds.access import World
from entitlements.testing.strategies.worlds.dice import Dice

ZONES: Final = ("UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Asia/Tokyo")
HOURS: Final = {
    "desk": Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00"),
    "night": Calendar(zone="America/New_York", week="Mo-Su 18:00-30:00"),
    "weekend": Calendar(zone="UTC", week="Sa-Su 00:00-24:00"),
    "hour": Calendar(zone="Asia/Tokyo", week="We 11:00-12:00"),
    "never": Calendar.never(),
    "known": Calendar(
        zone="Europe/Berlin",
        week="Mo-Fr 09:00-17:00",
        holidays=["2026-12-25"],
        closures=[],
    ),
    "both": Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
    & Calendar(zone="America/New_York", week="Mo-Fr 08:00-12:00"),
}
CYCLES: Final = (
    *(Cycle("week", count) for count in (1, 2, 3, 5)),
    *(Cycle("month", count) for count in (1, 2, 5)),
    Cycle("year"),
)
START: Final = to_micros(utc("2026-01-01T00:00Z"))


def uneven_world(random: Random, questions: int = 2) -> World:
    """Return a world drawn from `random`."""
    dice = Dice(random)
    plans = [_plan(dice, f"plan{number}") for number in range(dice.number(1, 2))]
    precedence = [Precedence.MOST_SPECIFIC]
    if dice.often(40):
        precedence.insert(0, Precedence.CHEAPEST_USE)
    if dice.often(20):
        precedence.append(Precedence.FIRST_TO_EXPIRE)
    catalog = attrs.evolve(CATALOG, plans=plans, calendars=HOURS, precedence=precedence)
    contracts = [_contract(dice, f"C{number}", plans) for number in range(dice.number(1, 2))]
    account = Account(customer="acme", contracts=contracts)
    account = attrs.evolve(account, ledger=_ledger(dice, account, catalog))
    asked = []
    for _ in range(questions):
        at = START + dice.number(30, 400) * DAY + dice.number(0, 23) * HOUR
        asked.append((_request(dice), at))
    return World(catalog, account, tuple(asked))


def _plan(dice: Dice, id: str) -> Plan:
    allowances = [_allowance(dice, f"a{number}") for number in range(dice.number(1, 3))]
    rights = [
        AccessRight(
            id=f"r{number}",
            group="dba",
            hours=dice.maybe(60, sorted(HOURS)),
            allowance=each.id,
        )
        for number, each in enumerate(allowances)
    ]
    general = dice.maybe(25, ["desk"])
    return attrs.evolve(PLAN, id=id, rights=rights, allowances=allowances, general_group=general)


def _allowance(dice: Dice, id: str) -> Allowance:
    policy = dice.one(["refuse", "refuse", "refuse", "cap", "allow_with_consent"])
    cycle = dice.maybe(95, CYCLES)
    lifetime, rollover = dice.maybe(70, CYCLES), None
    if cycle is not None and lifetime is None and dice.often(40):
        rollover = Rollover(at_most=dice.number(0, 2))
    return Allowance(
        id=id,
        unit="incidents",
        amount=dice.number(0, 2),
        cost=dice.number(1, 4),
        recurrence=cycle,
        lifetime=lifetime,
        rollover=rollover,
        aligned=dice.one(["term", "calendar"]),
        over_use=policy,
        cap=dice.number(0, 2) if policy == "cap" else None,
    )


def _contract(dice: Dice, id: str, plans: list[Plan]) -> Contract:
    lines = [
        ContractLine(id=str(number), plan=dice.one(plans).id) for number in range(dice.number(1, 2))
    ]
    start = date(2025, 12, 1) + timedelta(days=dice.number(0, 60))
    months = dice.one([None, None, None, 24, 12])
    tacit = RenewalTerms(months=dice.one([12, 12, 7]))
    renewal = tacit if months is not None and dice.often(60) else None
    return attrs.evolve(
        CONTRACT,
        id=id,
        zone=dice.one(ZONES),
        start=start,
        months=months,
        renewal=renewal,
        lines=lines,
    )


def _ledger(dice: Dice, account: Account, catalog: Catalog) -> Ledger:
    """Return a ledger in which something was taken, and granted by hand, now and then."""
    if dice.often(60):
        return account.ledger
    terms = AccountDecider(account, catalog)
    pools = [
        pool_id(contract.id, line.id, f"a{number}")
        for contract in account.contracts
        for line in contract.lines
        for number in range(3)
    ]
    end = from_micros(START + 900 * DAY)
    ledger = ledger_with_plan_grants(account.ledger, terms.histories, end)
    by_hand = Grant(
        id="by hand",
        unit="incidents",
        amount=dice.number(0, 2),
        effective=from_micros(START + dice.number(0, 900) * DAY),
        pool=dice.one(pools),
    )
    ledger = ledger.post(Issue(grant=by_hand), from_micros(START)).ledger
    now = START
    for number in range(dice.number(0, 4)):
        now += dice.number(0, 150) * DAY
        hold = Reserve(
            key=f"K{number}",
            unit="incidents",
            amount=dice.number(1, 2),
            pools=(dice.one(pools),),
            duration=timedelta(days=dice.number(1, 300)),
        )
        try:
            ledger = ledger.post(hold, from_micros(now)).ledger
        except EntitlementsError:
            continue
    return Ledger.of(ledger.entries)


def _request(dice: Dice) -> Request:
    contact = "dana" if dice.often(60) else "zoe"
    conditions = ["overage-consent"] if dice.often(40) else []
    return attrs.evolve(REQUEST, contact=contact, conditions=conditions)
