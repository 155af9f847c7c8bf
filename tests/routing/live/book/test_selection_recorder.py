"""A recorded selection says of each agent what `route` says on the roster before that offer."""

from __future__ import annotations

from datetime import datetime

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import tries

from entitlements.kernel import UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.routing import (
    LONGEST_IDLE,
    Agent,
    Assigned,
    Requirement,
    Roster,
    Router,
    Strategy,
    Work,
    power_of_d,
    route,
)
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.live.backlog import Backlog
from entitlements.routing.live.book.selection_recorder import SelectionRecorder
from entitlements.routing.offers.selections import MAX_CONSIDERED, RunnerUp
from entitlements.routing.strategies.named import DEFAULT_STRATEGY, TIERS
from entitlements.testing.strategies.routing import chains, instants, rosters, works

NINE = utc("2026-03-02T09:00Z")
PLAIN = Work(id="R-1", opened=NINE, requires=Requirement(groups=["db"]))


@settings(max_examples=tries(40))
@given(st.data(), rosters(), chains(), instants())
def test_recorded_agents_are_those_that_route_considers(
    data: st.DataObject, roster: Roster, strategy: Strategy, at: datetime
) -> None:
    pieces = [data.draw(works(id=f"w{number}")) for number in range(4)]
    pieces = [each for each in pieces if _is_new(each, roster)]
    router, backlog = Router(roster, strategy), Backlog()
    recorder = SelectionRecorder(router, at)
    for piece in pieces:
        backlog.add(piece)
    try:
        answers = backlog.drain(router, at, key=lambda work: Reservation(work.id, 1).key)
    except UnknownIdError:  # an on-call schedule that the roster does not have
        return
    by_id = {each.id: each for each in pieces}
    before = roster
    for answer in answers:
        work = by_id[answer.work]
        found = recorder.record(work, answer.agent, 1)
        expected = route(work, before, at, strategy=strategy)
        assert found.considered == expected.considered
        assert next(each.agent for each in found.considered if each.rank == 1) == found.agent
        before = before.assign(attrs.evolve(work, id=f"offer of {work.id}"), answer.agent, at)


def _is_new(work: Work, roster: Roster) -> bool:
    return roster.holder(work.id) is None


@settings(max_examples=tries(12))
@given(st.data(), rosters(), chains(), instants())
def test_in_a_large_group_the_runner_up_is_the_choice_without_the_agent(
    data: st.DataObject, roster: Roster, strategy: Strategy, at: datetime
) -> None:
    large = roster
    for n in range(MAX_CONSIDERED + 1):
        large = large.add(Agent(id=f"more {n}", groups=["none"]))
    pieces = [data.draw(works(id=f"w{number}")) for number in range(4)]
    router, backlog = Router(large, strategy), Backlog()
    recorder = SelectionRecorder(router, at)
    for piece in pieces:
        if _is_new(piece, roster):
            backlog.add(piece)
    by_id, before = {each.id: each for each in pieces}, large
    try:
        answers = backlog.drain(router, at, before=recorder.compare)
    except UnknownIdError:  # an on-call schedule that the roster does not have
        return
    for answer in answers:
        work = by_id[answer.work]
        found = recorder.record(work, answer.agent, 1)
        others = attrs.evolve(work, excluded_agents=work.excluded_agents | {answer.agent})
        second = route(others, before, at, strategy=strategy)
        assert found.considered == ()
        assert (found.runner_up is None) == (not isinstance(second, Assigned))
        if found.runner_up is not None and isinstance(second, Assigned):
            assert found.runner_up.agent == second.agent
            assert found.runner_up.key != "sample" or strategy.sample is not None
        before = before.assign(work, answer.agent, at)


def by(strategy: Strategy, *more: Agent, work: Work = PLAIN) -> RunnerUp | None:
    """Return the runner-up of a large group, in which agents without the group take nothing."""
    crowd = [Agent(id=f"z{n:02}", groups=["none"]) for n in range(MAX_CONSIDERED)]
    router = Router(Roster(agents=[*more, *crowd]), strategy)
    answer = router.route(work, NINE)
    assert isinstance(answer, Assigned)
    found = SelectionRecorder(router, NINE).record(work, answer.agent, 3)
    assert (found.agents, found.considered) == (len(more) + MAX_CONSIDERED, ())
    return found.runner_up


def test_of_a_large_group_the_first_difference_to_the_runner_up_is_recorded() -> None:
    ada, bob = (Agent(id=id, groups=["db"], skills={"sql": n}) for n, id in enumerate(["a", "b"]))
    assert by(DEFAULT_STRATEGY, ada) is None
    assert by(DEFAULT_STRATEGY, ada, bob) == RunnerUp(agent="b", key="id", chosen="a", other="b")
    tiers = [attrs.evolve(ada, tier=2), attrs.evolve(bob, tier=1)]
    assert by(TIERS, *tiers) == RunnerUp(agent="a", key="tiers", chosen="1", other="2")
    liked = attrs.evolve(PLAIN, preferred_agents=[["b"]])
    assert by(TIERS, ada, bob, work=liked) == RunnerUp(agent="a", key="preferred")
    avoided = attrs.evolve(PLAIN, demoted_agents=["a"])
    assert by(TIERS, ada, bob, work=avoided) == RunnerUp(agent="a", key="demoted")
    nine = [attrs.evolve(ada, id=f"a{n}") for n in range(9)]
    drawn = [by(power_of_d(1), *nine, work=attrs.evolve(PLAIN, id=f"R-{n}")) for n in range(9)]
    assert {each.key for each in drawn if each is not None} == {"sample", "id"}
    assert all(each.chosen < each.other for each in drawn if each is not None and each.chosen)
    roster = Roster(agents=[ada, bob]).assign(attrs.evolve(PLAIN, id="R-0"), "a", NINE)
    before = roster.complete("R-0", NINE)
    router = Router(before, LONGEST_IDLE)
    recorder = SelectionRecorder(router, NINE)
    assert recorder.record(PLAIN, "b", 1).considered, "a small group is compared as a whole"
