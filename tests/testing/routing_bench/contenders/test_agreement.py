"""All contenders do the same where the rules leave no choice, and none breaks a rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from tests.effort import tries

from entitlements.kernel.instants import from_micros
from entitlements.routing import Unroutable
from entitlements.testing.routing_bench import (
    CONTENDERS,
    WORLDS,
    Contender,
    Operation,
    Piece,
    Player,
    RuleChecker,
    ServiceOrder,
    World,
    WorldAgent,
    contender_maker,
    make_world,
)
from entitlements.testing.routing_bench.checker.rules import Rule
from entitlements.testing.routing_bench.contenders.live_router import LiveRouter
from entitlements.testing.routing_bench.worlds.events import Change

EXACT: Final = ("live", "offers", "linear_scan", "sorted_lists", "numpy_masks")
"""Those who choose by the default strategy and serve in the order of the world."""


class Notes:
    """A watch that keeps every assignment."""

    def __init__(self, checker: RuleChecker) -> None:
        self.checker = checker
        self.assigned: list[tuple[int, str, str]] = []

    def arrived(self, piece: Piece) -> None:
        self.checker.arrived(piece)

    def completed(self, work: str, at: int) -> None:
        self.checker.completed(work, at)

    def changed(self, change: Change) -> None:
        self.checker.changed(change)

    def answered(self, operation: Operation, at: int, pairs: list[tuple[str, str]]) -> None:
        self.checker.answered(operation, at, pairs)
        self.assigned += [(at, work, agent) for work, agent in pairs]


def made(name: str) -> Contender:
    maker = contender_maker(name)
    assert not isinstance(maker, str), maker
    return maker()


def played(world: World, contender: Contender) -> tuple[Notes, bool]:
    notes = Notes(RuleChecker(world))
    finished = Player(world, contender, watch=notes).play().finished
    return notes, finished


def assignments(world: World, name: str) -> list[tuple[int, str, str]]:
    contender = made(name)
    assert contender.load(world) is None
    notes, finished = played(world, contender)
    assert finished
    assert notes.checker.report().violations == {}, notes.checker.report().examples
    return notes.assigned


@pytest.mark.parametrize("seed", range(1, 1 + tries(3, deep=60)))
@pytest.mark.parametrize("name", WORLDS)
def test_routers_of_equal_rules_make_equal_choices(name: str, seed: int) -> None:
    world = make_world(name, agents=12, pieces=150, seed=seed)
    choices = {each: assignments(world, each) for each in EXACT}
    if world.order is ServiceOrder.GUARDED:
        del choices["offers"]  # it counts every offer, also one to an agent who was free
    assert all(each == choices["live"] for each in choices.values())


@pytest.mark.parametrize("seed", [2026, 2029])
def test_work_that_finds_an_agent_at_once_is_no_choice_of_the_relief(seed: int) -> None:
    world = make_world("overload", agents=10, pieces=1_000, seed=seed)
    assert assignments(world, "linear_scan") == assignments(world, "live")


@pytest.mark.parametrize("name", WORLDS)
def test_the_pure_function_makes_the_choices_of_the_live_router(name: str) -> None:
    world = make_world(name, agents=6, pieces=25)
    assert assignments(world, "pure") == assignments(world, "live")


@pytest.mark.parametrize("contender", ["scipy_matching", "simpy_store", "desk_sqlite"])
@pytest.mark.parametrize("name", ["uniform", "chat"])
def test_other_routers_serve_everybody_or_say_why_they_cannot(name: str, contender: str) -> None:
    world = make_world(name, agents=6, pieces=25)
    entrant = made(contender)
    reason = entrant.load(world)
    if reason is not None:
        assert reason == "cannot do channels"
        return
    notes, finished = played(world, entrant)
    assert finished
    broken = notes.checker.report().violations
    assert broken.keys() <= ({Rule.ORDER} if contender == "scipy_matching" else set())
    assert len(notes.assigned) == len(assignments(world, "live"))


def test_after_a_real_day_only_work_waits_that_no_agent_can_ever_take() -> None:
    """The checker says so, and the router has the reasons."""
    world = make_world("real_day", agents=30, pieces=500, seed=1)
    contender, notes = LiveRouter(), Notes(RuleChecker(world))
    contender.load(world)
    left = Player(world, contender, watch=notes).play().left
    later = from_micros(world.start) + timedelta(days=9)
    assert left
    for id in left:
        assert notes.checker.fits_nobody(id)
        answer = contender._router.route(contender._works[id], later)  # noqa: SLF001 - the router that was asked
        assert isinstance(answer, Unroutable)
        assert answer.reasons


def test_a_first_come_first_served_queue_waits_the_same_in_every_program() -> None:
    """With one skill for all, the choice of the agent changes no waiting time."""
    world = make_world("uniform", agents=6, pieces=100)
    every = {f"s{n:03}": 1 for n in range(20)}
    agents = [WorldAgent(id=each.id, capacity=1, skills=every) for each in world.agents]
    plain = World(name="plain", start=world.start, pieces=100, events=world.events, agents=agents)
    times = [
        [(at, work) for at, work, _ in assignments(plain, name)]
        for name in ("live", "linear_scan", "simpy_store", "scipy_matching")
    ]
    assert len(times[0]) == 100
    assert all(each == times[0] for each in times)


def test_every_contender_says_what_it_cannot_do() -> None:
    world = make_world("real_day", agents=3, pieces=3)
    for name in ("simpy_store", "desk_sqlite"):
        reason = made(name).load(world)
        assert reason is not None
        assert reason.startswith("cannot do ")


@pytest.mark.parametrize("name", CONTENDERS)
def test_a_contender_has_the_name_it_is_registered_under(name: str) -> None:
    maker: Callable[[], Contender] | str = contender_maker(name, database="postgresql://none")
    assert not isinstance(maker, str)
    assert maker().name == name
