"""Usage: generated cases and ledger entries of a customer.

Ids are reused on purpose: a request may have the id of a case, a hold, a commit or a grant.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import attrs

from entitlements.contracts.account import Account, OpenCase
from entitlements.contracts.allowances.allowance import OveragePolicy, Unit
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import (
    Commit,
    GiveBack,
    Issue,
    LedgerCommand,
    Reserve,
    Void,
)
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.contracts.records.contract import Contract
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import DAY, from_micros
from entitlements.testing.strategies.worlds.dice import START, Dice

IDS: Final = ("Q", "R0", "R1", "R2", "0", "1", "commit R0", "extra C0", "commit/R1", "C0/L0/cases")
"""Ids of requests, some of which are also keys of entries, grants or pools."""

CASES: Final = ("K0", "K1", "K2", "K3", "R0")


def used(dice: Dice, account: Account) -> Account:
    """Return the account with generated cases and a generated ledger."""
    contracts = account.contracts
    if not contracts:
        return account
    ids = dice.some(CASES, 50)
    cases = [case_of(dice, id, dice.one(contracts)) for id in ids]
    return attrs.evolve(account, cases=cases, ledger=_ledger(dice, account))


def case_of(dice: Dice, id: str, contract: Contract) -> OpenCase:
    """Return a case under a contract: open, cancelled or resolved, and sometimes a follow-up."""
    opened = dice.instant()
    closed = opened + timedelta(days=dice.number(0, 40)) if dice.often(65) else None
    resolved = None
    if dice.often(60):
        last = dice.number(0, 40) if closed is None else (closed - opened).days
        resolved = opened + timedelta(days=dice.number(0, last))
    return OpenCase(
        id=id,
        contract=contract.id,
        line=dice.one(["L0", "L0", "L0", "L1"]),
        product=dice.one(["db", "db", "db", "os", None]),
        opened=opened,
        closed=closed,
        resolved=resolved,
        follows=dice.maybe(45, CASES),
    )


def _ledger(dice: Dice, account: Account) -> Ledger:
    ledger = Ledger()
    contracts = sorted({contract.id for contract in account.contracts})
    for contract in contracts:
        if dice.often(45):
            grant = _grant(dice, contract)
            ledger = ledger.post(Issue(grant=grant), grant.effective).ledger
    for n in range(dice.one([0, 0, 1, 2, 3])):
        pool = pool_id(dice.one(contracts), "L0", "cases")
        start = START + n * 20 * DAY
        for days, command in enumerate(_commands(dice, f"R{n}", pool)):
            try:
                ledger = ledger.post(command, from_micros(start + days * DAY)).ledger
            except EntitlementsError:
                break
    return ledger


def _grant(dice: Dice, contract: str) -> Grant:
    over_use = dice.one([OveragePolicy.REFUSE, *OveragePolicy])
    return Grant(
        id=f"extra {contract}",
        unit=Unit.INCIDENTS,
        amount=dice.number(0, 3),
        effective=from_micros(START + dice.one([0, 0, 0, 30, 90]) * DAY),
        expires=from_micros(START + dice.number(100, 500) * DAY) if dice.often(70) else None,
        pool=pool_id(contract, "L0", "cases"),
        over_use=over_use,
        cap=dice.number(0, 2) if over_use is OveragePolicy.CAP else None,
    )


def _commands(dice: Dice, key: str, pool: str) -> list[LedgerCommand]:
    """Return a reservation and the commands that follow it."""
    hold = Reserve(
        key=key,
        unit=dice.one([*[Unit.INCIDENTS] * 9, Unit.MINUTES]),
        amount=dice.one([1, 1, 1, 2]),
        pools=(pool,),
        consent=dice.often(50),
        duration=timedelta(days=dice.number(1, 300)) if dice.often(40) else None,
    )
    done: list[LedgerCommand] = [hold]
    end = dice.one(["void", "commit", "commit", "", "", ""])
    if end == "void":
        done.append(Void(key=f"void {key}", hold=key))
    if end == "commit":
        amount = dice.one([None, None, 0, 1])
        done.append(Commit(key=f"commit {key}", hold=key, amount=amount))
        if dice.often(30):
            done.append(GiveBack(key=f"back {key}", commit=f"commit {key}"))
    return done
