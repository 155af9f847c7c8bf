"""Properties R1 to R12 of the linear choice, and the texts of its answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar
from entitlements.kernel import InvalidValueError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.routing import (
    LEAST_LOADED,
    LONGEST_IDLE,
    STRATEGIES,
    Agent,
    Assigned,
    ObstacleKind,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    Roster,
    Router,
    RoutingObligations,
    Strategy,
    Unroutable,
    Waiting,
    Work,
    available_agents,
    power_of_d,
    route,
    seeded_random,
)
from entitlements.testing.oracles import routing as oracle
from entitlements.testing.strategies.routing import agents, chains, instants, rosters, works

NINE = utc("2026-03-02T09:00Z")


@given(works(), rosters(), instants(), chains())
def test_every_hard_constraint_holds(
    work: Work, roster: Roster, at: datetime, strategy: Strategy
) -> None:
    match route(work, roster, at, strategy=strategy):
        case Assigned(agent=agent):
            assert agent in oracle.eligible(work, roster, at)
        case _:
            assert not oracle.eligible(work, roster, at)


@given(works(), rosters(), instants(), chains(), st.randoms(use_true_random=False))
def test_the_order_of_candidates_is_irrelevant(
    work: Work, roster: Roster, at: datetime, strategy: Strategy, shuffler: Random
) -> None:
    shuffled = list(roster.agents.values())
    shuffler.shuffle(shuffled)
    other = attrs.evolve(roster, agents=shuffled)
    one, two = (route(work, each, at, strategy=strategy) for each in (roster, other))
    assert one == two
    assert one.explain() == two.explain()


@given(works(), rosters(), instants(), chains(), agents("new"))
def test_an_agent_who_is_not_eligible_changes_nothing(
    work: Work, roster: Roster, at: datetime, strategy: Strategy, new: Agent
) -> None:
    larger = roster.add(new)
    before, after = (route(work, each, at, strategy=strategy) for each in (roster, larger))
    if "new" not in oracle.eligible(work, larger, at):
        assert getattr(before, "agent", None) == getattr(after, "agent", None)


@given(works(), rosters(), instants(), chains(), st.integers(0, 5))
def test_removing_an_agent_who_was_not_chosen_changes_nothing(
    work: Work, roster: Roster, at: datetime, strategy: Strategy, nth: int
) -> None:
    answer = route(work, roster, at, strategy=strategy)
    idle = [id for id in roster.agents if not roster.workload(id).held]
    others = [id for id in idle if isinstance(answer, Assigned) and id != answer.agent]
    if others:
        smaller = roster.remove(others[nth % len(others)])
        assert route(work, smaller, at, strategy=strategy) == answer


@given(works(), rosters(), instants())
def test_without_an_eligible_agent_every_agent_has_a_reason(
    work: Work, roster: Roster, at: datetime
) -> None:
    answer = route(work, roster, at)
    assert [each.agent for each in answer.considered] == sorted(roster.agents)
    for each in answer.considered:
        assert bool(each.obstacles) == (each.agent not in oracle.eligible(work, roster, at))
    if isinstance(answer, Unroutable):
        assert answer.reasons
        assert all(isinstance(each, ObstacleKind) for each in answer.reasons)


@given(st.lists(works(), max_size=6), rosters(), instants(), chains())
def test_capacity_is_never_exceeded(
    batch: list[Work], roster: Roster, at: datetime, strategy: Strategy
) -> None:
    for work in [attrs.evolve(each, id=f"n{n}") for n, each in enumerate(batch)]:
        before = roster
        match route(work, roster, at, strategy=strategy):
            case Assigned(agent=agent):
                roster = roster.assign(work, agent, at)
                assert oracle.has_capacity(
                    before.agent(agent), before.workload(agent), work.requirement_at(at)
                )
            case _:
                pass


@given(
    st.integers(1, 6),
    st.integers(1, 20),
    st.sampled_from(
        [
            LEAST_LOADED,
            *(STRATEGIES[name] for name in ("round_robin", "least_recently_assigned")),
            *(STRATEGIES[name] for name in ("most_spare", "weighted_round_robin")),
        ]
    ),
)
def test_loads_of_identical_agents_differ_by_at_most_one(
    people: int, pieces: int, strategy: Strategy
) -> None:
    roster = Roster(agents=[Agent(id=f"a{n}", capacity=30) for n in range(people)])
    for n in range(pieces):
        work, at = Work(id=f"w{n}", opened=NINE), NINE + timedelta(seconds=n)
        answer = route(work, roster, at, strategy=strategy)
        roster = roster.assign(work, answer.agent, at)
    loads = [len(roster.workload(id).held) for id in roster.agents]
    assert max(loads) - min(loads) <= 1


@given(works(), rosters(), instants(), chains())
def test_residency_and_clearance_are_never_violated(
    work: Work, roster: Roster, at: datetime, strategy: Strategy
) -> None:
    duties = work.requires.obligations
    for moment in (at, at.replace(year=2027)):
        answer = route(work, roster, moment, strategy=strategy)
        if isinstance(answer, Assigned):
            agent = roster.agent(answer.agent)
            assert not duties.residency or agent.region in duties.residency
            assert all(agent.clearances.get(k, -1) >= v for k, v in duties.clearances.items())


@given(st.lists(works(), max_size=5), rosters(), instants(), agents("new"))
def test_more_capacity_leaves_no_more_unassigned(
    batch: list[Work], roster: Roster, at: datetime, new: Agent
) -> None:
    # One agent more for one piece of work at a time: nobody who had an agent loses one.
    larger = roster.add(new)
    for work in batch:
        if isinstance(route(work, roster, at), Assigned):
            assert isinstance(route(work, larger, at), Assigned)


@given(works(), rosters(), instants(), st.text(max_size=3))
def test_the_same_seed_gives_the_same_choice(
    work: Work, roster: Roster, at: datetime, epoch: str
) -> None:
    for make in (seeded_random, lambda seed: power_of_d(2, LONGEST_IDLE, seed)):
        assert route(work, roster, at, strategy=make(epoch)) == route(
            work, roster, at, strategy=make(epoch)
        )


@given(works(), rosters(most=8), instants(), st.lists(st.sampled_from(sorted(oracle.MEASURES))))
def test_the_choice_equals_brute_force(
    work: Work, roster: Roster, at: datetime, names: list[str]
) -> None:
    strategy = Strategy("tail", ()).then(*(STRATEGIES[name] for name in names))
    answer = route(work, roster, at, strategy=strategy)
    assert getattr(answer, "agent", None) == oracle.best(work, roster, at, names)


@given(works(), rosters(), instants(), st.integers(0, 200))
def test_no_agent_is_eligible_before_the_announced_instant(
    work: Work, roster: Roster, at: datetime, steps: int
) -> None:
    answer = route(work, roster, at)
    if not isinstance(answer, Waiting):
        return
    when = answer.next_eligible_at
    until = at.replace(month=at.month + 1) if when is None else when
    for n in range(steps % 12):
        between = at + (until - at) * n / 12
        assert not oracle.eligible(work, roster, between)
    expected = [
        id for id in roster.agents if roster.workload(id).away and not roster.workload(id).back
    ]
    if when is not None and not expected:
        assert oracle.eligible(work, roster, when)


@given(works(), rosters(), instants())
def test_unroutable_work_stays_so_as_time_passes(work: Work, roster: Roster, at: datetime) -> None:
    if isinstance(route(work, roster, at), Unroutable):
        for days in (1, 30):
            later = at.replace(month=at.month + 1, day=days % 28 + 1)
            assert not oracle.eligible(work, roster, later)


@given(works(), rosters(), instants(), instants())
def test_without_restart_the_qualified_only_grow(
    work: Work, roster: Roster, one: datetime, two: datetime
) -> None:
    early, late = sorted((one, two))
    for agent in roster.agents.values():
        if oracle.qualified(agent, work.requirement_at(early)):
            assert oracle.qualified(agent, work.requirement_at(late))


def test_every_agent_has_a_reason() -> None:
    desk = Calendar(zone="UTC", week="Mo-Fr 10:00-17:00")
    roster = Roster(
        agents=[
            Agent(id="a1", skills={"spanish": 2}),
            Agent(id="a2", skills={"spanish": 3}, capacity=1),
            Agent(id="a3", skills={"spanish": 3}, shift=desk),
            Agent(id="a4", skills={"spanish": 5}, region="us"),
        ]
    ).assign(Work(id="R-0", opened=NINE), "a2", NINE)
    duties = RoutingObligations(residency={"eu", "us"})
    work = Work(
        id="R-1",
        opened=NINE,
        requires=Requirement(skills={"spanish": 3}, obligations=duties),
        excluded_agents=["a4"],
    )
    answer = route(work, roster, NINE)
    assert [str(each) for each in answer.considered] == [
        "a1: level spanish 2 < 3, not in region eu or us",
        "a2: not in region eu or us, free work capacity 0 < 1",
        "a3: not in region eu or us, off shift until 2026-03-02T10:00:00Z",
        "a4: excluded from this work",
    ]
    assert answer.explain().startswith("`R-1` cannot be routed: excluded, level, residency; a1:")


def test_work_waits_for_the_first_shift_that_opens() -> None:
    roster = Roster(
        agents=[
            Agent(id="emea", shift=Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")),
            Agent(id="amer", shift=Calendar(zone="America/New_York", week="Mo-Fr 09:00-17:00")),
        ]
    )
    night = utc("2026-03-02T03:00Z")
    work = Work(id="R-1", opened=night)
    answer = route(work, roster, night)
    assert isinstance(answer, Waiting)
    assert answer.next_eligible_at == utc("2026-03-02T08:00Z")
    assert available_agents(work, roster, night) == (
        (utc("2026-03-02T08:00Z"), "emea"),
        (utc("2026-03-02T14:00Z"), "amer"),
    )
    assert answer.explain().startswith("`R-1` waits until 2026-03-02T08:00:00Z; amer: off shift")


def test_work_waits_for_its_own_relaxation() -> None:
    work = Work(
        id="R-1",
        opened=NINE,
        requires=Requirement(skills={"oracle": 3}),
        relaxation=RelaxationPlan(
            steps=[RelaxationStep(after=NINE - utc("2026-03-02T08:50Z"), drop="oracle")]
        ),
    )
    answer = route(work, Roster(agents=[Agent(id="ada")]), NINE)
    assert isinstance(answer, Waiting)
    assert answer.next_eligible_at == utc("2026-03-02T09:10Z")
    assert answer.next_eligible_at == work.next_change_at(NINE)


def test_a_busy_agent_gives_no_instant_to_wait_for() -> None:
    roster = Roster(agents=[Agent(id="ada", capacity=1)])
    roster = roster.assign(Work(id="R-0", opened=NINE), "ada", NINE)
    answer = route(Work(id="R-1", opened=NINE), roster, NINE)
    assert isinstance(answer, Waiting)
    assert answer.next_eligible_at is None
    assert answer.explain() == "`R-1` waits until an agent is free; ada: free work capacity 0 < 1"


def test_preferred_agents_come_before_any_key() -> None:
    roster = Roster(agents=[Agent(id="ada"), Agent(id="bob"), Agent(id="eve")])
    for wish, chosen in (("eve", "eve"), ([["bob", "eve"]], "bob"), (["nobody", "eve"], "eve")):
        work = Work(id="R-1", opened=NINE, preferred_agents=wish)
        assert route(work, roster, NINE).agent == chosen


@pytest.mark.parametrize(
    ("agent", "requires", "reasons"),
    [
        pytest.param(None, Requirement(), (ObstacleKind.NO_AGENTS,), id="a roster without agents"),
        pytest.param(
            Agent(id="a"),
            Requirement(skills={"klingon": 1}),
            (ObstacleKind.SKILL,),
            id="unknown skill",
        ),
        pytest.param(
            Agent(id="a", capacity=0), Requirement(), (ObstacleKind.TOO_BIG,), id="capacity zero"
        ),
        pytest.param(
            Agent(id="a", capacity=5),
            Requirement(weights=6),
            (ObstacleKind.TOO_BIG,),
            id="weight above every limit",
        ),
        pytest.param(
            Agent(id="a", shift=Calendar.never()),
            Requirement(),
            (ObstacleKind.NEVER_ON_DUTY,),
            id="shift that never opens",
        ),
        pytest.param(
            Agent(id="a", channels={"chat": 1}),
            Requirement(channel="phone"),
            (ObstacleKind.CHANNEL,),
            id="a channel without agents",
        ),
        pytest.param(
            Agent(id="a", work_limit=0),
            Requirement(),
            (ObstacleKind.TOO_BIG,),
            id="ceiling of nothing",
        ),
        pytest.param(
            Agent(id="a"),
            Requirement(groups="db", obligations=RoutingObligations(clearances="sc")),
            (ObstacleKind.CLEARANCE, ObstacleKind.GROUP),
            id="group and clearance",
        ),
    ],
)
def test_work_that_can_never_be_routed_is_unroutable(
    agent: Agent | None, requires: Requirement, reasons: tuple[ObstacleKind, ...]
) -> None:
    roster = Roster(agents=[] if agent is None else [agent])
    answer = route(Work(id="R-1", opened=NINE, requires=requires), roster, NINE)
    assert isinstance(answer, Unroutable)
    assert answer.reasons == reasons


def test_demoted_agents_come_last_also_where_they_are_preferred() -> None:
    roster = Roster(agents=[Agent(id=id) for id in ("a1", "a2", "a3")])
    work = Work(id="w", opened=NINE, preferred_agents=["a1", ["a2"]], demoted_agents=["a1", "a3"])
    answer = route(work, roster, NINE)
    ranks = {each.agent: each.rank for each in answer.considered}
    assert ranks == {"a2": 1, "a1": 2, "a3": 3}
    assert Router(roster).route(work, NINE) == answer
    away = roster.set_status("a2", NINE, away=True)
    for found in (route(work, away, NINE), Router(away).route(work, NINE)):
        assert isinstance(found, Assigned)
        assert found.agent == "a1"


def test_an_answer_has_no_truth_value() -> None:
    with pytest.raises(TypeError):
        bool(route(Work(id="R-1", opened=NINE), Roster(), NINE))


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(InvalidValueError):
        route(Work(id="R-1", opened=NINE), Roster(), NINE.replace(tzinfo=None))


def test_an_unknown_on_call_schedule_is_an_error() -> None:
    work = Work(id="R-1", opened=NINE, requires=Requirement(on_call="db"))
    with pytest.raises(UnknownIdError):
        route(work, Roster(agents=[Agent(id="ada")]), NINE)
