"""Changes of cases in the tables of cases, work items and service records."""

from __future__ import annotations

from typing import Any, final

from sqlalchemy import Dialect, Table, literal_column, select, union

from entitlements.adapters.sql.session.change_numbers import change_limit
from entitlements.adapters.sql.session.prepared import (
    PreparedStatement,
    int_param,
    tenant_param,
    text_param,
)
from entitlements.adapters.sql.session.session import Session
from entitlements.adapters.sql.tables import Tables
from entitlements.kernel.converters import as_text, instance_of
from entitlements.ports.case_changes import CHANGES_PAGE, ChangeMark
from entitlements.ports.rules.arguments import page_length


@final
class ChangeStatements:
    """Statements about changes of cases."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        of = (tables.cases, tables.work_items, tables.service_records)
        limits = [change_limit(each, dialect).label(each.name) for each in of]
        self.limits = PreparedStatement(select(*limits), dialect)
        c = tables.cases.c
        case = select(c.id, c.changed, c.state).where(c.tenant == tenant_param())
        self.last = PreparedStatement(
            case.where(c.changed < int_param("limit")).order_by(c.changed.desc(), c.id).limit(1),
            dialect,
        )
        self.case = PreparedStatement(case.where(c.id == text_param("id_")), dialect)
        parts = union(*(_changed(each, f"since_{n}") for n, each in enumerate(of)))
        ids = parts.subquery("ids").c.id
        self.since = PreparedStatement(select(ids).order_by(ids).limit(int_param("most")), dialect)


def _changed(table: Table, since: str) -> Any:
    id = table.c.get("case", table.c.id)
    return select(id.label("id")).where(
        table.c.tenant == tenant_param(),
        table.c.changed >= int_param(since),
        id + literal_column("''") > text_param("after"),  # the index is for the number
    )


@final
class SqlCaseChanges:
    """`CaseChanges` in tables."""

    def __init__(self, session: Session, statements: ChangeStatements) -> None:
        self._session = session
        self._statements = statements

    def mark(self) -> ChangeMark:
        ((*limits,),) = self._session.read(self._statements.limits)
        last = self._session.read(self._statements.last, limit=limits[0])
        return ChangeMark(tuple(limits), tuple(last[0]) if last else None)

    def since(
        self, mark: ChangeMark, after: str = "", most: int = CHANGES_PAGE
    ) -> tuple[str, ...] | None:
        known, place, most = instance_of(ChangeMark, mark), as_text(after), page_length(most)
        if known.last is not None:
            id, number, _ = known.last
            rows = self._session.read(self._statements.case, id_=id)
            if not rows or (rows[0][1] <= number and tuple(rows[0]) != known.last):
                return None
        limits = {f"since_{n}": each for n, each in enumerate(known.limits)}
        rows = self._session.read(self._statements.since, after=place, most=most, **limits)
        return tuple(each for (each,) in rows)
