from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import attrs
import pytest
from sqlalchemy import event
from tests.databases import emptied

from entitlements.adapters.sql import SqlStore
from entitlements.kernel.errors import ConflictError, InvalidValueError
from entitlements.routing.agents.agent import Agent
from entitlements.routing.roster import Roster
from entitlements.testing.strategies.ports import START, work_item

NASTY = ("plain", "it's", 'a "quote"', "back\\slash", "{1,2}", "NULL", "\u00fc \u4e2d \U0001f600")
MARKS = ("", "\x1f0\x1e", "\x1f", "\x1e", "0\x1e\x1f1\x1e\x1f", "\n", "")
MANY = [work_item(f"{n} {name}") for n, name in enumerate(NASTY)]


_EXPLAIN = "EXPLAIN (ANALYZE, FORMAT JSON)"


@contextmanager
def asked(store: SqlStore) -> Iterator[list[tuple[str, Any]]]:
    words: list[tuple[str, Any]] = []

    def note(_: object, __: object, text: str, given: Any, *___: object) -> None:
        if not text.startswith("NOTIFY"):
            words.append((text, given))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield words
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def test_a_batch_is_one_statement_whatever_its_length_and_its_texts(
    postgres_store: SqlStore,
) -> None:
    store = emptied(postgres_store)
    rosters = Roster(agents=[Agent(id=name, groups="db") for name in NASTY])
    with store.begin("t") as work:
        work.roster.change(Roster(), rosters)
        for each in MANY:
            work.work_items.add(each)
        work.commit()
    away = attrs.evolve(
        rosters, workloads={id: attrs.evolve(rosters.workload(id), away=True) for id in NASTY}
    )
    with asked(store) as words, store.begin("t") as work:
        work.work_items.change_all([(each, attrs.evolve(each, next_due_at=START)) for each in MANY])
        work.roster.change(rosters, away)
        work.outbox.put_all([(name, name, name) for name in NASTY], START)
        work.commit()
    assert len(words) == 3
    with store.begin("t") as work:
        assert {work.work_items.item(each.id).next_due_at for each in MANY} == {START}
        assert work.roster.roster() == away
        assert [(each.topic, each.body) for each in work.outbox.pending()] == [
            (name, name) for name in NASTY
        ]


def with_many(postgres_store: SqlStore) -> SqlStore:
    store = emptied(postgres_store)
    with store.begin("t") as work:
        for each in MANY:
            work.work_items.add(each)
        work.commit()
    return store


def test_a_batch_with_one_stale_row_changes_none(postgres_store: SqlStore) -> None:
    store = with_many(postgres_store)
    late = attrs.evolve(MANY[3], next_due_at=START)
    changes = [(each, attrs.evolve(each, group="new")) for each in [*MANY[:3], late, *MANY[4:]]]
    with store.begin("t") as work, pytest.raises(ConflictError, match="`3 "):
        work.work_items.change_all(changes)
    with store.begin("t") as work:
        assert {work.work_items.item(each.id).group for each in MANY} == {"db"}


@pytest.mark.parametrize("bodies", [(), MARKS[:1], MARKS, MARKS[::-1]])
def test_messages_hold_any_text(bodies: Sequence[str], postgres_store: SqlStore) -> None:
    store = emptied(postgres_store)
    with store.begin("t") as work:
        numbers = work.outbox.put_all([("topic", each, "") for each in bodies], START)
        work.commit()
    with store.begin("t") as work:
        found = [(each.number, each.body) for each in work.outbox.pending()]
    assert found == list(zip(numbers, bodies, strict=True))


def test_a_batch_reads_only_its_own_rows(postgres_store: SqlStore) -> None:
    store = emptied(postgres_store)
    few = Roster(agents=[Agent(id=f"few-{n}", groups="few") for n in range(5)])
    many = [Agent(id=f"many-{n}", groups="many") for n in range(400)]
    waiting = [work_item(f"W-{n}") for n in range(400)]
    with store.begin("t") as work:
        work.roster.change(Roster(), Roster(agents=[*few.agents.values(), *many]))
        for each in waiting:
            work.work_items.add(each)
        work.commit()
    away = attrs.evolve(
        few, workloads={id: attrs.evolve(few.workload(id), away=True) for id in few.agents}
    )
    with asked(store) as words, store.begin("t") as work:
        work.work_items.change_all(
            [(each, attrs.evolve(each, next_due_at=START)) for each in waiting[::80]]
        )
        assert work.roster.roster(["few"]) == few
        work.roster.change(few, away, work.roster.state("few"))
    with store.engine.connect() as connection:
        for text, given in words:
            (plan,) = connection.exec_driver_sql(f"{_EXPLAIN} {text}", given).scalars().one()
            assert passed_over(plan["Plan"]) == 0, text
    assert len(words) == 6


def passed_over(plan: Mapping[str, Any]) -> int:
    """Return how many rows were read and filtered out."""
    here = sum(int(plan[key]) for key in plan if key.startswith("Rows Removed"))
    return here + sum(map(passed_over, plan.get("Plans", ())))


def test_a_batch_waits_for_a_faster_writer_and_then_changes_none(postgres_store: SqlStore) -> None:
    store = with_many(postgres_store)
    rival = MANY[3]

    def batch() -> str:
        with store.begin("t") as work:
            changes = [(each, attrs.evolve(each, group="new")) for each in MANY]
            with pytest.raises(ConflictError) as caught:
                work.work_items.change_all(changes)
            work.commit()
        return str(caught.value)

    with ThreadPoolExecutor(1) as threads, store.begin("t") as work:
        work.work_items.change(rival, attrs.evolve(rival, next_due_at=START))
        result = threads.submit(batch)
        while not waiting_for_locks(store):
            time.sleep(0.01)
        work.commit()
        assert f"`{rival.id}`" in result.result(timeout=10)
    with store.begin("t") as work:
        assert {work.work_items.item(each.id).group for each in MANY} == {"db"}


def waiting_for_locks(store: SqlStore) -> int:
    with store.engine.connect() as connection:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return int(connection.exec_driver_sql(asked).scalar_one())


def test_a_topic_that_is_too_long_is_refused_and_not_cut(postgres_store: SqlStore) -> None:
    store = emptied(postgres_store)
    with store.begin("t") as work, pytest.raises(InvalidValueError, match="200 characters"):
        work.outbox.put_all([("short", "1", ""), ("x" * 201, "2", "")], START)
