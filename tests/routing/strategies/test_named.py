"""Named strategies; what each key compares is checked against brute force elsewhere."""

from __future__ import annotations

import pickle
from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar
from entitlements.kernel.instants import utc
from entitlements.routing import (
    DEFAULT_STRATEGY,
    LONGEST_IDLE,
    STRATEGIES,
    Agent,
    Assigned,
    Requirement,
    Roster,
    Router,
    Strategy,
    Work,
    Workload,
    custom_strategy,
    power_of_d,
    route,
    seeded_random,
)
from entitlements.routing.strategies.named import IdleSince, longest_idle
from entitlements.routing.strategies.strategy import hash_draw
from entitlements.testing.oracles import routing as oracle
from entitlements.testing.strategies.routing import instants, rosters, works

NINE = utc("2026-03-02T09:00Z")
MINUTE = timedelta(minutes=1)


def test_every_strategy_without_parameters_is_listed_under_its_name() -> None:
    assert set(oracle.MEASURES) | {"seeded_random"} == set(STRATEGIES)
    assert all(each.name == name for name, each in STRATEGIES.items())


def test_a_return_restarts_idle_time_only_with_that_option() -> None:
    roster = Roster(
        agents=[Agent(id="ada"), Agent(id="bob")],
        workloads={
            "ada": Workload(released=NINE - 60 * MINUTE, available_since=NINE - MINUTE),
            "bob": Workload(released=NINE - 30 * MINUTE, last_assigned=NINE - 90 * MINUTE),
        },
    )
    chosen = {
        basis: route(Work(id="w", opened=NINE), roster, NINE, strategy=longest_idle(basis)).agent
        for basis in IdleSince
    }
    assert chosen == {
        IdleSince.RELEASED: "ada",
        IdleSince.AVAILABLE: "bob",
        IdleSince.ASSIGNED: "ada",
    }


def test_seeded_random_choices_are_spread_and_reproducible() -> None:
    # A fixed value, so that another platform or release that draws otherwise is noticed.
    assert hash_draw("R-1", "ada", "") == 13_915_318_934_923_094_956
    assert hash_draw("ab", "c", "") != hash_draw("a", "bc", "")
    router = Router(Roster(agents=[Agent(id=id) for id in "abcde"]), seeded_random("x"))
    counts = Counter(router.route(Work(id=f"w{n}", opened=NINE), NINE).agent for n in range(1_000))
    assert set(counts) == set("abcde")
    assert all(150 < each < 250 for each in counts.values())


def test_another_epoch_gives_another_order() -> None:
    roster = Roster(agents=[Agent(id=f"a{n}") for n in range(50)])
    work = Work(id="w", opened=NINE)
    chosen = {route(work, roster, NINE, strategy=seeded_random(epoch)).agent for epoch in "abcdef"}
    assert len(chosen) > 2


@given(works(), rosters(), instants(), st.integers(1, 3))
def test_the_best_of_a_sample_is_drawn_and_eligible(
    work: Work, roster: Roster, at: datetime, size: int
) -> None:
    strategy = power_of_d(size, LONGEST_IDLE)
    answer = route(work, roster, at, strategy=strategy)
    able = oracle.eligible(work, roster, at)
    drawn = sorted(able, key=lambda agent: (hash_draw(work.id, agent, ""), agent))[:size]
    if not work.preferred_agents:
        assert getattr(answer, "agent", None) in (drawn or [None])
    assert Router(roster, strategy).route(work, at) == answer


def test_a_custom_strategy_orders_a_roster_and_a_router_alike() -> None:
    strategy = custom_strategy("last letter", lambda state, _: -ord(state.id[-1]))
    roster = Roster(agents=[Agent(id=id) for id in ("az", "by", "cx")])
    work = Work(id="w", opened=NINE)
    assert route(work, roster, NINE, strategy=strategy).agent == "az"
    assert Router(roster, strategy).route(work, NINE).agent == "az"


@pytest.mark.parametrize(
    ("first", "second", "nearer"),
    [
        pytest.param({}, {"oracle": 1}, "b", id="a missing skill is farther than level one"),
        pytest.param({}, {"oracle": 0}, "a", id="and as far as level zero"),
        pytest.param({"oracle": 0}, {}, "a", id="in either order"),
    ],
)
def test_a_missing_skill_is_as_far_as_level_zero(
    first: dict[str, int], second: dict[str, int], nearer: str
) -> None:
    roster = Roster(agents=[Agent(id="a", skills=first), Agent(id="b", skills=second)])
    work = Work(id="R-1", opened=NINE, requires=Requirement(preferred={"oracle": 3}))
    answer = route(work, roster, NINE, strategy=STRATEGIES["nearest_proficiency"])
    assert isinstance(answer, Assigned)
    assert answer.agent == nearer


def test_least_busy_time_compares_shares_of_the_time_on_shift() -> None:
    desk = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
    roster = Roster(
        agents=[Agent(id="ada", shift=desk), Agent(id="bob")],
        workloads={"ada": Workload(busy=60 * MINUTE), "bob": Workload(busy=90 * MINUTE)},
        since=NINE - timedelta(days=3),
    )
    # Friday to Monday: ada was busy for 60 of 480 minutes, bob for 90 of 4,320.
    strategy = STRATEGIES["least_busy_time"]
    assert route(Work(id="w", opened=NINE), roster, NINE, strategy=strategy).agent == "bob"


@pytest.mark.parametrize("strategy", [*STRATEGIES.values(), DEFAULT_STRATEGY, seeded_random("x")])
def test_a_named_strategy_can_be_pickled(strategy: Strategy) -> None:
    assert pickle.loads(pickle.dumps(strategy)) == strategy  # noqa: S301 - our own bytes


def test_a_skill_that_is_required_may_be_preferred_at_a_higher_level() -> None:
    nine = utc("2026-03-02T09:00Z")
    agents = [Agent(id="ada", skills={"oracle": 1}), Agent(id="zoe", skills={"oracle": 3})]
    needs = Requirement(skills={"oracle": 1}, preferred={"oracle": 3})
    for name in ("nearest_proficiency", "most_skills", "most_proficient"):
        chosen = route(
            Work(id="R-1", opened=nine, requires=needs),
            Roster(agents=agents),
            nine,
            strategy=STRATEGIES[name],
        )
        assert isinstance(chosen, Assigned)
        assert chosen.agent == "zoe", name
    without = Roster(agents=agents[:1])
    assert isinstance(route(Work(id="R-1", opened=nine, requires=needs), without, nine), Assigned)
    # A preference below the required level changes nothing.
    lower = Requirement(skills={"oracle": 2}, preferred={"oracle": 1})
    near = Roster(agents=[Agent(id="two", skills={"oracle": 2}), *agents[1:]])
    work = Work(id="R-1", opened=nine, requires=lower)
    chosen = route(work, near, nine, strategy=STRATEGIES["nearest_proficiency"])
    assert isinstance(chosen, Assigned)
    assert chosen.agent == "two"


def test_the_position_in_the_list_decides_or_breaks_ties() -> None:
    nine = utc("2026-03-02T09:00Z")
    agents = [Agent(id="ada", position=2), Agent(id="bob", position=1)]
    worked = Workload(released=nine, last_assigned=nine)
    roster = Roster(agents=agents, workloads={"ada": worked, "bob": worked})
    work = Work(id="R-1", opened=nine)
    for strategy in (STRATEGIES["position"], LONGEST_IDLE.then(STRATEGIES["position"])):
        answer = route(work, roster, nine, strategy=strategy)
        assert isinstance(answer, Assigned)
        assert answer.agent == "bob"
