"""The three answers as values."""

from __future__ import annotations

from entitlements.kernel.instants import utc
from entitlements.routing import (
    Agent,
    ConsideredAgent,
    Obstacle,
    ObstacleKind,
    Roster,
    Work,
    power_of_d,
    route,
)

NINE = utc("2026-03-02T09:00Z")


def test_each_agent_considered_is_one_clause() -> None:
    assert str(
        ConsideredAgent("a", (Obstacle(ObstacleKind.AWAY), Obstacle(ObstacleKind.EXCLUSIVE)))
    ) == ("a: away, exclusive work")
    assert str(ConsideredAgent("a", rank=1)) == "a: chosen"
    assert str(ConsideredAgent("a", rank=3)) == "a: eligible, rank 3"


def test_agents_outside_the_sample_are_not_sampled() -> None:
    roster = Roster(agents=[Agent(id=id) for id in "abcd"])
    answer = route(Work(id="R-1", opened=NINE), roster, NINE, strategy=power_of_d(2))
    places = sorted(each.rank or 0 for each in answer.considered)
    assert places == [0, 0, 1, 2]
    assert answer.explain().count("not sampled") == 2


def test_answers_with_equal_fields_are_equal() -> None:
    one = route(Work(id="R-1", opened=NINE), Roster(agents=[Agent(id="a")]), NINE)
    two = route(Work(id="R-1", opened=NINE), Roster(agents=[Agent(id="a", capacity=5)]), NINE)
    assert one == two
    assert "evidence" not in repr(one)
