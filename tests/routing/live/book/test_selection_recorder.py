"""A recorded selection says of each agent what `route` says on the roster before that offer."""

from __future__ import annotations

from datetime import datetime

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import tries

from entitlements.kernel import UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.routing import Agent, Roster, Router, Strategy, Work, route
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.live.backlog import Backlog
from entitlements.routing.live.book.selection_recorder import SelectionRecorder
from entitlements.routing.offers.selections import MAX_CONSIDERED
from entitlements.testing.strategies.routing import chains, instants, rosters, works

NINE = utc("2026-03-02T09:00Z")


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


def test_a_large_group_is_only_counted() -> None:
    router = Router(Roster(agents=[Agent(id=f"a{n:02}") for n in range(MAX_CONSIDERED + 1)]))
    preferring = Work(id="R-1", opened=NINE, preferred_agents=[["a07"]])
    found = SelectionRecorder(router, NINE).record(preferring, "a07", 3)
    assert (found.agents, found.considered, found.preferred) == (MAX_CONSIDERED + 1, (), True)
    assert found.routed
