"""Service records in a table."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import lru_cache
from typing import Any, final

from sqlalchemy import Dialect, Select, select, update

from entitlements.adapters.sql.rows.mapping import MAX_BIGINT, MIN_BIGINT
from entitlements.adapters.sql.rows.service_record_rows import record_from_row, record_to_row
from entitlements.adapters.sql.session.prepared import (
    PreparedStatement,
    int_param,
    tenant_param,
    text_param,
)
from entitlements.adapters.sql.session.session import Session
from entitlements.adapters.sql.tables import Tables
from entitlements.kernel.converters import enum_member, instance_of
from entitlements.kernel.ids import identifier_or_key
from entitlements.kernel.instants import micros_or_none, to_micros
from entitlements.ports.rules.arguments import page_length
from entitlements.ports.service_records.repository import (
    RECORDS_PAGE,
    check_follows,
    not_the_next,
)
from entitlements.ports.service_records.service_record import (
    RecordFilter,
    RecordKind,
    RecordPlace,
    ServiceRecord,
    record_place,
)


@final
class RecordStatements:
    """Statements about service records."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self.tables = tables
        r = tables.service_records.c
        this = (
            r.tenant == tenant_param(),
            r.kind == text_param("kind_"),
            r.id == text_param("id_"),
        )
        every = select(*_columns(tables)).where(*this).order_by(r.revision)
        self.history = PreparedStatement(every, dialect)
        last = select(*_columns(tables)).where(*this, r.known_from <= int_param("known"))
        self.known = PreparedStatement(last.order_by(r.revision.desc()).limit(1), dialect)
        self.replaced = PreparedStatement(
            update(tables.service_records)
            .where(*this, r.revision == int_param("before"), r.known_to == MAX_BIGINT)
            .where(r.known_from <= int_param("known"))
            .values(known_to=int_param("known")),
            dialect,
        )
        self.listed = lru_cache(maxsize=64)(
            lambda given: PreparedStatement(_listed(tables, given), dialect)
        )


def _columns(t: Tables) -> list[Any]:
    left_out = {"tenant", "known_to", "changed"}
    return [each for each in t.service_records.c if each.key not in left_out]


def _listed(t: Tables, given: AbstractSet[str]) -> Select[Any]:
    """Return the statement for a page of valid records that are filtered by what is given."""
    r = t.service_records.c
    wanted: list[Any] = [r.tenant == tenant_param(), r.kind == text_param("kind_")]
    wanted += [
        column == text_param(name)
        for name, column in (("customer", r.customer), ("case", r.case))
        if name in given
    ]
    if "until" in given:
        wanted.append(r.happened < int_param("until"))
    if "known" in given:
        wanted += [r.known_from <= int_param("known"), r.known_to > int_param("known")]
    else:
        wanted.append(r.known_to == MAX_BIGINT)
    happened, after = int_param("happened_"), text_param("after")
    return (
        select(*_columns(t))
        .where(*wanted, ~r.retracted, r.happened >= happened)
        .where((r.happened > happened) | (r.id > after))
        .order_by(r.happened, r.id)
        .limit(int_param("most"))
    )


@final
class SqlServiceRecords:
    """`ServiceRecords` in a table."""

    def __init__(self, session: Session, statements: RecordStatements) -> None:
        self._session = session
        self._statements = statements

    def add(self, record: ServiceRecord) -> None:
        row = record_to_row(instance_of(ServiceRecord, record))
        if record.revision > 1 and not self._session.run(
            self._statements.replaced,
            kind_=row["kind"],
            id_=row["id"],
            before=record.revision - 1,
            known=row["known_from"],
        ):
            check_follows(record, self.find(record.kind, record.id))
            raise not_the_next(record)
        if not self._session.insert_new(self._statements.tables.service_records, row):
            raise not_the_next(record)

    def find(
        self, kind: RecordKind | str, id: str, known_at: datetime | None = None
    ) -> ServiceRecord | None:
        moment = micros_or_none(known_at)
        rows = self._session.rows(
            self._statements.known,
            kind_=enum_member(RecordKind, kind).value,
            id_=identifier_or_key(id),
            known=MAX_BIGINT if moment is None else moment,
        )
        return record_from_row(rows[0]) if rows else None

    def history(self, kind: RecordKind | str, id: str) -> tuple[ServiceRecord, ...]:
        kind_, id_ = enum_member(RecordKind, kind).value, identifier_or_key(id)
        rows = self._session.rows(self._statements.history, kind_=kind_, id_=id_)
        return tuple(map(record_from_row, rows))

    def listed(
        self, wanted: RecordFilter, after: RecordPlace | None = None, most: int = RECORDS_PAGE
    ) -> tuple[ServiceRecord, ...]:
        given = _given(instance_of(RecordFilter, wanted))
        happened, id = record_place(after) or (MIN_BIGINT, "")
        if wanted.since is not None and happened < to_micros(wanted.since):
            happened, id = to_micros(wanted.since), ""
        rows = self._session.rows(
            self._statements.listed(frozenset(given)),
            kind_=wanted.kind.value,
            happened_=happened,
            after=id,
            most=page_length(most),
            **given,
        )
        return tuple(map(record_from_row, rows))


def _given(wanted: RecordFilter) -> dict[str, Any]:
    """Return the values that are filtered by."""
    named = {
        "customer": wanted.customer,
        "case": wanted.case,
        "until": micros_or_none(wanted.until),
        "known": micros_or_none(wanted.known_at),
    }
    return {name: value for name, value in named.items() if value is not None}
