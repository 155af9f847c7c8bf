"""Schema version of a database: `migrate`, revision and differences.

The migrations are Alembic's, with a separate version table and branch label, so that they do not
interfere with the migrations of a host application.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from entitlements.adapters.sql.engines import open_engine
from entitlements.adapters.sql.errors import translated, translated_at
from entitlements.adapters.sql.session.database_checks import check_folder
from entitlements.adapters.sql.tables import VERSION_TABLE, Tables, define_tables, is_own_table
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import InvalidValueError, StorageError

SCRIPTS: Final = Path(__file__).with_name("migrations")
"""Folder of the migrations, for a host's `version_locations`."""


def migrate(
    where: str | Engine | Connection, *, to: str = "head", schema: str | None = None
) -> tuple[str | None, str | None]:
    """Bring the tables of a database to a migration, up or down, in one transaction.

    Args:
        where: An address, an engine, or a connection in whose transaction it is to happen; that
            one is the host's to commit.
        to: The migration: `head` for that of this library, `base` for no tables at all.
        schema: The schema the tables are in; it must be there.

    Returns:
        The migration before and the one now; None for no tables.

    >>> engine = open_engine("sqlite://")
    >>> migrate(engine)
    (None, '0001')
    >>> engine.dispose()

    Raises:
        InvalidValueError: There is no such migration, or the address is none.
        StorageError: The database cannot be reached, or is at a migration of a later library.
    """
    if isinstance(where, Connection):
        with translated():
            return _run(where, to, schema)
    engine = open_engine(where) if isinstance(where, str) else instance_of(Engine, where)
    try:
        check_folder(engine)
        with translated_at(engine), engine.begin() as connection:
            return _run(connection, to, schema)
    finally:
        if isinstance(where, str):
            engine.dispose()


def schema_revision(connection: Connection, schema: str | None = None) -> str | None:
    """Return the migration of the database; None if it has no tables.

    >>> engine = open_engine("sqlite://")
    >>> with engine.connect() as connection:
    ...     schema_revision(connection) is None
    True
    >>> engine.dispose()
    """
    options = {"version_table": VERSION_TABLE, "version_table_schema": schema}
    instance_of(Connection, connection)
    with translated():
        return MigrationContext.configure(connection, opts=options).get_current_revision()


def schema_differences(connection: Connection, own: Tables | None = None) -> tuple[str, ...]:
    """Return the differences between the database and the tables of this library.

    >>> engine = open_engine("sqlite://")
    >>> with engine.begin() as connection:
    ...     _ = migrate(connection)
    ...     schema_differences(connection)
    ()
    >>> engine.dispose()
    """
    instance_of(Connection, connection)
    expected = define_tables() if own is None else own
    schema = expected.accounts.schema
    options: dict[str, Any] = {
        "version_table": VERSION_TABLE,
        "version_table_schema": schema,
        "include_object": is_own_table,
        "include_schemas": schema is not None,
        "compare_type": True,
    }
    with translated():
        context = MigrationContext.configure(connection, opts=options)
        return tuple(map(repr, compare_metadata(context, expected.metadata)))


def _run(connection: Connection, to: str, schema: str | None) -> tuple[str | None, str | None]:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    own = define_tables(schema=schema)
    config.attributes |= {"connection": connection, "tables": own, "schema": schema}
    before = schema_revision(connection, schema)
    try:
        if to == "base" or (before is not None and before > to):
            command.downgrade(config, to)
        else:
            command.upgrade(config, to)
    except CommandError as error:
        words = str(error).splitlines()[0]
        if before is not None and before in words:
            raise StorageError(
                f"the database is at migration `{before}`, which this library does not know",
                hint="use a later version of entitlements",
            ) from error
        raise InvalidValueError(f"`{to}` is no migration: {words}") from error
    return before, schema_revision(connection, schema)
