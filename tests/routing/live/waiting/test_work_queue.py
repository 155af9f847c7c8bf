"""A work queue keeps the order of each rank, and few left-over entries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.kernel.instants import END_OF_TIME, to_micros, utc
from entitlements.routing import RelaxationPlan, RelaxationStep, Requirement, Work
from entitlements.routing.live.waiting.work_queue import WaitingWork, WorkQueue, waiting_work

NINE = utc("2026-03-02T09:00Z")


def piece(number: int, key: object = None, rank: int = 0) -> WaitingWork:
    work = Work(id=f"w{number}", opened=NINE, rank=rank)
    return waiting_work(work, (number if key is None else key,), number)


def queue() -> WorkQueue:
    return WorkQueue(Requirement(), frozenset(), 3)


def test_the_head_of_a_rank_is_its_first_piece() -> None:
    line, pieces = queue(), [piece(3), piece(1, rank=1), piece(2)]
    for each in pieces:
        line.push(each)
    assert (line.head(0), line.head(1), line.head(2)) == (pieces[2], pieces[1], None)
    line.drop(pieces[2])
    assert (line.head(0), line.pieces) == (pieces[0], 2)


def test_a_piece_that_returns_is_one_piece() -> None:
    line, one = queue(), piece(1)
    for _ in range(3):
        line.push(one)
        line.drop(one)
    line.push(one)
    assert (line.head(0), line.pieces) == (one, 1)
    line.drop(one)
    assert (line.head(0), line.pieces) == (None, 0)


def test_entries_left_over_are_at_most_as_many_as_pieces_and_sixteen() -> None:
    line = queue()
    line.push(piece(0))
    for number in range(1, 10_000):
        each = piece(number)
        line.push(each)
        line.drop(each)
        assert line.entries <= 2 * line.pieces + 17


def test_a_key_that_cannot_be_compared_changes_nothing() -> None:
    line, pieces = queue(), [piece(number) for number in range(9)]
    for each in pieces:
        line.push(each)
    with pytest.raises(TypeError):
        line.push(piece(9, "x"))
    assert (line.pieces, line.entries) == (9, 9)
    found = []
    while (head := line.head(0)) is not None:
        found.append(head)
        line.drop(head)
    assert found == pieces


def test_a_piece_has_a_requirement_at_each_instant() -> None:
    steps = [
        RelaxationStep(after=timedelta(minutes=5), drop="x"),
        RelaxationStep(after=timedelta(minutes=9), drop="y"),
    ]
    needs = Requirement(skills=["x", "y"])
    plan = RelaxationPlan(steps=steps)
    work = Work(id="w", opened=NINE, requires=needs, relaxation=plan)
    waiting, start = waiting_work(work, (1,), 1), to_micros(NINE)
    minute = 60_000_000
    found = [waiting.requirement(start + minutes * minute) for minutes in (0, 5, 8, 9)]
    assert [set(requires.skills) for requires, _ in found] == [{"x", "y"}, {"y"}, {"y"}, set()]
    assert [step for _, step in found] == [
        start + 5 * minute,
        start + 9 * minute,
        start + 9 * minute,
        END_OF_TIME,
    ]
