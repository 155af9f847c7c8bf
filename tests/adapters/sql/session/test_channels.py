from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from entitlements.adapters.sql import SqlStore
from entitlements.adapters.sql.session.channels import (
    Channel,
    DriverChannel,
    SqlAlchemyChannel,
    open_channel,
)
from entitlements.adapters.sql.session.prepared import (
    PreparedStatement,
    int_param,
    tenant_param,
)
from entitlements.kernel.errors import ConflictError


def ignore(*_: Any) -> None:
    pass


def heard(engine: Engine) -> None:
    event.listen(engine, "before_cursor_execute", ignore)


def logged(engine: Engine) -> None:
    engine.echo = True


def test_statements_go_to_the_driver_without_event_listeners(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = make_sql()
    with store.engine.connect() as connection:
        assert isinstance(open_channel(connection), DriverChannel)
    with store.engine.begin() as connection:
        assert isinstance(open_channel(connection), SqlAlchemyChannel)


@pytest.mark.parametrize("listen", [heard, logged])
def test_statements_go_through_sqlalchemy_with_event_listeners(
    listen: Callable[[Engine], None],
) -> None:
    engine = create_engine("sqlite://")
    listen(engine)
    with engine.connect() as connection:
        assert isinstance(open_channel(connection), SqlAlchemyChannel)
        assert connection.in_transaction()
    engine.dispose()


def test_statements_go_through_sqlalchemy_on_an_async_engine() -> None:
    class Connected:
        dialect = create_async_engine("sqlite+aiosqlite://").dialect

        def in_transaction(self) -> bool:
            return True

    connection: Any = Connected()
    assert isinstance(open_channel(connection), SqlAlchemyChannel)


@pytest.mark.parametrize("kind", [DriverChannel, SqlAlchemyChannel])
def test_both_channels_have_the_same_results(
    kind: Callable[[Connection], Channel], make_sql: Callable[[], SqlStore]
) -> None:
    store = make_sql()
    dialect, leases = store.engine.dialect, store.tables.group_leases
    mine = leases.c.tenant == tenant_param()
    into = PreparedStatement(leases.insert(), dialect)
    change = PreparedStatement(leases.update().where(mine).values(term=int_param("n")), dialect)
    ask = PreparedStatement(select(leases.c.term).where(mine), dialect)
    row = {"tenant": "t", "owner": None, "term": 7, "until": 1}
    rows = [into.values({**row, "expert_group": each}) for each in "abc"]
    given = [change.values({"tenant_": "t", "n": n}) for n in (5, 6)]
    with store.engine.connect() as connection:
        channel = kind(connection)
        channel.execute_each(into.text, rows)
        assert channel.execute(change.text, given[0]) == 3
        found = channel.fetch(ask.text, ask.values({"tenant_": "t"}))
        assert [tuple(each) for each in found] == [(5,)] * 3
        channel.commit()
    with store.engine.connect() as connection:
        channel = kind(connection)
        assert channel.execute(change.text, given[1]) == 3
        channel.rollback()
    with store.engine.connect() as connection:
        assert set(connection.execute(select(leases.c.term)).scalars()) == {5}
    with store.engine.connect() as connection:
        channel = kind(connection)
        with pytest.raises((ConflictError, IntegrityError)):
            channel.execute(into.text, rows[0])
        channel.rollback()
        assert list(channel.fetch(ask.text, ask.values({"tenant_": "u"}))) == []
