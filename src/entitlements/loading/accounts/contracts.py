"""Contracts of a load: the records by which a stored contract says what a document says of it.

What can be changed from a day on is changed by an amendment; the rest is a new record of the
contract, which may not change the time before the load.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import attrs

from entitlements.contracts.account import Account, records_as_known
from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.contracts.records.changes import Amendment, Change
from entitlements.contracts.records.contract import Contract
from entitlements.documents.changes.contracts import key_changes
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.instants import to_micros
from entitlements.loading.accounts.contract_text import (
    ContractText,
    amendment_id,
    amendment_to,
    changes_nothing,
    day_of,
    text_on,
)
from entitlements.loading.accounts.records import content, earlier_of_a_load, latest
from entitlements.loading.changes import FoundSteps

CORRECTION_HINT: Final = (
    "write a change with the day from which it holds, or confirm a correction with `correct`"
)


def contract_place(contract: Contract, customer: str) -> str:
    """Return how a plan names a contract."""
    return f"contract {contract.id} of {customer}"


def record_of(
    stored: Contract, given: Contract, changes: tuple[Change, ...], at: datetime, *, correct: bool
) -> Contract:
    """Return the record by which a stored contract becomes the given one; `stored` for none.

    A contract that has not begun becomes the given one. One that has begun keeps its first lines
    and contacts, because an amendment changes them from a day on.

    Args:
        stored: The last stored record.
        given: The last record of the document.
        changes: The changes of the contract in the document.
        at: Instant of the load.
        correct: Whether the first lines and contacts may be corrected.

    Raises:
        ConflictError: The document amends a line, and says of the time before it something else
            than the store.
    """
    if content(stored) == content(given):
        return stored
    begun = max(day_start(each.start, each.zone) for each in (stored, given)) < to_micros(at)
    if not begun or given.retracted or stored.any_contact != given.any_contact:
        return given
    rewritten = set(_rewritten(stored, given, changes, at))
    if rewritten and not correct:
        what = min(rewritten)
        raise ConflictError(
            f"contract `{given.id}` amends {what}, and says of the time before the amendment "
            "something else than the store",
            field="lines" if what != "its contacts" else "contacts",
            hint=CORRECTION_HINT,
        )
    lines = {line.id: line for line in stored.lines}
    if rewritten:
        lines = {line.id: line for line in given.lines}
    record = attrs.evolve(
        given,
        lines=lines.values(),
        contacts=given.contacts if rewritten else stored.contacts,
    )
    return stored if content(record) == content(stored) else record


def _rewritten(
    stored: Contract, given: Contract, changes: tuple[Change, ...], at: datetime
) -> Iterator[str]:
    """Yield what the document amends up to the load, if its first text is another than stored."""
    day = day_of(given, at)
    before, after = ({line.id: line for line in each.lines} for each in (stored, given))
    for each in changes:
        if isinstance(each, Amendment) and each.contract == given.id and each.effective <= day:
            for id in sorted({*each.removed, *(line.id for line in each.lines)}):
                if before.get(id) != after.get(id):
                    yield f"line `{id}`"
            if each.contacts is not None and stored.contacts != given.contacts:
                yield "its contacts"


def amended(
    account: Account, given: Account, contract: Contract, at: datetime, found: FoundSteps
) -> Amendment | None:
    """Return the amendment by which a contract says from the load on what the document says.

    Args:
        account: The stored account, with the other records of the load.
        given: The account of the document.
        contract: The contract as stored, with the other records of the load.
        at: Instant of the load.
        found: Where steps are noted.

    Raises:
        ConflictError: Another change has the id of the amendment.
    """
    day = day_of(contract, at)
    given_contract = latest(given.contracts)[contract.id]
    wanted = text_on(day, given_contract, records_as_known(given.changes, None))
    known = records_as_known(account.changes, None)
    if changes_nothing(amendment_to(wanted, contract, known, day)):
        return None
    id = amendment_id(contract, day)
    others = [each for each in known if each.id != id]
    record = amendment_to(wanted, contract, others, day)
    earlier = earlier_of_a_load(record, account.changes)
    if changes_nothing(record):
        if earlier is None or earlier.retracted:
            return None
        record = attrs.evolve(earlier, retracted=True, recorded=None)
    if earlier is not None and content(earlier) == content(record):
        return None
    _note(text_on(day, contract, known), wanted, contract_place(contract, account.customer), found)
    return record


def _note(now: ContractText, wanted: ContractText, place: str, found: FoundSteps) -> None:
    for id, line in wanted.lines.items():
        if id not in now.lines:
            found.add(f"{place}, line {id}", line.plan)
        else:
            for each in key_changes(f"{place}, line {id}", now.lines[id], line):
                found.change(each.place, each.before, each.after)
    for id in now.lines:
        if id not in wanted.lines:
            found.end(f"{place}, line {id}")
    before, after = ({each.contact: each for each in text.contacts} for text in (now, wanted))
    for name, contact in after.items():
        if name not in before:
            found.add(f"{place}, contact {name}")
        elif before[name] != contact:
            found.change(f"{place}, contact {name}")
    for name in before:
        if name not in after:
            found.end(f"{place}, contact {name}")
    if before == after and now.contacts != wanted.contacts:
        found.change(f"{place}, contacts")


def note_contract(stored: Contract, record: Contract, customer: str, found: FoundSteps) -> None:
    """Note the fields in which a new record of a contract differs from the stored one."""
    place = contract_place(record, customer)
    if record.retracted:
        found.end(place, "taken back")
        return
    for each in key_changes(place, content(stored), content(record)):
        if each.place not in {f"{place}, lines", f"{place}, contacts"}:
            found.change(each.place, each.before, each.after)
    _note(_first_text(stored), _first_text(record), place, found)


def _first_text(contract: Contract) -> ContractText:
    return ContractText({line.id: line for line in contract.lines}, {}, contract.contacts)
