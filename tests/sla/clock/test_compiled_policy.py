"""Policies compiled to integers, and the deadlines of a case at its opening."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from entitlements.calendars import Anchor, BusinessDays, Calendar
from entitlements.kernel.errors import NeverReachedError, UnknownIdError
from entitlements.kernel.instants import from_micros, to_micros, utc
from entitlements.sla import ClockOptions, Event, History, SlaPolicy, Target, measure

HOUR = timedelta(hours=1)
DESK = Calendar(
    zone="Europe/Berlin", week="Mo-Fr 09:00-12:30,13:00-17:30", holidays=[date(2026, 4, 6)]
)
THURSDAY = to_micros(utc("2026-04-02T16:30+02:00"))
ANY: frozenset[str] = frozenset()


def policy(*targets: Target, options: ClockOptions | None = None) -> SlaPolicy:
    calendars = {"desk": DESK, "round": Calendar.always()}
    return SlaPolicy(
        id="p", targets=targets, calendars=calendars, options=options or ClockOptions()
    )


def dues(promise: SlaPolicy, opened: int = THURSDAY) -> list[str | None]:
    found = promise.compiled.targets_for("S1", "phone", ANY).due_instants(opened)
    berlin = [each and DESK.local(from_micros(each)) for each in found]
    return [each and each.strftime("%a %d %H:%M") for each in berlin]


def test_deadlines_of_an_opening_skip_the_night_the_weekend_and_the_holiday() -> None:
    promise = policy(
        Target(milestone="first_response", within=HOUR, calendar="desk"),
        Target(milestone="update", within=4 * HOUR, calendar="round"),
        Target(milestone="next_response", within=HOUR, calendar="desk"),
        Target(milestone="resolution", within=9 * HOUR, calendar="desk"),
    )
    # One hour is used up at the closing of Thursday; the ninth falls on Tuesday, for Friday has
    # eight hours and Monday is a holiday.
    assert dues(promise) == ["Thu 02 17:30", "Thu 02 20:30", None, "Fri 03 17:30"]
    later = [Target(milestone="resolution", within=10 * HOUR, calendar="desk")]
    assert dues(policy(*later)) == ["Tue 07 10:00"]


def test_landing_at_the_next_opening_moves_only_what_ends_at_closing() -> None:
    late = ClockOptions(landing="next_opening")
    targets = [
        Target(milestone="first_response", within=HOUR, calendar="desk"),
        Target(milestone="resolution", within=2 * HOUR, calendar="desk"),
    ]
    assert dues(policy(*targets, options=late)) == ["Fri 03 09:00", "Fri 03 10:00"]


@pytest.mark.parametrize(
    ("anchor", "due"),
    [
        (Anchor.SAME_TIME, "Tue 07 16:30"),
        (Anchor.START, "Tue 07 09:00"),
        (Anchor.END, "Tue 07 17:30"),
    ],
)
def test_business_days_end_where_their_anchor_says(anchor: Anchor, due: str) -> None:
    within = BusinessDays(2, anchor=anchor)
    assert dues(policy(Target(milestone="resolution", within=within, calendar="desk"))) == [due]


def test_the_first_target_that_fits_counts() -> None:
    promise = policy(
        Target(milestone="resolution", within=HOUR, channels=["phone"], conditions=["asked"]),
        Target(milestone="resolution", within=2 * HOUR, channels=["phone"]),
        Target(milestone="resolution", within=3 * HOUR),
    )
    compiled = promise.compiled
    for channel, conditions, hours in (
        ("phone", {"asked", "more"}, 1),
        ("phone", set[str](), 2),
        ("web", {"asked"}, 3),
    ):
        targets = compiled.targets_for("S1", channel, frozenset(conditions))
        assert targets.due_instants(THURSDAY) == (THURSDAY + hours * 3_600_000_000,)


def test_a_severity_without_a_first_response_is_refused_every_time() -> None:
    promise = policy(Target(milestone="first_response", within=HOUR, severities=["S1"]))
    for _ in range(2):
        with pytest.raises(UnknownIdError, match="`S2`"):
            promise.compiled.targets_for("S2", "phone", ANY)
    assert promise.compiled.targets_for(None, "phone", ANY).due_instants(THURSDAY) == (None,)


def test_a_calendar_that_never_opens_gives_an_error_and_no_number() -> None:
    promise = SlaPolicy(
        id="p",
        targets=[Target(milestone="resolution", within=HOUR, calendar="never")],
        calendars={"never": Calendar.never()},
    )
    with pytest.raises(NeverReachedError):
        promise.compiled.targets_for("S1", "phone", ANY).due_instants(THURSDAY)


def test_targets_of_a_case_are_found_once_and_the_cache_is_bounded() -> None:
    compiled = policy(Target(milestone="resolution", within=HOUR)).compiled
    assert compiled.targets_for("S1", "", ANY) is compiled.targets_for("S1", "", ANY)
    for number in range(5_000):
        compiled.targets_for("S1", f"channel-{number}", ANY)
    assert len(compiled._targets_by_case) <= 4_096  # noqa: SLF001 - the bound is the point


@pytest.mark.parametrize(
    ("landing", "warned"), [("closing", "Sat 04 12:00"), ("next_opening", "Tue 07 09:00")]
)
def test_a_warning_longer_before_the_deadline_than_its_days_comes_at_once(
    landing: str, warned: str
) -> None:
    # At the opening itself, or at the next opening of the desk: Monday is a holiday.
    soon = Target(
        milestone="resolution",
        within=BusinessDays(1, anchor=Anchor.END),
        calendar="desk",
        warn=[timedelta(days=30)],
    )
    promise = policy(soon, options=ClockOptions(landing=landing))
    opened = Event.opened("2026-04-04T12:00+02:00")
    targets = promise.compiled.targets_for(None, "", ANY)
    (warning,) = targets.warnings("resolution", opened.micros)
    measured = measure(promise, History([opened]), opened.at)["resolution"]
    assert [from_micros(warning)] == [each.at for each in measured.warnings]
    assert [each.used for each in measured.warnings] == [timedelta()]
    assert [f"{DESK.local(each.at):%a %d %H:%M}" for each in measured.warnings] == [warned]


def test_days_without_open_time_before_their_end_have_no_warning() -> None:
    # From Thursday after closing to the opening of Friday.
    within = BusinessDays(1, anchor=Anchor.START)
    next_day = Target(milestone="resolution", within=within, calendar="desk", warn=[0.5, HOUR])
    opened = to_micros(utc("2026-04-02T18:00+02:00"))
    targets = policy(next_day).compiled.targets_for(None, "", ANY)
    assert targets.due_instants(opened) == (to_micros(utc("2026-04-03T09:00+02:00")),)
    assert targets.warnings("resolution", opened) == ()


def test_a_milestone_of_which_nothing_is_promised_has_no_deadline_at_the_opening() -> None:
    promise = policy(
        Target(milestone="first_response", within=HOUR, calendar="desk"),
        Target(milestone="update", within=None),
        Target(milestone="resolution", within=9 * HOUR, calendar="desk"),
    )
    assert dues(promise) == ["Thu 02 17:30", None, "Fri 03 17:30"]


@pytest.mark.parametrize(
    ("start", "update"), [("opening", "Thu 02 20:30"), ("first_response", None)]
)
def test_the_option_for_the_start_of_updates_leaves_other_milestones_alone(
    start: str, update: str | None
) -> None:
    promise = policy(
        Target(milestone="first_response", within=HOUR, calendar="desk"),
        Target(milestone="update", within=4 * HOUR),
        Target(milestone="resolution", within=9 * HOUR, calendar="desk"),
        options=ClockOptions(update_start=start),  # type: ignore[arg-type]
    )
    assert dues(promise) == ["Thu 02 17:30", update, "Fri 03 17:30"]
