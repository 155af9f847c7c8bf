"""Work that can be served never waits behind work that cannot."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import tries
from tests.routing.live import mixed_operations
from tests.routing.live.invariants import check_queues

from entitlements.calendars import Calendar
from entitlements.kernel import ConflictError, DuplicateIdError, InvalidValueError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.kernel.periods.spans import Span
from entitlements.routing import (
    STRICT_RANK,
    Agent,
    Assigned,
    GuardedDeadline,
    OnCall,
    OnCallLayer,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    Roster,
    Router,
    Waiting,
    Work,
    route,
)
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.live.backlog import Backlog
from entitlements.routing.work import relaxation
from entitlements.routing.work.queue_order import FIRST_IN_FIRST_OUT, KeyedOrder, SortKey
from entitlements.testing.oracles.routing import next_to_serve
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
    answers = backlog.drain(router, NINE + timedelta(hours=1))
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
    router = Router(Roster(agents=[Agent(id="ada")]))
    assert len(backlog.drain(router, NINE)) == 3
    assert order.heard == [{0: 1, 2: 2}, {2: 2}, {2: 1}]


def test_waiting_work_is_assigned_in_order_when_capacity_is_released() -> None:
    router = Router(Roster(agents=[Agent(id="ada", capacity=1)]))
    backlog = Backlog(FIRST_IN_FIRST_OUT)
    for n in range(3):
        backlog.add(work(n))
    drained = []
    for _ in range(3):
        at = NINE + timedelta(minutes=5)
        drained += [each.work for each in backlog.drain(router, at)]
        router.complete(drained[-1], at)
    assert drained == ["w000", "w001", "w002"]
    assert backlog.drain(router, NINE) == ()


def test_work_that_is_already_assigned_stays_in_the_backlog() -> None:
    router = Router(Roster(agents=[Agent(id="ada", capacity=9)]))
    backlog = Backlog(FIRST_IN_FIRST_OUT)
    for n in range(3):
        backlog.add(work(n))
    router.assign(work(1), "ada", NINE)
    with pytest.raises(ConflictError):
        backlog.drain(router, NINE)
    assert [each.id for each in backlog] == ["w000", "w001", "w002"]
    assert (router.holder("w000"), backlog.served) == (None, 0)


@pytest.mark.parametrize("first", ["add", "assign"])
def test_work_that_is_assigned_and_waits_is_refused_whichever_came_first(first: str) -> None:
    router = Router(Roster(agents=[Agent(id="ada", capacity=9)]))
    backlog = Backlog(FIRST_IN_FIRST_OUT)
    assert backlog.drain(router, NINE) == ()
    if first == "add":
        backlog.add(work(1))
        router.assign(work(1), "ada", NINE)
    else:
        router.assign(work(1), "ada", NINE)
        backlog.add(work(1))
    with pytest.raises(ConflictError):
        backlog.drain(router, NINE)
    router.complete("w001", NINE)
    assert [each.work for each in backlog.drain(router, NINE)] == ["w001"]


@given(st.lists(works(), max_size=8), rosters(), instants())
def test_after_drain_no_agent_can_take_waiting_work(
    batch: list[Work], roster: Roster, at: object
) -> None:
    backlog, router = Backlog(), Router(roster)
    for each in {each.id: each for each in batch}.values():
        backlog.add(each)
    before = len(backlog)
    answers = backlog.drain(router, at)  # type: ignore[arg-type]
    assert len(backlog) == before - len(answers)
    for each in backlog:
        assert not isinstance(route(each, router.roster, at), Assigned)  # type: ignore[arg-type]


@given(
    st.lists(works(), max_size=6),
    rosters(),
    instants(),
    st.integers(0, 9),
    st.sampled_from([None, 1, 2, 3]),
)
def test_the_guard_of_a_backlog_counts_only_work_that_an_agent_can_take(
    batch: list[Work], roster: Roster, at: datetime, served: int, relief: int | None
) -> None:
    order = GuardedDeadline(relief=relief, due_after=timedelta(hours=9))
    backlog, router = Backlog(order, served=served), Router(roster)
    for n, each in enumerate(batch):
        backlog.add(attrs.evolve(each, id=f"n{n}"))
    while True:
        expected = next_to_serve(backlog, router.roster, at, backlog.served, order)
        found = backlog.drain(router, at, limit=1)
        assert [each.work for each in found] == ([] if expected is None else [expected])
        if expected is None:
            break


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
    router = Router(Roster(agents=[Agent(id="ada")]))
    assert backlog.first(router, NINE) == (work(1), "ada")
    assert backlog.remove("w001", served=True) == work(1)
    assert (backlog.first(router, NINE), backlog.served) == (None, 1)


def blocked(number: int) -> tuple[Backlog, Router]:
    """Return a drained backlog of so many kinds of work that no agent can take."""
    router, backlog = Router(Roster(agents=[Agent(id="ada", skills="x")])), Backlog()
    for n in range(number):
        backlog.add(work(n, f"klingon {n}"))
    assert backlog.drain(router, NINE) == ()
    return backlog, router


def test_ten_thousand_replacements_of_one_piece_leave_a_few_entries_behind() -> None:
    backlog = Backlog()
    for n in range(1_001):
        backlog.add(work(n))
    for n in range(10_000):
        backlog.replace(attrs.evolve(work(7), due=NINE + timedelta(minutes=n % 777)))
    queues = backlog._queues  # noqa: SLF001 - what is kept is the point
    assert sum(each.entries for each in queues.queues) <= 2 * 1_001 + 17
    check_queues(queues)
    assert (len(backlog), "w007" in backlog, "w1001" in backlog) == (1_001, True, False)


def test_a_replaced_piece_is_served_by_its_new_rank_and_requirement() -> None:
    router = Router(Roster(agents=[Agent(id="ada", capacity=1)]))
    backlog = Backlog(STRICT_RANK)
    for n in range(3):
        backlog.add(work(n, rank=1))
    backlog.replace(work(2, rank=0))
    backlog.replace(work(0, "klingon", rank=0))
    assert backlog.first(router, NINE) == (work(2, rank=0), "ada")
    with pytest.raises(UnknownIdError):
        backlog.replace(work(9))


def test_work_that_no_agent_can_take_pushes_no_other_work() -> None:
    late = work(0, "klingon", rank=2)
    later = [
        attrs.evolve(work(1, rank=1), due=NINE + timedelta(hours=5)),
        attrs.evolve(work(2, rank=0), due=NINE + timedelta(hours=9)),
    ]
    at = NINE + timedelta(hours=1)
    for others, expected in (((), "w001"), ((attrs.evolve(late, due=NINE),), "w001")):
        router = Router(Roster(agents=[Agent(id="ada", capacity=1)]))
        backlog = Backlog(GuardedDeadline())
        for each in (*others, *later):
            backlog.add(each)
        assert backlog.drain(router, at)[0].work == expected
    router.add(Agent(id="worf", skills="klingon", capacity=1))
    assert [(each.work, each.agent) for each in backlog.drain(router, at)] == [("w002", "worf")]


def test_a_drain_with_a_limit_goes_on_where_it_stopped() -> None:
    router = Router(Roster(agents=[Agent(id="ada")]))
    backlog = Backlog()
    for n in range(5):
        backlog.add(work(n, "" if n % 2 else "klingon"))
    found = [[each.work for each in backlog.drain(router, NINE, limit=n)] for n in (0, 1, 1, 9)]
    assert found == [[], ["w001"], ["w003"], []]


def test_another_router_is_asked_about_all_work() -> None:
    backlog, router = blocked(5)
    other = Router(Roster(agents=[Agent(id="worf", skills=["klingon 2"])]))
    assert [each.work for each in backlog.drain(other, NINE)] == ["w002"]
    assert (router.index.listeners, len(other.index.listeners)) == ([], 1)
    del backlog
    gc.collect()
    assert other.index.listeners == []


def test_two_backlogs_of_one_router_each_learn_of_a_free_agent() -> None:
    router = Router(Roster(agents=[Agent(id="ada", capacity=1)]))
    router.assign(work(0), "ada", NINE)
    one, two = Backlog(), Backlog()
    one.add(work(1))
    two.add(work(2))
    assert one.drain(router, NINE) == two.drain(router, NINE) == ()
    router.complete("w000", NINE)
    assert [each.work for each in two.drain(router, NINE)] == ["w002"]
    router.complete("w002", NINE)
    assert [each.work for each in one.drain(router, NINE)] == ["w001"]


def test_a_handover_on_call_makes_an_agent_available_for_waiting_work() -> None:
    layer = OnCallLayer(members=["ada", "bob"], start=NINE, every=timedelta(hours=1))
    absence = Span(NINE - timedelta(days=1), NINE + timedelta(minutes=30))
    router = Router(
        Roster(
            agents=[
                Agent(id="ada", capacity=1, shift=Calendar.never(), absences=[absence]),
                Agent(id="bob", capacity=1, shift=Calendar.never()),
            ],
            on_call=[OnCall(id="db", layers=[layer])],
        )
    )
    backlog = Backlog()
    for n in range(3):
        backlog.add(attrs.evolve(work(n), requires=Requirement(on_call="db")))
    found = []
    for minutes in (0, 29, 30, 59, 60, 61):
        at = NINE + timedelta(minutes=minutes)
        found.append([(each.work, each.agent) for each in backlog.drain(router, at)])
    assert found == [[], [], [("w000", "ada")], [], [("w001", "bob")], []]
    router.complete("w001", at)
    assert [each.agent for each in backlog.drain(router, at)] == ["bob"]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        pytest.param(lambda _: (float("nan"),), "NaN", id="not a number"),
        pytest.param(
            lambda each: (each.id if each.requires.skills else 0,), "one type", id="types"
        ),
    ],
)
def test_keys_that_cannot_be_compared_are_refused(key, text: str) -> None:  # noqa: ANN001 - a table
    backlog = Backlog(KeyedOrder("odd", key))
    if text == "one type":
        backlog.add(work(1))
    before = list(backlog)
    with pytest.raises(InvalidValueError, match=text):
        backlog.add(work(2, "x"))
    assert list(backlog) == before
    check_queues(backlog._queues)  # noqa: SLF001 - the structures are what is checked
    if before:
        with pytest.raises(InvalidValueError, match=text):
            backlog.replace(work(1, "x"))
        check_queues(backlog._queues)  # noqa: SLF001 - what is kept is the point


def test_keys_of_two_ranks_that_cannot_be_compared_are_refused_when_they_meet() -> None:
    backlog = Backlog(KeyedOrder("odd", lambda work: ("text",) if work.rank else (1,)))
    for n in range(2):
        backlog.add(Work(id=f"R-{n}", opened=NINE, rank=n))
    router = Router(Roster(agents=[Agent(id="ada")]))
    for ask in (backlog.first, backlog.drain):
        with pytest.raises(InvalidValueError, match="`odd` gives keys that cannot be compared"):
            ask(router, NINE)
    assert len(backlog) == 2
    assert router.holder("R-0") is None


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param(lambda b, _: b.add(work(1)), DuplicateIdError, id="waits already"),
        pytest.param(lambda b, _: b.add("w001"), InvalidValueError, id="no work"),
        pytest.param(lambda b, _: b.remove("w009"), UnknownIdError, id="remove what?"),
        pytest.param(lambda b, _: b.remove(None), InvalidValueError, id="remove nothing"),
        pytest.param(lambda b, r: b.drain(r, NINE, limit=-1), InvalidValueError, id="limit"),
        pytest.param(lambda b, r: b.drain(r.roster, NINE), InvalidValueError, id="no router"),
        pytest.param(
            lambda b, r: b.drain(r, NINE.replace(tzinfo=None)), InvalidValueError, id="naive"
        ),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(change, error) -> None:  # noqa: ANN001 - a table
    router, backlog = Router(Roster(agents=[Agent(id="ada")])), Backlog()
    backlog.add(work(1))
    roster = router.roster
    with pytest.raises(error):
        change(backlog, router)
    assert (list(backlog), backlog.served, router.roster) == ([work(1)], 0, roster)
    assert len(backlog.drain(router, NINE)) == 1


def test_an_unknown_on_call_schedule_is_refused_before_anything_is_assigned() -> None:
    router, backlog = Router(Roster(agents=[Agent(id="ada")])), Backlog()
    backlog.add(work(1))
    backlog.add(attrs.evolve(work(2), requires=Requirement(on_call="nights")))
    for _ in range(2):
        with pytest.raises(UnknownIdError, match="nights"):
            backlog.drain(router, NINE)
        assert (len(backlog), router.holder("w001")) == (2, None)
    backlog.remove("w002")
    assert len(backlog.drain(router, NINE)) == 1


@pytest.mark.parametrize("seed", range(tries(5, deep=40)))
def test_mixed_operations_find_no_difference_to_the_linear_rules(seed: int) -> None:
    counts = mixed_operations.run(120, seed=9_000 + seed, each=120)
    assert min(counts[name] for name in ("arrive", "complete", "drain")) > 0


def test_drained_work_is_held_under_the_key_of_its_offer() -> None:
    router, backlog = Router(Roster(agents=[Agent(id="ada"), Agent(id="bob")])), Backlog()
    for name in ("R-1", "R-2"):
        backlog.add(Work(id=name, opened=NINE))
    answers = backlog.drain(router, NINE, limit=1, key=lambda work: Reservation(work.id, 3).key)
    assert [each.work for each in answers] == ["R-1"]
    assert router.holder(Reservation("R-1", 3).key) == answers[0].agent
    assert router.holder("R-1") is None


@pytest.mark.parametrize("key", ["taken", "same"])
def test_a_key_that_is_in_use_or_shared_is_refused_and_nothing_is_assigned(key: str) -> None:
    router, backlog = Router(Roster(agents=[Agent(id="ada")])), Backlog()
    router.assign(Work(id="taken", opened=NINE), "ada", NINE)
    for name in ("R-1", "R-2"):
        backlog.add(Work(id=name, opened=NINE))
    before = router.roster
    with pytest.raises(ConflictError):
        backlog.drain(router, NINE, key=lambda _: key)
    assert (router.roster, len(backlog)) == (before, 2)
    assert len(backlog.drain(router, NINE)) == 2


def test_a_requirement_is_not_relaxed_before_a_step_is_reached() -> None:
    router = Router(Roster(agents=[Agent(id="ada", skills="x", capacity=1)]))
    router.assign(Work(id="held", opened=NINE), "ada", NINE)
    step = RelaxationStep(after=timedelta(minutes=5), drop="y")
    plan = RelaxationPlan(steps=[step])
    needs = Requirement(skills=["x", "y"])
    later = Work(id="w", opened=NINE, requires=needs, relaxation=plan)
    first = Work(id="v", opened=NINE, requires=Requirement(skills="x"), relaxation=plan)
    key = (id(plan), id(first.requires))
    backlog = Backlog()
    assert isinstance(router.route(first, NINE), Waiting)
    for each in (later, first):
        backlog.add(each)
    assert backlog.drain(router, NINE) == ()
    assert key not in relaxation._RELAXED  # noqa: SLF001 - what is not done is the point
    router.complete("held", NINE)
    assert [each.work for each in backlog.drain(router, NINE)] == ["v"]
    assert key not in relaxation._RELAXED  # noqa: SLF001 - what is not done is the point
    router.complete("v", NINE + timedelta(minutes=5))
    assert [each.work for each in backlog.drain(router, NINE + timedelta(minutes=5))] == ["w"]
