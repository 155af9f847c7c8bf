from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from entitlements.testing.routing_bench import (
    Dimension,
    Piece,
    Scale,
    bench_chart,
    bench_record,
    contender_maker,
    make_world,
    run_bench,
    run_scaling,
    scaled_world,
)
from entitlements.testing.routing_bench.checker.rules import CheckedAgent
from entitlements.testing.routing_bench.scaling import FIRST, ScalingRow


def test_a_scaled_world_has_the_sizes_that_were_asked_for() -> None:
    world = scaled_world(Scale(agents=40, profiles=8, backlog=16, skills=32, pieces=400))
    present = world.agents[:-1]
    assert len(present) == 40
    assert len({each.skills for each in present}) == 8
    assert len({name for each in present for name in each.skills}) <= 32
    pieces = [each for each in world.events if isinstance(each, Piece)]
    assert len(pieces) == world.pieces == 416
    assert len({each.needs for each in pieces[:16]}) == 16


def test_half_of_the_agents_hold_each_of_the_skills_that_are_half_held() -> None:
    agents = scaled_world(Scale(agents=60, half_held=8, pieces=1)).agents
    assert {len(each.skills) for each in agents} == {4}
    holders = Counter(name for each in agents for name in each.skills)
    assert len(holders) == 8
    assert all(20 <= number <= 40 for number in holders.values())


def test_nobody_present_can_take_the_backlog_and_an_absent_agent_could() -> None:
    world = scaled_world(Scale(agents=5, backlog=4, pieces=0))
    agents = [CheckedAgent(each) for each in world.agents]
    for piece in world.events:
        assert isinstance(piece, Piece)
        assert [each.agent.id for each in agents if each.fits(piece.needs)] == ["absent"]


@pytest.fixture(scope="module")
def rows() -> tuple[ScalingRow, ...]:
    makers = {"sorted_lists": contender_maker("sorted_lists"), "none": "not installed"}
    return run_scaling(makers, rounds=1, doublings=1, pieces=30)


def test_each_dimension_is_doubled(rows: tuple[ScalingRow, ...]) -> None:
    assert [(each.dimension, each.size) for each in rows] == [
        (dimension, FIRST[dimension] * factor) for dimension in Dimension for factor in (1, 2)
    ]
    assert all(each.costs.keys() == {"sorted_lists"} for each in rows)
    assert all(cost > 0 for each in rows for cost in each.costs.values())


def test_a_contender_that_cannot_finish_the_backlog_has_no_cost() -> None:
    rows = run_scaling(
        {"pure": contender_maker("pure")}, rounds=1, doublings=0, pieces=2, budget=1e-9
    )
    costs = {each.dimension: each.costs for each in rows}
    assert costs[Dimension.BACKLOG] == {}
    assert costs[Dimension.SKILLS].keys() == {"pure"}


def test_a_chart_shows_every_contender_and_every_size(rows: tuple[ScalingRow, ...]) -> None:
    makers = {name: contender_maker(name) for name in ("live", "sorted_lists")}
    result = run_bench(make_world("chat", agents=4, pieces=30), makers, rounds=1, memory=False)
    chart = bench_chart([result], rows)
    root = ET.fromstring(chart)  # noqa: S314 - our own text
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "chat: 4 agents, 30 pieces; operations a second" in texts
    assert {"live", "sorted_lists"} <= set(texts)
    assert {f"{each.size}" for each in rows} <= set(texts)
    lines = list(root.iter("{http://www.w3.org/2000/svg}polyline"))
    assert len(lines) == len(Dimension)


def test_a_chart_of_nothing_is_an_empty_drawing() -> None:
    assert ET.fromstring(bench_chart([])) is not None  # noqa: S314 - our own text


def test_the_scaling_table_is_part_of_the_record(rows: tuple[ScalingRow, ...]) -> None:
    found = bench_record([], rows)["scaling"]
    assert isinstance(found, list)
    assert found[0]["dimension"] == "agents"
    assert found[0]["size"] == FIRST[Dimension.AGENTS]
