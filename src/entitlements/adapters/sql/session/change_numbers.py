"""Change numbers: what a row says about when it was written, in the order of the commits.

PostgreSQL writes the number of the transaction: all below the oldest that still runs are over. On
SQLite one unit writes at a time, and each row gets the next number of its table and tenant.

Where a dump was restored into another server, numbers from before may be above those of now: such
rows are found again each time, and nothing is missed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, String, Table, bindparam, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite


def change_number(table: Table, dialect: Dialect) -> Any:
    """Return the expression for the number of a row that is written now."""
    if dialect.name == "postgresql":
        return func.txid_current()
    return _next_number(table)


def change_limit(table: Table, dialect: Dialect) -> Any:
    """Return the expression for the number below which nothing more will be committed."""
    if dialect.name == "postgresql":
        return func.txid_snapshot_xmin(func.txid_current_snapshot())
    return _next_number(table)


def _next_number(table: Table) -> Any:
    known = table.alias("known").c
    last = func.coalesce(func.max(known.changed), literal_column("0"))
    mine = select(last + literal_column("1")).where(
        known.tenant == bindparam("tenant_", type_=String())
    )
    return mine.scalar_subquery()


def insertion(table: Table, dialect: Dialect) -> Any:
    """Return the statement that adds a row, with a parameter for each column but that number."""
    kind: Any = postgresql if dialect.name == "postgresql" else sqlite
    statement = kind.insert(table)
    if "changed" not in table.c:
        return statement
    given: dict[str, Any] = {
        each.key: bindparam(each.key) for each in table.c if each.key != "changed"
    }
    return statement.values({**given, "changed": change_number(table, dialect)})


def renumbered(table: Table, dialect: Dialect) -> dict[str, Any]:
    """Return what every update of a row sets besides."""
    return {"changed": change_number(table, dialect)} if "changed" in table.c else {}
