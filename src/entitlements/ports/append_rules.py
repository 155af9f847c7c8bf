"""What becomes of an account when something is added to it?

Every store adds facts, cases and entries by the same rules; these functions are the rules, and
know no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs

from entitlements.contracts.account import Account, dated_fact
from entitlements.contracts.changes import Change
from entitlements.contracts.contract import Contract
from entitlements.contracts.dates.day_boundaries import day_end, day_start
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.parties import Asset, Delegation
from entitlements.kernel.converters import MAX_INT64
from entitlements.kernel.errors import InvalidValueError, StaleReadError
from entitlements.ports.records import Case, ExecutedCommand, WorkItem
from entitlements.ports.repositories import Fact


def account_with_facts(
    account: Account, facts: Iterable[Fact], at: datetime
) -> tuple[Account, tuple[Fact, ...]]:
    """Return the account with `facts`, and those that are new to it, as they were dated.

    Raises:
        UnknownIdError: A fact names what is not there.
        DuplicateIdError: The same id was recorded at the same instant.
        InvalidValueError: A fact says it was recorded after `at`.
    """
    new: list[Fact] = []
    more: list[Contract | Change | Delegation] = []
    known = (*account.contracts, *account.changes, *account.delegations)
    for fact in facts:
        if isinstance(fact, Asset):
            others = [each for each in account.assets if each.id != fact.id]
            if fact not in account.assets:
                account = attrs.evolve(account, assets=(*others, fact))
                new.append(fact)
            continue
        dated = dated_fact(fact, at)
        if dated not in known and dated not in more:
            more.append(dated)
            new.append(dated)
    return account.record_all(more, at) if more else account, tuple(new)


def ledger_with_entries(ledger: Ledger, entries: Iterable[Entry]) -> Ledger:
    """Return the ledger with entries that were decided elsewhere, at the cost of those alone.

    Raises:
        ConflictError: An entry does not follow, or takes more than there is.
        DuplicateIdError: A key or a grant is there already.
        UnknownIdError: An entry refers to something that is not there.
    """
    new = tuple(entries)
    if len(new) > len(ledger):
        return Ledger.of((*ledger.entries, *new))
    return ledger.followed_by(new)


def check_sequence(entries: Sequence[Entry], head: int) -> None:
    """Raise `InvalidValueError` unless `entries` are numbered from `head + 1` on."""
    for number, entry in enumerate(entries, start=head + 1):
        if entry.number != number:
            raise InvalidValueError(
                f"entry `{entry.key}` has number `{entry.number}`",
                hint=f"the ledger was read up to `{head}`, so it would be `{number}`",
            )


def check_case_change(before: Case, after: Case) -> None:
    """Raise `InvalidValueError` unless one case can become the other."""
    if (before.id, before.customer) != (after.id, after.customer):
        raise InvalidValueError(f"case `{before.id}` cannot become case `{after.id}`")
    if (before.request, before.opened) != (after.request, after.opened):
        raise InvalidValueError(f"case `{before.id}` was asked and opened otherwise")
    if after.events[: len(before.events)] != before.events:
        raise InvalidValueError(
            f"an event of case `{before.id}` was taken away", hint="add a correction instead"
        )


def check_work_changes(changes: Sequence[tuple[WorkItem, WorkItem]]) -> None:
    """Raise `InvalidValueError` unless each work becomes itself, and none is there twice."""
    seen: set[str] = set()
    for before, after in changes:
        if before.id != after.id:
            raise InvalidValueError(f"work `{before.id}` cannot become work `{after.id}`")
        if before.id in seen:
            raise InvalidValueError(f"work `{before.id}` is changed twice at once")
        seen.add(before.id)


def check_same_answer(before: ExecutedCommand | None, now: ExecutedCommand) -> None:
    """Raise `StaleReadError` unless a command has the stored content and answer.

    The instant at which it was carried out does not count.
    """
    for field in ("digest", "answer"):
        if before is None or getattr(before, field) != getattr(now, field):
            raise StaleReadError(
                f"command `{now.id}` was used before with another {field}",
                field=field,
                hint="use another id for another command",
            )


def signed_term(contract: Contract) -> tuple[int, int]:
    """Return the term of a contract as signed: first instant, and first after it.

    In microseconds; an open end is beyond all instants.
    """
    last = contract.last_day
    end = MAX_INT64 if last is None else day_end(last, contract.zone)
    return day_start(contract.start, contract.zone), end
