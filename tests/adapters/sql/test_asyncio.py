"""Async callers run units of work and desks inside their own connection, through `run_sync`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from tests.databases import new_database
from tests.service.desks import MINUTE, MONDAY, PLANS, TENANT, ledger_of, request, settle

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.sql import SqlStore, configure_engine, migrate
from entitlements.kernel.errors import (
    ConflictError,
    HostTransactionError,
    OpenTransactionError,
    StorageError,
)
from entitlements.service import AdmitRequest, ChainIntact, Desk, DeskCommand, Reply, ResolveCase
from entitlements.testing.strategies.ports import account, case

CALLS = 20
Story = Callable[[AsyncEngine, SqlStore], Awaitable[None]]


@pytest.fixture(params=["sqlite+aiosqlite", "postgresql+asyncpg", "postgresql+psycopg_async"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    driver: str = request.param
    if driver.startswith("sqlite"):
        return f"{driver}:///{tmp_path / 'kept.db'}"
    place = make_url(new_database(request.getfixturevalue("postgres_server")))
    return place.set(drivername=driver).render_as_string(hide_password=False)


@asynccontextmanager
async def opened(url: str, **options: Any) -> AsyncIterator[tuple[AsyncEngine, SqlStore]]:
    engine = create_async_engine(url, **options)
    configure_engine(engine.sync_engine)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    try:
        yield engine, SqlStore(engine.sync_engine)
    finally:
        await engine.dispose()


def run_story(url: str, story: Story, **options: Any) -> None:
    """Run a story on a new engine, whose pool has few connections and is full again afterwards."""

    async def run() -> None:
        small: dict[str, Any] = {"pool_size": 5, "max_overflow": 0, "pool_timeout": 10, **options}
        async with opened(url, **small) as (engine, store):
            await story(engine, store)
            assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]

    asyncio.run(run())


async def done(engine: AsyncEngine, desk: Desk, command: DeskCommand) -> Reply:
    """Carry out a command on a separate connection, as a web application does."""
    async with engine.connect() as connection:
        return await connection.run_sync(lambda _: desk.execute(command, MONDAY + MINUTE))


async def settled(engine: AsyncEngine, store: SqlStore) -> Desk:
    async with engine.connect() as connection:
        await connection.run_sync(lambda _: settle(store))
    return Desk(store, TENANT)


def test_units_run_inside_an_async_connection(url: str) -> None:
    async def story(engine: AsyncEngine, store: SqlStore) -> None:
        def admit(connection: Connection) -> int:
            with store.on(connection).begin("t") as work:
                work.accounts.open(account())
                work.cases.open(case())
                work.commit()
                with pytest.raises(StorageError):
                    work.accounts.customers()
            return 1

        def count(connection: Connection) -> tuple[int, int]:
            with store.on(connection).begin("t") as work:
                found = work.accounts.account("acme")
                return len(work.cases.of("acme")), 0 if found is None else len(found.cases)

        async with engine.connect() as connection:
            await connection.begin()
            assert await connection.run_sync(admit) == 1
            await connection.rollback()
        async with engine.begin() as connection:
            assert await connection.run_sync(count) == (0, 0)
        async with engine.begin() as connection:
            assert await connection.run_sync(admit) == 1
        async with engine.begin() as connection:
            assert await connection.run_sync(count) == (1, 1)

    run_story(url, story)


def test_a_desk_over_an_async_engine_answers_like_one_in_memory(url: str) -> None:
    asked = [request(f"R-{plan.id}", plan.id) for plan in PLANS]
    commands: list[DeskCommand] = [
        *(AdmitRequest(id=f"admit {each.id}", request=each) for each in asked),
        *(ResolveCase(id=f"resolve {each}", case=each) for each in ("R-flat", "R-minutes")),
    ]
    kept = MemoryStore()
    settle(kept)
    in_memory = Desk(kept, TENANT)
    expected = [in_memory.execute(each, MONDAY + MINUTE) for each in commands]

    async def story(engine: AsyncEngine, store: SqlStore) -> None:
        desk = await settled(engine, store)
        assert [await done(engine, desk, each) for each in commands] == expected
        again = Desk(SqlStore(engine.sync_engine), TENANT)
        assert [await done(engine, again, each) for each in commands] == expected
        async with engine.connect() as connection:
            assert await connection.run_sync(lambda _: desk.verify()) == in_memory.verify()

    run_story(url, story)


def test_a_desk_works_in_the_transaction_of_an_async_host(url: str) -> None:
    async def story(engine: AsyncEngine, store: SqlStore) -> None:
        desk = await settled(engine, store)
        admission = AdmitRequest(id="A-1", request=request())

        def admit(connection: Connection) -> Reply:
            with pytest.raises(OpenTransactionError):
                desk.execute(admission, MONDAY)
            return desk.on(connection).execute(admission, MONDAY)

        async with engine.connect() as connection, connection.begin() as transaction:
            assert (await connection.run_sync(admit)).accepted
            await transaction.rollback()
        async with AsyncSession(engine) as session:
            inner = await session.connection()
            assert not (await inner.run_sync(admit)).repeated
            await session.commit()
        async with engine.connect() as connection:
            with pytest.raises(HostTransactionError):
                await connection.run_sync(desk.on)
            await connection.begin()
            assert (await connection.run_sync(admit)).repeated

    run_story(url, story)


def test_twenty_concurrent_calls_need_no_more_connections_than_the_pool_has(url: str) -> None:
    async def story(engine: AsyncEngine, store: SqlStore) -> None:
        desk = await settled(engine, store)
        commands = [
            AdmitRequest(id=f"A-{n}", request=request(f"R-{n}", PLANS[n % 3].id))
            for n in range(CALLS)
        ]
        replies = await asyncio.gather(*(done(engine, desk, each) for each in commands))
        assert [each.case for each in replies] == [f"R-{n}" for n in range(CALLS)]
        single = [each for n, each in enumerate(replies) if PLANS[n % 3].id == "single"]
        assert sum(each.accepted for each in single) == 1
        async with engine.connect() as connection:
            assert isinstance(await connection.run_sync(lambda _: desk.verify()), ChainIntact)

    run_story(url, story)


def test_twenty_calls_at_once_spend_no_unit_twice(url: str) -> None:
    async def story(engine: AsyncEngine, store: SqlStore) -> None:
        desk = await settled(engine, store)
        commands = [
            AdmitRequest(id=f"A-{n}", request=request(f"R-{n}", "opening")) for n in range(CALLS)
        ]
        results = await asyncio.gather(
            *(done(engine, desk, each) for each in commands), return_exceptions=True
        )
        replies = [each for each in results if isinstance(each, Reply)]
        others = [each for each in results if not isinstance(each, Reply)]
        assert all(isinstance(each, ConflictError) for each in others)
        assert sum(each.accepted for each in replies) == 3
        async with engine.connect() as connection:
            ledger = await connection.run_sync(lambda _: ledger_of(desk, "opening"))
        assert len([each for each in ledger.entries if each.shares]) >= 3

    run_story(url, story)


def test_a_desk_in_a_session_without_a_connection_returns_the_one_it_uses(url: str) -> None:
    async def story(engine: AsyncEngine, store: SqlStore) -> None:
        desk = await settled(engine, store)
        async with AsyncSession(engine) as session:
            command = AdmitRequest(id="A-1", request=request())
            reply = await session.run_sync(lambda _: desk.execute(command, MONDAY))
            assert reply.accepted
            assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]

    run_story(url, story)


def test_a_desk_inside_the_tasks_own_transaction_is_refused_at_once(url: str) -> None:
    async def story(engine: AsyncEngine, store: SqlStore) -> None:
        desk = await settled(engine, store)
        command, begun = AdmitRequest(id="A-1", request=request()), time.monotonic()
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            with pytest.raises(OpenTransactionError):
                await connection.run_sync(lambda _: desk.execute(command, MONDAY))
            assert time.monotonic() - begun < 1
            await connection.rollback()
            assert (await connection.run_sync(lambda _: desk.execute(command, MONDAY))).accepted

    run_story(url, story)


def test_transactions_of_other_tasks_do_not_block(url: str) -> None:
    async def story(engine: AsyncEngine, store: SqlStore) -> None:
        desk = await settled(engine, store)
        begun, ended = asyncio.Event(), asyncio.Event()

        async def other() -> None:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
                begun.set()
                await asyncio.sleep(0.2)
            ended.set()

        waiting = asyncio.create_task(other())
        await begun.wait()
        assert (await done(engine, desk, AdmitRequest(id="A-1", request=request()))).accepted
        await waiting

    run_story(url, story)


def test_a_connection_with_its_own_isolation_level_keeps_it(url: str) -> None:
    async def story(engine: AsyncEngine, store: SqlStore) -> None:
        desk = await settled(engine, store)
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            command = AdmitRequest(id="A-1", request=request())
            await connection.run_sync(lambda _: desk.execute(command, MONDAY))
            assert engine.pool.checkedout() == 1  # type: ignore[attr-defined]

    run_story(url, story)
