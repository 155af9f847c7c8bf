"""How are many rows written in one statement? PostgreSQL takes them as one JSON text.

A batch then costs one round trip however long it is. SQLite has no round trips to spare, and its
rows are written one by one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Column,
    Dialect,
    String,
    Table,
    TableValuedAlias,
    Text,
    any_,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from entitlements.adapters.sql.session import Prepared, Row, Session, number, tenant, word

_KNOWN: Final = ("id", "before")


def rewriting(table: Table, columns: Sequence[str], dialect: Dialect) -> Prepared | None:
    """Return what changes rows by id, if all are as before, and returns the ids; or None.

    Rows are locked in the order of their ids, so that no two batches wait for each other.
    """
    if dialect.name != "postgresql":
        return None
    t, given = table.c, _given(table, (*_KNOWN, *columns))
    # The ids stand by themselves, so that these rows are looked up, however few the planner expects
    # a tenant to have.
    these = (t.tenant == tenant(), t.id == any_(cast(bindparam("ids"), ARRAY(Text))))
    rows = select(t.id, t.state).where(*these).order_by(t.id)
    locked = rows.with_for_update(of=table).cte("locked")
    as_before = (locked.c.id == given.c.id) & (locked.c.state == given.c.before)
    same = select(given).join(locked, as_before).cte("same")
    statement = (
        update(table)
        .where(*these, t.id == same.c.id)
        .where(select(func.count()).select_from(same).scalar_subquery() == number("many"))
        .values({name: same.c[name] for name in columns})
    )
    return Prepared(statement.returning(t.id), dialect)


def adding(table: Table, columns: Sequence[str], key: str, dialect: Dialect) -> Prepared | None:
    """Return what adds rows and returns the numbers that they got, in their order; or None."""
    if dialect.name != "postgresql":
        return None
    each = func.json_array_elements(_rows()).table_valued(
        Column("item", JSON), with_ordinality="nth"
    )
    given = each.render_derived(name="given")
    values = [
        cast(given.c.item.op("->>")(literal_column(f"'{name}'")), _type(table, name))
        for name in columns
    ]
    rows = select(tenant(), *values).order_by(given.c.nth)
    statement = insert(table).from_select(["tenant", *columns], rows)
    return Prepared(statement.returning(table.c[key]), dialect)


def rewritten(session: Session, statement: Prepared, rows: Sequence[Row]) -> bool:
    """Return whether all rows were as before, and were changed; else none was."""
    ids = [row["id"] for row in rows]
    found = session.read(statement, many=len(rows), ids=ids, given=json.dumps(rows))
    return len(found) == len(rows)


def added(session: Session, statement: Prepared, rows: Sequence[Row]) -> tuple[int, ...]:
    """Return the numbers that rows got."""
    return tuple([row[0] for row in session.read(statement, given=json.dumps(rows))])


def _given(table: Table, columns: Sequence[str]) -> TableValuedAlias:
    """Return rows that are put in as one text."""
    named = [Column(each, _type(table, each)) for each in columns]
    rows = func.json_to_recordset(_rows()).table_valued(*named)
    return rows.render_derived(name="given", with_types=True)


def _rows() -> Any:
    return cast(word("given"), JSON)


def _type(table: Table, name: str) -> Any:
    # A cast to text of some length would cut what is longer, where it ought to be refused.
    kind = Text() if name == "before" else table.c[name].type
    return Text() if isinstance(kind, String) else kind
