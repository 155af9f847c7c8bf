"""Counted time of a clock, span by span."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.calendars import Anchor, BusinessDays, Calendar
from entitlements.kernel.instants import to_micros, utc
from entitlements.sla import ClockOptions, Event, History, SlaPolicy, Target, measure
from entitlements.sla.clock.case_log import CaseChange, LogEntry
from entitlements.sla.clock.change_modes import ChangeModes
from entitlements.sla.clock.compiled_policy import CompiledPolicy
from entitlements.sla.clock.counter import ClockCounter
from entitlements.sla.options.clock_options import SeverityChangeRule, TermsChangeRule

HOUR = timedelta(hours=1)
DESK = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
NONE: frozenset[str] = frozenset()
WAITING = frozenset({"customer"})


def at(clock: str) -> int:
    return to_micros(utc(f"2026-03-{clock}Z"))


def hours(micros: int) -> float:
    return micros / 3_600_000_000


def policy(id: str, one: int, two: int, hours: Calendar = DESK) -> CompiledPolicy:
    targets = [
        Target(milestone="resolution", within=one * HOUR, calendar="desk", severities=["S1"]),
        Target(milestone="resolution", within=two * HOUR, calendar="desk", severities=["S2"]),
        Target(milestone="resolution", within=None),
    ]
    return SlaPolicy(id=id, targets=targets, calendars={"desk": hours}).compiled


GOLD = policy("gold", 8, 4)
SILVER = policy("silver", 16, 6, Calendar.always())
TERMS = (GOLD, "", NONE, None)


def pauses(clock: str, reasons: frozenset[str]) -> LogEntry:
    return at(clock), CaseChange.PAUSES, reasons, "S1", TERMS


def counter(options: ClockOptions | None = None, severity: str = "S1") -> ClockCounter:
    first = (at("02T10:00"), severity, TERMS, NONE)
    return ClockCounter(
        "resolution", ChangeModes(options or ClockOptions(), "resolution"), 0, first
    )


def test_only_open_time_outside_pauses_counts() -> None:
    found = counter()
    found.catch_up([pauses("02T16:00", WAITING), pauses("03T10:00", NONE)])
    assert hours(found.used_at(at("03T12:00"))) == 8
    assert found.due(at("03T12:00")) == (at("03T12:00"), True)


def test_while_paused_the_deadline_is_that_of_resuming_now() -> None:
    found = counter()
    found.catch_up([pauses("02T12:00", WAITING)])
    assert found.due(at("02T14:00")) == (at("03T12:00"), False)
    assert found.when(0, at("02T14:00")) == (at("02T10:00"), True)


def test_a_landing_at_the_next_opening_waits_for_the_end_of_a_pause() -> None:
    # Fifteen hours are used up at the closing of Tuesday; the pause begins before it opens again.
    found = counter(ClockOptions(landing="next_opening"))
    found.catch_up([pauses("03T18:00", WAITING), pauses("04T12:00", NONE)])
    assert found.when(15 * 3_600_000_000, at("04T12:00")) == (at("04T12:00"), True)
    assert found.due(at("04T12:00")) == (at("03T10:00"), True)


def test_time_while_resolved_counts_only_if_the_policy_says_so() -> None:
    log = [
        (at("02T11:00"), CaseChange.RESOLUTION, NONE, "S1", TERMS),
        (at("02T13:00"), CaseChange.REOPENING, NONE, "S1", TERMS),
    ]
    for reopen, used in (("exclude", 2), ("continue", 4)):
        found = counter(ClockOptions(reopen=reopen))
        found.catch_up(log)
        assert hours(found.used_at(at("02T14:00"))) == used


@pytest.mark.parametrize(
    ("change", "start", "used", "due"),
    [
        (SeverityChangeRule.RECOMPUTE, "02T10:00", 6, "03T10:00"),
        (SeverityChangeRule.CARRY, "02T10:00", 6, "02T15:00"),
        (SeverityChangeRule.RESTART, "02T15:00", 1, "03T11:00"),
        (SeverityChangeRule.FREEZE, "02T10:00", 6, "03T10:00"),
    ],
)
def test_a_change_of_severity_does_what_the_policy_says(
    change: SeverityChangeRule, start: str, used: int, due: str
) -> None:
    # Five of eight hours are used when the target becomes four; recomputing uses another counter.
    found = counter(ClockOptions(severity_change=change))
    found.catch_up([(at("02T15:00"), CaseChange.SEVERITY, NONE, "S2", TERMS)])
    assert found.start == at(start)
    assert hours(found.used_at(at("02T16:00"))) == used
    assert found.due(at("02T16:00"))[0] == at(due)


@pytest.mark.parametrize(
    ("change", "used", "due"),
    [
        (TermsChangeRule.FROM_CHANGE, 9, "03T02:00"),
        (TermsChangeRule.CUMULATIVE, 9, "02T18:00"),
        (TermsChangeRule.FIRST, 5 + 2, "03T10:00"),
    ],
)
def test_new_terms_do_what_the_policy_says(change: TermsChangeRule, used: int, due: str) -> None:
    # Five of eight business hours are used when sixteen around the clock are promised.
    found = counter(ClockOptions(terms_change=change))
    found.catch_up([(at("02T15:00"), CaseChange.TERMS, NONE, "S1", (SILVER, "", NONE, None))])
    asked = at("02T19:00")
    assert hours(found.used_at(asked)) == used
    assert found.due(asked)[0] == at(due)


def test_a_target_that_first_fits_after_a_change_counts_from_the_change() -> None:
    found = counter(ClockOptions(severity_change="carry"), severity="S3")
    assert found.target is None
    found.catch_up([(at("02T12:00"), CaseChange.SEVERITY, NONE, "S2", TERMS)])
    assert found.start == at("02T12:00")
    assert found.due(at("02T12:00")) == (at("02T16:00"), True)


def test_a_snapshot_does_not_follow_the_case() -> None:
    found = counter()
    log = [pauses("02T11:00", WAITING)]
    found.catch_up(log)
    kept = found.snapshot()
    log += [pauses("02T12:00", NONE), pauses("02T13:00", WAITING)]
    found.catch_up(log)
    assert (hours(kept.used_at(at("02T14:00"))), hours(found.used_at(at("02T14:00")))) == (1, 2)
    assert kept.due(at("02T14:00")) == (at("03T13:00"), False)


DAYS = SlaPolicy(
    id="days",
    targets=[
        Target(milestone="resolution", within=BusinessDays(1, anchor=Anchor.END), calendar="desk")
    ],
    calendars={"desk": DESK},
).compiled


def test_days_that_a_pause_moved_on_are_settled_once_they_have_passed() -> None:
    # From Monday at 10:00 to the end of Tuesday; two hours of Monday did not count, so that it is
    # Wednesday at 11:00, and the pause from noon on comes too late to move it.
    first = (at("02T10:00"), "S1", (DAYS, "", NONE, None), NONE)
    found = ClockCounter("resolution", ChangeModes(ClockOptions(), "resolution"), 0, first)
    log = [pauses("02T12:00", WAITING), pauses("02T14:00", NONE)]
    found.catch_up(log)
    assert found.due(at("02T14:00")) == (at("04T11:00"), True)
    found.catch_up([*log, pauses("04T12:00", WAITING)])
    assert found.due(at("04T13:00")) == (at("04T11:00"), True)
    earlier = ClockCounter("resolution", ChangeModes(ClockOptions(), "resolution"), 0, first)
    earlier.catch_up([*log, pauses("04T10:00", WAITING)])
    assert earlier.due(at("04T13:00")) == (at("04T14:00"), False)


@pytest.mark.parametrize(
    ("landing", "due"), [("closing", "04T11:00"), ("next_opening", "04T12:00")]
)
def test_days_used_up_at_the_beginning_of_a_pause_land_as_the_policy_says(
    landing: str, due: str
) -> None:
    first = (at("02T10:00"), "S1", (DAYS, "", NONE, None), NONE)
    found = ClockCounter(
        "resolution", ChangeModes(ClockOptions(landing=landing), "resolution"), 0, first
    )
    found.catch_up(
        [
            pauses("02T12:00", WAITING),
            pauses("02T14:00", NONE),
            pauses("04T11:00", WAITING),
            pauses("04T12:00", NONE),
        ]
    )
    assert found.due(at("04T16:00")) == (at(due), True)


@pytest.mark.parametrize(
    ("changed", "due"),
    [
        pytest.param("2026-03-03T08:00Z", "2026-03-03T08:00Z", id="in time until the change"),
        pytest.param("2026-03-04T12:00Z", "2026-03-03T10:00Z", id="late already"),
    ],
)
def test_no_change_to_days_of_other_hours_makes_a_case_late_before_it(
    changed: str, due: str
) -> None:
    # Four hours of the desk end at ten on Tuesday, after a pause of five. The next day by hours
    # around the clock begins at midnight and ends, after the same pause, before eight.
    next_day = BusinessDays(1, anchor=Anchor.START)
    targets = [
        Target(milestone="resolution", within=4 * HOUR, calendar="desk", severities=["S1"]),
        Target(milestone="resolution", within=next_day, calendar="round", severities=["S2"]),
    ]
    carrying = SlaPolicy(
        id="p",
        targets=targets,
        calendars={"desk": DESK, "round": Calendar(zone="UTC", week="Mo-Su 00:00-24:00")},
        options=ClockOptions(severity_change=SeverityChangeRule.CARRY),
    )
    events = [
        Event.opened("2026-03-02T09:00Z", severity="S1"),
        Event.paused("2026-03-02T10:00Z", "customer"),
        Event.resumed("2026-03-02T15:00Z"),
        Event.severity_changed(changed, "S2"),
    ]
    found = measure(carrying, History(events), utc("2026-03-04T13:00Z"))["resolution"]
    assert (found.state, found.due) == ("missed", utc(due))
