"""Strategies with coefficients."""

from __future__ import annotations

from datetime import timedelta

from entitlements.kernel.instants import utc
from entitlements.routing import (
    AffineScore,
    Agent,
    Requirement,
    Roster,
    Router,
    Work,
    Workload,
    affine_score,
    least_opportunity_cost,
    route,
)
from entitlements.routing.strategies.named import LEAST_VERSATILE

NINE = utc("2026-03-02T09:00Z")
MINUTE = timedelta(minutes=1)


def test_agents_with_a_skill_in_demand_are_spared() -> None:
    roster = Roster(
        agents=[Agent(id="ada", skills=["a", "rare"]), Agent(id="bob", skills=["a", "b", "c"])]
    )
    work = Work(id="w", opened=NINE, requires=Requirement(skills="a"))
    strategy = least_opportunity_cost({"rare": 9, "b": 1, "c": 1})
    assert route(work, roster, NINE, strategy=strategy).agent == "bob"
    assert route(work, roster, NINE, strategy=LEAST_VERSATILE).agent == "ada"


def test_an_affine_score_weighs_groups_waits_and_idleness() -> None:
    roster = Roster(
        agents=[Agent(id="ada", groups="first"), Agent(id="bob", groups="second")],
        workloads={
            "ada": Workload(released=NINE - MINUTE),
            "bob": Workload(released=NINE - 10 * MINUTE),
        },
    )
    work = Work(id="w", opened=NINE - MINUTE)
    base = affine_score({"first": AffineScore(base=600), "second": AffineScore()})
    assert route(work, roster, NINE, strategy=base).agent == "ada"
    idle = affine_score({"first": AffineScore(600, 0, 1), "second": AffineScore(100, 0, 2)})
    assert route(work, roster, NINE, strategy=idle).agent == "bob"
    assert Router(roster, idle).route(work, NINE).agent == "bob"
