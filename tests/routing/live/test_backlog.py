"""Work that can be served never waits behind work that cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import ConflictError, DuplicateIdError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.routing import (
    Agent,
    Assigned,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    Roster,
    Router,
    Work,
    route,
)
from entitlements.routing.live.backlog import Backlog
from entitlements.routing.work.queue_order import FIRST_IN_FIRST_OUT, SortKey
from entitlements.testing.strategies.routing import instants, rosters, works

NINE = utc("2026-03-02T09:00Z")


def work(n: int, skill: str = "", rank: int = 0) -> Work:
    """Return work opened in the order of its number."""
    skills = {skill: 1} if skill else {}
    return Work(
        id=f"w{n:03}",
        opened=NINE + timedelta(seconds=n),
        rank=rank,
        requires=Requirement(skills=skills),
    )


def test_the_hundred_and_first_is_served_though_no_agent_fits_the_first_hundred() -> None:
    backlog = Backlog(FIRST_IN_FIRST_OUT)
    for n in range(100):
        backlog.add(work(n, "klingon"))
    backlog.add(work(100, "spanish"))
    router = Router(Roster(agents=[Agent(id="ada", skills="spanish", capacity=1)]))
    answers = backlog.assign_all(router, NINE + timedelta(hours=1))
    assert [(each.work, each.agent) for each in answers] == [("w100", "ada")]
    assert len(backlog) == 100


class Listening:
    """First in, first out, and a note of what waits whenever somebody asks."""

    def __init__(self) -> None:
        self.heard: list[dict[int, int]] = []

    def within(self, work: Work) -> SortKey:
        return FIRST_IN_FIRST_OUT.within(work)

    def first(
        self, works: Iterable[Work], at: datetime, served: int, waiting: Mapping[int, int]
    ) -> Work | None:
        self.heard.append(dict(waiting))
        return FIRST_IN_FIRST_OUT.first(works, at, served, waiting)


def test_an_order_gets_the_number_of_waiting_pieces_by_rank() -> None:
    order = Listening()
    backlog = Backlog(order)
    for n, rank in enumerate((0, 2, 2)):
        backlog.add(work(n, rank=rank))
    for _ in range(3):
        backlog.pop_first(lambda _: True, NINE)
    assert order.heard == [{0: 1, 2: 2}, {2: 2}, {2: 1}]


def test_waiting_work_is_assigned_in_order_when_capacity_is_released() -> None:
    router = Router(Roster(agents=[Agent(id="ada", capacity=1)]))
    backlog = Backlog(FIRST_IN_FIRST_OUT)
    for n in range(3):
        backlog.add(work(n))
    drained = []
    for _ in range(3):
        at = NINE + timedelta(minutes=5)
        drained += [each.work for each in backlog.assign_all(router, at)]
        router.complete(drained[-1], at)
    assert drained == ["w000", "w001", "w002"]
    assert backlog.assign_all(router, NINE) == ()


def test_work_that_is_already_assigned_stays_in_the_backlog() -> None:
    router = Router(Roster(agents=[Agent(id="ada", capacity=9)]))
    backlog = Backlog(FIRST_IN_FIRST_OUT)
    for n in range(3):
        backlog.add(work(n))
    router.assign(work(1), "ada", NINE)
    with pytest.raises(ConflictError):
        backlog.assign_all(router, NINE)
    assert [each.id for each in backlog] == ["w000", "w001", "w002"]
    assert (router.holder("w000"), backlog.served) == (None, 0)


def test_each_queue_is_tried_once() -> None:
    backlog = Backlog()
    for n in range(30):
        backlog.add(work(n, "xyz"[n % 3], rank=n % 2))
    asked: list[str] = []

    def no_agent(each: Work) -> bool:
        asked.append(each.id)
        return False

    assert backlog.first(no_agent, NINE) is None
    assert len(asked) == 3


@given(st.lists(works(), max_size=8), rosters(), instants())
def test_after_assign_all_no_agent_can_take_waiting_work(
    batch: list[Work], roster: Roster, at: object
) -> None:
    backlog, router = Backlog(), Router(roster)
    for each in {each.id: each for each in batch}.values():
        backlog.add(each)
    before = len(backlog)
    answers = backlog.assign_all(router, at)  # type: ignore[arg-type]
    assert len(backlog) == before - len(answers)
    for each in backlog:
        assert not isinstance(route(each, router.roster, at), Assigned)  # type: ignore[arg-type]


def test_a_backlog_has_the_next_change_of_a_requirement() -> None:
    backlog = Backlog()
    assert backlog.next_change_at(NINE) is None
    plan = RelaxationPlan(
        steps=[RelaxationStep(after=timedelta(minutes=m), drop="x") for m in (5, 9)]
    )
    backlog.add(Work(id="R-1", opened=NINE, relaxation=plan))
    backlog.add(Work(id="R-2", opened=NINE + timedelta(minutes=1), relaxation=plan))
    assert backlog.next_change_at(NINE) == NINE + timedelta(minutes=5)
    assert backlog.next_change_at(NINE + timedelta(minutes=5)) == NINE + timedelta(minutes=6)
    assert backlog.next_change_at(NINE + timedelta(minutes=10)) is None


def test_work_waits_once_and_can_come_back() -> None:
    backlog = Backlog()
    backlog.add(work(1))
    with pytest.raises(DuplicateIdError):
        backlog.add(work(1))
    assert backlog.remove("w001") == work(1)
    with pytest.raises(UnknownIdError):
        backlog.remove("w001")
    backlog.add(work(1))
    assert backlog.pop_first(lambda _: True, NINE) == work(1)
    assert backlog.pop_first(lambda _: True, NINE) is None
