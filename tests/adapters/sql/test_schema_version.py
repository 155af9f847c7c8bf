from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from tests.databases import new_database

from entitlements.adapters.sql import SqlStore, define_tables, migrate, open_engine
from entitlements.adapters.sql.schema_version import SCRIPTS, schema_differences, schema_revision
from entitlements.adapters.sql.tables import REVISION, VERSION_TABLE
from entitlements.kernel.errors import InvalidValueError, StorageError

EVERY = {"entitlements_" + each for each in (
    "editions", "accounts", "facts", "entries", "counted_cases", "cases", "events", "agents",
    "members", "schedules", "rotations", "work_items", "outbox", "endpoints",
    "deliveries", "chains", "decisions", "commands",
    "group_leases", "service_records",
)}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        url = new_database(request.getfixturevalue("postgres_server"))
    opened = open_engine(url)
    yield opened
    opened.dispose()


def tables_in(engine: Engine, schema: str | None = None) -> set[str]:
    return set(inspect(engine).get_table_names(schema=schema)) - {VERSION_TABLE}


def test_migrations_and_tables_agree_up_and_down(engine: Engine) -> None:
    assert migrate(engine) == (None, REVISION)
    with engine.connect() as connection:
        assert schema_revision(connection) == REVISION
        assert schema_differences(connection) == ()
    assert tables_in(engine) == EVERY
    assert migrate(engine) == (REVISION, REVISION)
    assert migrate(engine, to="base") == (REVISION, None)
    assert tables_in(engine) == set()
    assert migrate(engine, to="head") == (None, REVISION)
    with engine.connect() as connection:
        assert schema_differences(connection) == ()


def test_migrations_make_the_indexes_of_the_tables(engine: Engine) -> None:
    """Alembic does not compare for which rows an index is."""
    migrate(engine)
    migrated = indexes_in(engine)
    migrate(engine, to="base")
    define_tables().metadata.create_all(engine)
    assert migrated == indexes_in(engine)
    is_partial = "opened IS NOT NULL" in migrated["ix_entitlements_cases_opened"]
    assert is_partial is (engine.dialect.name == "postgresql")  # SQLite would not use it


def indexes_in(engine: Engine) -> dict[str, str]:
    """Return the columns of each index, and for which rows it is."""
    found, kind = inspect(engine), engine.dialect.name
    every = [each for name in tables_in(engine) for each in found.get_indexes(name)]
    return {
        str(each["name"]): f"{each['column_names']} {each['dialect_options'].get(f'{kind}_where')}"
        for each in every
    }


def test_a_difference_is_found(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE entitlements_group_leases ADD COLUMN more INTEGER"))
        connection.execute(text("DROP INDEX ix_entitlements_cases_next_due_at"))
        found = " ".join(schema_differences(connection))
    assert "remove_column" in found
    assert "ix_entitlements_cases_next_due_at" in found


def test_the_host_gives_the_connection_and_keeps_its_own_tables(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE helpdesk_tickets (id INTEGER)"))
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('theirs')"))
    with engine.connect() as connection:
        transaction = connection.begin()
        assert migrate(connection) == (None, REVISION)
        assert schema_differences(connection) == ()
        transaction.rollback()
    assert tables_in(engine) == {"helpdesk_tickets", "alembic_version"}
    migrate(engine)
    migrate(engine, to="base")
    assert tables_in(engine) == {"helpdesk_tickets", "alembic_version"}
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == (
            "theirs"
        )


def test_tables_can_be_in_a_schema(postgres_server: str) -> None:
    engine = open_engine(new_database(postgres_server))
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA support"))
    migrate(engine, schema="support")
    assert tables_in(engine) == set()
    assert tables_in(engine, "support") == EVERY
    own = define_tables(schema="support")
    with engine.connect() as connection:
        assert schema_differences(connection, own) == ()
    with SqlStore(engine, own).begin("t") as work:
        assert work.accounts.customers() == ()
    migrate(engine, to="base", schema="support")
    assert tables_in(engine, "support") == set()
    engine.dispose()


def test_a_migration_of_a_later_library_is_not_touched(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))  # noqa: S608 - a name of our own
    with pytest.raises(StorageError, match="9999"):
        migrate(engine)
    with pytest.raises(StorageError, match="9999"), SqlStore(engine).begin("t"):
        raise AssertionError("it was opened")


def test_nonsense_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError):
        migrate(f"sqlite:///{tmp_path / 'x.db'}", to="seven")
    with pytest.raises(InvalidValueError):
        migrate("no address")
    with pytest.raises(StorageError):
        migrate(f"sqlite:///{tmp_path / 'no' / 'folder' / 'x.db'}")


def test_the_library_knows_its_own_migration_and_branch() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == REVISION
    assert scripts.get_revision("entitlements@head").revision == REVISION
