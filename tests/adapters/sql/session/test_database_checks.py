from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from entitlements.adapters.sql import SqlStore, configure_engine, migrate, open_engine
from entitlements.adapters.sql.session.database_checks import check_file, check_version, file_of
from entitlements.kernel.errors import InvalidValueError, StorageError


def begun(store: SqlStore) -> None:
    with store.begin("t"):
        raise AssertionError("it was opened")


@pytest.mark.parametrize(
    "form", ["sqlite:///{}", "sqlite+pysqlite:///{}", "sqlite:///file:{}?uri=true"]
)
@pytest.mark.parametrize("use", [begun, SqlStore.tenants], ids=["begin", "tenants"])
def test_a_file_that_is_not_there_is_made_by_migrate_alone(
    form: str, use: Callable[[SqlStore], Any], tmp_path: Path
) -> None:
    url = form.format(tmp_path / "new.db")
    with SqlStore.open(url) as store:
        with pytest.raises(StorageError, match=r"new\.db.*: there is no such file \(`entitlements"):
            use(store)
        assert list(tmp_path.iterdir()) == []
        migrate(url)
        assert store.tenants() == ()


def test_a_host_makes_its_own_file(tmp_path: Path) -> None:
    with SqlStore.open(f"sqlite:///{tmp_path / 'new.db'}") as store:
        with store.engine.begin() as connection:
            migrate(connection)
        assert store.tenants() == ()


def test_a_folder_that_is_not_there_and_one_in_place_of_a_file_are_named(tmp_path: Path) -> None:
    for place, words in (
        (tmp_path / "no" / "x.db", rf"no/x\.db: there is no folder `{tmp_path}/no` \(make it"),
        (tmp_path, rf"{tmp_path}: that is a folder \(name a file in it\)"),
    ):
        engine = open_engine(f"sqlite:///{place}")
        for use in (check_file, migrate):
            with pytest.raises(StorageError, match=words):
                use(engine)


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("sqlite:///file::memory:?cache=shared&uri=true", None),
        ("sqlite:///file:x?mode=memory&uri=true", None),
        ("sqlite:///a.db", "a.db"),
        ("sqlite:////b/a.db?timeout=3", "/b/a.db"),
        ("sqlite:///file:///b/a%2520b.db?uri=true", "/b/a b.db"),
        ("postgresql+psycopg://host/a.db", None),
    ],
)
def test_a_database_in_memory_or_on_a_server_has_no_file(url: str, file: str | None) -> None:
    assert file_of(create_engine(url, poolclass=NullPool)) == (None if file is None else Path(file))


def test_the_migration_is_checked() -> None:
    with SqlStore.open("sqlite://") as store, store.engine.connect() as connection:
        with pytest.raises(StorageError, match="migration `none`, this library at `0001`"):
            check_version(connection, store.tables)
        migrate(connection)
        check_version(connection, store.tables)
    with (
        SqlStore.open("sqlite:///:memory:") as store,
        pytest.raises(StorageError, match=r"`migrate\(engine\)`"),
    ):
        begun(store)


def test_an_async_engine_is_opened_by_its_caller(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    with pytest.raises(InvalidValueError, match=r"async engine .*configure_engine"):
        SqlStore.open(url)

    async def tenants() -> tuple[str, ...]:
        engine = create_async_engine(url)
        store = SqlStore(configure_engine(engine.sync_engine))
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
        async with engine.connect() as connection:
            found = await connection.run_sync(lambda _: store.tenants())
        await engine.dispose()
        return found

    assert asyncio.run(tenants()) == ()
