"""Checks of a database: its file is there, and it is at the migration of this library."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection, Engine, inspect, text

from entitlements.adapters.sql.errors import MIGRATE, address_of, command_to_migrate
from entitlements.adapters.sql.held_connections import IN_MEMORY
from entitlements.adapters.sql.tables import REVISION, VERSION_TABLE, Tables
from entitlements.kernel.errors import StorageError


def check_folder(engine: Engine) -> None:
    """Refuse a file of SQLite that cannot be made, because its folder is not there.

    Raises:
        StorageError: There is no such folder, or a folder is in place of the file.
    """
    file = file_of(engine)
    if file is not None and file.is_dir():
        raise StorageError("that is a folder", hint="name a file in it", path=address_of(engine))
    if file is not None and not file.parent.is_dir():
        what = f"there is no folder `{file.parent}`"
        raise StorageError(what, hint="make it first", path=address_of(engine))


def check_file(engine: Engine) -> None:
    """Refuse a file that is not there: SQLite would make an empty one, which looks like a database.

    Raises:
        StorageError: There is no such file.
    """
    file = file_of(engine)
    if file is None or file.is_file():
        return
    check_folder(engine)
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
