"""Hostile worlds: ids that look like keys, facts of the future, late records, omitted fields.

The catalogs and contracts are those of `strategies.access`; what is recorded and asked is drawn so
that two names are often alike, entries are often recorded late or lie ahead, and a request often
leaves something out.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Final

import attrs
from hypothesis import strategies as st

from entitlements.contracts.account import Account, OpenCase
from entitlements.contracts.allowances.allowance import Cycle, OveragePolicy, Period, Unit
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
    Expire,
    GiveBack,
    Issue,
    LedgerCommand,
    Reserve,
    Void,
    Withdraw,
)
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.line_status import line_histories
from entitlements.contracts.lines.plan_grants import ledger_with_plan_grants, pool_id
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.changes import Transfer
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.ids import key
from entitlements.kernel.instants import DAY, HOUR, from_micros, utc
from entitlements.kernel.requests import Request
from entitlements.testing.strategies.worlds.access import World, edges_of, question, some_instant
from entitlements.testing.strategies.worlds.contracts import LEAD_TIMES, account_of, catalog_of
from entitlements.testing.strategies.worlds.dice import START, Dice
from entitlements.testing.strategies.worlds.plan_facts import with_plan_facts
from entitlements.testing.strategies.worlds.usage import case_of

NAMES: Final = ("R-1", "rest/R-1", "void/R-1", "commit/R-1", "R-2", "rest/R-2", "pool/C0/L0/cases")
"""Ids of requests, cases and holds; most look like a key of another."""

END: Final = utc("2028-01-01T00:00Z")


def hostile_worlds() -> st.SearchStrategy[World]:
    """Hostile worlds, each with some questions."""
    return st.randoms(use_true_random=False).map(hostile_world)


def hostile_world(random: Random, questions: int = 6) -> World:
    """Return a hostile world drawn from `random`."""
    dice = Dice(random)
    catalog = _catalog(dice)
    account = _transferred(dice, account_of(dice, catalog), catalog)
    if account.contracts:
        account = attrs.evolve(account, cases=_cases(dice, account))
        account = attrs.evolve(account, ledger=_ledger(dice, account, catalog))
    edges = edges_of(account, catalog)
    asked = tuple((_asked(dice, account), some_instant(dice, edges)) for _ in range(questions))
    return World(*with_plan_facts(dice, (catalog, account, asked)))


def _catalog(dice: Dice) -> Catalog:
    """Return a catalog in which more counts, and plans have more versions."""
    catalog = catalog_of(dice)
    plans = [_limited(dice, plan) for plan in catalog.plans]
    if dice.often(30):
        day, since = dice.day(), dice.day() if dice.often(70) else None
        last = attrs.evolve(plans[0], version="3", effective=day, existing_from=since)
        plans.append(_limited(dice, last))
    return attrs.evolve(catalog, plans=plans)


def _limited(dice: Dice, plan: Plan) -> Plan:
    allowances = []
    for each in plan.allowances:
        cycle = dice.maybe(30, [Cycle(Period.MONTH), Cycle(Period.WEEK, 2)])
        lifetime = dice.maybe(25, [Cycle(Period.MONTH, 2)])
        aligned = dice.one(["term", "calendar"])
        drawn = attrs.evolve(each, recurrence=cycle, lifetime=lifetime, aligned=aligned)
        allowances.append(drawn)
    concurrency = dice.maybe(30, [1, 2, 3])
    lead_time = dice.maybe(60, LEAD_TIMES)
    return attrs.evolve(plan, allowances=allowances, concurrency=concurrency, lead_time=lead_time)


def _transferred(dice: Dice, account: Account, catalog: Catalog) -> Account:
    """Return the account with transfers to another customer and back, where these fit."""
    for number in range(dice.one([0, 0, 1, 2])):
        if not account.contracts:
            break
        to, at = dice.one(["acme", "other"]), dice.instant()
        moved = Transfer(id=f"Y{number}", contract=dice.one(account.contracts).id, to=to, at=at)
        try:
            found = attrs.evolve(account, changes=(*account.changes, moved))
            line_histories(found, catalog)
        except EntitlementsError:
            continue
        account = found
    return account


def _cases(dice: Dice, account: Account) -> list[OpenCase]:
    found = []
    for id in dice.some(NAMES, 40):
        case = case_of(dice, id, dice.one(account.contracts))
        found.append(attrs.evolve(case, follows=dice.maybe(45, NAMES)))
    return found


def _ledger(dice: Dice, account: Account, catalog: Catalog) -> Ledger:
    """Return a ledger of holds on grants of plans and by hand, in no order of time."""
    contracts = sorted({contract.id for contract in account.contracts})
    pools = [pool_id(each, line, "cases") for each in contracts for line in ("L0", "L0", "L1")]
    ledger = ledger_with_plan_grants(Ledger(), line_histories(account, catalog), END)
    for number in range(dice.number(0, 2)):
        grant = _grant(dice, f"by hand {number}", dice.one(pools))
        ledger = ledger.post(Issue(grant=grant), from_micros(START - 90 * DAY)).ledger
    now = START
    for _ in range(dice.one([0, 0, 1, 3, 6, 9])):
        now += dice.number(0, 40) * DAY
        command = _command(dice, ledger, pools)
        at = now - dice.one([0, 0, 10, 100]) * DAY + dice.number(0, 23) * HOUR
        recorded = from_micros(max(now, at))
        try:
            ledger = ledger.post(command, from_micros(at), recorded=recorded).ledger
        except EntitlementsError:
            continue
    return Ledger.of(ledger.entries)


def _grant(dice: Dice, id: str, pool: str) -> Grant:
    policy = dice.one(list(OveragePolicy))
    begun = START + dice.one([-60, 0, 30, 90]) * DAY
    return Grant(
        id=id,
        unit=Unit.INCIDENTS,
        amount=dice.number(0, 3),
        effective=from_micros(min(begun, START)) if dice.often(60) else from_micros(begun),
        expires=from_micros(begun + dice.number(60, 500) * DAY) if dice.often(70) else None,
        pool=pool,
        priority=dice.number(0, 1),
        over_use=policy,
        cap=dice.number(0, 2) if policy is OveragePolicy.CAP else None,
    )


def _command(  # noqa: PLR0911 - one line a kind
    dice: Dice, ledger: Ledger, pools: list[str]
) -> LedgerCommand:
    """Return a hold, or something that may be done about one; keys are often alike."""
    name, other = dice.one(NAMES), dice.one([*NAMES, key("commit", dice.one(NAMES))])
    match dice.number(0, 9):
        case 0:
            return Void(key=other, hold=name)
        case 1:
            return Expire(key=key("expire", name), hold=name)
        case 2 | 3:
            return Commit(key=key("commit", name), hold=name, amount=dice.one([None, 0, 1, 2]))
        case 4:
            amount = dice.one([None, None, 1])
            return GiveBack(key=other, commit=key("commit", name), amount=amount)
        case 5:
            grants = [each.id for each in ledger.grants]
            grant = dice.one([*grants, "by hand 0", "by hand 1"])
            if dice.often(30):
                return Withdraw(key=other, grant=grant)
            return Adjust(key=other, grant=grant, amount=dice.one([-1, 1, 2]))
        case _:
            return Reserve(
                key=name,
                unit=dice.one([*[Unit.INCIDENTS] * 9, Unit.MINUTES]),
                amount=dice.one([1, 1, 1, 2]),
                pools=dice.one([[dice.one(pools)]] * 6 + [[], pools]),
                consent=dice.often(50),
                duration=timedelta(days=dice.number(1, 200)) if dice.often(40) else None,
            )


def _asked(dice: Dice, account: Account) -> Request:
    """Return a request that is named like another, and often leaves something out."""
    drawn = question(dice, account)
    return attrs.evolve(
        drawn,
        id=dice.one(NAMES) if dice.often(60) else "Q",
        contact="unknown" if dice.often(8) else drawn.contact,
        severity="none" if dice.often(4) else drawn.severity,
        version=None if dice.often(30) else drawn.version,
        asset=None if dice.often(30) else drawn.asset,
        site=None if dice.often(30) else drawn.site,
        follows=dice.maybe(45, NAMES),
    )
