"""A desk on Django's connection: Django's rows and ours are committed together or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
from django.db import DatabaseError, connections, transaction
from django.db.transaction import TransactionManagementError
from tests.adapters.django.host import admission, cases, empty, ticket, tickets
from tests.forks import ended_well, forked, needs_fork
from tests.service.desks import CATALOG, MONDAY, POLICY, TENANT, settle

from entitlements.adapters.django import DjangoStore, desk
from entitlements.adapters.django.desks.store import PROCESS
from entitlements.kernel.errors import (
    HostTransactionError,
    RestartTransactionError,
    StorageError,
    UnknownIdError,
)
from entitlements.ports import Message
from entitlements.service import Desk, Reply, ResolveCase
from entitlements.testing.laws.ports import TRAIL_LAWS, UNIT_LAWS


class UndoError(Exception):
    """Rolls a block back."""


# The others generate rows, which are written and read as by `SqlStore`.
TRANSACTIONS = [*UNIT_LAWS, *TRAIL_LAWS]


@pytest.mark.parametrize("law", TRANSACTIONS, ids=lambda law: law.__name__)
def test_the_store_keeps_the_laws_of_a_store(law: Callable[[object], None], alias: str) -> None:
    def make() -> DjangoStore:
        empty(alias)
        return DjangoStore(alias)

    law(make)


def test_a_ticket_and_its_case_are_committed_together(alias: str) -> None:
    with transaction.atomic(using=alias):
        ticket(alias)
        assert desk().execute(admission(), MONDAY).accepted
    assert tickets(alias) == cases(alias) == ["R-1"]
    assert desk().execute(admission(), MONDAY).repeated
    assert connections[alias].get_autocommit()


def test_a_ticket_and_its_case_are_rolled_back_together(alias: str) -> None:
    for _ in range(2):
        with suppress(UndoError), transaction.atomic(using=alias):
            ticket(alias)
            assert desk().execute(admission(1), MONDAY).accepted
            assert desk().execute(admission(2), MONDAY).accepted
            assert desk().clocks("R-1", MONDAY)
            raise UndoError
        assert tickets(alias) == cases(alias) == []
    results = [desk().execute(admission(n), MONDAY).result.value for n in range(3, 7)]
    assert results == ["granted"] * 3 + ["denied"]
    assert all(each.same for each in desk().replay_all())


def test_an_inner_block_that_is_rolled_back_takes_its_commands_with_it(alias: str) -> None:
    with transaction.atomic(using=alias):
        assert desk().execute(admission(1), MONDAY).accepted
        with suppress(UndoError), transaction.atomic(using=alias):
            assert desk().execute(admission(2), MONDAY).accepted
            assert desk().clocks("R-2", MONDAY)
            raise UndoError
        with pytest.raises(UnknownIdError):
            desk().clocks("R-2", MONDAY)
        assert desk().execute(admission(3), MONDAY).accepted
    assert cases(alias) == ["R-1", "R-3"]
    assert all(each.same for each in desk().replay_all())


def test_an_edition_that_is_rolled_back_is_compiled_for_nobody(alias: str) -> None:
    store = desk().context.store
    with suppress(UndoError), transaction.atomic(using=alias):
        with store.begin(TENANT) as work:
            assert work.catalog.save(CATALOG.__class__(), [], MONDAY) == 2
            work.commit()
        assert desk().execute(admission(), MONDAY).result == "denied"
        raise UndoError
    with store.begin(TENANT) as work:
        assert work.catalog.save(CATALOG, [POLICY], MONDAY) == 2
        work.commit()
    assert desk().execute(admission(), MONDAY).accepted


def test_what_was_committed_is_cached_also_from_inside_a_block(alias: str) -> None:
    store = DjangoStore(alias)
    at_desk = Desk(store, TENANT)
    with transaction.atomic(using=alias):
        at_desk.execute(admission(1), MONDAY)
        with store.begin(TENANT) as work:
            work.accounts.account("opening")
    with store.begin(TENANT) as work:
        first = work.accounts.account("opening")
    with transaction.atomic(using=alias), store.begin(TENANT) as work:
        assert work.accounts.account("opening") is first


def test_a_ticket_that_is_saved_twice_is_admitted_once(alias: str) -> None:
    with transaction.atomic(using=alias):
        first = desk().execute(admission(), MONDAY)
        second = desk().execute(admission(), MONDAY)
    assert [first.repeated, second.repeated] == [False, True]
    assert cases(alias) == ["R-1"]


# The five traps of a connection that is shared with Django.


def test_a_unit_that_is_abandoned_does_not_roll_the_hosts_row_back(alias: str) -> None:
    """A pool that resets a connection would end the host's transaction, without an error."""
    with transaction.atomic(using=alias):
        ticket(alias)
        with DjangoStore(alias).begin(TENANT) as work:
            work.outbox.put("never", "{}", MONDAY)
        ticket(alias, "R-2")
    assert tickets(alias) == ["R-1", "R-2"]
    with DjangoStore(alias).begin(TENANT) as work:
        assert work.outbox.pending() == ()


def test_an_error_that_is_caught_does_not_lose_the_hosts_row(alias: str) -> None:
    """Without a savepoint PostgreSQL would turn the host's commit into a rollback."""
    with transaction.atomic(using=alias):
        ticket(alias)
        with pytest.raises(StorageError), DjangoStore(alias).begin(TENANT) as work:
            work._session._open.execute("SELECT nothing FROM nowhere", ())  # noqa: SLF001 - fails
        with pytest.raises(UnknownIdError):
            desk().execute(ResolveCase(id="S", case="unknown"), MONDAY)
        ticket(alias, "R-2")
    assert tickets(alias) == ["R-1", "R-2"]


def test_the_lowest_integer_is_in_range(alias: str) -> None:
    """Django's cursor on PostgreSQL writes -2^63 into the text, where it is out of range."""
    lowest = -(2**63)
    text = "SELECT CAST(%s AS BIGINT)" if alias == "postgres" else "SELECT ?"
    with DjangoStore(alias).begin(TENANT) as work:
        rows = work._session._open.fetch(text, (lowest,))  # noqa: SLF001 - a unit of ours
        assert rows[0][0] == lowest
    if alias == "postgres":
        with pytest.raises(DatabaseError, match="out of range"), connections[alias].cursor() as raw:
            raw.execute("SELECT %s::BIGINT", [lowest])


def test_the_server_prepares_statements_where_django_lets_it(project: dict[str, str]) -> None:
    del project
    alias = "prepared"
    empty(alias)
    settle(DjangoStore(alias))
    for number in range(3):
        with transaction.atomic(using=alias):
            Desk(DjangoStore(alias), TENANT).execute(admission(number), MONDAY)
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT statement FROM pg_prepared_statements")
                prepared = [row[0] for row in cursor.fetchall()]
            assert any("entitlements_decisions" in each for each in prepared)
    assert cases(alias) == ["R-0", "R-1", "R-2"]
    connections[alias].close()


def test_regular_expressions_of_django_stay_as_they_are(alias: str) -> None:
    """SQLAlchemy's function for SQLite takes texts only."""
    desk().execute(admission(), MONDAY)
    operator = "~" if alias == "postgres" else "REGEXP"
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT CAST(5 AS VARCHAR(9)) {operator} '5'")
        assert cursor.fetchone()[0]
    if alias == "default":
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 5 REGEXP '5'")
            assert cursor.fetchone()[0]


def test_a_deferred_sqlite_transaction_has_to_be_run_again(project: dict[str, str]) -> None:
    """`transaction_mode` IMMEDIATE locks at the beginning, so that this cannot happen."""
    alias = project["sqlite"]
    empty(alias)
    settle(DjangoStore(alias))
    late = connections.create_connection(alias)
    late.settings_dict = {**late.settings_dict, "OPTIONS": {"timeout": 1}}
    late.alias = "late"
    connections["late"] = late
    connections.settings["late"] = late.settings_dict
    try:
        with suppress(UndoError), transaction.atomic(using="late"):
            assert tickets("late") == []
            Desk(DjangoStore(alias), TENANT).execute(admission(1), MONDAY)
            with pytest.raises(RestartTransactionError):
                Desk(DjangoStore("late"), TENANT).execute(admission(2), MONDAY)
            raise UndoError
    finally:
        late.close()
        del connections["late"]
        del connections.settings["late"]
    assert cases(alias) == ["R-1"]


# What a host can get wrong.


def test_a_block_that_has_failed_is_refused_at_once(alias: str) -> None:
    with suppress(TransactionManagementError), transaction.atomic(using=alias):
        with suppress(DatabaseError), transaction.atomic(using=alias, savepoint=False):
            connections[alias].cursor().execute("SELECT nothing FROM nowhere")
        with pytest.raises(HostTransactionError, match="failed before"):
            desk().execute(admission(), MONDAY)
    assert cases(alias) == []


def test_a_block_that_sqlite_has_ended_is_refused(project: dict[str, str]) -> None:
    """Else the savepoint would be a transaction, and its case be kept without the host's row."""
    alias = project["sqlite"]
    empty(alias)
    settle(DjangoStore(alias))
    with suppress(DatabaseError), transaction.atomic(using=alias):
        ticket(alias, "before")
        with suppress(DatabaseError):
            again = "INSERT OR ROLLBACK INTO tickets SELECT * FROM tickets"
            connections[alias].cursor().execute(again)
        with pytest.raises(HostTransactionError, match="failed before"):
            Desk(DjangoStore(alias), TENANT).execute(admission(), MONDAY)
    assert (cases(alias), tickets(alias)) == ([], [])


def test_desks_of_two_tenants_share_a_block_and_nothing_else(alias: str) -> None:
    settle(DjangoStore(alias), tenants=["other"])
    with transaction.atomic(using=alias):
        for tenant in (TENANT, "other"):
            assert not Desk(DjangoStore(alias), tenant).execute(admission(), MONDAY).repeated
    assert cases(alias) == ["R-1"]
    assert DjangoStore(alias).tenants() == ("other", TENANT)


def test_a_server_that_has_given_up_the_transaction_is_reported(project: dict[str, str]) -> None:
    """Django does not know of an error that was caught without a block around it."""
    alias = project["postgres"]
    empty(alias)
    settle(DjangoStore(alias))
    with suppress(UndoError), transaction.atomic(using=alias):
        with suppress(DatabaseError), connections[alias].cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")
        with pytest.raises(HostTransactionError, match="failed or ended"):
            Desk(DjangoStore(alias), TENANT).execute(admission(), MONDAY)
        raise UndoError
    assert cases(alias) == []


def test_a_transaction_with_a_fixed_view_has_to_be_run_again(project: dict[str, str]) -> None:
    alias = project["postgres"]
    empty(alias)
    settle(DjangoStore(alias))
    at_desk = Desk(DjangoStore(alias), TENANT)
    with suppress(UndoError), transaction.atomic(using=alias):
        with connections[alias].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT count(*) FROM tickets")

        def beside() -> None:
            Desk(DjangoStore(alias), TENANT).execute(admission(1), MONDAY)
            connections.close_all()

        thread = threading.Thread(target=beside)
        thread.start()
        thread.join()
        with pytest.raises(RestartTransactionError):
            at_desk.execute(admission(2), MONDAY)
        ticket(alias)
    assert tickets(alias) == cases(alias) == ["R-1"]


def test_one_command_in_two_blocks_is_carried_out_once(alias: str) -> None:
    """On SQLite the second block cannot begin before the first one ends."""
    replies: dict[str, Reply] = {}
    begun = threading.Event()

    def later() -> None:
        begun.set()
        with transaction.atomic(using=alias):
            ticket(alias, "second")
            replies["second"] = Desk(DjangoStore(alias), TENANT).execute(admission(), MONDAY)
        connections.close_all()

    thread = threading.Thread(target=later)
    with transaction.atomic(using=alias):
        ticket(alias, "first")
        replies["first"] = Desk(DjangoStore(alias), TENANT).execute(admission(), MONDAY)
        thread.start()
        begun.wait(5)
    thread.join()
    assert replies["first"] == replies["second"]
    assert [replies[each].repeated for each in ("first", "second")] == [False, True]
    assert (cases(alias), tickets(alias)) == (["R-1"], ["first", "second"])


def test_a_block_that_may_only_read_answers_questions_and_refuses_commands(alias: str) -> None:
    lite = connections[alias].vendor == "sqlite"
    desk().execute(admission(1), MONDAY)
    with suppress(UndoError), transaction.atomic(using=alias):
        with connections[alias].cursor() as cursor:
            cursor.execute("PRAGMA query_only=1" if lite else "SET TRANSACTION READ ONLY")
        assert desk().execute(admission(1), MONDAY).repeated
        assert [each.same for each in desk().replay("R-1")] == [True]
        with pytest.raises(StorageError, match="read-only"):
            desk().execute(admission(2), MONDAY)
        if lite:
            with connections[alias].cursor() as cursor:
                cursor.execute("PRAGMA query_only=0")
        raise UndoError
    assert cases(alias) == ["R-1"]


def test_time_does_not_pass_inside_a_block(alias: str) -> None:
    store = DjangoStore(alias)
    with transaction.atomic(using=alias), pytest.raises(HostTransactionError):
        store.wait(1)
    assert not store.wait(0)
    assert store.tenants() == (TENANT,)


def test_a_connection_of_another_process_is_refused(alias: str) -> None:
    with transaction.atomic(using=alias):
        setattr(connections[alias], PROCESS, os.getppid())
        with pytest.raises(HostTransactionError, match="another process"):
            desk().execute(admission(), MONDAY)
        setattr(connections[alias], PROCESS, os.getpid())
    connections[alias].close()
    connections[alias].ensure_connection()
    assert getattr(connections[alias], PROCESS) == os.getpid()


@needs_fork
def test_a_forked_worker_leaves_the_connection_to_its_parent(alias: str) -> None:
    """The error comes before anything is sent, so that the parent's block goes on."""

    def act() -> bool:
        with pytest.raises(HostTransactionError, match=r"another process.*close_all"):
            desk().execute(admission(2), MONDAY)
        return True

    assert desk().execute(admission(1), MONDAY).accepted
    assert ended_well(forked(act))
    with transaction.atomic(using=alias):
        ticket(alias)
        assert ended_well(forked(act))
        assert desk().execute(admission(3), MONDAY).accepted
    assert (tickets(alias), cases(alias)) == (["R-1"], ["R-1", "R-3"])


@needs_fork
def test_forked_workers_open_connections_and_spend_three_units_once(alias: str) -> None:
    """The desk, its caches and its database connection were used before the fork."""
    assert desk().execute(admission(1), MONDAY).accepted
    connections.close_all()

    def serve(first: int) -> bool:
        for number in range(first, first + 3):
            with transaction.atomic(using=alias):
                ticket(alias, f"R-{number}")
                desk().execute(admission(number), MONDAY)
        return True

    workers = [forked(partial(serve, first)) for first in (11, 21, 31)]
    assert [ended_well(each) for each in workers] == [True] * 3
    assert desk().execute(admission(2), MONDAY).result == "denied"
    assert (len(tickets(alias)), len(desk().list_cases().cases)) == (9, 3)
    assert [each.same for each in desk().replay_all()] == [True] * 11


def test_a_closed_connection_is_opened_again(alias: str) -> None:
    desk().execute(admission(1), MONDAY)
    connections[alias].close()
    assert desk().execute(admission(2), MONDAY).accepted


def test_four_threads_spend_three_units_once(alias: str) -> None:
    """Each call has its own ticket; all tickets stay, and as many cases as there are units."""
    results: list[str] = []

    def serve(first: int) -> None:
        for number in range(first, first + 5):
            with transaction.atomic(using=alias):
                ticket(alias, f"R-{number}")
                results.append(desk().execute(admission(number), MONDAY).result.value)
        connections.close_all()

    threads = [threading.Thread(target=serve, args=(first,)) for first in (1, 11, 21, 31)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(results) == ["denied"] * 17 + ["granted"] * 3
    assert len(tickets(alias)) == 20


def test_the_observer_is_notified_after_the_commit_and_never_after_a_rollback(alias: str) -> None:
    heard: list[str] = []

    class Notes:
        def notify(self, _: str, messages: list[Message]) -> None:
            heard.extend(each.topic for each in messages)

    at_desk = Desk(DjangoStore(alias), TENANT, Notes())
    with transaction.atomic(using=alias):
        at_desk.execute(admission(1), MONDAY)
        assert heard == []
    assert heard == ["case.granted"]
    with suppress(UndoError), transaction.atomic(using=alias):
        at_desk.execute(admission(2), MONDAY)
        raise UndoError
    at_desk.execute(admission(3), MONDAY)
    assert heard == ["case.granted"] * 2
