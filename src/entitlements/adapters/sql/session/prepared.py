"""Prepared statements and their parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Dialect,
    String,
    Table,
    bindparam,
)
from sqlalchemy.sql import ClauseElement

from entitlements.adapters.sql.session.change_numbers import insertion


def text_param(name: str) -> BindParameter[str]:
    """Return a text parameter of a statement."""
    return bindparam(name, type_=String())


def int_param(name: str) -> BindParameter[int]:
    """Return an integer parameter of a statement."""
    return bindparam(name, type_=BigInteger())


def tenant_param() -> BindParameter[str]:
    """Return the tenant parameter of a statement, which the session fills in."""
    return text_param("tenant_")


@final
class PreparedStatement:
    """A statement, compiled once for a dialect.

    Args:
        statement: The statement, with bound parameters of plain types.
        dialect: Dialect of the database.

    Attributes:
        text: The SQL text for the driver.
        values: Converts values by name to the parameters for the driver.
        columns: Names of the returned columns.
        writes: Whether it inserts, updates or deletes.
    """

    __slots__ = ("columns", "text", "values", "writes")

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=positional_dialect(dialect))
        self.text = str(compiled)
        self.writes: bool = getattr(statement, "is_dml", False)
        fixed = {key: each.value for key, each in compiled.binds.items() if not each.required}
        self.values = _values(compiled.positiontup, fixed)
        self.columns: tuple[str, ...] = tuple(getattr(statement, "exported_columns", {}).keys())


def positional_dialect(dialect: Dialect) -> Dialect:
    """Return the dialect with parameters by position, which drivers bind faster than by name.

    It is the same one for all databases of a kind, so that they share what is prepared.
    """
    kind: Any = type(dialect)
    return _dialect(kind, dialect.paramstyle if dialect.positional else "format")


@lru_cache(maxsize=64)
def _dialect(kind: Any, paramstyle: str) -> Dialect:
    made: Dialect = kind(paramstyle=paramstyle)
    return made


def _values(
    names: Sequence[str], fixed: Mapping[str, Any]
) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1 and not fixed:
        return itemgetter(*names)
    return lambda given: tuple(map({**fixed, **given}.__getitem__, names))


@lru_cache(maxsize=256)
def _insertion(table: Table, dialect: Dialect) -> PreparedStatement:
    return PreparedStatement(insertion(table, dialect), dialect)


@lru_cache(maxsize=256)
def _addition(table: Table, dialect: Dialect) -> PreparedStatement:
    added = insertion(table, dialect).on_conflict_do_nothing().returning(table.c.tenant)
    return PreparedStatement(added, dialect)
