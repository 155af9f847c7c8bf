"""Bulk statements: many rows in one statement of PostgreSQL, each column sent as one text.

A batch is one round trip, however many rows it has, and splitting a text is faster than parsing.
SQLite has no round trips, and its rows are written one by one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from itertools import count
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    String,
    Table,
    TableValuedAlias,
    Text,
    cast,
    column,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from entitlements.adapters.sql.session.change_numbers import renumbered
from entitlements.adapters.sql.session.prepared import (
    PreparedStatement,
    int_param,
    tenant_param,
    text_param,
)
from entitlements.adapters.sql.session.session import Row, Session

_KNOWN: Final = ("id", "before")


def bulk_update_statement(
    table: Table, columns: Sequence[str], dialect: Dialect
) -> PreparedStatement | None:
    """Return what changes rows by id, if all are as before; or None.

    Rows are looked up and locked one by one, in the order given: so no two batches wait for each
    other, and none reads a tenant's other rows, however few of them the planner expects.
    """
    if dialect.name != "postgresql":
        return None
    t, given = table.c, _unnested_rows(table, (*_KNOWN, *columns))
    place: ColumnElement[Any] = literal_column("ctid")
    this = select(t.state, place.label("place")).where(
        t.tenant == tenant_param(), t.id == given.c.id
    )
    held = this.with_for_update().lateral("held")
    same = select(given, held.c.place).join(held, held.c.state == given.c.before).cte("same")
    statement = (
        update(table)
        .where(place == same.c.place)
        .where(select(func.count()).select_from(same).scalar_subquery() == int_param("many"))
        .values({name: same.c[name] for name in columns} | renumbered(table, dialect))
    )
    return PreparedStatement(statement, dialect)


def bulk_insert_statement(
    table: Table, columns: Sequence[str], key: str, dialect: Dialect
) -> PreparedStatement | None:
    """Return what adds rows and returns the numbers that they got, in their order; or None."""
    if dialect.name != "postgresql":
        return None
    given = _unnested_rows(table, columns, with_ordinality="nth")
    rows = select(tenant_param(), *(given.c[name] for name in columns)).order_by(given.c.nth)
    statement = insert(table).from_select(["tenant", *columns], rows)
    return PreparedStatement(statement.returning(table.c[key]), dialect)


def bulk_update(session: Session, statement: PreparedStatement, rows: Sequence[Row]) -> bool:
    """Return whether all rows were as before, and were changed; else none was."""
    ordered = sorted(rows, key=itemgetter("id"))
    return session.run(statement, many=len(rows), **_texts(ordered)) == len(rows)


def is_one_of(of: ColumnElement[str], name: str, dialect: Dialect) -> ColumnElement[bool]:
    """Return whether a column is one of the ids in a parameter that `one_text` makes."""
    given = text_param(name)
    if dialect.name == "postgresql":
        return of == func.any(func.string_to_array(given, "\n"))
    return of.in_(select(func.json_each(given).table_valued("value").c.value))


def one_text(ids: Collection[str], dialect: str) -> str:
    """Return ids as the text of one parameter; no id has a line break."""
    return "\n".join(ids) if dialect == "postgresql" else json.dumps([*ids])


def bulk_insert(
    session: Session, statement: PreparedStatement, rows: Sequence[Row]
) -> tuple[int, ...]:
    """Return the numbers that rows got; each has all columns, and there are at least two."""
    return tuple([row[0] for row in session.read(statement, **_texts(rows))])


def _texts(rows: Sequence[Row]) -> Mapping[str, str]:
    """Return the rows column by column, each as one text, and the mark that stands in between.

    No mark overlaps with itself, so it is found where it was put, if it stands nowhere else.
    """
    texts = {f"{name}_all": _as_texts([row[name] for row in rows]) for name in rows[0]}
    for n in count():
        mark = f"\x1f{n}\x1e"
        joined = {name: mark.join(each) for name, each in texts.items()}
        if all(each.count(mark) == len(rows) - 1 for each in joined.values()):
            return {"mark": mark, **joined}
    raise AssertionError  # pragma: no cover - some number stands in none of the texts


def _as_texts(values: list[Any]) -> list[str]:
    """Return values as texts; those of one column are of one type, or None."""
    if isinstance(values[0], str):
        return values
    return ["" if each is None else str(each) for each in values]


def _unnested_rows(table: Table, columns: Sequence[str], **more: Any) -> TableValuedAlias:
    """Return rows that are put in column by column."""
    arrays = [_array(table, name) for name in columns]
    rows = func.unnest(*arrays).table_valued(*map(column, columns), **more)
    return rows.render_derived(name="given")


def _array(table: Table, name: str) -> Any:
    one: Column[Any] | None = table.c.get(name)
    texts = (text_param(f"{name}_all"), text_param("mark"))
    # A cast to text of some length would cut what is longer, where it ought to be refused.
    if one is None or isinstance(one.type, String):
        return cast(func.string_to_array(*texts), ARRAY(Text))
    return cast(func.string_to_array(*texts, ""), ARRAY(one.type))
