from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest
from sqlalchemy.event import listen
from tests.databases import emptied, with_tables

from entitlements.adapters.sql import SqlStore
from entitlements.contracts import Account
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.instants import to_micros
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.testing.laws.ports import WORK_LAWS, Law
from entitlements.testing.strategies.ports import START, case, work_item

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("law", WORK_LAWS, ids=lambda law: law.__name__)
def test_work_items_keep_the_laws(law: Law, make_sql: Callable[[], SqlStore]) -> None:
    law(make_sql)


def test_work_locked_by_another_unit_of_work_is_skipped(postgres_store: SqlStore) -> None:
    store = emptied(postgres_store)
    with store.begin("t") as work:
        for number in range(4):
            work.work_items.add(work_item(f"w{number}"))
        work.commit()
    with store.begin("t") as first, store.begin("t") as second:
        ours, theirs = first.work_items.claim("db", 3), second.work_items.claim("db", 3)
        assert [each.id for each in ours] == ["w0", "w1", "w2"]
        assert [each.id for each in theirs] == ["w3"]
        offered = attrs.evolve(ours[0].state, status=WorkStatus.OFFERED)
        first.work_items.change(ours[0], attrs.evolve(ours[0], state=offered))
        first.commit()
        assert [each.id for each in second.work_items.claim("db")] == ["w1", "w2", "w3"]


def test_a_group_lease_cannot_be_taken_over_while_its_owner_writes(
    postgres_store: SqlStore,
) -> None:
    store = emptied(postgres_store)
    with store.begin("t") as work:
        lease = work.group_leases.take("db", "one", START, START + HOUR)
        work.commit()
    assert lease is not None

    def take_over() -> object:
        with store.begin("t") as work:
            taken = work.group_leases.take("db", "two", START + HOUR, START + 2 * HOUR)
            work.commit()
            return taken

    with store.begin("t") as work:
        work.group_leases.check(lease)
        assert take_over() is None  # and does not wait
        work.outbox.put("topic", "{}", START)
        work.commit()
    assert take_over() is not None
    with store.begin("t") as work, pytest.raises(ConflictError):
        work.group_leases.check(lease)


def test_messages_are_claimed_by_one_deliverer_at_a_time(postgres_store: SqlStore) -> None:
    store = emptied(postgres_store)
    with store.begin("t") as work:
        for number in range(3):
            work.outbox.put("topic", str(number), START)
        work.commit()
    with store.begin("t") as first, store.begin("t") as second:
        assert [each.body for each in first.outbox.pending(2)] == ["0", "1"]
        assert [each.body for each in second.outbox.pending()] == ["2"]


@pytest.mark.parametrize("analyzed", [False, True])
def test_sqlite_reads_the_events_of_a_customer_and_not_those_of_all(*, analyzed: bool) -> None:
    store = with_tables("sqlite://")
    with store.begin("tenant") as work:
        for number in range(6):
            work.accounts.open(Account(customer=f"C-{number}"))
        for number in range(60):
            work.cases.open(case(f"R-{number}", f"C-{number % 6}"))
        work.commit()
    if analyzed:
        with store.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    asked: list[tuple[str, Any]] = []
    listen(store.engine, "before_cursor_execute", lambda *sent: asked.append(sent[2:4]))
    with store.begin("tenant") as work:
        (first, *_, last) = work.cases.of("C-1")
        assert len(work.cases.page("C-1", (to_micros(first.opened), "A"), 3)) == 3
        assert last.customer == "C-1"
    plans = []
    with store.engine.begin() as connection:
        for statement, values in tuple(asked):  # these are seen, too
            if "entitlements_events" in statement:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                plans.append([row[3] for row in rows if "entitlements_events" in row[3]])
    assert len(plans) == 2
    assert all("(tenant=? AND case=?" in step for steps in plans for step in steps)
