"""Routing answers as data, with every agent considered."""

from __future__ import annotations

import json
from datetime import datetime

from hypothesis import given, settings

from entitlements.calendars import Calendar
from entitlements.kernel.data.records import form_of
from entitlements.kernel.instants import utc
from entitlements.routing import Agent, Roster, Work, route
from entitlements.routing.answers.answer_data import RouteData, route_data
from entitlements.testing.strategies import routing as draw

FORM = form_of(RouteData)
NINE = utc("2026-03-02T09:00Z")


@given(draw.works(), draw.rosters(), draw.instants())
@settings(max_examples=40)
def test_an_answer_is_read_back_with_its_evidence(work: Work, roster: Roster, at: datetime) -> None:
    answer = route(work, roster, at)
    plain = json.loads(json.dumps(FORM.write(route_data(answer))))
    again = FORM.read(plain, "route").route
    assert again == answer
    assert again.considered == answer.considered
    assert again.explain() == answer.explain()
    assert FORM.write(route_data(again)) == plain


def test_an_obstacle_states_its_end_as_an_instant() -> None:
    night = Agent(id="eve", shift=Calendar(zone="UTC", week="Mo-Su 18:00-22:00"))
    plain = FORM.write(route_data(route(Work(id="R-1", opened=NINE), Roster(agents=[night]), NINE)))
    (considered,) = plain["considered"]
    assert considered["obstacles"][0]["kind"] == "off_shift"
    assert considered["obstacles"][0]["until"] == "2026-03-02T18:00:00Z"
    assert plain["next_eligible_at"] == "2026-03-02T18:00:00Z"
