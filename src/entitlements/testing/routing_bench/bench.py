"""Runs of the benchmark: a checked round, a round that counts memory, and timed rounds.

Timed rounds of all contenders are interleaved, so that a busy machine slows all of them, and the
figures are medians: of the rounds, and of the ratios to the first contender in the same round.
"""

from __future__ import annotations

import gc
import tracemalloc
from array import array
from collections.abc import Callable, Mapping
from statistics import median
from typing import Final, TypeAlias, final

import attrs

from entitlements.kernel.converters import positive
from entitlements.kernel.errors import InvalidValueError
from entitlements.testing.routing_bench.checker.checker import RuleChecker, RuleReport
from entitlements.testing.routing_bench.contender import Contender
from entitlements.testing.routing_bench.outcomes import OutcomeLog, RoundOutcome
from entitlements.testing.routing_bench.player import (
    Clock,
    Operation,
    Played,
    Player,
    Watch,
    older_objects_exempt,
)
from entitlements.testing.routing_bench.registry import ContenderMaker
from entitlements.testing.routing_bench.worlds.events import Change, Piece
from entitlements.testing.routing_bench.worlds.files import FileEvents
from entitlements.testing.routing_bench.worlds.world import World

Progress: TypeAlias = Callable[[str, str], None]
"""Called before each round with the name of the contender and the kind of round."""

NANOSECONDS: Final = 1_000_000_000
CHECKED_BUDGETS: Final = 5
"""Budgets of the checked round, so that most contenders are checked to the end of the world."""


@final
@attrs.frozen(kw_only=True)
class Latency:
    """Latencies of one operation over all timed rounds, in nanoseconds; by nearest rank."""

    count: int
    p50: int
    p99: int
    longest: int


@final
@attrs.frozen(kw_only=True)
class MemoryUse:
    """Bytes that a contender holds: after `load`, and at the end of its round."""

    loaded: int
    end: int


@final
@attrs.frozen(kw_only=True)
class ContenderResult:
    """Figures of one contender.

    Attributes:
        name: Its name.
        operations: Calls in a timed round.
        finished: Whether the rounds reached the end of the world within the budget.
        per_second: Operations a second; median of the rounds.
        ratio: `per_second` divided by that of the first contender; median of the rounds.
        latency: Latencies by operation, and of `all` of them.
        memory: Bytes held; None if they were not counted.
        rules: Rules that were broken.
        outcome: What became of the pieces.
    """

    name: str
    operations: int
    finished: bool
    per_second: float
    ratio: float
    latency: dict[str, Latency]
    memory: MemoryUse | None
    rules: RuleReport
    outcome: RoundOutcome


@final
@attrs.frozen(kw_only=True)
class BenchResult:
    """Figures of all contenders on one world.

    Attributes:
        world: The world.
        rounds: Number of timed rounds.
        clock: What calls were timed with.
        results: Contenders that were measured, in the order given.
        left_out: Why others were not, by name.
    """

    world: World
    rounds: int
    clock: Clock
    results: tuple[ContenderResult, ...]
    left_out: dict[str, str]


@final
class _Watches:
    """Several watches as one."""

    def __init__(self, *watches: Watch) -> None:
        self._watches = watches

    def arrived(self, piece: Piece) -> None:
        for each in self._watches:
            each.arrived(piece)

    def completed(self, work: str, at: int) -> None:
        for each in self._watches:
            each.completed(work, at)

    def changed(self, change: Change) -> None:
        for each in self._watches:
            each.changed(change)

    def answered(self, operation: Operation, at: int, pairs: list[tuple[str, str]]) -> None:
        for each in self._watches:
            each.answered(operation, at, pairs)


@final
class _Entrant:
    """One contender during a run: what was found in its rounds."""

    def __init__(self, name: str, make: ContenderMaker) -> None:
        self.name, self.make = name, make
        self.rules: RuleReport | None = None
        self.outcome: RoundOutcome | None = None
        self.memory: MemoryUse | None = None
        self.rounds: list[float] = []
        self.latencies: dict[Operation, array[int]] = {each: array("Q") for each in Operation}
        self.operations = 0
        self.finished = True


def run_bench(
    world: World,
    makers: Mapping[str, ContenderMaker | str],
    *,
    rounds: int = 5,
    budget: float | None = 10.0,
    memory: bool = True,
    clock: Clock = Clock.WALL,
    progress: Progress | None = None,
) -> BenchResult:
    """Measure contenders on a world.

    Args:
        world: The world.
        makers: What makes each contender, by name, or why it is left out; ratios are to the first.
        rounds: Number of timed rounds of each contender.
        budget: Seconds inside a contender after which a round ends early; None for no end. The
            checked round has five times as long.
        memory: Whether to count the memory, in a round that is much slower.
        clock: What calls are timed with.
        progress: Called before each round.

    A contender that raises an exception is left out, with its error as the reason.

    >>> from entitlements.testing.routing_bench import contender_maker, make_world
    >>> world = make_world("uniform", agents=2, pieces=3)
    >>> result = run_bench(world, {"live": contender_maker("live")}, rounds=1, memory=False)
    >>> result.results[0].rules.total  # an independent checker found no broken rule
    0

    Raises:
        InvalidValueError: `rounds` is not 1 or more, or `budget` is not above 0.
        DocumentError: a line of the world's file is wrong.
    """
    positive(rounds)
    if budget is not None and not budget > 0:
        raise InvalidValueError(f"a budget of `{budget}` seconds", hint="more than 0, or None")
    if isinstance(world.events, FileEvents):
        for _ in world.events:  # so that a wrong line is not taken for a contender's failure
            pass
    run = _Run(world, None if budget is None else int(budget * NANOSECONDS), clock, progress)
    for name, make in makers.items():
        if isinstance(make, str):
            run.left_out[name] = make
        else:
            run.entrants[name] = _Entrant(name, make)
    with older_objects_exempt():
        run.each("checked", run.check)
        if memory:
            run.each("memory", run.count_memory)
        for _ in range(rounds):
            run.each("timed", run.time)
    return run.result(rounds)


@final
class _Run:
    """One run: the contenders that are still in it, and why others are not."""

    def __init__(
        self, world: World, budget: int | None, clock: Clock, progress: Progress | None
    ) -> None:
        self.world, self.budget, self.clock, self.progress = world, budget, clock, progress
        self.entrants: dict[str, _Entrant] = {}
        self.left_out: dict[str, str] = {}

    def each(self, kind: str, step: Callable[[_Entrant], str | None]) -> None:
        """Carry out one round of every contender; leave out those that fail."""
        for name, entrant in list(self.entrants.items()):
            if self.progress is not None:
                self.progress(name, kind)
            gc.collect()
            try:
                reason = step(entrant)
            except Exception as error:  # noqa: BLE001 - a contender may fail in any way
                reason = f"failed: {type(error).__name__}: {error}"
            if reason is not None:
                self.left_out[name] = reason
                del self.entrants[name]

    def check(self, entrant: _Entrant) -> str | None:
        """Play a round with the rule checker and the log of outcomes."""
        contender = entrant.make()
        if reason := contender.load(self.world):
            return reason
        checker, log = RuleChecker(self.world), OutcomeLog(self.world)
        played = self.play(contender, _Watches(checker, log), CHECKED_BUDGETS)
        unroutable = sum(checker.fits_nobody(work) for work in played.left)
        entrant.rules, entrant.outcome = checker.report(), log.outcome(unroutable)
        return None

    def count_memory(self, entrant: _Entrant) -> str | None:
        """Play a round, and count what the contender frees when it goes."""
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            contender: Contender | None = entrant.make()
            assert contender is not None  # noqa: S101 - for the type checker
            if reason := contender.load(self.world):
                return reason
            loaded = tracemalloc.get_traced_memory()[0] - before
            self.play(contender, None)
            gc.collect()
            full = tracemalloc.get_traced_memory()[0]
            contender = None
            gc.collect()
            end = full - tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        entrant.memory = MemoryUse(loaded=loaded, end=end)
        return None

    def time(self, entrant: _Entrant) -> str | None:
        """Play a round for its time."""
        contender = entrant.make()
        if reason := contender.load(self.world):
            return reason
        played = self.play(contender, None)
        entrant.rounds.append(played.per_second)
        entrant.operations = played.operations
        entrant.finished = entrant.finished and played.finished
        for operation, found in played.latencies.items():
            entrant.latencies[operation].extend(found)
        return None

    def play(self, contender: Contender, watch: Watch | None, budgets: int = 1) -> Played:
        """Play the world, for so many budgets at most."""
        budget = None if self.budget is None else self.budget * budgets
        return Player(self.world, contender, watch=watch, budget=budget, clock=self.clock).play()

    def result(self, rounds: int) -> BenchResult:
        """Return the figures of everybody who is still in the run."""
        entrants = list(self.entrants.values())
        base = entrants[0].rounds if entrants else []
        return BenchResult(
            world=self.world,
            rounds=rounds,
            clock=self.clock,
            results=tuple(_figures(each, base) for each in entrants),
            left_out=self.left_out,
        )


def _figures(entrant: _Entrant, base: list[float]) -> ContenderResult:
    assert entrant.rules is not None  # noqa: S101 - the checked round comes first
    assert entrant.outcome is not None  # noqa: S101 - the checked round comes first
    ratios = [
        mine / first if first else 0.0 for mine, first in zip(entrant.rounds, base, strict=True)
    ]
    return ContenderResult(
        name=entrant.name,
        operations=entrant.operations,
        finished=entrant.finished,
        per_second=median(entrant.rounds),
        ratio=median(ratios),
        latency=_latencies(entrant.latencies),
        memory=entrant.memory,
        rules=entrant.rules,
        outcome=entrant.outcome,
    )


def _latencies(found: Mapping[Operation, array[int]]) -> dict[str, Latency]:
    every = array("Q")
    latencies = {}
    for operation, values in found.items():
        every.extend(values)
        if values:
            latencies[operation.value] = _latency(values)
    if every:
        latencies["all"] = _latency(every)
    return latencies


def _latency(values: array[int]) -> Latency:
    ordered = sorted(values)
    count = len(ordered)
    return Latency(
        count=count,
        p50=ordered[(count - 1) // 2],
        p99=ordered[max(0, -(-count * 99 // 100) - 1)],
        longest=ordered[-1],
    )
