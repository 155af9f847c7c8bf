"""Cases, work items and leases of groups in tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import nullcontext
from datetime import datetime
from typing import final

import attrs

from entitlements.adapters.sql.repositories.accounts import SqlAccounts
from entitlements.adapters.sql.repositories.statements import (
    CASE_COLUMNS,
    FactStatements,
    WorkStatements,
)
from entitlements.adapters.sql.rows import case_list_rows, mapping
from entitlements.adapters.sql.rows.mapping import MAX_BIGINT, MIN_BIGINT
from entitlements.adapters.sql.session.bulk import bulk_update
from entitlements.adapters.sql.session.prepared import PreparedStatement
from entitlements.adapters.sql.session.session import Row, Session
from entitlements.kernel.converters import enum_member, instance_of
from entitlements.kernel.errors import (
    ConflictError,
    DuplicateIdError,
    StaleReadError,
    UnknownIdError,
)
from entitlements.kernel.ids import identifier, identifier_set
from entitlements.kernel.instants import from_micros, instant_of, to_micros
from entitlements.ports.case_lists import CaseFilter, CasePlace, CaseSummary, place_or_none
from entitlements.ports.claims import ClaimOrder, first_of_ranks
from entitlements.ports.records import Case, GroupLease, WorkItem
from entitlements.ports.rules.append_rules import check_case_change, check_work_changes
from entitlements.ports.rules.arguments import page_length, skipped_rows
from entitlements.routing.work.queue_limits import QueueState


@final
class SqlCases:
    """`Cases` in tables, counted in accounts."""

    def __init__(
        self,
        session: Session,
        statements: WorkStatements,
        facts: FactStatements,
        accounts: SqlAccounts,
    ) -> None:
        self._session = session
        self._statements = statements
        self._facts = facts
        self._accounts = accounts

    def open(self, case: Case) -> None:
        position = self._accounts.claim_positions(instance_of(Case, case).customer, rows=1)
        row, events = mapping.case_to_rows(case)
        if not self._session.insert_new(self._statements.tables.cases, row):
            raise DuplicateIdError("case", case.id)
        self._count(case, position)
        self._add_events(case, events)

    def case(self, id: str) -> Case:
        return self._stored(id)[0]

    def change(self, before: Case, after: Case) -> None:
        check_case_change(before, after)
        row, events = mapping.case_to_rows(after)
        given: Row = {key: row[key] for key in CASE_COLUMNS}
        given |= {"id_": before.id, "before": mapping.case_to_rows(before)[0]["state"]}
        recounted = before.counted != after.counted
        with self._session.savepoint() if recounted else nullcontext():
            if not self._write(given):
                # It may still be the same, written by a version that wrote it otherwise.
                stored, given["before"] = self._stored(before.id)
                if stored != before or not self._write(given):
                    raise StaleReadError(
                        f"case `{before.id}` has changed since it was read", field="case"
                    )
            if recounted:
                self._count(after, self._accounts.claim_positions(after.customer, rows=1))
            self._add_events(after, events[len(before.events) :])

    def _write(self, given: Row) -> bool:
        return self._session.run(self._statements.change_case, **given) == 1

    def _stored(self, id: str) -> tuple[Case, str]:
        rows = self._session.read(self._statements.case, id_=identifier(id))
        if not rows:
            raise UnknownIdError("case", id)
        body, state = rows[0]
        events = self._session.read(self._statements.events, id_=id)
        known = [{"body": text, "recorded": at} for text, at in events]
        return mapping.case_from_row({"id": id, "body": body}, known), state

    def of(self, customer: str, *, open_only: bool = False) -> tuple[Case, ...]:
        statements = self._statements
        cases = statements.open_cases if open_only else statements.cases
        events = self._session.rows(statements.events_of, customer=identifier(customer))
        return _with_events(self._session.rows(cases, customer=customer), events)

    def page(
        self, customer: str, after: CasePlace | None = None, most: int = 50
    ) -> tuple[Case, ...]:
        opened, last = place_or_none(after) or (MIN_BIGINT, "")
        given = {"customer": identifier(customer), "opened": opened, "after": last}
        rows = self._session.rows(self._statements.page_of_cases, most=page_length(most), **given)
        if not rows:
            return ()
        given |= {"last_opened": rows[-1]["opened"], "last": rows[-1]["id"]}
        return _with_events(rows, self._session.rows(self._statements.page_of_events, **given))

    def listed(
        self, wanted: CaseFilter, after: CasePlace | None = None, most: int = 50
    ) -> tuple[CaseSummary, ...]:
        instance_of(CaseFilter, wanted)
        given = case_list_rows.filter_to_values(wanted)
        given |= dict(
            zip(("opened", "after"), place_or_none(after) or (MIN_BIGINT, ""), strict=True)
        )
        names = frozenset(given)
        rows = self._session.rows(self._statements.listed(names), most=page_length(most), **given)
        return tuple(map(case_list_rows.summary_from_row, rows))

    def due(self, at: datetime, most: int = 100, skip: int = 0) -> tuple[str, ...]:
        rows = self._session.rows(self._statements.due_cases, **_due(at, most, skip))
        return tuple(row["id"] for row in rows)

    def _add_events(self, case: Case, rows: Sequence[Row]) -> None:
        self._session.insert(self._statements.tables.events, rows, case=case.id)

    def _count(self, case: Case, position: int) -> None:
        counted, customer = case.counted, case.customer
        row = mapping.counted_case_to_row(counted)
        self._session.run(self._facts.count_case, **row, customer=customer, position=position)
        self._accounts.grown(customer, position, 1, lambda account: account.with_case(counted))


def _with_events(cases: Iterable[Row], events: Iterable[Row]) -> tuple[Case, ...]:
    of_case: dict[str, list[Row]] = {}
    for row in events:
        of_case.setdefault(row["case"], []).append(row)
    return tuple(mapping.case_from_row(row, of_case.get(row["id"], ())) for row in cases)


@final
class SqlWorkItems:
    """`WorkItems` in a table."""

    def __init__(self, session: Session, statements: WorkStatements) -> None:
        self._session = session
        self._statements = statements
        self._claimed: dict[str, tuple[WorkItem, str]] = {}

    def add(self, item: WorkItem) -> None:
        row = mapping.work_item_to_row(instance_of(WorkItem, item))
        if not self._session.insert_new(self._statements.tables.work_items, row):
            raise DuplicateIdError("work", item.id)

    def item(self, id: str) -> WorkItem:
        return self._stored(id)[0]

    def change(self, before: WorkItem, after: WorkItem) -> None:
        check_work_changes([(before, after)])
        given = mapping.work_item_to_row(after)
        given["id_"], given["before"] = given.pop("id"), self._state(before)
        if not self._write(given):
            # It may still be the same, written by a version that wrote it otherwise.
            stored, given["before"] = self._stored(before.id)
            if stored != before or not self._write(given):
                raise StaleReadError(
                    f"work `{before.id}` has changed since it was read", field="work"
                )

    def change_all(self, changes: Sequence[tuple[WorkItem, WorkItem]]) -> None:
        changes = check_work_changes(changes)
        statement = self._statements.change_work_items
        if statement is not None and len(changes) > 1:
            rows = [
                {**mapping.work_item_to_row(after), "before": self._state(before)}
                for before, after in changes
            ]
            if bulk_update(self._session, statement, rows):
                return
        try:
            with self._session.savepoint():
                for before, after in changes:
                    self.change(before, after)
        except UnknownIdError as error:
            raise StaleReadError(f"work `{error.id}` does not exist", field="work") from error

    def _state(self, item: WorkItem) -> str:
        known, state = self._claimed.get(item.id, (None, ""))
        return state if known is item else mapping.work_item_to_row(item)["state"]

    def _write(self, given: Row) -> bool:
        return self._session.run(self._statements.change_work_item, **given) == 1

    def _stored(self, id: str) -> tuple[WorkItem, str]:
        rows = self._session.rows(self._statements.item, id_=identifier(id))
        if not rows:
            raise UnknownIdError("work", id)
        return mapping.work_item_from_row(rows[0]), rows[0]["state"]

    def claim(
        self,
        group: str,
        most: int = 50,
        aside: AbstractSet[str] = frozenset(),
        by: ClaimOrder = ClaimOrder.DEADLINE,
    ) -> tuple[WorkItem, ...]:
        left_out, most, by = identifier_set(aside), page_length(most), enum_member(ClaimOrder, by)
        if by is ClaimOrder.WHOLE:
            rows = self._session.rows(self._statements.claim(by, None), group=identifier(group))
        else:
            rows = self._rows_of_ranks(identifier(group), most + len(left_out), by)
        kept = [row for row in rows if row["id"] not in left_out]
        for row in kept:
            self._claimed[row["id"]] = (mapping.work_item_from_row(row), row["state"])
        return first_of_ranks((self._claimed[row["id"]][0] for row in kept), most, by)

    def _rows_of_ranks(self, group: str, most: int, by: ClaimOrder) -> list[Row]:
        """Return the first rows of every rank: a page for each two ranks that have so many."""
        found: dict[str, Row] = {}
        page, least = self._statements.claim(by, most), MIN_BIGINT
        while most:
            rows = self._session.rows(page, group=group, least=least)
            found |= {row["id"]: row for row in rows}
            if len(rows) < most:
                break
            first, last = rows[0]["rank"], rows[-1]["rank"]
            if first == last and by is ClaimOrder.DEADLINE and rows[0]["due"] != MAX_BIGINT:
                undated = self._statements.claim(None, most)
                rows = self._session.rows(undated, group=group, least=last)
                found |= {row["id"]: row for row in rows}
            # The last rank of a page may go on after it, so it is read from its own beginning.
            least = last + (first == last)
        return list(found.values())

    def groups(self) -> tuple[str, ...]:
        return tuple(row["expert_group"] for row in self._session.rows(self._statements.groups))

    def queue(self, group: str) -> QueueState:
        named = identifier(group)
        ((length, since),) = self._session.read(self._statements.queue, group=named)
        oldest = None if since is None else from_micros(since)
        return QueueState(waiting=length, oldest=oldest)

    def due(self, at: datetime, most: int = 100, skip: int = 0) -> tuple[str, ...]:
        rows = self._session.rows(self._statements.due_work_items, **_due(at, most, skip))
        return tuple(row["id"] for row in rows)


@final
class SqlGroupLeases:
    """`GroupLeases` in a table."""

    def __init__(self, session: Session, statements: WorkStatements) -> None:
        self._session = session
        self._statements = statements

    def take(self, group: str, owner: str, at: datetime, until: datetime) -> GroupLease | None:
        now, then = instant_of(at), instant_of(until)
        before = self._found(self._statements.group_lease, identifier(group))
        lease = GroupLease(group=group, owner=identifier(owner), term=1, until=then)
        if before is None:
            table = self._statements.tables.group_leases
            done = self._session.insert_new(table, mapping.lease_to_row(lease))
            return lease if done else None
        if before.until <= now or before.owner is None:
            lease = attrs.evolve(lease, term=before.term + 1)
        elif before.owner == owner:
            lease = attrs.evolve(lease, term=before.term)
        else:
            return None
        row = mapping.lease_to_row(lease)
        given = {"group": row.pop("expert_group"), "before": before.term, **row}
        return lease if self._session.run(self._statements.take, **given) == 1 else None

    def check(self, lease: GroupLease) -> None:
        stored = self._found(self._statements.held, instance_of(GroupLease, lease).group)
        if stored is None or (stored.term, stored.owner) != (lease.term, lease.owner):
            raise ConflictError(
                f"`{lease.owner}` no longer has the lease of the group", field="term"
            )

    def release(self, lease: GroupLease) -> None:
        instance_of(GroupLease, lease)
        given: Row = {"group": lease.group, "before": lease.term, "before_owner": lease.owner}
        self._session.run(self._statements.release, **given)

    def leases(self) -> tuple[GroupLease, ...]:
        rows = self._session.rows(self._statements.group_leases)
        return tuple(mapping.lease_from_row(row) for row in rows)

    def _found(self, statement: PreparedStatement, group: str) -> GroupLease | None:
        rows = self._session.rows(statement, group=group)
        return mapping.lease_from_row(rows[0]) if rows else None


def _due(at: datetime, most: int, skip: int) -> Row:
    return {"at": to_micros(at), "most": page_length(most), "skip": skipped_rows(skip)}
