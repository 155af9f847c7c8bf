"""Work that the same agents can take shares a queue, and relaxation moves it to another."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st
from tests.routing.live.invariants import check_queues

from entitlements.kernel.instants import to_micros, utc
from entitlements.routing import RelaxationPlan, RelaxationStep, Requirement, Work
from entitlements.routing.live.waiting.work_queue import WaitingWork, waiting_work
from entitlements.routing.live.waiting.work_queues import WorkQueues
from entitlements.testing.strategies.routing import instants, works

NINE = utc("2026-03-02T09:00Z")
MINUTE = timedelta(minutes=1)
PLAN = RelaxationPlan(
    steps=[RelaxationStep(after=5 * MINUTE, drop="x"), RelaxationStep(after=9 * MINUTE, drop="y")]
)


def waiting(work: Work, number: int) -> WaitingWork:
    return waiting_work(work, (work.opened, work.id), number)


def relaxing(number: int, opened: datetime) -> WaitingWork:
    needs = Requirement(skills=["x", "y"])
    return waiting(Work(id=f"w{number}", opened=opened, requires=needs, relaxation=PLAN), number)


@given(st.lists(works(), min_size=1, max_size=9), st.lists(instants(), max_size=6))
def test_work_waits_in_the_queue_of_its_requirement_at_any_instant(
    batch: list[Work], moments: list[datetime]
) -> None:
    queues = WorkQueues()
    pieces = [waiting(attrs.evolve(each, id=f"w{n}"), n) for n, each in enumerate(batch)]
    for each in pieces:
        queues.add(each)
    for at in moments:
        queues.advance(to_micros(at))
        check_queues(queues)
        for each in pieces:
            assert each.queue.requires == each.work.requirement_at(at)
            assert each.queue.excluded == each.work.excluded_agents
        later = [change for each in pieces if (change := each.work.next_change_at(at)) is not None]
        step = queues.next_step(to_micros(at))
        assert step == (to_micros(min(later)) if later else None)
    for each in pieces:
        queues.remove(each)
        check_queues(queues)
    assert (queues.fresh, queues.waiting, queues.pieces) == (0, {}, {})


def test_pieces_of_one_kind_share_a_queue_whatever_their_age() -> None:
    queues = WorkQueues()
    for n in range(1_600):
        queues.add(relaxing(n, NINE - n * timedelta(seconds=1) / 4))
    assert len(queues.queues) == 1
    for minutes, number in ((0, 2), (6, 2), (30, 1)):
        queues.advance(to_micros(NINE + minutes * MINUTE))
        check_queues(queues)
        assert sum(bool(each.pieces) for each in queues.queues) == number


def test_a_piece_that_joins_blocked_work_is_known_to_be_blocked() -> None:
    queues, one = WorkQueues(), waiting(Work(id="1", opened=NINE), 1)
    queues.add(one)
    assert queues.fresh == one.queue.bit
    queues.block([one.queue])
    queues.add(waiting(Work(id="2", opened=NINE), 2))
    assert queues.fresh == 0
    queues.remove(one)
    queues.remove(queues.pieces["2"])
    again = waiting(Work(id="3", opened=NINE), 3)
    queues.add(again)
    assert (again.queue, queues.fresh) == (one.queue, one.queue.bit)
    queues.remove(again)
    queues.renew()
    assert queues.fresh == 0


def test_bits_of_empty_queues_are_free_again_after_a_burst() -> None:
    queues = WorkQueues()
    for burst in range(3):
        pieces = [
            waiting(Work(id=f"{n}", opened=NINE, requires=Requirement(skills=f"s{burst}-{n}")), n)
            for n in range(500)
        ]
        for each in pieces:
            queues.add(each)
            queues.block([each.queue])
        assert max(each.slot for each in queues.queues) < 600
        for each in pieces:
            queues.remove(each)
            check_queues(queues)
    assert len(queues.queues) <= 65


def test_the_timers_of_work_that_left_do_not_add_up() -> None:
    queues = WorkQueues()
    for n in range(5_000):
        piece = relaxing(n, NINE)
        queues.add(piece)
        queues.remove(piece)
        assert queues.timers <= 66
    queues.add(relaxing(1, NINE))
    for _ in range(500):
        for minutes in (6, 0):
            queues.advance(to_micros(NINE + minutes * MINUTE))
        assert queues.timers <= 67
    check_queues(queues)


def test_a_replaced_piece_keeps_its_position_among_all_that_waits() -> None:
    queues = WorkQueues()
    pieces = [waiting(Work(id=f"{n}", opened=NINE), n) for n in range(3)]
    for each in pieces:
        queues.add(each)
    new = waiting(Work(id="1", opened=NINE, rank=2), 3)
    queues.replace(pieces[1], new)
    assert list(queues.pieces.values()) == [pieces[0], new, pieces[2]]
    assert queues.waiting == {0: 2, 2: 1}
    check_queues(queues)


def test_few_ranks_without_work_are_kept() -> None:
    queues = WorkQueues()
    for n in range(100):
        each = waiting(Work(id=f"{n}", opened=NINE, rank=n), n)
        queues.add(each)
        queues.remove(each)
    assert (len(queues.ranks), queues.waiting) == (8, {})
    pieces = [waiting(Work(id=f"{n}", opened=NINE, rank=n), n) for n in range(50)]
    for each in pieces:
        queues.add(each)
    for each in pieces:
        queues.remove(each)
        check_queues(queues)
    assert len(queues.ranks) == 8
