"""Questions about open time take aware datetimes and return UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pendulum
import pytest

from entitlements.calendars import (
    Anchor,
    Calendar,
    Closed,
    Closure,
    DatedHours,
    Holiday,
    HolidaySet,
    HoursCause,
    Landing,
    Open,
    WeekChange,
)
from entitlements.calendars.state import HoursRule
from entitlements.kernel.errors import InvalidValueError, NeverReachedError
from entitlements.kernel.instants import utc
from entitlements.kernel.periods.spans import Span

HOUR = timedelta(hours=1)
DESK = Calendar(
    zone="Europe/Berlin",
    week="Mo-Fr 09:00-12:30,13:00-17:30; Sa 22:00-06:00",
    name="desk",
    holidays=HolidaySet(holidays=[Holiday("2026-04-06", "Easter Monday")]),
    dated=[DatedHours("2026-04-02", "09:00-12:00", name="Maundy Thursday")],
    closures=[Closure("2026-03-31T08:00Z", "2026-03-31T08:30Z", name="fire drill")],
)


@pytest.mark.parametrize(
    ("at", "amount", "due"),
    [
        pytest.param("2026-03-27T14:00Z", 2 * HOUR, "2026-03-27T16:00Z", id="the same afternoon"),
        pytest.param("2026-03-27T14:00Z", 2.5 * HOUR, "2026-03-27T16:30Z", id="at closing"),
        pytest.param("2026-03-27T14:00Z", 3 * HOUR, "2026-03-28T21:30Z", id="into the night"),
        pytest.param("2026-03-27T14:00Z", 9.5 * HOUR, "2026-03-29T04:00Z", id="a night of 7 hours"),
        pytest.param("2026-03-27T14:00Z", 10 * HOUR, "2026-03-30T07:30Z", id="after the change"),
        pytest.param("2026-03-27T11:00Z", HOUR, "2026-03-27T12:30Z", id="over lunch"),
        pytest.param("2026-03-31T07:30Z", HOUR, "2026-03-31T09:00Z", id="around a closure"),
        pytest.param("2026-04-02T09:00Z", 2 * HOUR, "2026-04-03T08:00Z", id="a short day"),
        pytest.param("2026-04-03T15:00Z", 9 * HOUR, "2026-04-07T07:30Z", id="over a holiday"),
        pytest.param("2026-03-30T07:00Z", -HOUR, "2026-03-29T03:00Z", id="back into the night"),
        pytest.param("2026-03-27T14:00Z", -2 * HOUR, "2026-03-27T12:00Z", id="back to an opening"),
        pytest.param("2026-03-27T14:00Z", -2.5 * HOUR, "2026-03-27T11:00Z", id="back over lunch"),
        pytest.param("2026-03-29T12:00Z", 0 * HOUR, "2026-03-29T12:00Z", id="nothing"),
    ],
)
def test_an_amount_of_open_time_is_used_up(at: str, amount: timedelta, due: str) -> None:
    assert DESK.add(utc(at), amount) == utc(due)


def test_a_due_closing_can_be_moved_to_the_next_opening() -> None:
    at, amount = utc("2026-03-27T14:00Z"), 2.5 * HOUR
    assert DESK.add(at, amount, landing=Landing.NEXT_OPENING) == utc("2026-03-28T21:00Z")
    assert DESK.add(at, HOUR, landing=Landing.NEXT_OPENING) == utc("2026-03-27T15:00Z")
    assert DESK.add(at, -2 * HOUR, landing=Landing.NEXT_OPENING) == utc("2026-03-27T12:00Z")
    assert DESK.add(at, 0 * HOUR, landing=Landing.NEXT_OPENING) == at


@pytest.mark.parametrize(
    ("at", "amount", "landed"),
    [
        pytest.param("2026-03-27T14:00Z", -2 * HOUR, "2026-03-27T11:30Z", id="from an opening"),
        pytest.param("2026-03-27T14:00Z", -HOUR, "2026-03-27T13:00Z", id="not from open time"),
        pytest.param("2026-03-27T12:00Z", 0 * HOUR, "2026-03-27T11:30Z", id="zero at an opening"),
        pytest.param("2026-03-28T12:00Z", 0 * HOUR, "2026-03-27T16:30Z", id="zero while closed"),
        pytest.param("2026-03-27T11:30Z", 0 * HOUR, "2026-03-27T11:30Z", id="zero at a closing"),
        pytest.param("2026-03-27T10:00Z", 0 * HOUR, "2026-03-27T10:00Z", id="zero while open"),
        pytest.param("2026-03-27T14:00Z", 2.5 * HOUR, "2026-03-27T16:30Z", id="forward"),
    ],
)
@pytest.mark.parametrize("landing", [Landing.PREVIOUS_CLOSING, "previous_closing"])
def test_an_amount_back_can_land_at_the_previous_closing(
    at: str, amount: timedelta, landed: str, landing: Landing
) -> None:
    assert DESK.add(utc(at), amount, landing=landing) == utc(landed)


def test_there_may_be_no_previous_closing() -> None:
    opened = Calendar(zone="UTC", week="", changes=[WeekChange("2026-03-02", "24/7")])
    with pytest.raises(NeverReachedError, match="nothing is open before"):
        opened.add(utc("2026-03-02T05:00Z"), -5 * HOUR, landing=Landing.PREVIOUS_CLOSING)
    assert Calendar.never().roll_back_to_closing(utc("2026-03-02T05:00Z")) is None


def test_a_landing_can_be_given_as_text() -> None:
    at, amount = utc("2026-03-27T14:00Z"), 2.5 * HOUR
    for landing in Landing:
        assert DESK.add(at, amount, landing=landing.value) == DESK.add(at, amount, landing=landing)  # type: ignore[arg-type]
        explained = DESK.explain_add(at, amount, landing=landing.value)  # type: ignore[arg-type]
        assert explained.landing is landing
    with pytest.raises(InvalidValueError, match="`closng` is not a known landing"):
        DESK.add(at, amount, landing="closng")  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", [3600, 1.5, "1h", None])
def test_an_amount_must_be_a_timedelta(amount: object) -> None:
    with pytest.raises(InvalidValueError, match="is not a duration"):
        DESK.add(utc("2026-03-27T14:00Z"), amount)  # type: ignore[arg-type]


def test_open_time_between_is_signed() -> None:
    a, b = utc("2026-03-27T14:00Z"), utc("2026-03-30T08:00Z")
    assert DESK.between(a, b) == 10.5 * HOUR
    assert DESK.between(b, a) == -10.5 * HOUR


def test_changes_are_strictly_after_and_before() -> None:
    opening, closing = utc("2026-03-27T08:00Z"), utc("2026-03-27T11:30Z")
    assert DESK.next_close(opening) == closing
    assert DESK.next_open(opening) == utc("2026-03-27T12:00Z")
    assert DESK.previous_open(opening) == utc("2026-03-26T12:00Z")
    assert DESK.previous_close(closing) == utc("2026-03-26T16:30Z")
    assert DESK.previous_open(closing) == opening
    assert DESK.is_open(opening)
    assert not DESK.is_open(closing)


def test_rolling_moves_closed_instants_only() -> None:
    noon, open_at = utc("2026-03-27T11:45Z"), utc("2026-03-27T10:00Z")
    assert (DESK.roll_forward(noon), DESK.roll_back(noon)) == (
        utc("2026-03-27T12:00Z"),
        utc("2026-03-27T11:30Z"),
    )
    assert (DESK.roll_forward(open_at), DESK.roll_back(open_at)) == (open_at, open_at)
    closing = utc("2026-03-27T11:30Z")
    assert DESK.roll_back(closing) == closing
    assert DESK.roll_forward(closing) == utc("2026-03-27T12:00Z")
    assert Calendar.never().roll_forward(noon) is None
    assert Calendar.never().roll_back(noon) is None


@pytest.mark.parametrize(
    ("at", "open_or_closing", "closing"),
    [
        pytest.param("2026-03-27T12:00Z", "2026-03-27T12:00Z", "2026-03-27T11:30Z", id="opening"),
        pytest.param("2026-03-27T11:30Z", "2026-03-27T11:30Z", "2026-03-27T11:30Z", id="closing"),
        pytest.param("2026-03-27T10:00Z", "2026-03-27T10:00Z", "2026-03-27T10:00Z", id="open"),
        pytest.param("2026-03-28T10:00Z", "2026-03-27T16:30Z", "2026-03-27T16:30Z", id="closed"),
    ],
)
def test_an_opening_rolls_back_to_itself_or_to_the_closing_before_it(
    at: str, open_or_closing: str, closing: str
) -> None:
    assert DESK.roll_back(utc(at)) == utc(open_or_closing)
    assert DESK.roll_back_to_closing(utc(at)) == utc(closing)


@pytest.mark.parametrize(
    ("at", "kind", "since", "until", "rule", "name"),
    [
        pytest.param(
            "2026-03-27T10:00Z", Open, "03-27T08:00", "03-27T11:30", "week", "", id="open"
        ),
        pytest.param(
            "2026-03-29T02:00Z", Open, "03-28T21:00", "03-29T04:00", "week", "", id="night"
        ),
        pytest.param(
            "2026-03-29T12:00Z", Closed, "03-29T04:00", "03-30T07:00", "week", "", id="Su"
        ),
        pytest.param(
            "2026-04-02T12:00Z", Closed, "04-02T10:00", "04-03T07:00", "dated", "Maundy Thursday"
        ),
        pytest.param(
            "2026-04-02T09:00Z", Open, "04-02T07:00", "04-02T10:00", "dated", "Maundy Thursday"
        ),
        pytest.param(
            "2026-04-06T09:00Z", Closed, "04-05T04:00", "04-07T07:00", "holiday", "Easter Monday"
        ),
        pytest.param(
            "2026-03-31T08:00Z", Closed, "03-31T08:00", "03-31T08:30", "closure", "fire drill"
        ),
    ],
)
def test_a_state_says_since_when_until_when_and_why(
    at: str, kind: type[Open | Closed], since: str, until: str, rule: HoursRule, name: str
) -> None:
    state = DESK.state(utc(at))
    assert type(state) is kind
    assert (state.since, state.until) == (utc(f"2026-{since}Z"), utc(f"2026-{until}Z"))
    assert state.because == (HoursCause(rule, name, "desk"),)


@pytest.mark.parametrize(
    ("count", "anchor", "expected"),
    [
        pytest.param(1, Anchor.START, "2026-03-28T21:00Z", id="the night shift is a day"),
        pytest.param(1, Anchor.END, "2026-03-29T04:00Z", id="and ends on Sunday"),
        pytest.param(2, Anchor.START, "2026-03-30T07:00Z", id="Monday"),
        pytest.param(2, Anchor.END, "2026-03-30T15:30Z", id="Monday evening"),
        pytest.param(2, Anchor.SAME_TIME, "2026-03-30T13:00Z", id="same wall time, new offset"),
        pytest.param(7, Anchor.END, "2026-04-05T04:00Z", id="over a short day to the next night"),
        pytest.param(0, Anchor.END, "2026-03-27T16:30Z", id="today"),
        pytest.param(-1, Anchor.START, "2026-03-26T08:00Z", id="yesterday"),
        pytest.param(-5, Anchor.END, "2026-03-22T05:00Z", id="back to the night"),
    ],
)
def test_business_days(count: int, anchor: Anchor, expected: str) -> None:
    assert DESK.add_days(utc("2026-03-27T14:00Z"), count, anchor=anchor) == utc(expected)


def test_zero_business_days_on_a_closed_date_is_the_next_one() -> None:
    sunday = utc("2026-03-29T12:00Z")
    assert DESK.add_days(sunday, 0, anchor=Anchor.START) == utc("2026-03-30T07:00Z")
    assert DESK.add_days(sunday, 0, anchor=Anchor.SAME_TIME) == utc("2026-03-30T12:00Z")


def test_business_days_run_out() -> None:
    once = Calendar(zone="UTC", week="", dated=[DatedHours("2026-04-01", "09:00-12:00")])
    with pytest.raises(NeverReachedError, match="`1` of `2` days are missing"):
        once.add_days(utc("2026-03-27T14:00Z"), 2, anchor=Anchor.END)


def test_business_days_need_an_anchor() -> None:
    with pytest.raises(TypeError):
        DESK.add_days(utc("2026-03-27T14:00Z"), 2)  # type: ignore[call-arg]
    with pytest.raises(InvalidValueError, match="must be a whole number"):
        DESK.add_days(utc("2026-03-27T14:00Z"), 1.5, anchor=Anchor.END)  # type: ignore[arg-type]


def test_periods_are_lazy_and_cut() -> None:
    periods = DESK.periods(utc("2026-03-27T10:00Z"), utc("9000-01-01T00:00Z"))
    assert next(periods) == Span("2026-03-27T10:00Z", "2026-03-27T11:30Z")
    cut = list(DESK.periods(utc("2026-03-27T11:45Z"), utc("2026-03-27T13:00Z")))
    assert cut == [Span("2026-03-27T12:00Z", "2026-03-27T13:00Z")]
    assert list(DESK.periods(utc("2026-03-29T12:00Z"), utc("2026-03-29T13:00Z"))) == []
    assert list(DESK.periods(utc("2026-03-27T13:00Z"), utc("2026-03-27T10:00Z"))) == []
    (day,) = Calendar.always().periods(utc("2026-03-29T00:00Z"), utc("2026-03-30T00:00Z"))
    assert day.length == 24 * HOUR


def test_wall_times_become_instants_and_back() -> None:
    assert DESK.at("2026-03-29", "09:00") == utc("2026-03-29T07:00Z")
    assert DESK.at(date(2026, 3, 29), "02:30") == utc("2026-03-29T01:00Z")
    assert DESK.at("2026-10-25", "02:30") == utc("2026-10-25T00:30Z")
    assert DESK.at("2026-03-28", "26:00:30") == utc("2026-03-29T01:00Z")
    shown = DESK.local(utc("2026-03-29T07:00Z"))
    assert isinstance(shown, pendulum.DateTime)
    assert shown.to_iso8601_string() == "2026-03-29T09:00:00+02:00"
    assert shown.timezone_name == "Europe/Berlin"


def test_the_wall_clock_shown_has_the_same_zone_data_as_the_answers() -> None:
    rabat = Calendar(zone="Africa/Casablanca", week="09:00-17:00")
    opening = rabat.next_open(utc("2026-11-01T00:00Z"))
    assert opening is not None
    assert rabat.local(opening).format("HH:mm") == "09:00"


@pytest.mark.parametrize(
    "zone",
    [UTC, timezone(timedelta(hours=-12)), ZoneInfo("Asia/Kathmandu"), pendulum.timezone("UTC")],
)
def test_any_aware_datetime_is_its_instant(zone: timezone) -> None:
    at = utc("2026-03-27T14:00Z").astimezone(zone)
    answer = DESK.add(at, 2 * HOUR)
    assert answer == utc("2026-03-27T16:00Z")
    assert answer.tzinfo is UTC
    assert type(answer) is datetime


NAIVE = datetime(2026, 3, 27, 14)  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    "ask",
    [
        DESK.is_open,
        DESK.state,
        DESK.next_open,
        DESK.next_close,
        DESK.previous_open,
        DESK.previous_close,
        DESK.roll_forward,
        DESK.roll_back,
        DESK.local,
        lambda at: DESK.add(at, HOUR),
        lambda at: DESK.explain_add(at, HOUR),
        lambda at: DESK.between(at, utc("2026-03-27T14:00Z")),
        lambda at: DESK.add_days(at, 1, anchor=Anchor.END),
        lambda at: DESK.periods(at, utc("2026-03-27T14:00Z")),
    ],
)
def test_naive_datetimes_are_refused(ask: Callable[[datetime], object]) -> None:
    with pytest.raises(InvalidValueError, match="has no time zone"):
        ask(NAIVE)


def test_hours_are_combined_with_hours_only() -> None:
    for combine in (
        lambda: DESK | 1,  # type: ignore[operator]
        lambda: DESK & None,  # type: ignore[operator]
        lambda: DESK - "Mo",  # type: ignore[operator]
    ):
        with pytest.raises(TypeError):
            combine()
    assert DESK != "desk"


def test_the_error_says_how_much_open_time_is_left() -> None:
    once = Calendar(zone="UTC", week="", dated=[DatedHours("2026-04-01", "09:00-12:00")])
    with pytest.raises(NeverReachedError) as never:
        once.add(utc("2026-04-01T10:00Z"), 3 * HOUR)
    assert (never.value.since, never.value.available) == (utc("2026-04-01T10:00Z"), 2 * HOUR)
    with pytest.raises(NeverReachedError) as never:
        once.add(utc("2026-04-01T10:00Z"), -3 * HOUR)
    assert never.value.available == HOUR
    with pytest.raises(NeverReachedError, match="nothing opens after it"):
        once.add(utc("2026-04-01T10:00Z"), 2 * HOUR, landing=Landing.NEXT_OPENING)
