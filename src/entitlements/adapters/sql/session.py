"""How does one unit of work speak to the database? One connection, one tenant, our own errors.

Statements are made once for each database and used by all units; the tenant is put in here and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    Dialect,
    Select,
    String,
    Table,
    bindparam,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.sql import ClauseElement, Executable

from entitlements.adapters.sql.errors import FOREIGN, in_our_words
from entitlements.kernel.errors import EntitlementsError, StorageError

Row = dict[str, Any]


def word(name: str) -> BindParameter[str]:
    """Return text that is put into a statement later."""
    return bindparam(name, type_=String())


def number(name: str) -> BindParameter[int]:
    """Return a number that is put into a statement later."""
    return bindparam(name, type_=BigInteger())


def tenant() -> BindParameter[str]:
    """Return the tenant in a statement; a session puts it in."""
    return word("tenant_")


@final
class Prepared:
    """A statement, compiled once; a third of the cost of looking for it in every use.

    Args:
        statement: What to read, with bound parameters of plain types.
        dialect: Whose SQL.
    """

    __slots__ = ("_names", "text")

    def __init__(self, statement: Select[Any] | ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        names: Sequence[str] | None = getattr(compiled, "positiontup", None)
        self._names = None if names is None else tuple(names)

    def values(self, given: Mapping[str, Any]) -> Any:
        """Return the parameters as the driver takes them."""
        return given if self._names is None else tuple([given[name] for name in self._names])


@lru_cache(maxsize=256)
def _insertion(table: Table, dialect: Dialect) -> Prepared:
    return Prepared(table.insert(), dialect)


@final
class Session:
    """A connection in a transaction, for one tenant.

    Attributes:
        tenant: Whose.
        failed: What broke the transaction, if anything did.
    """

    __slots__ = ("_connection", "_guard", "failed", "tenant")

    def __init__(self, connection: Connection, tenant: str) -> None:
        self._connection: Connection | None = connection
        self._guard = _Guard(self)
        self.tenant = tenant
        self.failed: EntitlementsError | None = None

    @property
    def connection(self) -> Connection:
        """The connection; raises `StorageError` once the unit is over."""
        if self._connection is None:
            raise StorageError("the unit of work is over", hint="begin another one")
        return self._connection

    @property
    def dialect(self) -> str:
        """Name of the database's kind, such as `sqlite`."""
        return self.connection.dialect.name

    def read(self, statement: Prepared, **values: Any) -> Sequence[Any]:
        """Return all rows of a compiled statement."""
        with self._guard:
            given = statement.values({**values, "tenant_": self.tenant})
            found = self.connection.exec_driver_sql(statement.text, given)
            return found.fetchall()

    def rows(self, statement: Executable, **values: Any) -> list[Row]:
        """Return all rows of a statement, as dictionaries."""
        result = self.run(statement, values)
        with self._guard:
            return [dict(each) for each in result.mappings()]

    def run(
        self, statement: Executable, values: Mapping[str, Any] | None = None
    ) -> CursorResult[Any]:
        """Carry out a statement."""
        with self._guard:
            return self.connection.execute(statement, {**(values or {}), "tenant_": self.tenant})

    def insert(self, table: Table, rows: Iterable[Row]) -> None:
        """Add rows of this tenant; all of them name the same columns, which are all there are."""
        made = [{**each, "tenant": self.tenant} for each in rows]
        if made:
            with self._guard:
                statement = _insertion(table, self.connection.dialect)
                self.connection.exec_driver_sql(
                    statement.text, [statement.values(each) for each in made]
                )

    def insert_new(self, table: Table, row: Row) -> bool:
        """Add a row unless one with a key of it is there; return whether it was added."""
        kind = postgresql if self.dialect == "postgresql" else sqlite
        statement = kind.insert(table).values({**row, "tenant": self.tenant})
        with self._guard:
            added = statement.on_conflict_do_nothing().returning(table.c.tenant)
            return self.connection.execute(added).first() is not None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let several statements happen wholly or not at all, whatever becomes of the unit."""
        with self._guard:
            point = self.connection.begin_nested()
        try:
            yield
        except EntitlementsError:
            if self.failed is None:
                with self._guard:
                    point.rollback()
            raise
        with self._guard:
            point.commit()

    def close(self) -> None:
        """End it; nothing can be done with it any more."""
        self._connection = None


@final
class _Guard:
    """Lets only our own errors out and remembers them: what broke must not look committed."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, EntitlementsError):
            self._session.failed = error
        elif isinstance(error, FOREIGN):
            ours = self._session.failed = in_our_words(error)
            raise ours from error
