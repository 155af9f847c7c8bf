from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from tests.outcomes.reports.test_report import seeds, world
from tests.outcomes.test_attainment import RESPONSE, at, case

from entitlements.kernel import utc
from entitlements.outcomes import Share, report
from entitlements.outcomes.reports.sections.case_trends import weeks_of
from entitlements.sla import Event

MARCH = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")


def test_the_baseline_lies_before_the_period_and_the_weeks_end_with_it() -> None:
    weeks = weeks_of(*MARCH, utc("2020-01-01T00:00Z"))
    assert weeks.starts[-1] + timedelta(weeks=1) == MARCH[1]
    assert (len(weeks.starts), weeks.baseline) == (5 + 12, 12)
    assert weeks.starts[weeks.baseline - 1] + timedelta(weeks=1) <= MARCH[0]
    assert weeks.starts[weeks.baseline] <= MARCH[0]
    young = weeks_of(*MARCH, utc("2026-02-10T00:00Z"))
    assert (len(young.starts), young.baseline) == (7, 2)
    assert weeks_of(*MARCH, None).starts == ()


def test_each_week_has_the_promises_that_were_decided_in_it() -> None:
    cases = []
    for week in range(17):
        for number in range(10):
            opened = MARCH[1] - timedelta(weeks=17 - week) + timedelta(hours=number)
            wait = 6 if week == 14 and number < 8 else 1
            events = [Event.opened(opened), Event.responded(opened + timedelta(hours=wait))]
            cases.append(case(f"R-{week}-{number}", events, policy=RESPONSE))
    found = report(cases, *MARCH)
    attainment, opened_cases = found.trends
    assert attainment.points == (*[Share(10, 10)] * 14, Share(2, 10), *[Share(10, 10)] * 2)
    assert opened_cases.points == (10,) * 17
    assert attainment.change is not None
    assert opened_cases.change is None
    ten = tuple(f"R-14-{number}" for number in range(10))
    assert attainment.ids[14] == opened_cases.ids[14] == ten
    assert {each.ids for each in report(cases, *MARCH, keep_ids=False).trends} == {()}


@given(seeds, st.tuples(st.integers(0, 350), st.integers(1, 60)))
def test_each_point_of_a_trend_is_opened_to_as_many_ids_as_it_counts(
    seed: int, period: tuple[int, int]
) -> None:
    cases, records = world(seed)
    for trend in report(cases, at(period[0]), at(sum(period)), records=records).trends:
        counts = [each.of if isinstance(each, Share) else each for each in trend.points]
        assert [len(each) for each in trend.ids] == counts


# In Berlin 23:30Z on Sunday 1 March is Monday 00:30; March 2026 has five Sundays to Tuesdays.
def test_weekdays_and_hours_are_those_of_the_zone() -> None:
    late = case("R-1", [Event.opened(utc("2026-03-01T23:30Z"))], severity="S1")
    march = utc("2026-02-28T23:00Z"), utc("2026-03-31T22:00Z")
    found = report([late], *march, zone="Europe/Berlin")
    assert found.figure("weekdays", "Monday", "opened").ids == ("R-1",)
    assert found.figure("weekdays", "Monday", "a_day").value == Fraction(1, 5)
    assert found.figure("weekdays", "Wednesday", "a_day").value == 0
    assert found.figure("hours", "00:00", "opened").value == 1
    names = [each.name for each in found.figures if each.section == "weekdays" and each.is_total]
    assert names[0] == names[1] == "Monday"
    assert report([late], *march).figure("hours", "23:00", "opened").value == 1


def test_a_part_of_a_day_has_a_rate_only_for_its_own_weekday() -> None:
    found = report([], at(1), at(2))
    assert found.figure("weekdays", "Sunday", "a_day").value == 0
    assert found.figure("weekdays", "Monday", "a_day").value is None
