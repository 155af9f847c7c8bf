"""Weekly states: each week is what asking at every hour of it finds."""

from __future__ import annotations

import attrs
import pytest
from tests.access.compiled.test_balance_check import prepaid
from tests.access.small import CATALOG, CONTRACT, MONDAY, PLAN, REQUEST, with_account
from tests.access.validity.uneven import HOURS
from tests.access.validity.until import uneven

from entitlements.access.compiled.account_index import AccountIndex, window_failures
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.validity.all_time.weekly import (
    DatedStates,
    HoursStates,
    PoolWeeks,
    WeekOfStates,
)
from entitlements.access.validity.pools import given
from entitlements.calendars import BusinessHours, Calendar, Closure, HolidaySet, WeekChange
from entitlements.contracts import Cycle
from entitlements.contracts.allowances.grant_cycles import WEEK
from entitlements.kernel.instants import DAY, END_OF_TIME, HOUR, START_OF_TIME, to_micros, utc

AT = to_micros(MONDAY)
DESK = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
YEAR = HolidaySet(holidays=["2026-12-25"], covered=("2026-01-01", "2027-12-31"))
HOURS_OF_ALL_KINDS: dict[str, BusinessHours] = {
    **HOURS,
    "covered": attrs.evolve(DESK, holidays=[YEAR]),
    "closed for good": attrs.evolve(
        DESK, closures=[Closure("2026-04-07T07:00Z", "9997-12-31T00:00Z")]
    ),
    "changed": attrs.evolve(DESK, changes=[WeekChange("2026-08-03", "Mo-Th 10:00-12:00")]),
    "summer": Calendar(zone="Europe/Berlin", week="Mo-Fr 16:00-17:00")
    & Calendar(zone="America/Phoenix", week="Mo-Fr 07:00-08:00"),
    "summer, then never": attrs.evolve(
        Calendar(zone="Europe/Berlin", week="Mo-Fr 16:00-17:00"),
        changes=[WeekChange("2027-12-06", "Mo-Fr 10:00-11:00")],
    )
    & Calendar(zone="America/Phoenix", week="Mo-Fr 07:00-08:00"),
    "turns": DESK | HOURS["hour"],
}


def right_with(hours: BusinessHours) -> CompiledRight:
    """Return a right with these hours."""
    rights = [attrs.evolve(PLAN.rights[0], hours="desk")]
    catalog = attrs.evolve(
        CATALOG, calendars={"desk": hours}, plans=[attrs.evolve(PLAN, rights=rights)]
    )
    account = with_account(contracts=[attrs.evolve(CONTRACT, months=None)]).account
    assert account is not None
    index = AccountIndex(account, catalog)
    return index.request_class(REQUEST).lines[0].at(AT).rights[0]


def state_at(week: WeekOfStates, since: int) -> int:
    """Return the state some time after the start of a week."""
    return [state for start, state in week if start <= since][-1]


@pytest.mark.parametrize("name", sorted(HOURS_OF_ALL_KINDS))
def test_the_hours_of_a_week_are_those_of_every_hour(name: str) -> None:
    right = right_with(HOURS_OF_ALL_KINDS[name])
    assert right.hours is not None
    states = HoursStates(right, right.hours, AT)
    for number in (*range(6), *range(6, 84, 13), *range(84, 97), *range(1_000, 400_000, 95_389)):
        start = AT + number * WEEK
        week = states.week(start)
        found = [state_at(week, since) for since in range(0, WEEK, HOUR)]
        assert found == [window_failures(right, start + since) for since in range(0, WEEK, HOUR)], (
            number
        )


def test_weeks_that_begin_at_another_hour_are_other_weeks() -> None:
    right = right_with(DESK)
    assert right.hours is not None
    states = HoursStates(right, right.hours, AT)
    for start in (AT + 20 * WEEK, AT + 21 * WEEK, AT + 22 * WEEK + 5 * HOUR, AT + 23 * WEEK):
        found = [state_at(states.week(start), since) for since in range(0, WEEK, HOUR)]
        assert found == [window_failures(right, start + since) for since in range(0, WEEK, HOUR)]


def test_hours_that_end_are_constant_after_that() -> None:
    right = right_with(HOURS_OF_ALL_KINDS["covered"])
    assert right.hours is not None
    states = HoursStates(right, right.hours, AT)
    assert not states.is_constant(AT)
    assert states.is_constant(to_micros(utc("2028-01-02T00:00Z")))
    assert states.period == 1
    never = right_with(Calendar.never())
    assert never.hours is not None
    assert HoursStates(never, never.hours, AT).is_constant(AT)


def test_the_weeks_of_a_pool_say_when_something_else_is_given() -> None:
    looked_at = 0
    for seed in range(4):
        world = uneven(seed)
        index = AccountIndex(world.account, world.catalog)
        request, at = world.questions[0]
        for line in index.request_class(request).lines:
            for right in line.at(at).rights:
                weeks = PoolWeeks(index, right, request, at)
                seen: dict[int, object] = {}
                for number in range(30):
                    start = at + number * WEEK
                    week = weeks.week(start)
                    for since in range(0, WEEK, DAY // 2):
                        what = given(index, right, request, start + since)
                        assert seen.setdefault(state_at(week, since), what) == what
                        looked_at += 1
                assert len(set(map(repr, seen.values()))) == len(seen)
    assert looked_at > 2_000


def test_a_pool_of_months_repeats_after_400_years() -> None:
    case = prepaid(recurrence=Cycle("month"), lifetime=Cycle("week", 5))
    account = attrs.evolve(case.account, contracts=[attrs.evolve(CONTRACT, months=None)])
    index = AccountIndex(account, case.catalog)
    right = index.request_class(REQUEST).lines[0].at(AT).rights[0]
    weeks = PoolWeeks(index, right, REQUEST, AT)
    assert weeks.period == 20_871
    now = [weeks.week(AT + number * WEEK) for number in range(20, 60)]
    later = [weeks.week(AT + number * WEEK) for number in range(20 + 20_871, 60 + 20_871)]
    assert now == later


def test_states_of_dates_change_on_their_dates() -> None:
    dated = DatedStates([(START_OF_TIME, "a"), (AT, "a"), (AT + DAY, "b"), (AT + 9 * DAY, "a")])
    assert not dated.is_constant
    assert dated.week(AT) == ((0, 0), (DAY, 1))
    assert dated.week(AT + WEEK) == ((0, 1), (2 * DAY, 0))
    assert dated.week(AT + 2 * WEEK) == ((0, 0),)
    assert dated.repeats_from == AT + 9 * DAY < END_OF_TIME
    assert DatedStates([(AT, "a"), (AT + DAY, "a")]).is_constant
