"""Account histories: generated accounts, record by record, with some extreme values.

Unlike the worlds of `strategies.access`, each accepted record stays, and some records have the
earliest, latest, shortest or largest possible value.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final, TypeAlias, final

import attrs
from hypothesis import strategies as st

from entitlements.access.decider import AccountDecider
from entitlements.contracts.account import Account, OpenCase
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.records.changes import Change
from entitlements.contracts.records.contract import Contract
from entitlements.contracts.records.parties import Asset, Delegation
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import (
    EARLIEST,
    END_OF_TIME,
    LATEST,
    MICROSECOND,
    START_OF_TIME,
    to_micros,
    utc,
)
from entitlements.kernel.requests import Request
from entitlements.testing.strategies.worlds.access import question, some_instant
from entitlements.testing.strategies.worlds.contracts import (
    catalog_of,
    change_of,
    contract_of,
    delegation_of,
)
from entitlements.testing.strategies.worlds.dice import Dice
from entitlements.testing.strategies.worlds.usage import case_of

Fact: TypeAlias = Contract | Change | Delegation | OpenCase
FIRST: Final = EARLIEST
LAST: Final = LATEST - MICROSECOND
BEGUN: Final = utc("2026-01-05T08:00Z")
DAYS: Final = (
    date.min,
    date(1, 12, 31),
    date(2, 1, 1),
    date(2024, 2, 29),
    date(2026, 1, 31),
    date(9996, 2, 29),
    date(9997, 12, 31),
    date(9998, 1, 1),
    date.max,
)
INSTANTS: Final = (FIRST, FIRST + MICROSECOND, BEGUN, BEGUN + MICROSECOND, LAST - MICROSECOND, LAST)
_OF_DAYS: Final = ("start", "end", "effective", "sold")
_OF_INSTANTS: Final = ("start", "end", "at", "effective", "opened", "closed")


@final
@attrs.frozen
class AccountHistory:
    """A generated account, and requests to decide under it.

    Attributes:
        catalog: The catalog.
        account: The accepted records, with the instants at which they became known.
        known: Instants between the records, and before and after all of them.
        questions: Requests, and the instants at which they are made.
    """

    catalog: Catalog
    account: Account
    known: tuple[datetime, ...]
    questions: tuple[tuple[Request, int], ...]


def account_histories() -> st.SearchStrategy[AccountHistory]:
    """Account histories, each with some requests."""
    return st.randoms(use_true_random=False).map(account_history)


def account_history(random: Random, questions: int = 8) -> AccountHistory:
    """Return an account history drawn from `random`."""
    dice = Dice(random)
    catalog = catalog_of(dice)
    account, known = _grown_account(dice, dice.number(1, 10))
    edges = _edges(account, catalog)
    asked = tuple((question(dice, account), _instant(dice, edges)) for _ in range(questions))
    return AccountHistory(catalog, account, known, asked)


def _grown_account(dice: Dice, count: int) -> tuple[Account, tuple[datetime, ...]]:
    assets = [Asset(id="A1", product="db", site="bonn", groups=["racks"])]
    account, now = Account(customer="acme", assets=assets), BEGUN
    known = [now - MICROSECOND]
    for number in range(count):
        fact = _with_extreme_value(dice, _fact(dice, account, number))
        try:
            account = account.record(fact, now)
        except EntitlementsError:
            continue
        known.append(now)
        # Some records have an earlier instant than those before them.
        now += timedelta(days=dice.one([1, 1, 30, -3]))
    return account, tuple(known)


def _fact(dice: Dice, account: Account, number: int) -> Fact:
    if not account.contracts or dice.often(10):
        return contract_of(dice, f"C{number}")
    contract = dice.one(account.contracts)
    fact: Fact
    match dice.number(0, 19):
        case 0 | 1:
            fact = contract_of(dice, contract.id)
        case 2 | 3:
            fact = delegation_of(dice, f"D{number}", contract)
        case 4:
            fact = case_of(dice, f"K{number}", contract)
        case 5 if account.changes:
            earlier = dice.one(account.changes)
            fact = attrs.evolve(earlier, retracted=not earlier.retracted)
        case 6 if account.changes:
            fact = change_of(dice, dice.one(account.changes).id, contract)
        case _:
            fact = change_of(dice, f"X{number}", contract)
    return fact if isinstance(fact, OpenCase) else attrs.evolve(fact, recorded=None)


def _with_extreme_value(dice: Dice, fact: Fact) -> Fact:
    """Return the record, sometimes with an extreme value."""
    if not dice.often(20):
        return fact
    names = {each.name for each in attrs.fields(type(fact))}
    drawn: list[tuple[str, Any]] = [(each, dice.one(DAYS)) for each in _OF_DAYS if each in names]
    drawn += [(each, dice.one(INSTANTS)) for each in _OF_INSTANTS if each in names]
    if "months" in names:
        drawn.append(("months", dice.one([1, 12, 1200, 12 * 7971, 10**30])))
    if isinstance(fact, Contract) and fact.lines:
        lines = [attrs.evolve(fact.lines[0], start=None, end=dice.one(DAYS)), *fact.lines[1:]]
        drawn.append(("lines", lines))
    if not drawn:
        return fact
    name, value = dice.one(drawn)
    others = {"end": None} if name == "months" else {"months": None} if name == "end" else {}
    given = {each: other for each, other in others.items() if each in names}
    try:
        return attrs.evolve(fact, **{**given, name: value})
    except EntitlementsError:
        return fact


def _edges(account: Account, catalog: Catalog) -> list[int]:
    try:
        histories = AccountDecider(account, catalog).histories
    except EntitlementsError:
        return [to_micros(BEGUN)]
    found = {
        edge
        for each in histories
        for edge in each.states.starts
        if START_OF_TIME < edge < END_OF_TIME
    }
    return sorted(found) or [to_micros(BEGUN)]


def _instant(dice: Dice, edges: list[int]) -> int:
    match dice.number(0, 3):
        case 0:
            at = to_micros(dice.one(INSTANTS))
        case 1:
            at = dice.one(edges) + dice.number(-1, 1)
        case _:
            at = some_instant(dice, edges)
    return min(max(at, to_micros(FIRST)), to_micros(LAST))
