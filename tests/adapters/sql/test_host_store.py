"""A desk in the host's transaction: its commands and the host's rows are committed together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session
from tests.adapters.sql.hosts import admission, cases, ticket, tickets
from tests.service.desks import MINUTE, MONDAY, TENANT, request, settle

from entitlements.adapters.sql import SqlStore, migrate
from entitlements.adapters.sql.session.prepared import PreparedStatement
from entitlements.adapters.sql.store import SqlUnit
from entitlements.kernel.errors import (
    ConflictError,
    HostTransactionError,
    InvalidValueError,
    RestartTransactionError,
    StaleReadError,
    StorageError,
    TransitionError,
    UnknownIdError,
)
from entitlements.ports import Message, UnitOfWork
from entitlements.service import AdmitRequest, ChainIntact, Desk, RecordEvent, ResolveCase
from entitlements.sla import Event


def test_a_command_and_the_hosts_row_are_committed_together(settled: SqlStore) -> None:
    desk = Desk(settled, TENANT)
    with settled.engine.begin() as connection:
        ticket(connection)
        reply = desk.on(connection).execute(admission(), MONDAY)
        assert reply.accepted
        assert connection.in_transaction()
    assert tickets(settled) == cases(settled) == ["R-1"]
    again = desk.execute(admission(), MONDAY)
    assert (again, again.repeated) == (reply, True)


def test_all_that_a_host_rolls_back_is_gone_and_leaves_no_cache(settled: SqlStore) -> None:
    desk = Desk(settled, TENANT)
    for _ in range(3):
        with settled.engine.connect() as connection, connection.begin() as transaction:
            ticket(connection)
            at_host = desk.on(connection)
            # The allowance has three units, and each of these decisions takes one.
            assert at_host.execute(admission(1), MONDAY).accepted
            assert at_host.execute(admission(2), MONDAY).accepted
            assert at_host.clocks("R-1", MONDAY)
            assert all(each.same for each in at_host.replay_all())
            assert isinstance(at_host.verify(), ChainIntact)
            transaction.rollback()
        assert tickets(settled) == cases(settled) == []
    with settled.engine.begin() as connection:
        at_host = desk.on(connection)
        results = [at_host.execute(admission(n), MONDAY).result.value for n in range(3, 7)]
        assert results == ["granted", "granted", "granted", "denied"]
    assert [each.same for each in desk.replay_all()] == [True] * 4


def test_what_follows_a_rollback_is_decided_and_replayed_as_if_it_had_not_been(
    settled: SqlStore,
) -> None:
    """The rolled back ledger and the next one have the same length, and other entries."""
    desk = Desk(settled, TENANT)
    with settled.engine.connect() as connection, connection.begin() as transaction:
        at_host = desk.on(connection)
        at_host.execute(admission(1), MONDAY)
        at_host.execute(admission(2), MONDAY)
        transaction.rollback()
    for number in (3, 4, 5):
        with settled.engine.begin() as connection:
            assert desk.on(connection).execute(admission(number), MONDAY + MINUTE).accepted
    for each in (desk, Desk(SqlStore(settled.engine, settled.tables, check=False), TENANT)):
        assert [link.same for link in each.replay_all()] == [True] * 3
    assert cases(settled) == ["R-3", "R-4", "R-5"]


def test_a_savepoint_that_the_host_rolls_back_takes_its_commands_with_it(settled: SqlStore) -> None:
    desk = Desk(settled, TENANT)
    with settled.engine.begin() as connection:
        at_host = desk.on(connection)
        ticket(connection, "R-1")
        assert at_host.execute(admission(1), MONDAY).accepted
        inner = connection.begin_nested()
        ticket(connection, "R-2")
        assert at_host.execute(admission(2), MONDAY).accepted
        assert at_host.clocks("R-2", MONDAY)
        inner.rollback()
        with pytest.raises(UnknownIdError):
            at_host.clocks("R-2", MONDAY)
        ticket(connection, "R-3")
        assert at_host.execute(admission(3), MONDAY).accepted
    assert tickets(settled) == cases(settled) == ["R-1", "R-3"]


def test_a_command_that_fails_leaves_the_hosts_transaction_as_it_was(settled: SqlStore) -> None:
    desk, later = Desk(settled, TENANT), Event.responded(MONDAY + 9 * MINUTE)
    with settled.engine.begin() as connection:
        ticket(connection)
        at_host = desk.on(connection)
        assert at_host.execute(admission(), MONDAY).accepted
        with pytest.raises(TransitionError):
            at_host.execute(RecordEvent(id="E", case="R-1", event=later), MONDAY)
        with pytest.raises(UnknownIdError):
            at_host.execute(ResolveCase(id="S", case="unknown"), MONDAY)
        ticket(connection, "R-2")
    assert tickets(settled) == ["R-1", "R-2"]
    assert cases(settled) == ["R-1"]


def test_a_failed_statement_that_is_caught_costs_the_host_nothing(settled: SqlStore) -> None:
    """Without a savepoint PostgreSQL would make the host's commit a rollback, without an error."""
    with settled.engine.begin() as connection:
        ticket(connection)
        with settled.on(connection).begin(TENANT) as work:
            work.outbox.put("before", "{}", MONDAY)
            with pytest.raises(StorageError):
                fail(work)
            with pytest.raises(StorageError):
                work.commit()
        ticket(connection, "R-2")
    assert tickets(settled) == ["R-1", "R-2"]
    assert cases(settled) == []
    with settled.begin(TENANT) as work:
        assert work.outbox.pending() == ()


def fail(work: UnitOfWork) -> None:
    """Run a statement that the database refuses."""
    assert isinstance(work, SqlUnit)
    statement = PreparedStatement(text("SELECT nothing FROM nowhere"), sqlite.dialect())
    work._session.read(statement)  # noqa: SLF001 - no repository has such a statement


def test_a_ticket_that_is_saved_twice_is_admitted_once(settled: SqlStore) -> None:
    desk = Desk(settled, TENANT)
    with settled.engine.begin() as connection:
        first = desk.on(connection).execute(admission(), MONDAY)
        second = desk.on(connection).execute(admission(), MONDAY + MINUTE)
    with settled.engine.begin() as connection:
        third = desk.on(connection).execute(admission(), MONDAY + 2 * MINUTE)
    assert first == second == third
    assert [each.repeated for each in (first, second, third)] == [False, True, True]
    other = AdmitRequest(id="A-1", request=request("R-1", "opening", severity="S2"))
    with settled.engine.begin() as connection, pytest.raises(ConflictError):
        desk.on(connection).execute(other, MONDAY)
    assert cases(settled) == ["R-1"]


def test_desks_of_two_tenants_share_a_transaction_and_nothing_else(settled: SqlStore) -> None:
    settle(settled, tenants=["other"])
    with settled.engine.begin() as connection:
        for tenant in (TENANT, "other"):
            at_host = Desk(settled, tenant).on(connection)
            assert not at_host.execute(admission(), MONDAY).repeated
            assert at_host.tenant == tenant
    assert cases(settled) == ["R-1"]
    assert settled.tenants() == ("other", TENANT)
    with settled.engine.begin() as connection:
        assert settled.on(connection).tenants() == ("other", TENANT)


def test_the_observer_is_not_notified_of_what_may_be_rolled_back(settled: SqlStore) -> None:
    heard: list[Message] = []

    class Notes:
        def notify(self, _: str, messages: object) -> None:
            heard.extend(messages)  # type: ignore[call-overload]

    desk = Desk(settled, TENANT, Notes())
    with settled.engine.begin() as connection:
        desk.on(connection).execute(admission(1), MONDAY)
    assert heard == []
    desk.execute(admission(2), MONDAY)
    assert [each.topic for each in heard] == ["case.granted"]
    with settled.begin(TENANT) as work:
        assert [each.topic for each in work.outbox.pending()] == ["case.granted"] * 2


def test_time_passes_inside_a_hosts_transaction(settled: SqlStore) -> None:
    desk = Desk(settled, TENANT)
    with settled.engine.begin() as connection:
        at_host = desk.on(connection)
        at_host.execute(admission(), MONDAY)
        assert at_host.process_due(MONDAY + 31 * MINUTE).cases == ("R-1",)
        with pytest.raises(HostTransactionError):
            settled.on(connection).wait(1)
    assert cases(settled) == ["R-1"]


def test_an_orm_session_is_a_host_like_any_other(settled: SqlStore) -> None:
    desk = Desk(settled, TENANT)
    with Session(settled.engine) as session:
        session.execute(text("INSERT INTO tickets VALUES ('R-1')"))
        with session.begin_nested():
            assert desk.on(session.connection()).execute(admission(), MONDAY).accepted
        session.commit()
        with pytest.raises(InvalidValueError):
            desk.on(session)
    assert tickets(settled) == cases(settled) == ["R-1"]


def test_listeners_of_the_host_see_every_statement(settled: SqlStore) -> None:
    seen: list[str] = []
    event.listen(settled.engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
    with settled.engine.begin() as connection:
        Desk(settled, TENANT).on(connection).execute(admission(), MONDAY)
    assert seen[0].startswith("SAVEPOINT")
    assert seen[-1].startswith("RELEASE")


def test_one_command_in_two_transactions_is_carried_out_once(settled: SqlStore) -> None:
    """On SQLite the second transaction cannot begin before the first one ends."""
    desks = [Desk(SqlStore(settled.engine, check=False), TENANT) for _ in range(2)]
    replies = {}
    second = threading.Event()

    def later() -> None:
        second.set()
        with settled.engine.begin() as connection:
            ticket(connection, "second")
            replies["second"] = desks[1].on(connection).execute(admission(), MONDAY)

    with settled.engine.begin() as connection:
        ticket(connection, "first")
        replies["first"] = desks[0].on(connection).execute(admission(), MONDAY)
        thread = threading.Thread(target=later)
        thread.start()
        second.wait(5)
        time.sleep(0.2)
        assert "second" not in replies
    thread.join()
    assert replies["first"] == replies["second"]
    assert [replies[each].repeated for each in ("first", "second")] == [False, True]
    assert cases(settled) == ["R-1"]
    assert tickets(settled) == ["first", "second"]


def test_after_the_first_of_two_rolls_back_the_second_carries_the_command_out(
    settled: SqlStore,
) -> None:
    desks = [Desk(SqlStore(settled.engine, check=False), TENANT) for _ in range(2)]
    replies = {}

    def later() -> None:
        with settled.engine.begin() as connection:
            replies["second"] = desks[1].on(connection).execute(admission(), MONDAY)

    with settled.engine.connect() as connection, connection.begin() as transaction:
        desks[0].on(connection).execute(admission(), MONDAY)
        thread = threading.Thread(target=later)
        thread.start()
        time.sleep(0.2)
        transaction.rollback()
    thread.join()
    assert not replies["second"].repeated
    assert cases(settled) == ["R-1"]


def test_a_transaction_with_a_fixed_view_has_to_be_run_again_by_its_host(
    settled_postgres: SqlStore,
) -> None:
    desk, repeatable = Desk(settled_postgres, TENANT), settled_postgres.engine.execution_options(
        isolation_level="REPEATABLE READ"
    )  # fmt: skip
    with repeatable.begin() as connection:
        ticket(connection)
        desk.execute(admission(1), MONDAY)
        begun = time.monotonic()
        with pytest.raises(RestartTransactionError) as caught:
            desk.on(connection).execute(admission(2), MONDAY)
        assert time.monotonic() - begun < 1
        assert "run it again" in str(caught.value.hint)
        assert isinstance(caught.value, StaleReadError)
        # The rest of the transaction is as it was.
        ticket(connection, "R-2")
    assert tickets(settled_postgres) == ["R-1", "R-2"]
    assert cases(settled_postgres) == ["R-1"]
    with repeatable.begin() as connection:
        assert desk.on(connection).execute(admission(2), MONDAY).accepted
    assert cases(settled_postgres) == ["R-1", "R-2"]


def test_a_fixed_view_is_answered_from_that_view_and_not_from_the_cache(
    settled_postgres: SqlStore,
) -> None:
    desk, repeatable = Desk(settled_postgres, TENANT), settled_postgres.engine.execution_options(
        isolation_level="REPEATABLE READ"
    )  # fmt: skip
    with repeatable.begin() as connection:
        assert settled_postgres.on(connection).tenants() == (TENANT,)  # fixes the view
        desk.execute(admission(1), MONDAY)
        with settled_postgres.on(connection).begin(TENANT) as work:
            found = work.accounts.account("opening")
            assert found is not None
            assert len(found.cases) == 0
    assert cases(settled_postgres) == ["R-1"]


def test_a_deadlock_has_to_be_ended_by_the_host(settled_postgres: SqlStore) -> None:
    """The other transaction waits for a row of the host, which waits for the chain of the other."""
    desk = Desk(SqlStore(settled_postgres.engine, check=False), TENANT)
    with settled_postgres.engine.begin() as connection:
        ticket(connection)
    held, waits = threading.Event(), "UPDATE tickets SET id = 'R-9' WHERE id = 'R-1'"

    def other() -> None:
        with settled_postgres.engine.begin() as connection:
            connection.execute(text("SET LOCAL deadlock_timeout = '10s'"))
            Desk(settled_postgres, TENANT).on(connection).execute(admission(1), MONDAY)
            held.set()
            connection.execute(text(waits))

    thread = threading.Thread(target=other)
    with settled_postgres.engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("SET LOCAL deadlock_timeout = '50ms'"))
        connection.execute(text("SELECT id FROM tickets FOR UPDATE"))
        thread.start()
        held.wait(5)
        time.sleep(0.1)
        with pytest.raises(RestartTransactionError):
            desk.on(connection).execute(admission(2), MONDAY)
        transaction.rollback()
    thread.join()
    assert tickets(settled_postgres) == ["R-9"]
    assert cases(settled_postgres) == ["R-1"]


def test_a_sqlite_transaction_that_has_read_before_others_wrote_has_to_be_run_again(
    settled_file: SqlStore,
) -> None:
    plain, tables = create_engine(settled_file.engine.url), settled_file.tables

    def run(between: Callable[[Engine], None]) -> None:
        with plain.connect() as connection, connection.begin():
            connection.exec_driver_sql("BEGIN DEFERRED")
            connection.execute(tables.outbox.select())
            between(plain)
            Desk(SqlStore(plain, check=False), TENANT).on(connection).execute(admission(2), MONDAY)

    def write(_: Engine) -> None:
        with settled_file.begin("other") as work:
            work.outbox.put("topic", "{}", MONDAY)
            work.commit()

    with pytest.raises(RestartTransactionError):
        run(write)
    assert cases(settled_file) == []
    run(lambda _: None)
    assert cases(settled_file) == ["R-2"]
    plain.dispose()


def test_a_migration_in_the_hosts_transaction_is_rolled_back_with_it(tmp_path: Path) -> None:
    with SqlStore.open(f"sqlite:///{tmp_path / 'new.db'}") as store:
        with store.engine.connect() as connection, connection.begin() as transaction:
            migrate(connection)
            settle(store.on(connection))
            assert Desk(store, TENANT).on(connection).execute(admission(), MONDAY).accepted
            transaction.rollback()
        with pytest.raises(StorageError, match="tables"):
            Desk(store, TENANT).execute(admission(), MONDAY)
