from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from entitlements import Calendar
from entitlements.aftersales import (
    Availability,
    ErrorBudget,
    MaintenanceWindow,
    Outage,
    measure_availability,
)
from entitlements.contracts import AvailabilityRules
from entitlements.contracts.plan_terms.availability_rules import Exclusion, Grain
from entitlements.kernel import InvalidValueError, utc

START = utc("2026-03-27T00:00Z")
MINUTE = timedelta(minutes=1)
DESK = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00; Sa 22:00-06:00")
LENGTH = 3 * 24 * 60


def at(minutes: float) -> datetime:
    return START + minutes * MINUTE


def outage(start: float, end: float | None, number: int = 0, **fields: object) -> Outage:
    stop = None if end is None else at(end)
    return Outage(id=f"{number}", service="db", start=at(start), end=stop, **fields)  # type: ignore[arg-type]


def planned_from(start: float, end: float, service: str | None = None) -> MaintenanceWindow:
    return MaintenanceWindow(id=f"{start}", service=service, start=at(start), end=at(end))


class Spell(NamedTuple):
    """An outage of some minutes."""

    start: int
    length: int
    is_unknown: bool
    cause: str | None

    @property
    def end(self) -> int:
        return self.start + self.length

    def holds(self, minute: int) -> bool:
        return self.start <= minute < self.end

    def outage(self, number: int) -> Outage:
        return outage(self.start, self.end, number, is_unknown=self.is_unknown, cause=self.cause)


class Plan(NamedTuple):
    """Maintenance of some minutes, announced so many before it, or not."""

    start: int
    length: int
    notice: int | None

    def holds(self, minute: int) -> bool:
        return self.start <= minute < self.start + self.length

    def window(self) -> MaintenanceWindow:
        known = None if self.notice is None else at(self.start - self.notice)
        return attrs.evolve(planned_from(self.start, self.start + self.length), announced=known)


CAUSES = ("customer", "storm", "provider")
starts, lengths = st.integers(-100, LENGTH), st.integers(1, 900)
spells = st.lists(
    st.builds(Spell, starts, lengths, st.booleans(), st.sampled_from([None, *CAUSES])), max_size=6
)
windows = st.lists(
    st.builds(Plan, starts, lengths, st.none() | st.sampled_from([-30, 0, 59, 60, 61])), max_size=4
)
rules = st.builds(
    AvailabilityRules,
    maintenance=st.sampled_from(Exclusion),
    announced=st.sampled_from([timedelta(), 60 * MINUTE]),
    causes=st.dictionaries(st.sampled_from(CAUSES[:2]), st.sampled_from(Exclusion)),
    grain=st.sampled_from(Grain),
    within=st.sampled_from([None, DESK]),
)


def measured(drawn: list[Spell], planned: list[Plan], rule: AvailabilityRules) -> Availability:
    outages = [each.outage(number) for number, each in enumerate(drawn)]
    maintenance = [each.window() for each in planned]
    return measure_availability(outages, START, at(LENGTH), maintenance=maintenance, rules=rule)


def meaning(minute: int, drawn: list[Spell], planned: list[Plan], rule: AvailabilityRules) -> str:
    """Return what a minute of the service hours counts as."""
    needed = rule.announced // MINUTE
    if any(
        each.holds(minute) and (not needed or (each.notice is not None and each.notice >= needed))
        for each in planned
    ):
        if rule.maintenance is Exclusion.EXCLUDED:
            return "excluded"
        if rule.maintenance is Exclusion.COUNTS_AS_UP:
            return "up"
    now = [each for each in drawn if each.holds(minute)]
    meanings = [rule.causes.get(each.cause or "", Exclusion.COUNTS_AS_IS) for each in now]
    counted = [
        each for each, means in zip(now, meanings, strict=True) if means is Exclusion.COUNTS_AS_IS
    ]
    if counted:
        return "unknown" if any(each.is_unknown for each in counted) else "down"
    return "excluded" if Exclusion.EXCLUDED in meanings else "up"


@example([], [Plan(60, 90, None), Plan(120, 60, None)], AvailabilityRules())
@example([], [Plan(60, 90, 59)], AvailabilityRules(announced=60 * MINUTE))
@example([Spell(60, 90, is_unknown=True, cause=None)], [], AvailabilityRules())
@given(spells, windows, rules)
def test_availability_is_what_is_found_minute_by_minute(
    drawn: list[Spell], planned: list[Plan], rule: AvailabilityRules
) -> None:
    counts = {"up": 0, "down": 0, "unknown": 0, "excluded": 0}
    for minute in range(LENGTH):
        if rule.within is None or rule.within.is_open(at(minute)):
            counts[meaning(minute, drawn, planned, rule)] += 1
    found = measured(drawn, planned, rule)
    assert {name: getattr(found, name) // MINUTE for name in counts} == counts


@given(spells, windows, rules)
def test_the_four_times_are_the_whole_period(
    drawn: list[Spell], planned: list[Plan], rule: AvailabilityRules
) -> None:
    found = measured(drawn, planned, rule)
    whole = LENGTH * MINUTE if rule.within is None else DESK.between(START, at(LENGTH))
    assert found.up + found.down + found.unknown + found.excluded == whole


@given(spells, windows)
def test_maintenance_that_counts_as_up_is_best(drawn: list[Spell], planned: list[Plan]) -> None:
    up = measured(drawn, planned, AvailabilityRules(maintenance=Exclusion.COUNTS_AS_UP)).share
    out = measured(drawn, planned, AvailabilityRules(maintenance=Exclusion.EXCLUDED)).share
    as_is = measured(drawn, planned, AvailabilityRules(maintenance=Exclusion.COUNTS_AS_IS)).share
    assert up is None or out is None or up >= out
    assert up is None or as_is is None or up >= as_is


# One history of ten hours, of which two are down within maintenance: 100, 100 and 80 percent
def test_what_maintenance_means_moves_the_figure() -> None:
    shares = [
        measure_availability(
            [outage(0, 120)],
            START,
            at(600),
            maintenance=[planned_from(0, 120)],
            rules=AvailabilityRules(maintenance=each),
        ).share
        for each in Exclusion
    ]
    assert shares == [Fraction(1), Fraction(1), Fraction(8, 10)]


# Two hours down: the customer's storm is excluded, but for the hour in which the service was down
# for another reason too; and maintenance counts only if it was announced five days before.
def test_an_exclusion_is_by_cause_and_maintenance_by_its_announcement() -> None:
    outages = [outage(0, 120, cause="storm"), outage(60, 120, 1)]
    storm = AvailabilityRules(causes={"storm": "excluded"})  # type: ignore[dict-item]
    found = measure_availability(outages, START, at(600), rules=storm)
    assert (found.down, found.excluded) == (60 * MINUTE, 60 * MINUTE)
    early = AvailabilityRules(announced=timedelta(days=5))
    for days, excluded in ((5, 120), (4, 0), (None, 0)):
        known = None if days is None else START - timedelta(days=days)
        planned = attrs.evolve(planned_from(0, 120), announced=known)
        found = measure_availability([], START, at(600), maintenance=[planned], rules=early)
        assert found.excluded == excluded * MINUTE


def test_overlapping_outages_count_once_and_one_without_an_end_lasts() -> None:
    found = measure_availability(
        [outage(0, 60), outage(30, 90, 1), outage(540, None, 2)], START, at(600)
    )
    assert found.down == 150 * MINUTE


def test_outages_and_maintenance_of_other_services_do_not_count() -> None:
    other = Outage(id="x", service="web", start=at(0), end=at(60))
    planned = [planned_from(0, 30, "web"), planned_from(30, 40), planned_from(60, 90, "db")]
    found = measure_availability(
        [outage(0, 100), other], START, at(600), maintenance=planned, service="db"
    )
    assert (found.down, found.excluded) == (60 * MINUTE, 40 * MINUTE)
    none = measure_availability([outage(0, 100)], START, at(600), service="mail")
    assert none.share == 1


def test_only_whole_minutes_of_the_clock_are_down() -> None:
    whole = AvailabilityRules(grain=Grain.WHOLE_MINUTES)
    found = measure_availability(
        [outage(0.5, 3.5), outage(10.1, 10.9, 1)], START, at(60), rules=whole
    )
    assert found.down == 2 * MINUTE


def test_nothing_that_counts_is_unknown_and_not_100_percent() -> None:
    night = AvailabilityRules(within=DESK)
    found = measure_availability([], at(0), at(60), rules=night)
    assert found.share is None
    assert found.percent is None
    assert ErrorBudget(objective=Fraction(99), availability=found).burn_rate is None


def test_a_month_is_the_sum_of_its_days() -> None:
    outages = [outage(700, 2000)]
    days = [measure_availability(outages, at(n * 1440), at((n + 1) * 1440)) for n in range(3)]
    assert days[0] + days[1] + days[2] == measure_availability(outages, START, at(LENGTH))


# Google's SRE workbook, for a budget of 30 days: 2 percent in an hour is a burn rate of 14.4,
# 5 percent in six hours one of 6, 10 percent in a day one of 3, and 10 in three days one of 1.
@pytest.mark.parametrize(
    ("hours", "percent", "rate"),
    [(1, 2, Fraction(144, 10)), (6, 5, 6), (24, 10, 3), (72, 10, 1)],
)
def test_published_burn_rates(hours: int, percent: int, rate: Fraction) -> None:
    budget = timedelta(days=30) / 1000
    down = budget * percent / 100
    spent = Availability(
        up=timedelta(hours=hours) - down, down=down, unknown=timedelta(), excluded=timedelta()
    )
    found = ErrorBudget(objective=Fraction(999, 10), availability=spent, window=timedelta(days=30))
    assert found.allowed == budget
    assert found.burn_rate == rate


# The availability table of Google's SRE book, appendix A: what may be down, in seconds
@pytest.mark.parametrize(
    ("percent", "year", "month", "day"),
    [
        (99, 3.65 * 86_400, 7.2 * 3_600, 14.4 * 60),
        (Fraction(999, 10), 8.76 * 3_600, 43.2 * 60, 1.44 * 60),
        (Fraction(9995, 100), 4.38 * 3_600, 21.6 * 60, 43.2),
        (Fraction(99_999, 1_000), 5.26 * 60, 25.9, 0.87),
    ],
)
def test_published_error_budgets(percent: Fraction, year: float, month: float, day: float) -> None:
    for days, seconds in ((365, year), (30, month), (1, day)):
        up = measure_availability([], START, START + timedelta(days=days))
        allowed = ErrorBudget(objective=percent, availability=up).allowed
        assert allowed.total_seconds() == pytest.approx(seconds, rel=0.01)


# MyOperator's help page on its uptime: what checks every 20 minutes find in months of all lengths
@pytest.mark.parametrize(
    ("days", "down", "percent"), [(30, 420, 99.03), (31, 440, 99.01), (28, 420, 98.96)]
)
def test_published_uptimes(days: int, down: int, percent: float) -> None:
    found = measure_availability([outage(600, 600 + down)], START, at(days * 1440))
    assert found.percent is not None
    assert round(float(found.percent), 2) == percent


@given(st.integers(0, 999), st.integers(1, 10_000))
def test_at_a_burn_rate_of_one_the_budget_is_spent(promille: int, minutes: int) -> None:
    down = timedelta(minutes=minutes * (1000 - promille))
    up = timedelta(minutes=minutes * promille)
    spent = Availability(up=up, down=down, unknown=timedelta(), excluded=timedelta())
    found = ErrorBudget(objective=Fraction(promille, 10), availability=spent)
    assert found.burn_rate == 1
    assert found.remaining == timedelta()


@pytest.mark.parametrize(
    "make",
    [
        lambda: outage(5, 5),
        lambda: outage(5, 4),
        lambda: outage(5, 6, is_unknown="no"),
        lambda: measure_availability([], START, START),
        lambda: measure_availability(
            [outage(0, 1), Outage(id="x", service="web", start=START)], START, at(5)
        ),
        lambda: measure_availability(
            [outage(0, 1)], START, at(5), maintenance=[planned_from(0, 1, "web")]
        ),
        lambda: measure_availability([], START, at(5), service=""),
        lambda: measure_availability(["down"], START, at(5)),  # type: ignore[list-item]
        lambda: measure_availability([], START, at(5), maintenance=[(1, 2)]),  # type: ignore[list-item]
        lambda: AvailabilityRules(maintenance="ignored"),  # type: ignore[arg-type]
        lambda: AvailabilityRules(grain="hours"),  # type: ignore[arg-type]
        lambda: AvailabilityRules(within="desk"),  # type: ignore[arg-type]
        lambda: ErrorBudget(
            objective=Fraction(100), availability=measured([], [], AvailabilityRules())
        ),
        lambda: ErrorBudget(objective=99.9, availability=measured([], [], AvailabilityRules())),  # type: ignore[arg-type]
    ],
)
def test_bad_input_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValueError):
        make()
