"""Presence is right between two edges, and brought up to date at each."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.instants import to_micros
from entitlements.routing import Requirement, Roster
from entitlements.routing.attendance import Attendance
from entitlements.routing.eligibility import is_here
from entitlements.routing.lanes import Place
from entitlements.testing.strategies.routing import instants, rosters


@given(rosters(), st.lists(instants(), min_size=1, max_size=12), st.sampled_from([True, False]))
def test_presence_is_what_the_rules_say_at_any_instant(
    roster: Roster,
    moments: list[datetime],
    rising: bool,  # noqa: FBT001 - drawn
) -> None:
    moments = sorted(moments) if rising else moments
    touched: set[str] = set()
    places = {id: Place(agent, roster.standing(id)) for id, agent in roster.agents.items()}
    attendance = Attendance(places, lambda place: touched.add(place.id))
    for place in places.values():
        attendance.enter(place)
    for at in map(to_micros, moments):
        if not attendance.start <= at < attendance.end:
            before = {id: place.here for id, place in places.items()}
            attendance.move(at)
            assert {id for id in places if places[id].here is not before[id]} <= touched
        for place in places.values():
            assert place.here == is_here(place, Requirement(), at)
        assert attendance.start <= at < attendance.end
