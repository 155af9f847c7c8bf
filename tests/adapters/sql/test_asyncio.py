"""Async callers run a unit of work inside their own connection, through `run_sync`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from tests.databases import new_database

from entitlements.adapters.sql import SqlStore, configure_engine, migrate
from entitlements.kernel.errors import StorageError
from entitlements.testing.strategies.ports import account, case


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[tuple[AsyncEngine, SqlStore]]:
    engine = create_async_engine(url)
    configure_engine(engine.sync_engine)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    try:
        yield engine, SqlStore(engine.sync_engine)
    finally:
        await engine.dispose()


async def tell_a_story(url: str) -> None:
    async with opened(url) as (engine, store):

        def admit(connection: Connection) -> int:
            work = store.begin_on(connection, "t")
            work.accounts.open(account())
            work.cases.open(case())
            work.commit()
            with pytest.raises(StorageError):
                work.accounts.customers()
            return 1

        def count(connection: Connection) -> tuple[int, int]:
            work = store.begin_on(connection, "t")
            found = work.accounts.account("acme")
            return len(work.cases.of("acme")), 0 if found is None else len(found.cases)

        async with engine.connect() as connection:
            assert await connection.run_sync(admit) == 1
            await connection.rollback()
        async with engine.connect() as connection:
            assert await connection.run_sync(count) == (0, 0)
        async with engine.begin() as connection:
            assert await connection.run_sync(admit) == 1
        async with engine.connect() as connection:
            assert await connection.run_sync(count) == (1, 1)


def test_units_run_inside_async_sqlite(tmp_path: Path) -> None:
    asyncio.run(tell_a_story(f"sqlite+aiosqlite:///{tmp_path / 'kept.db'}"))


def test_units_run_inside_async_postgres(postgres_server: str) -> None:
    url = make_url(new_database(postgres_server)).set(drivername="postgresql+psycopg_async")
    asyncio.run(tell_a_story(url.render_as_string(hide_password=False)))
