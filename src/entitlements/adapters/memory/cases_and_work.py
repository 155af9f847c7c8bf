"""Cases, work items and leases of groups in dictionaries."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import TypeVar, final

import attrs

from entitlements.adapters.memory.accounts import known
from entitlements.adapters.memory.case_changes import ChangeNumbers, note_change
from entitlements.adapters.memory.overlay import DictOverlay
from entitlements.contracts.account import Account
from entitlements.kernel.converters import enum_member, instance_of
from entitlements.kernel.errors import (
    ConflictError,
    DuplicateIdError,
    StaleReadError,
    UnknownIdError,
)
from entitlements.kernel.ids import identifier, identifier_set
from entitlements.kernel.instants import instant_of, to_micros
from entitlements.ports.case_lists import CaseFilter, CasePlace, CaseSummary, place_or_none
from entitlements.ports.claims import ClaimOrder, first_of_ranks
from entitlements.ports.records import Case, GroupLease, WorkItem
from entitlements.ports.rules.append_rules import check_case_change, check_work_changes
from entitlements.ports.rules.arguments import page_length, skipped_rows
from entitlements.routing.work.queue_limits import QueueState

DueT = TypeVar("DueT", Case, WorkItem)


@final
class MemoryCases:
    """`Cases` in a dictionary, counted in accounts."""

    def __init__(
        self,
        kept: DictOverlay[str, Case],
        accounts: DictOverlay[str, Account],
        items: DictOverlay[str, WorkItem],
        changes: ChangeNumbers,
    ) -> None:
        self._kept = kept
        self._changes = changes
        self._items = items
        self._accounts = accounts

    def open(self, case: Case) -> None:
        known(self._accounts, instance_of(Case, case).customer)
        if self._kept.get(case.id) is not None:
            raise DuplicateIdError("case", case.id)
        self._count(case)
        self._put(case)

    def case(self, id: str) -> Case:
        return _found(self._kept, "case", id)

    def change(self, before: Case, after: Case) -> None:
        check_case_change(before, after)
        if self.case(before.id) != before:
            raise StaleReadError(f"case `{before.id}` has changed since it was read", field="case")
        if before.counted != after.counted:
            self._count(after)
        self._put(after)

    def _put(self, case: Case) -> None:
        self._kept.put(case.id, case)
        note_change(self._changes, case.id)

    def of(self, customer: str, *, open_only: bool = False) -> tuple[Case, ...]:
        wanted = identifier(customer)
        found = [
            each
            for each in self._kept.values()
            if each.customer == wanted and not (open_only and each.closed is not None)
        ]
        return tuple(sorted(found, key=lambda each: (each.opened, each.id)))

    def page(
        self, customer: str, after: CasePlace | None = None, most: int = 50
    ) -> tuple[Case, ...]:
        place = place_or_none(after)
        left = [
            each
            for each in self.of(customer)
            if place is None or (to_micros(each.opened), each.id) > place
        ]
        return tuple(left[: page_length(most)])

    def listed(
        self, wanted: CaseFilter, after: CasePlace | None = None, most: int = 50
    ) -> tuple[CaseSummary, ...]:
        instance_of(CaseFilter, wanted)
        after = place_or_none(after)
        every = (CaseSummary.of(each, self._items.get(each.id)) for each in self._kept.values())
        found = [each for each in every if wanted.fits(each)]
        left = sorted(each.place for each in found if after is None or each.place > after)
        page = dict.fromkeys(left[: page_length(most)])
        chosen = sorted((e for e in found if e.place in page), key=lambda each: each.place)
        return tuple(attrs.evolve(each, mark=_mark(self.case(each.id))) for each in chosen)

    def due(self, at: datetime, most: int = 100, skip: int = 0) -> tuple[str, ...]:
        return _due_ids(self._kept, at, most, skip)

    def _count(self, case: Case) -> None:
        account = known(self._accounts, case.customer)
        self._accounts.put(case.customer, account.with_case(case.counted))


def _mark(case: Case) -> str:
    return hashlib.sha256(pickle.dumps(case)).hexdigest()


@final
class MemoryWorkItems:
    """`WorkItems` in a dictionary."""

    def __init__(self, kept: DictOverlay[str, WorkItem], changes: ChangeNumbers) -> None:
        self._kept = kept
        self._changes = changes

    def add(self, item: WorkItem) -> None:
        if self._kept.get(instance_of(WorkItem, item).id) is not None:
            raise DuplicateIdError("work", item.id)
        self._put(item)

    def item(self, id: str) -> WorkItem:
        return _found(self._kept, "work", id)

    def change(self, before: WorkItem, after: WorkItem) -> None:
        check_work_changes([(before, after)])
        if self.item(before.id) != before:
            raise StaleReadError(f"work `{before.id}` has changed since it was read", field="work")
        self._put(after)

    def _put(self, item: WorkItem) -> None:
        self._kept.put(item.id, item)
        note_change(self._changes, item.id)

    def change_all(self, changes: Sequence[tuple[WorkItem, WorkItem]]) -> None:
        changes = check_work_changes(changes)
        for before, _ in changes:
            if self._kept.get(before.id) != before:
                raise StaleReadError(
                    f"work `{before.id}` has changed since it was read", field="work"
                )
        for _, after in changes:
            self._put(after)

    def claim(
        self,
        group: str,
        most: int = 50,
        aside: AbstractSet[str] = frozenset(),
        by: ClaimOrder = ClaimOrder.DEADLINE,
    ) -> tuple[WorkItem, ...]:
        wanted, left_out, most = identifier(group), identifier_set(aside), page_length(most)
        queued = [
            each
            for each in self._kept.values()
            if each.queued and each.group == wanted and each.id not in left_out
        ]
        return first_of_ranks(queued, most, enum_member(ClaimOrder, by))

    def groups(self) -> tuple[str, ...]:
        return tuple(sorted({each.group for each in self._kept.values() if each.queued}))

    def queue(self, group: str) -> QueueState:
        named = identifier(group)
        waiting = [each for each in self._kept.values() if each.queued and each.group == named]
        since = (each.state.queued_at or each.work.opened for each in waiting)
        return QueueState(waiting=len(waiting), oldest=min(since, default=None))

    def due(self, at: datetime, most: int = 100, skip: int = 0) -> tuple[str, ...]:
        return _due_ids(self._kept, at, most, skip)


@final
class MemoryGroupLeases:
    """`GroupLeases` in a dictionary."""

    def __init__(self, kept: DictOverlay[str, GroupLease]) -> None:
        self._kept = kept

    def take(self, group: str, owner: str, at: datetime, until: datetime) -> GroupLease | None:
        before, now = self._kept.get(identifier(group)), instant_of(at)
        term = 0 if before is None else before.term
        if before is None or before.until <= now or before.owner is None:
            term += 1
        elif before.owner != owner:
            return None
        lease = GroupLease(group=group, owner=identifier(owner), term=term, until=instant_of(until))
        self._kept.put(group, lease)
        return lease

    def check(self, lease: GroupLease) -> None:
        stored = self._kept.get(instance_of(GroupLease, lease).group)
        if stored is None or (stored.term, stored.owner) != (lease.term, lease.owner):
            raise ConflictError(
                f"`{lease.owner}` no longer has the lease of the group", field="term"
            )

    def release(self, lease: GroupLease) -> None:
        stored = self._kept.get(instance_of(GroupLease, lease).group)
        if stored is not None and (stored.term, stored.owner) == (lease.term, lease.owner):
            self._kept.put(lease.group, attrs.evolve(stored, owner=None))

    def leases(self) -> tuple[GroupLease, ...]:
        return tuple(sorted(self._kept.values(), key=lambda each: each.group))


def _found(kept: DictOverlay[str, DueT], kind: str, id: str) -> DueT:
    found = kept.get(identifier(id))
    if found is None:
        raise UnknownIdError(kind, id)
    return found


def _due_ids(kept: DictOverlay[str, DueT], at: datetime, most: int, skip: int) -> tuple[str, ...]:
    moment, most, skip = instant_of(at), page_length(most), skipped_rows(skip)
    due = sorted(
        (each.next_due_at, each.id)
        for each in kept.values()
        if each.next_due_at is not None and each.next_due_at <= moment
    )
    return tuple(id for _, id in due[skip : skip + most])
