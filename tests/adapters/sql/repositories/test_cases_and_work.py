from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest
from tests.databases import emptied

from entitlements.adapters.sql import SqlStore
from entitlements.kernel.errors import ConflictError
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.testing.laws.ports import WORK_LAWS, Law
from entitlements.testing.strategies.ports import START, work_item

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
