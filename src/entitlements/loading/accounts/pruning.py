"""Pruning: the records by which a load ends what a document no longer names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.contracts.records.changes import Amendment, Block, Cancellation, Change
from entitlements.contracts.records.contract import Contract
from entitlements.contracts.records.parties import Delegation
from entitlements.kernel.data.digests import text_digest
from entitlements.kernel.instants import text_of, to_micros
from entitlements.loading.accounts.contract_text import day_of
from entitlements.loading.accounts.contracts import contract_place
from entitlements.loading.accounts.past import is_in_force_from
from entitlements.loading.accounts.records import earlier_of_a_load, kind_of, latest
from entitlements.loading.changes import FoundSteps

_MAX_ID = 200


def pruned(
    account: Account, given: Account, catalog: Catalog, at: datetime, found: FoundSteps
) -> Iterator[Contract | Change | Delegation]:
    """Yield the records that end at an instant what an account has and the given one has not.

    What is over by then is left. What has not begun is taken back. A contract is cancelled; a
    block or a delegation gets an end.

    Args:
        account: The stored account, with the other records of the load.
        given: The account of the document.
        catalog: The catalog after the load.
        at: Instant of the load.
        found: Where steps are noted.

    Raises:
        ConflictError: Another change has the id of a cancellation that is to be made.
    """
    customer, wanted = account.customer, latest(given.contracts)
    stored = latest(account.contracts)
    for id, contract in stored.items():
        if id not in wanted and not contract.retracted:
            yield from _contract(account, contract, wanted, catalog, at, found)
    known = latest(given.changes)
    for id, change in latest(account.changes).items():
        if id in known or change.retracted or _is_left(change, wanted):
            continue
        if isinstance(change, Amendment):
            if change.effective > day_of(stored[change.contract], at):
                found.end(f"amendment {id} of {customer}", "taken back")
                yield _taken_back(change)
        elif isinstance(change, Block):
            yield from _ended(change, at, customer, found)
        else:
            found.end(f"{kind_of(change)} {id} of {customer}", "taken back")
            yield _taken_back(change)
    kept = latest(given.delegations)
    for id, delegation in latest(account.delegations).items():
        if id not in kept and not delegation.retracted and delegation.contract in wanted:
            yield from _ended(delegation, at, customer, found)


def _is_left(change: Change, wanted: Mapping[str, Contract]) -> bool:
    """Return whether a change is about a contract that ends as a whole."""
    return change.contract is not None and change.contract not in wanted


def _contract(
    account: Account,
    contract: Contract,
    wanted: Mapping[str, Contract],
    catalog: Catalog,
    at: datetime,
    found: FoundSteps,
) -> Iterator[Contract | Change]:
    place = contract_place(contract, account.customer)
    if day_start(contract.start, contract.zone) >= to_micros(at):
        found.end(place, "taken back")
        yield _taken_back(contract)
        return
    if contract.replaces in wanted:
        found.change(f"{place}, replaces", contract.replaces or "")
        yield attrs.evolve(contract, replaces=None, recorded=None)
    if is_in_force_from(account, contract.id, catalog, at):
        found.end(place, f"cancelled from {text_of(at)}")
        id = f"load {text_of(at)} {contract.id}"
        if len(id) > _MAX_ID:
            id = f"load {text_of(at)} {text_digest(contract.id)}"
        cancelled = Cancellation(id=id, contract=contract.id, effective=at)
        earlier_of_a_load(cancelled, account.changes)
        yield cancelled
    else:
        found.leave("contract", named=False)


def _ended(
    record: Block | Delegation, at: datetime, customer: str, found: FoundSteps
) -> Iterator[Block | Delegation]:
    kind = kind_of(record)
    place = f"{kind} {record.id} of {customer}"
    if record.start >= at:
        found.end(place, "taken back")
        yield _taken_back(record)
    elif record.end is None or record.end > at:
        found.end(place, f"ends at {text_of(at)}")
        yield attrs.evolve(record, end=at, recorded=None)
    else:
        found.leave(kind, named=False)


def _taken_back(record: Any) -> Any:
    return attrs.evolve(record, retracted=True, recorded=None)
