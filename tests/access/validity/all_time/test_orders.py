"""Orders of first responses: each week is what asking at every hour of it finds."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import attrs
import pytest
from tests.access.small import MONDAY, REQUEST
from tests.access.validity.all_time.test_weekly import HOURS_OF_ALL_KINDS, right_with, state_at

from entitlements.access.validity.all_time.orders import OrderStates
from entitlements.access.validity.crossings import PromisedResponse
from entitlements.calendars import BusinessDays, BusinessHours, Calendar
from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.calendars.timeline.zones import LAST_MICROS
from entitlements.contracts.allowances.grant_cycles import WEEK
from entitlements.engine.first_responses import FirstResponses
from entitlements.kernel.instants import HOUR, to_micros
from entitlements.sla import SlaPolicy, Target

AT: Final = to_micros(MONDAY)
RIGHT: Final = right_with(Calendar.always())
NEW_YORK: Final = Calendar(zone="America/New_York", week="Mo-Fr 09:00-17:00")
DAYS: Final = BusinessDays(3, anchor="end")


def response(
    within: timedelta | BusinessDays | None,
    hours: BusinessHours | None = None,
    cut_off: str | None = None,
) -> PromisedResponse:
    """Return a first response by these hours."""
    named = None if hours is None else "hours"
    target = Target(milestone="first_response", within=within, calendar=named, cut_off=cut_off)
    calendars = {} if hours is None else {"hours": hours}
    policy = SlaPolicy(id="p", calendars=calendars, targets=[target])
    return PromisedResponse(FirstResponses(lambda _: policy), RIGHT, REQUEST)


def check(states: OrderStates, *responses: PromisedResponse, weeks: list[int]) -> set[int]:
    """Compare weeks with the order at every hour and before each change; return the states."""
    orders: dict[int, list[list[int]]] = {}
    for number in weeks:
        start = AT + number * WEEK
        week = states.week(start)
        before = [since - 1 for since, _ in week[1:]]
        for since in (*range(0, WEEK, HOUR), *before, *(since for since, _ in week)):
            due = [each.due(start + since) for each in responses]
            order = [[(a > b) - (a < b) for b in due] for a in due]
            assert orders.setdefault(state_at(week, since), order) == order, (number, since)
    assert len(set(map(repr, orders.values()))) == len(orders)
    return {*orders}


@pytest.mark.parametrize("name", sorted(HOURS_OF_ALL_KINDS))
def test_the_orders_of_a_week_are_those_of_every_hour(name: str) -> None:
    hours = HOURS_OF_ALL_KINDS[name]
    one = response(timedelta(hours=3), hours)
    others = [response(timedelta(hours=30)), response(DAYS, NEW_YORK), response(None)]
    weeks = [0, 1, 3, 4, 42, 84, 92, 95, 20_875, (LAST_MICROS - AT) // WEEK - 1]
    check(OrderStates([one, *others], AT), one, *others, weeks=weeks)


def test_what_is_due_many_weeks_later_depends_on_the_hours_of_all_of_them() -> None:
    """Eight hours of which one comes each Wednesday, against seven weeks and some hours."""
    slow = response(timedelta(hours=8), HOURS_OF_ALL_KINDS["hour"])
    weeks = response(timedelta(days=51, hours=12))
    assert len(check(OrderStates([slow, weeks], AT), slow, weeks, weeks=[0, 1, 900])) > 1


def test_a_holiday_weeks_later_changes_what_is_due_after_it() -> None:
    """From Friday noon 160 hours end four weeks later, or on Monday after a closed day."""
    closed = Calendar(
        zone="UTC",
        week="Mo-Fr 09:00-17:00",
        holidays=[(MONDAY + timedelta(weeks=5, days=1)).date()],
    )
    hours, elapsed = response(timedelta(hours=160), closed), response(timedelta(days=28, hours=30))
    states = OrderStates([hours, elapsed], AT)
    check(states, hours, elapsed, weeks=[0, 1, 2, 3, 4, 5, 6])
    assert states.week(AT) == states.week(AT + 6 * WEEK) != states.week(AT + 3 * WEEK)


def test_business_days_depend_on_the_clocks_of_their_zone() -> None:
    """Hours around the clock never change, but their days begin earlier in summer."""
    berlin = CompositeCalendar("any", [Calendar.always()], day_zone="Europe/Berlin")
    days, hours = response(BusinessDays(1, anchor="end"), berlin), response(timedelta(hours=25))
    states = OrderStates([days, hours], AT)
    assert states.period == 20_871
    check(states, days, hours, weeks=[0, 3, 4, 5, 33, 34, 35, 20_874, 20_875])


def test_orders_by_different_cut_offs_change_every_day() -> None:
    early, late = response(DAYS, NEW_YORK, "10:00"), response(DAYS, NEW_YORK, "15:00")
    states = OrderStates([early, late], AT)
    assert len(check(states, early, late, weeks=[0, 1, 40])) == 2


def test_a_week_that_begins_at_another_hour_is_another_week() -> None:
    one, other = response(timedelta(hours=3), NEW_YORK), response(timedelta(hours=30))
    states = OrderStates([one, other], AT)
    here = states.week(AT + 1_000 * WEEK)
    assert here != states.week(AT + 1_001 * WEEK + 5 * HOUR)
    assert here == states.week(AT + 1_002 * WEEK)


def test_orders_of_responses_without_hours_never_change() -> None:
    none = response(None)
    effort = attrs.evolve(Target(milestone="first_response", within=None), commitment="best_effort")
    policy = SlaPolicy(id="p", targets=[effort])
    best = PromisedResponse(FirstResponses(lambda _: policy), RIGHT, REQUEST)
    states = OrderStates(
        [none, best, PromisedResponse(FirstResponses(lambda _: policy), None, REQUEST)], AT
    )
    assert states.week(AT) == states.week(AT + 400_000 * WEEK) == ((0, 0),)
    assert (states.period, states.repeats_from) == (1, AT)
