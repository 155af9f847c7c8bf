from __future__ import annotations

import json
from time import sleep

import pytest

from entitlements.kernel.errors import InvalidValueError
from entitlements.testing.routing_bench import (
    BenchResult,
    Clock,
    Needs,
    Piece,
    Rule,
    World,
    bench_record,
    contender_maker,
    make_world,
    run_bench,
)
from entitlements.testing.routing_bench.contender import Assignments
from entitlements.testing.routing_bench.contenders.rival import Rival, RivalAgent


class Careless(Rival):
    """A contender that gives everything to the first agent."""

    name = "careless"

    def choose(self, needs: Needs, excluded: frozenset[str]) -> RivalAgent:  # noqa: ARG002 - careless
        return next(iter(self.agents.values()))


class Broken:
    """A contender that fails in the middle."""

    name = "broken"

    def __init__(self) -> None:
        self.left = 5

    def load(self, world: World) -> None:
        pass

    def arrive(self, piece: Piece) -> Assignments:
        self.left -= 1
        if not self.left:
            raise KeyError(piece.id)
        return ()

    complete = change = advance = arrive


@pytest.fixture(scope="module")
def result() -> BenchResult:
    makers = {name: contender_maker(name) for name in ("live", "linear_scan")}
    world = make_world("overload", agents=8, pieces=150)
    return run_bench(
        world, {**makers, "careless": Careless, "broken": Broken, "none": "not installed"}, rounds=3
    )


def test_contenders_are_compared_with_the_first(result: BenchResult) -> None:
    assert [each.name for each in result.results] == ["live", "linear_scan", "careless"]
    assert result.results[0].ratio == 1
    assert result.results[1].ratio > 0
    assert (result.rounds, result.clock) == (3, Clock.WALL)


def test_a_contender_that_fails_or_is_missing_is_named_and_the_others_go_on(
    result: BenchResult,
) -> None:
    assert result.left_out["none"] == "not installed"
    assert result.left_out["broken"].startswith("failed: KeyError: 'p")
    assert list(result.left_out) == ["none", "broken"]


def test_latencies_are_those_of_all_rounds_by_operation(result: BenchResult) -> None:
    live = result.results[0]
    assert live.latency["all"].count == 3 * live.operations
    assert live.latency["arrive"].count == 3 * 150
    for each in live.latency.values():
        assert 0 <= each.p50 <= each.p99 <= each.longest
    assert live.memory is not None
    assert live.memory.end > 0 < live.memory.loaded


def test_every_piece_has_an_outcome(result: BenchResult) -> None:
    for each in result.results[:2]:
        outcome = each.outcome
        assert outcome.arrived == 150
        assert outcome.completed + outcome.withdrawn + outcome.waiting + outcome.unroutable == 150
        assert sum(waits.count for waits in outcome.waits.values()) == outcome.completed
        assert 0 <= outcome.gini < 1
        assert 0 < outcome.jain <= 1


def test_a_careless_router_is_found_out(result: BenchResult) -> None:
    live, scan, careless = result.results
    assert live.rules.total == scan.rules.total == 0
    assert careless.rules.violations.keys() >= {Rule.CAPACITY, Rule.SKILLS}
    assert careless.rules.examples


class Slow(Rival):
    """A rival that takes two milliseconds for an arrival."""

    name = "slow"

    def choose(self, needs: Needs, excluded: frozenset[str]) -> RivalAgent | None:
        return next((each for each in self.agents.values() if each.can_take(needs, excluded)), None)

    def arrive(self, piece: Piece) -> Assignments:
        sleep(0.002)
        return super().arrive(piece)


def test_a_slow_router_has_a_small_ratio() -> None:
    makers = {"sorted_lists": contender_maker("sorted_lists"), "slow": Slow}
    world = make_world("uniform", agents=5, pieces=60)
    fast, slow = run_bench(world, makers, rounds=3, memory=False).results
    assert slow.per_second < 1_000
    assert slow.latency["arrive"].p50 > 1_000_000
    assert slow.ratio < 0.5
    assert fast.ratio == 1


def test_rounds_of_contenders_take_turns() -> None:
    rounds: list[tuple[str, str]] = []
    makers = {name: contender_maker(name) for name in ("live", "sorted_lists")}
    run_bench(
        make_world("chat", agents=3, pieces=5), makers, rounds=2,
        progress=lambda name, kind: rounds.append((name, kind)),
    )  # fmt: skip
    kinds = ["checked", "memory", "timed", "timed"]
    assert rounds == [(name, kind) for kind in kinds for name in makers]


def test_a_round_may_end_early_and_memory_may_be_left_out() -> None:
    makers = {"linear_scan": contender_maker("linear_scan")}
    world = make_world("uniform", agents=20, pieces=2_000)
    (found,) = run_bench(world, makers, rounds=1, budget=0.001, memory=False).results
    assert not found.finished
    assert found.memory is None
    assert found.operations < 4_000
    assert found.outcome.held + found.outcome.waiting > 0


@pytest.mark.parametrize(("rounds", "budget"), [(0, 1.0), (1, 0.0), (1, float("nan"))])
def test_a_run_of_nothing_is_refused(rounds: int, budget: float) -> None:
    with pytest.raises(InvalidValueError):
        run_bench(make_world("chat", agents=1, pieces=1), {}, rounds=rounds, budget=budget)


def test_a_run_without_contenders_has_no_results() -> None:
    assert run_bench(make_world("chat", agents=1, pieces=1), {}).results == ()


def test_the_record_is_plain_data_with_machine_and_versions(result: BenchResult) -> None:
    record = json.loads(json.dumps(bench_record([result])))
    assert record["environment"]["python"].startswith("CPython 3.")
    assert record["environment"]["packages"]["attrs"]
    (world,) = record["worlds"]
    assert world["world"] == {
        "name": "overload", "seed": 2026, "order": "guarded", "agents": 8, "pieces": 150,
    }  # fmt: skip
    assert [each["name"] for each in world["contenders"]] == ["live", "linear_scan", "careless"]
    assert world["contenders"][0]["rules"]["violations"] == {}
    assert world["contenders"][2]["rules"]["violations"]["capacity"] > 0
    assert world["left_out"]["none"] == "not installed"
