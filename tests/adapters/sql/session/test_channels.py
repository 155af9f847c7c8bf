from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.ext.asyncio import create_async_engine

from entitlements.adapters.sql import SqlStore
from entitlements.adapters.sql.session.channels import (
    Channel,
    DriverChannel,
    SqlAlchemyChannel,
    open_channel,
)
from entitlements.kernel.errors import ConflictError


def ignore(*_: Any) -> None:
    pass


def heard(engine: Engine) -> None:
    event.listen(engine, "before_cursor_execute", ignore)


def logged(engine: Engine) -> None:
    engine.echo = True


def test_statements_go_to_the_driver_where_nobody_listens(make_sql: Callable[[], SqlStore]) -> None:
    store = make_sql()
    with store.engine.connect() as connection:
        assert isinstance(open_channel(connection, hosted=False), DriverChannel)
    with store.engine.connect() as connection:
        assert isinstance(open_channel(connection, hosted=True), SqlAlchemyChannel)
    with store.engine.begin() as connection:
        assert isinstance(open_channel(connection, hosted=False), SqlAlchemyChannel)


@pytest.mark.parametrize("listen", [heard, logged])
def test_statements_go_through_sqlalchemy_where_somebody_listens(
    listen: Callable[[Engine], None],
) -> None:
    engine = create_engine("sqlite://")
    listen(engine)
    with engine.connect() as connection:
        assert isinstance(open_channel(connection, hosted=False), SqlAlchemyChannel)
        assert connection.in_transaction()
    engine.dispose()


def test_statements_go_through_sqlalchemy_on_an_async_engine() -> None:
    class Connected:
        dialect = create_async_engine("sqlite+aiosqlite://").dialect

        def in_transaction(self) -> bool:
            return True

    connection: Any = Connected()
    assert isinstance(open_channel(connection, hosted=False), SqlAlchemyChannel)


@pytest.mark.parametrize("kind", [DriverChannel, SqlAlchemyChannel])
def test_both_channels_do_the_same(
    kind: Callable[[Connection], Channel], make_sql: Callable[[], SqlStore]
) -> None:
    store = make_sql()
    dialect, shards = store.engine.dialect, store.tables.shards
    mark = "?" if dialect.name == "sqlite" else "%s"
    into = f"INSERT INTO {shards.name} VALUES ({', '.join([mark] * len(shards.columns))})"
    change = f"UPDATE {shards.name} SET term = {mark} WHERE tenant = 't'"
    ask = f"SELECT term FROM {shards.name} WHERE tenant = {mark}"
    rows = [("t", f"g{n}", None, 7, 1) for n in range(3)]
    assert [each.name for each in shards.columns][:2] == ["tenant", "expert_group"]
    with store.engine.connect() as connection:
        channel = kind(connection)
        channel.execute_each(into, rows)
        assert channel.execute(change, (5,)) == 3
        assert [tuple(each) for each in channel.fetch(ask, ("t",))] == [(5,)] * 3
        channel.commit()
    with store.engine.connect() as connection:
        channel = kind(connection)
        assert channel.execute(change, (6,)) == 3
        channel.rollback()
    with store.engine.connect() as connection:
        assert set(connection.execute(select(shards.c.term)).scalars()) == {5}
    with store.engine.connect() as connection:
        channel = kind(connection)
        row = dict(zip([each.name for each in shards.columns], rows[0], strict=True))
        with pytest.raises(Exception, match="(?i)unique|duplicate") as caught:
            channel.execute(into, rows[0])
        if kind is DriverChannel:
            assert isinstance(caught.value, ConflictError)
        channel.rollback()
        assert channel.fetch(ask, ("u",)) == []
        connection.execute(insert(shards), {**row, "tenant": "u"})
