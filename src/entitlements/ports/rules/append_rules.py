"""Append rules of accounts, ledgers, cases and work items, shared by all stores."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from entitlements.contracts.account import Account, dated_fact
from entitlements.contracts.dates.day_boundaries import day_end, day_start
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.records.changes import Change
from entitlements.contracts.records.contract import Contract
from entitlements.contracts.records.parties import Asset, Delegation
from entitlements.kernel.converters import (
    MAX_INT64,
    as_tuple,
    instance_of,
    tuple_of,
    whole_number,
)
from entitlements.kernel.errors import InvalidValueError, StaleReadError
from entitlements.kernel.instants import instant_of
from entitlements.ports.records import Case, WorkItem
from entitlements.ports.repositories import Fact


def account_with_facts(
    account: Account, facts: Iterable[Fact], at: datetime
) -> tuple[Account, tuple[Fact, ...]]:
    """Return the account with `facts`, and those that are new to it, with their recording instant.

    Raises:
        UnknownIdError: A fact names an id that does not exist.
        DuplicateIdError: The same id was recorded at the same instant.
        InvalidValueError: A fact says it was recorded after `at`.
    """
    new: list[Fact] = []
    more: list[Contract | Change | Delegation] = []
    known, now = (*account.contracts, *account.changes, *account.delegations), instant_of(at)
    for fact in facts:
        if isinstance(fact, Asset):
            others = [each for each in account.assets if each.id != fact.id]
            if fact not in account.assets:
                account = attrs.evolve(account, assets=(*others, fact))
                new.append(fact)
            continue
        dated = dated_fact(fact, now)
        if dated not in known and dated not in more:
            more.append(dated)
            new.append(dated)
    return account.record_all(more, now) if more else account, tuple(new)


def ledger_with_entries(ledger: Ledger, entries: Iterable[Entry]) -> Ledger:
    """Return the ledger with entries that were decided before; the cost is that of the entries.

    Raises:
        ConflictError: An entry does not follow the last one, or takes more than is left.
        DuplicateIdError: A key or a grant exists already.
        UnknownIdError: An entry refers to an entry or grant that does not exist.
    """
    new = tuple(entries)
    if len(new) > len(ledger):
        return Ledger.of((*ledger.entries, *new))
    return ledger.followed_by(new)


def check_sequence(entries: Iterable[Entry], head: int) -> tuple[Entry, ...]:
    """Return `entries`; raise `InvalidValueError` unless they are numbered from `head + 1` on."""
    checked = tuple_of(Entry, entries)
    for number, entry in enumerate(checked, start=whole_number(head, "head of a ledger") + 1):
        if entry.number != number:
            raise InvalidValueError(
                f"entry `{entry.key}` has number `{entry.number}`",
                hint=f"the ledger has `{head}` entries, so this one would be `{number}`",
            )
    return checked


def check_case_change(before: Case, after: Case) -> None:
    """Raise `InvalidValueError` unless `after` is a later state of the same case."""
    instance_of(Case, before)
    instance_of(Case, after)
    if (before.id, before.customer) != (after.id, after.customer):
        raise InvalidValueError(f"case `{before.id}` cannot become case `{after.id}`")
    if (before.request, before.opened) != (after.request, after.opened):
        raise InvalidValueError(f"case `{before.id}` cannot change its request or its opening")
    known = len(before.events)
    if (after.events[:known], after.recorded[:known]) != (before.events, before.recorded):
        raise InvalidValueError(
            f"events of case `{before.id}` cannot be removed or changed",
            hint="add a correction instead",
        )


def check_work_changes(
    changes: Iterable[tuple[WorkItem, WorkItem]],
) -> tuple[tuple[WorkItem, WorkItem], ...]:
    """Return the changes, each a work item before and after.

    Raises:
        InvalidValueError: A pair is not one work item, or an item is listed twice.
    """
    seen: set[str] = set()
    pairs = tuple(map(_before_and_after, as_tuple(changes)))
    for before, after in pairs:
        if before.id != after.id:
            raise InvalidValueError(f"work `{before.id}` cannot become work `{after.id}`")
        if before.id in seen:
            raise InvalidValueError(f"work `{before.id}` is changed twice at once")
        seen.add(before.id)
    return pairs


def _before_and_after(value: Iterable[WorkItem]) -> tuple[WorkItem, WorkItem]:
    pair = tuple_of(WorkItem, value)
    if len(pair) != 2:  # noqa: PLR2004 - before and after
        raise InvalidValueError(f"`{len(pair)}` work items are not one before and one after")
    return pair[0], pair[1]


def command_was_recorded(id: str) -> StaleReadError:
    """Return the error for a command that another unit of work has recorded in the meantime."""
    return StaleReadError(
        f"command `{id}` was recorded before", field="id", hint="find it, and return its answer"
    )


def signed_term(contract: Contract) -> tuple[int, int]:
    """Return the term of a contract as signed, half-open, in microseconds.

    An open end is `2**63 - 1`, and so is that of a contract that renews by itself.
    """
    last = contract.last_day if contract.renewal is None else None
    end = MAX_INT64 if last is None else day_end(last, contract.zone)
    return day_start(contract.start, contract.zone), end
