from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

from entitlements.testing.routing_bench import (
    Clock,
    Operation,
    Piece,
    Player,
    Relaxation,
    Reprioritisation,
    Withdrawal,
    WorkTransfer,
    World,
    WorldAgent,
    make_world,
)
from entitlements.testing.routing_bench.contenders.linear_scan import LinearScan
from entitlements.testing.routing_bench.player import READ_AHEAD
from entitlements.testing.routing_bench.worlds.events import Change


class Scribe:
    """A contender that records its calls and gives every arrival to `ada`, if asked to."""

    name = "scribe"

    def __init__(self, *, takes: bool = True) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.takes = takes

    def load(self, world: World) -> None:
        self.calls.append(("load", world.name))

    def arrive(self, piece: Piece) -> list[tuple[str, str]]:
        self.calls.append(("arrive", piece.at, piece.id))
        return [(piece.id, "ada")] if self.takes else []

    def complete(self, work: str, at: int) -> list[tuple[str, str]]:
        self.calls.append(("complete", at, work))
        return []

    def change(self, change: Change) -> list[tuple[str, str]]:
        self.calls.append(("change", change.at, type(change).__name__))
        return []

    def advance(self, at: int) -> list[tuple[str, str]]:
        self.calls.append(("advance", at))
        return []


def world_of(*events: Any, **fields: Any) -> World:
    fields = {"agents": [WorldAgent(id="ada")], **fields}
    pieces = sum(isinstance(each, Piece) for each in events)
    return World(name="w", pieces=pieces, events=events, **fields)


def calls_of(world: World, *, takes: bool = True) -> list[tuple[Any, ...]]:
    scribe = Scribe(takes=takes)
    Player(world, scribe).play()
    return scribe.calls


def test_at_one_instant_completions_come_first_then_time_then_the_events_of_the_world() -> None:
    world = world_of(
        Piece(at=0, id="p1", handling=10),
        Piece(at=10, id="p2", handling=5),
        agents=[WorldAgent(id="ada", breaks=[(10, 30)])],
    )
    assert calls_of(world)[:4] == [
        ("arrive", 0, "p1"), ("complete", 10, "p1"), ("advance", 10), ("arrive", 10, "p2"),
    ]  # fmt: skip


def test_a_transferred_piece_is_not_completed_by_its_first_agent() -> None:
    world = world_of(Piece(at=0, id="p1", handling=10), WorkTransfer(at=5, work="p1"))
    assert calls_of(world) == [("arrive", 0, "p1"), ("change", 5, "WorkTransfer")]


def test_a_transferred_piece_is_handled_in_full_by_its_next_agent() -> None:
    class Passes(Scribe):
        def change(self, change: Change) -> list[tuple[str, str]]:
            super().change(change)
            return [("p1", "bob")]

    passes = Passes()
    world = world_of(Piece(at=0, id="p1", handling=10), WorkTransfer(at=5, work="p1"))
    assert Player(world, passes).play().assigned == 2
    assert passes.calls[-1] == ("complete", 15, "p1")


def test_changes_of_work_that_have_nothing_to_change_are_not_passed_on() -> None:
    changes = (
        WorkTransfer(at=5, work="p1"),
        Reprioritisation(at=5, work="p1", rank=1),
        Withdrawal(at=5, work="p1"),
    )
    piece = Piece(at=0, id="p1", handling=10)
    assert [call[2] for call in calls_of(world_of(piece, *changes)) if call[0] == "change"] == [
        "WorkTransfer", "Reprioritisation", "Withdrawal",
    ]  # fmt: skip
    assigned = [call for call in calls_of(world_of(piece, *changes[1:])) if call[0] == "change"]
    assert assigned == []
    waiting = calls_of(world_of(piece, changes[0], changes[2], changes[1]), takes=False)
    assert [call[2] for call in waiting if call[0] == "change"] == ["Withdrawal"]


def test_a_waiting_piece_is_spoken_of_when_it_relaxes_and_no_other() -> None:
    steps = [Relaxation(after=3, any_group=True), Relaxation(after=9, any_group=True)]
    piece = Piece(at=1, id="p1", handling=2, relaxation=steps)
    assert calls_of(world_of(piece), takes=False) == [
        ("arrive", 1, "p1"), ("advance", 4), ("advance", 10),
    ]  # fmt: skip
    assert calls_of(world_of(piece)) == [("arrive", 1, "p1"), ("complete", 3, "p1")]


def test_a_piece_that_nobody_takes_ends_the_world_after_two_days() -> None:
    scribe = Scribe(takes=False)
    agents = make_world("follow_the_sun", agents=1, pieces=0).agents
    played = Player(world_of(Piece(at=0, id="p1", handling=1), agents=agents), scribe).play()
    assert played.finished
    assert played.left == ("p1",)
    assert 0 < max(call[1] for call in scribe.calls) <= 2 * 86_400_000_000


def test_every_call_is_timed_and_a_budget_ends_the_world_early() -> None:
    world = make_world("uniform", agents=5, pieces=200)
    for clock in Clock:
        contender = LinearScan()
        contender.load(world)
        played = Player(world, contender, clock=clock).play()
        assert played.finished
        assert (played.arrived, played.assigned, played.operations) == (200, 200, 400)
        assert sum(map(sum, played.latencies.values())) == played.nanoseconds > 0
        assert {name: len(each) for name, each in played.latencies.items() if each} == {
            Operation.ARRIVE: 200, Operation.COMPLETE: 200,
        }  # fmt: skip
    contender = LinearScan()
    contender.load(world)
    early = Player(world, contender, budget=1).play()
    assert not early.finished
    assert early.operations < 20


def test_what_does_not_wait_cannot_be_assigned_twice() -> None:
    class Twice(Scribe):
        def arrive(self, piece: Piece) -> list[tuple[str, str]]:
            super().arrive(piece)
            return [(piece.id, "ada"), (piece.id, "ada"), ("none", "ada")]

    twice = Twice()
    played = Player(world_of(Piece(at=0, id="p1", handling=10)), twice).play()
    assert played.assigned == 1
    assert [call[0] for call in twice.calls] == ["arrive", "complete"]


class Counted:
    """Pieces that count how many of them were drawn."""

    def __init__(self, pieces: int) -> None:
        self.pieces: Final = pieces
        self.drawn = 0

    def __iter__(self) -> Iterator[Piece]:
        for number in range(self.pieces):
            self.drawn += 1
            yield Piece(at=number, id=f"p{number}", handling=1)


def test_events_are_drawn_ahead_many_at_once_and_no_more_than_that() -> None:
    events, seen = Counted(2 * READ_AHEAD + 1), []

    class Sees(Scribe):
        def arrive(self, piece: Piece) -> list[tuple[str, str]]:
            seen.append(events.drawn)
            return super().arrive(piece)

    world = attrs.evolve(world_of(), pieces=events.pieces, events=events)
    assert Player(world, Sees()).play().arrived == events.pieces
    assert seen == [READ_AHEAD] * READ_AHEAD + [2 * READ_AHEAD] * READ_AHEAD + [events.pieces]
