from __future__ import annotations

from entitlements.adapters.sql import SqlStore
from entitlements.adapters.sql.repositories.admissions.process_memory import (
    LatestEditions,
    Throttle,
)


def test_a_throttle_passes_once_in_its_time() -> None:
    assert [Throttle(3_600).passes() for _ in range(2)] == [True, True]
    slow, fast = Throttle(3_600), Throttle(0.0)
    assert [slow.passes(), slow.passes()] == [True, False]
    assert [fast.passes(), fast.passes()] == [True, True]


def test_nothing_is_remembered_while_others_write() -> None:
    latest = LatestEditions()
    latest.put("acme", 3)
    assert latest.get("acme") == 3
    latest.others_wrote()
    assert latest.get("acme") is None


def test_stores_remember_each_for_itself() -> None:
    with SqlStore.open("sqlite://") as one, SqlStore.open("sqlite://") as other:
        one.memory.latest.put("acme", 3)
        assert other.memory.latest.get("acme") is None
