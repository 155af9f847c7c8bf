"""Targets: amounts, warnings, and the cases that they fit."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from entitlements.calendars import Anchor, BusinessDays
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.sla import Target

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("within", "message"),
    [
        pytest.param(timedelta(), "greater than 0", id="zero"),
        pytest.param(-HOUR, "greater than 0", id="negative"),
        pytest.param(BusinessDays(0, anchor=Anchor.START), "greater than 0", id="no days"),
        pytest.param(BusinessDays(-1, anchor=Anchor.END), "greater than 0", id="negative days"),
        pytest.param(3600, "not an amount of time", id="a bare number"),
    ],
)
def test_an_invalid_amount_is_refused(within: object, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Target(milestone="update", within=within, calendar="desk")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "within",
    [timedelta(days=40_000), BusinessDays(40_000, anchor=Anchor.END)],
    ids=["elapsed", "days"],
)
def test_a_target_longer_than_a_century_is_refused(within: timedelta | BusinessDays) -> None:
    with pytest.raises(LimitExceededError, match="century"):
        Target(milestone="update", within=within, calendar="desk")


def test_business_days_need_a_calendar() -> None:
    with pytest.raises(InvalidValueError, match="needs a calendar"):
        Target(milestone="update", within=BusinessDays(1, anchor=Anchor.END))


@pytest.mark.parametrize(
    "warn", [0, 1, 1.5, -0.5, "often", "1/0", HOUR, 2 * HOUR, timedelta(), -HOUR]
)
def test_a_warning_lies_inside_the_target(warn: object) -> None:
    with pytest.raises(InvalidValueError):
        Target(milestone="update", within=HOUR, warn=[warn])  # type: ignore[list-item]


def test_a_share_is_read_as_it_is_written() -> None:
    assert Target(milestone="update", within=HOUR, warn=[0.1, "3/4", Fraction(1, 3)]).warn == (
        Fraction(1, 10),
        Fraction(3, 4),
        Fraction(1, 3),
    )


@pytest.mark.parametrize(
    ("severity", "channel", "conditions", "fits"),
    [
        ("S1", "phone", {"reachable"}, True),
        ("S1", "phone", {"reachable", "more"}, True),
        ("S2", "phone", {"reachable"}, False),
        (None, "phone", {"reachable"}, False),
        ("S1", "web", {"reachable"}, False),
        ("S1", "phone", set(), False),
    ],
)
def test_a_target_fits_a_case_in_every_respect(
    severity: str | None, channel: str, conditions: set[str], *, fits: bool
) -> None:
    target = Target(
        milestone="update",
        within=HOUR,
        severities="S1",
        channels=["phone"],
        conditions=["reachable"],
    )
    assert target.fits(severity, channel, frozenset(conditions)) is fits


@pytest.mark.parametrize(("kind", "fits"), [("incident", True), ("billing", False), (None, False)])
def test_a_target_for_kinds_of_requests_fits_those_kinds(kind: str | None, *, fits: bool) -> None:
    target = Target(milestone="update", within=HOUR, kinds=["incident", "question"])
    assert target.fits("S1", "web", (), kind) is fits


def test_a_target_without_conditions_fits_every_case() -> None:
    assert Target(milestone="update", within=None).fits(None, "", frozenset())


def test_a_target_of_a_century_is_allowed() -> None:
    century = timedelta(days=36_525)
    assert Target(milestone="update", within=century).within == century
    days = BusinessDays(36_525, anchor=Anchor.END)
    assert Target(milestone="update", within=days, calendar="desk").within == days


def test_a_cut_off_is_a_time_of_a_business_day() -> None:
    target = Target(milestone="first_response", within=HOUR, calendar="desk", cut_off="9:30")
    assert target.cut_off == "09:30"
    with pytest.raises(InvalidValueError, match="not a time of day"):
        Target(milestone="first_response", within=HOUR, calendar="desk", cut_off="3 pm")


def test_a_cut_off_needs_a_calendar() -> None:
    with pytest.raises(InvalidValueError, match="a cut-off needs a calendar"):
        Target(milestone="first_response", within=HOUR, cut_off="15:00")


@pytest.mark.parametrize(
    ("milestone", "recurrence"),
    [("update", None), ("workaround", "periodic"), ("workaround", "sequential")],
)
def test_a_clock_that_starts_again_by_itself_has_no_cut_off(
    milestone: str, recurrence: str | None
) -> None:
    with pytest.raises(InvalidValueError, match="starts again by itself"):
        Target(
            milestone=milestone,
            within=HOUR,
            calendar="desk",
            cut_off="15:00",
            recurrence=recurrence,  # type: ignore[arg-type]
        )


def test_zero_business_days_are_the_closing_of_the_same_day() -> None:
    target = Target(milestone="update", within=BusinessDays(0, anchor="end"), calendar="desk")  # type: ignore[arg-type]
    assert target.within == BusinessDays(0, anchor=Anchor.END)
    with pytest.raises(InvalidValueError, match="use 0 with the anchor `end`"):
        Target(milestone="update", within=BusinessDays(0, anchor=Anchor.SAME_TIME), calendar="desk")


def test_best_effort_has_no_time_and_an_objective_needs_one() -> None:
    assert Target(milestone="update", within=None, commitment="best_effort").is_nothing is False
    assert Target(milestone="update", within=None).is_nothing is True
    with pytest.raises(InvalidValueError, match="best effort has no time"):
        Target(milestone="update", within=HOUR, commitment="best_effort")
    with pytest.raises(InvalidValueError, match="an objective needs a time"):
        Target(milestone="update", within=None, commitment="objective")
