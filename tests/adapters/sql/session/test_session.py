from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import event, select
from tests.databases import emptied, with_tables
from tests.service.desks import MONDAY, TENANT, desk, request

from entitlements.adapters.sql import SqlStore
from entitlements.adapters.sql.session.channels import DriverChannel
from entitlements.adapters.sql.session.host_transaction import ConnectionTransaction
from entitlements.adapters.sql.session.prepared import (
    PreparedStatement,
    int_param,
    tenant_param,
    text_param,
)
from entitlements.adapters.sql.session.session import Session
from entitlements.kernel.errors import ConflictError, StorageError, UnknownIdError
from entitlements.service import AdmitRequest
from entitlements.testing.strategies.ports import START, work_item


def test_a_compiled_statement_reads_what_the_plain_one_reads(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = make_sql()
    leases = store.tables.group_leases
    row = {"expert_group": "o'db", "owner": None, "term": 7, "until": 2**62}
    asked = select(leases.c.expert_group, leases.c.until).where(
        leases.c.tenant == tenant_param(),
        leases.c.term >= int_param("least"),
        leases.c.owner.is_(None),
    )
    with store.engine.begin() as connection:
        session = Session(connection, "t")
        session.insert(leases, [row, {**row, "expert_group": "%s ? :x", "term": 3}])
        session.insert(leases, [])
        prepared = PreparedStatement(asked, store.engine.dialect)
        assert [tuple(each) for each in session.read(prepared, least=5)] == [("o'db", 2**62)]
        assert session.rows(prepared, least=5) == [{"expert_group": "o'db", "until": 2**62}]
        assert len(session.read(prepared, least=1)) == 2
        assert list(Session(connection, "u").read(prepared, least=1)) == []


def test_a_row_is_inserted_once(make_sql: Callable[[], SqlStore]) -> None:
    store = make_sql()
    row = {"expert_group": "db", "owner": None, "term": 7, "until": 1}
    with store.engine.connect() as connection:
        session = Session(connection, "t")
        assert session.insert_new(store.tables.group_leases, row)
        assert not session.insert_new(store.tables.group_leases, row)
        assert session.failed is None
        with pytest.raises(ConflictError):
            session.insert(store.tables.group_leases, [row])
        assert isinstance(session.failed, ConflictError)


def test_a_closed_session_does_nothing(make_sql: Callable[[], SqlStore]) -> None:
    store = make_sql()
    with store.engine.connect() as connection:
        session = Session(connection, "t")
        session.close()
        with pytest.raises(StorageError):
            session.rows(
                PreparedStatement(select(store.tables.group_leases.c.term), store.engine.dialect)
            )
        with pytest.raises(StorageError):
            session.insert(store.tables.group_leases, [{"term": 1}])


def test_reading_sessions_keep_the_prepared_plans_of_the_server(postgres_store: SqlStore) -> None:
    store = SqlStore.open(postgres_store.engine.url, check=False)
    with store.begin("t") as work:
        work.outbox.put("topic", "{}", START)
        work.commit()
    for _ in range(8):
        with store.begin("t") as work:
            assert work.work_items.groups() == ()
            assert len(work.outbox.pending()) == 1
        store.tenants()
    with pytest.raises(UnknownIdError), store.begin("t") as work:
        work.work_items.change(work_item(), attrs.evolve(work_item(), next_due_at=START))
    with store.engine.connect() as connection:
        known = connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements")
        assert any("entitlements_work_items.queued" in each for each in known.scalars())
    with store.begin("t") as work:
        assert work.work_items.groups() == ()
    store.close()


def test_event_listeners_see_every_statement_and_change_nothing(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = make_sql()
    heard: list[str] = []

    def hear(*given: Any) -> None:
        heard.append(given[2].split(" ")[0])

    def ended(_: object) -> None:
        heard.append("COMMIT")

    listening = (("before_cursor_execute", hear), ("commit", ended))
    for name, hears in listening:
        event.listen(store.engine, name, hears)
    try:
        tell_a_story(store)
    finally:
        for name, hears in listening:
            event.remove(store.engine, name, hears)
    added, asked, changed = ["INSERT"] * 4, ["SELECT"] * 5, ["UPDATE"] * 2
    assert heard == [*added, "SELECT", "UPDATE", "COMMIT", *changed, *asked, "SELECT"]
    tell_a_story(make_sql())
    assert len(heard) == 15


@pytest.mark.parametrize(
    "name",
    [
        "before_cursor_execute", "after_cursor_execute", "begin", "commit", "rollback",
        "do_execute", "do_executemany", "handle_error",
    ],
)  # fmt: skip
def test_one_event_listener_is_enough(name: str, make_sql: Callable[[], SqlStore]) -> None:
    store = make_sql()
    heard: list[object] = []

    def hear(*given: Any) -> None:
        heard.append(given)

    event.listen(store.engine, name, hear)
    try:
        tell_a_story(store)
        with store.engine.connect() as connection, pytest.raises(ConflictError):
            Session(connection, "t").insert(
                store.tables.group_leases,
                [{"expert_group": "a", "owner": None, "term": 1, "until": 2}],
            )
    finally:
        event.remove(store.engine, name, hear)
    assert heard


def tell_a_story(store: SqlStore) -> None:
    leases, dialect = store.tables.group_leases, store.engine.dialect
    kept = [{"expert_group": each, "owner": None, "term": 1, "until": 2} for each in "abc"]
    mine = (leases.c.tenant == tenant_param(), leases.c.expert_group == text_param("group"))
    ask = PreparedStatement(select(leases.c.expert_group, leases.c.term).where(*mine), dialect)
    end = PreparedStatement(leases.update().where(*mine).values(term=int_param("next_")), dialect)
    with store.engine.connect() as connection:
        session = Session(connection, "t")
        session.insert(leases, kept)
        session.insert(leases, kept[:1], expert_group="d")
        assert session.insert_new(leases, {**kept[0], "expert_group": "e"})
        assert not session.insert_new(leases, kept[0])
        assert session.rows(ask, group="a") == [{"expert_group": "a", "term": 1}]
        assert session.run(end, group="a", next_=5) == 1
        session.commit()
    with store.engine.connect() as connection:
        session = Session(connection, "t")
        assert session.run(end, group="nobody", next_=5) == 0
        session.run_each(end, [{"group": each, "next_": 7} for each in "abd"])
        session.run_each(end, [])
        assert [session.read(ask, group=each)[0][1] for each in "abcde"] == [7, 7, 1, 7, 1]
    with store.engine.connect() as connection:
        # That was not committed.
        assert Session(connection, "t").read(ask, group="a")[0][1] == 5


def test_the_host_ends_its_own_transaction(make_sql: Callable[[], SqlStore]) -> None:
    store = make_sql()
    row = {"expert_group": "a", "owner": None, "term": 1, "until": 2}
    with store.engine.connect() as connection:
        connection.begin()
        session = Session(connection, "t", host=ConnectionTransaction(connection))
        session.insert(store.tables.group_leases, [row])
        session.commit()
        assert connection.in_transaction()
    with store.engine.connect() as connection:
        assert Session(connection, "t").insert_new(store.tables.group_leases, row)


def test_a_closed_connection_is_reported(postgres_store: SqlStore, tmp_path: Path) -> None:
    with with_tables(f"sqlite:///{tmp_path / 'kept.db'}") as store:
        close_it_under_a_session(store)
    close_it_under_a_session(emptied(postgres_store))


def close_it_under_a_session(store: SqlStore) -> None:
    with store.engine.connect() as connection:
        session, driver = Session(connection, "t"), connection.connection.driver_connection
        row = {"expert_group": "a", "owner": None, "term": 1, "until": 2}
        assert driver is not None
        driver.close()
        with pytest.raises(StorageError):
            session.insert_new(store.tables.group_leases, row)
        with pytest.raises(StorageError):
            session.commit()
    with store.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.close()
        with pytest.raises(StorageError):
            Session(connection, "t")
    with store.engine.connect() as connection:
        asked = PreparedStatement(select(store.tables.group_leases.c.term), store.engine.dialect)
        assert list(Session(connection, "t").read(asked)) == []


def test_values_inside_a_statement_are_kept(make_sql: Callable[[], SqlStore]) -> None:
    store = make_sql()
    leases, dialect = store.tables.group_leases, store.engine.dialect
    asked = select(leases.c.term).where(leases.c.term > 6, leases.c.term < int_param("most"))
    with store.engine.connect() as connection:
        session = Session(connection, "t")
        row = {"owner": None, "until": 2}
        session.insert(leases, ({**row, "expert_group": str(n), "term": n} for n in range(9)))
        found = session.read(PreparedStatement(asked.order_by(leases.c.term), dialect), most=8)
        assert [tuple(each) for each in found] == [(7,)]
        assert len(session.read(PreparedStatement(asked.limit(1), dialect), most=100)) == 1


def test_texts_are_never_part_of_a_statement() -> None:
    assert text_param("x").key == "x"
    assert tenant_param().key == "tenant_"


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, GeneratorExit, MemoryError])
@pytest.mark.parametrize("customer", ["flat", "nobody"])
def test_a_unit_interrupted_after_a_statement_is_rolled_back(
    settled_file: SqlStore,
    monkeypatch: pytest.MonkeyPatch,
    customer: str,
    interruption: type[BaseException],
) -> None:
    at_desk, execute = desk(settled_file), DriverChannel.execute
    for id in ("R-1", "R-2"):
        at_desk.execute(AdmitRequest(id=id, request=request(id, customer)), MONDAY)
    asked = AdmitRequest(id="R-3", request=request("R-3", customer))

    def interrupted(*given: Any) -> int:
        execute(*given)
        raise interruption

    accounts = settled_file.tables.accounts.c
    version = select(accounts.version).where(accounts.customer == customer)
    with settled_file.engine.connect() as connection:
        before = connection.scalar(version)
    monkeypatch.setattr(DriverChannel, "execute", interrupted)
    with pytest.raises(interruption):
        at_desk.execute(asked, MONDAY)
    monkeypatch.undo()
    with settled_file.begin(TENANT) as work:
        assert work.commands.find("R-3") is None
    with settled_file.engine.connect() as connection:
        assert connection.scalar(version) == before
    assert not at_desk.execute(asked, MONDAY).repeated


def test_an_interrupted_unit_cannot_be_committed(
    settled_file: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with settled_file.begin(TENANT) as work:
        monkeypatch.setattr(DriverChannel, "fetch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            work.outbox.pending()
        monkeypatch.undo()
        with pytest.raises(StorageError, match="interrupted"):
            work.commit()
