"""Translation of driver errors into errors of this library.

No exception of SQLAlchemy or of a driver leaves this package; it becomes the cause of an error of
the library.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, final

from sqlalchemy import Engine, exc

from entitlements.kernel.errors import (
    BusyError,
    EntitlementsError,
    HostTransactionError,
    InvalidValueError,
    StaleReadError,
    StorageError,
    UnreadableError,
)

_AGAIN: Final = "read again and decide again"
_CONNECTIONS: Final = "give the engine a larger pool, or hold connections for a shorter time"
_LOCKED: Final = "end that transaction, or work inside it with `desk.on(connection)` if you own it"
_ROLL_BACK: Final = "roll it back, and run it again"
_WRITABLE: Final = "allow this process to write the file and its folder"
_REACH: Final = "check the address, and that the server runs"
_COMMAND: Final = "entitlements migrate --database"
MIGRATE: Final = "run `entitlements migrate` on it"
#: Serialization failure, deadlock, lock not available, lock timeout.
_CONFLICTS: Final = frozenset({"40001", "40P01", "55P03"})
_MISSING: Final = frozenset({"42P01", "42703", "3F000"})
_READ_ONLY: Final = "25006"
#: No transaction is open, it has failed before, or the host ended the unit's savepoint.
_NO_TRANSACTION: Final = frozenset({"25P01", "25P02", "3B001"})
#: What SQLite says of a file, and psycopg without a connection; what it means; the way out.
_REFUSALS: Final = (
    ("readonly database", "the database is read-only", _WRITABLE),
    ("unable to open database file", "the file cannot be opened", _WRITABLE),
    ("not a database", "that is no database of SQLite", "name another file"),
    ("connection failed", "the server cannot be reached", _REACH),
    ("connection is bad", "the server cannot be reached", _REACH),
    ("failed to resolve host", "the server cannot be reached", _REACH),
)
_SNAPSHOT: Final = "SQLITE_BUSY_SNAPSHOT"
_OVER: Final = (
    exc.ResourceClosedError,
    exc.InvalidRequestError,
)


_NAMED: Final = (StorageError, BusyError)
DRIVER_ERRORS: Final = (exc.SQLAlchemyError, sqlite3.Error, OverflowError, UnicodeError)
"""What SQLAlchemy raises, or SQLite's driver where it is called directly, or a value."""


@final
class _Translation:
    """Context manager that translates driver errors; stateless, so one instance is enough."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DRIVER_ERRORS) and not isinstance(error, EntitlementsError):
            raise translated_error(error) from error


_TRANSLATION: Final = _Translation()


def translated() -> AbstractContextManager[None]:
    """Raise errors of this library in place of driver errors.

    Raises:
        ConflictError: Somebody else was faster.
        InvalidValueError: A value cannot be stored.
        StorageError: Anything else.
    """
    return _TRANSLATION


def translated_error(  # noqa: PLR0911 - one line for each kind
    error: Exception, *, lost: bool = False
) -> EntitlementsError:
    """Return the error of this library for an error of SQLAlchemy or of a driver.

    Args:
        error: What was raised.
        lost: Whether the connection was lost with it.
    """
    names = {each.__name__ for each in type(error).__mro__}
    match error:
        case OverflowError() | UnicodeError():
            return InvalidValueError(f"a value cannot be stored: {_first_line(error)}")
        case exc.TimeoutError():
            return BusyError("all connections are in use", field="unit", hint=_CONNECTIONS)
        # Every driver names its exceptions as DB-API 2.0 says, and SQLAlchemy names its own so.
        case _ if "DataError" in names:
            return InvalidValueError(f"a value cannot be stored: {_first_line(error)}")
        case _ if "IntegrityError" in names:
            return StaleReadError(
                f"another transaction was faster: {_first_line(error)}", field="key", hint=_AGAIN
            )
        case exc.PendingRollbackError():
            return HostTransactionError("the transaction has failed before", hint=_ROLL_BACK)
        case _ if isinstance(error, _OVER):
            return StorageError("the unit of work is over", hint="begin another one")
        case _:
            return _of_driver(error, lost=lost)


def _of_driver(error: Exception, *, lost: bool) -> EntitlementsError:
    inner = getattr(error, "orig", error)
    words, state = _first_line(error), getattr(inner, "sqlstate", None)
    if state in _CONFLICTS or getattr(inner, "sqlite_errorname", None) == _SNAPSHOT:
        return StaleReadError(f"units of work were in conflict: {words}", field="unit", hint=_AGAIN)
    if "is locked" in words:
        return BusyError(
            f"another transaction keeps the database locked: {words}", field="unit", hint=_LOCKED
        )
    return _of_refusal(error, words, state, lost=lost)


def _of_refusal(error: Exception, words: str, state: str | None, *, lost: bool) -> StorageError:
    if state in _MISSING or "no such table" in words or "no such column" in words:
        return StorageError(f"the tables are not there: {words}", hint=MIGRATE)
    if state == _READ_ONLY:
        return StorageError(f"the database or the transaction is read-only: {words}")
    if state in _NO_TRANSACTION or "no such savepoint" in words:
        return HostTransactionError(
            f"the transaction has failed or ended before: {words}", hint=_ROLL_BACK
        )
    if lost or getattr(error, "connection_invalidated", False):
        return StorageError(f"the connection was lost: {words}", hint=_AGAIN)
    known = ((what, hint) for part, what, hint in _REFUSALS if part in words)
    what, hint = next(known, ("the database refused", None))
    return StorageError(f"{what}: {words}", hint=hint)


def address_of(engine: Engine) -> str:
    """Return the address of a database without its password and its driver, for messages."""
    url = engine.url.set(drivername=engine.url.get_backend_name())
    hidden = {name: "***" for name in url.query if "password" in name}
    return url.update_query_dict(hidden).render_as_string()


def command_to_migrate(engine: Engine) -> str:
    """Return what makes the tables of a database: a command, or a call for one in memory."""
    in_memory = engine.dialect.name == "sqlite" and ":memory:" in (
        engine.url.database or ":memory:"
    )
    return "migrate(engine)" if in_memory else f"{_COMMAND} {address_of(engine)}"


def name_database(error: BaseException | None, engine: Engine) -> None:
    """Add the address of the database, without its password, to an error that names no place."""
    if isinstance(error, StorageError | BusyError) and type(error) in _NAMED and not error.path:
        error.path = address_of(engine)
        if error.hint == MIGRATE:
            error.hint = f"run `{command_to_migrate(engine)}`"


@contextmanager
def translated_at(engine: Engine) -> Iterator[None]:
    """Do what `translated` does, and name the database."""
    try:
        with translated():
            yield
    except EntitlementsError as error:
        name_database(error, engine)
        raise


def _first_line(error: Exception) -> str:
    inner = error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error
    return (str(inner).strip() or type(inner).__name__).splitlines()[0][:200]


@contextmanager
def reading(row: str) -> Iterator[None]:
    """Raise `UnreadableError` if a row cannot be read."""
    try:
        yield
    except UnreadableError:
        raise
    except Exception as error:
        raise UnreadableError(row, error) from error


def whole(number: object) -> int:
    """Return a column's value if it is a whole number; SQLite may hold other values."""
    if type(number) is not int:
        raise TypeError(f"{number!r} is no whole number")
    return number
