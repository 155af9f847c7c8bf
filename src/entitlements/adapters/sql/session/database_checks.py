"""Checks of a database: its file is there, and it is at the migration of this library."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection, Engine, event, inspect, text

from entitlements.adapters.sql.errors import MIGRATE, address_of, command_to_migrate
from entitlements.adapters.sql.held_connections import IN_MEMORY
from entitlements.adapters.sql.tables import REVISION, VERSION_TABLE, Tables
from entitlements.kernel.errors import StorageError


def explain_files(engine: Engine) -> None:
    """Have an engine of a file of SQLite say why the file cannot be opened."""

    @event.listens_for(engine, "do_connect")
    def connects(dialect: Any, _: object, places: list[str], options: dict[str, Any]) -> Any:
        try:
            return dialect.connect(*places, **options)
        except sqlite3.Error as error:
            problem = _problem(engine) or StorageError(
                f"the file cannot be opened: {error}",
                hint="allow this process to write the file and its folder",
                path=address_of(engine),
            )
            raise problem from error


def check_file(engine: Engine) -> None:
    """Refuse a file that is not there: SQLite would make an empty one, which looks like a database.

    Raises:
        StorageError: There is no such file.
    """
    file = file_of(engine)
    if file is None or file.is_file():
        return
    problem = _problem(engine)
    if problem is not None:
        raise problem
    if not file.exists():
        hint = f"`{command_to_migrate(engine)}` makes it"
        raise StorageError("there is no such file", hint=hint, path=address_of(engine))


def check_version(connection: Connection, of: Tables) -> None:
    """Raise `StorageError` unless the database is at this library's migration."""
    schema = of.accounts.schema
    where = f"{schema}.{VERSION_TABLE}" if schema else VERSION_TABLE
    found = None
    if inspect(connection).has_table(VERSION_TABLE, schema=schema):
        found = connection.execute(text(f"SELECT version_num FROM {where}")).scalar()  # noqa: S608 - names of our own
    if found != REVISION:
        raise StorageError(
            f"the database is at migration `{found or 'none'}`, this library at `{REVISION}`",
            hint=MIGRATE,
        )


def file_of(engine: Engine) -> Path | None:
    """Return the file of an engine; None for a database in memory, or of a server."""
    url = engine.url
    name = url.database or ""
    if engine.dialect.name != "sqlite" or name in IN_MEMORY or url.query.get("mode") == "memory":
        return None
    if "uri" in url.query and name.startswith("file:"):
        name = unquote(urlsplit(name).path)
    return None if name in IN_MEMORY else Path(name)


def _problem(engine: Engine) -> StorageError | None:
    """Return what keeps the file of an engine from being there; None if nothing does."""
    file, address = file_of(engine), address_of(engine)
    if file is not None and file.is_dir():
        return StorageError("that is a folder", hint="name a file in it", path=address)
    if file is not None and not file.parent.is_dir():
        what = f"there is no folder `{file.parent}`"
        return StorageError(what, hint="make it first", path=address)
    return None
