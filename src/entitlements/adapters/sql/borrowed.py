"""Borrowed connections: an engine over a driver connection that another framework owns.

The framework opens the connection, begins and ends its transactions and closes it. So an engine
here commits, rolls back and closes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, final

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from entitlements.adapters.sql.session.channels import DriverChannel, Values
from entitlements.kernel.errors import InvalidValueError

_URLS: Final = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}


@final
class BorrowedConnection:
    """A driver connection whose end is the owner's.

    Args:
        inner: The connection of `sqlite3` or psycopg 3.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def cursor(self, *args: Any, **options: Any) -> Any:
        """Return a cursor that sends parameters apart from the text.

        The owner may have chosen one of psycopg's that writes them into the text, where the lowest
        integer of 64 bits is out of range.
        """
        if hasattr(self.inner, "pgconn"):
            import psycopg  # noqa: PLC0415 - only with PostgreSQL

            return psycopg.Cursor(self.inner)
        return self.inner.cursor(*args, **options)

    def create_function(self, *_args: Any, **_options: Any) -> None:
        """Leave the owner's functions of SQLite, such as `REGEXP`, as they are."""

    def commit(self) -> None:
        """Leave the commit to the owner."""

    def rollback(self) -> None:
        """Leave the rollback to the owner."""

    def close(self) -> None:
        """Leave the connection open."""


@final
class BorrowedChannel:
    """A channel to a savepoint that the owner of the connection has begun and will end.

    Args:
        connection: A connection of a `borrowed_engine`.
    """

    __slots__ = ("_inner", "execute", "execute_each", "fetch", "fetch_all", "fetch_alone")

    is_idle = can_pipeline = False
    fetch: Callable[[str, Values], Sequence[Any]]
    fetch_alone: Callable[[str, Values], Sequence[Any]]
    fetch_all: Callable[[Sequence[tuple[str, Values]]], list[Sequence[Any]]]
    execute: Callable[[str, Values], int]
    execute_each: Callable[[str, Sequence[Values]], None]

    def __init__(self, connection: Connection) -> None:
        self._inner = DriverChannel(connection, begins=False)
        self.fetch = self.fetch_alone = self._inner.fetch
        self.fetch_all = self._inner.fetch_all
        self.execute = self._inner.execute
        self.execute_each = self._inner.execute_each

    def commit(self) -> None:
        """Leave the savepoint to the owner."""

    def rollback(self) -> None:
        """Leave the savepoint to the owner."""


def borrowed_engine(kind: str, take: Callable[[], Any]) -> Engine:
    """Return an engine whose connections are borrowed.

    Args:
        kind: `sqlite` or `postgresql`.
        take: Returns the present driver connection of the owner.

    Raises:
        InvalidValueError: Databases of that kind are not known.
    """
    if kind not in _URLS:
        raise InvalidValueError(
            f"databases of the kind `{kind}` are not known", hint="use sqlite or postgresql"
        )
    options: dict[str, Any] = {} if kind == "sqlite" else {"use_native_hstore": False}
    return create_engine(
        _URLS[kind],
        creator=lambda: BorrowedConnection(take()),
        poolclass=NullPool,
        pool_reset_on_return=None,
        **options,
    )
