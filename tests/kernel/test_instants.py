from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

import pendulum
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from entitlements.kernel import EntitlementsError, InvalidValueError, LimitExceededError, utc
from entitlements.kernel.instants import (
    DAY,
    EARLIEST,
    EPOCH,
    HOUR,
    LATEST,
    MINUTE,
    SECOND,
    from_micros,
    text_of,
    to_micros,
)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
         "Pacific/Apia", "Africa/Casablanca", "Europe/Dublin"]  # fmt: skip

naive = st.datetimes(min_value=datetime(2, 1, 3), max_value=datetime(9997, 12, 29))  # noqa: DTZ001 - hypothesis wants naive bounds
aware = st.builds(
    lambda at, zone, fold: at.replace(tzinfo=ZoneInfo(zone), fold=fold),
    naive,
    st.sampled_from(ZONES),
    st.sampled_from([0, 1]),
)


def exact_micros(at: datetime) -> int:
    """Count from the calendar alone: days from 1 January of year 1, wall time, offset."""
    offset = at.utcoffset()
    assert offset is not None
    days = at.date().toordinal() - date(1970, 1, 1).toordinal()
    wall = ((days * 24 + at.hour) * 60 + at.minute) * 60 + at.second
    seconds = wall - Fraction(offset / timedelta(microseconds=1)) / 1_000_000
    return int(seconds * 1_000_000) + at.microsecond


@given(aware)
@example(datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0))
@example(datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1))
@example(datetime(2026, 3, 29, 2, 30, tzinfo=BERLIN))
def test_micros_are_wall_time_less_offset(at: datetime) -> None:
    assert to_micros(at) == exact_micros(at)


@given(aware)
def test_there_and_back_is_the_same_instant(at: datetime) -> None:
    back = from_micros(to_micros(at))
    assert back == at.astimezone(UTC)
    assert back.tzinfo is UTC


@given(st.integers(to_micros(EARLIEST), to_micros(LATEST - timedelta(days=1))))
def test_back_and_there_is_the_same_number(micros: int) -> None:
    assert to_micros(from_micros(micros)) == micros


@given(aware, aware)
def test_numbers_are_ordered_like_instants(one: datetime, other: datetime) -> None:
    assert (to_micros(one) < to_micros(other)) == (one.astimezone(UTC) < other.astimezone(UTC))


def test_the_repeated_hour_is_two_instants() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0)
    second = first.replace(fold=1)
    assert to_micros(second) - to_micros(first) == HOUR


def test_the_hour_that_a_clock_change_skips_has_no_length() -> None:
    before = datetime(2026, 3, 29, 1, 59, 59, tzinfo=BERLIN)
    after = datetime(2026, 3, 29, 3, 0, 0, tzinfo=BERLIN)
    assert to_micros(after) - to_micros(before) == SECOND


def test_pendulum_datetimes_are_accepted() -> None:
    for fold, hour in ((0, 0), (1, 1)):
        at = pendulum.datetime(2026, 10, 25, 2, 30, tz="Europe/Berlin", fold=fold)
        assert utc(at) == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        assert type(utc(at)) is datetime


def test_the_units_are_multiples() -> None:
    assert (to_micros(EPOCH), SECOND, MINUTE, HOUR, DAY) == (
        0, 10**6, 60 * 10**6, 3_600 * 10**6, 86_400 * 10**6,
    )  # fmt: skip


def test_a_naive_datetime_is_refused() -> None:
    at = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - naive on purpose
    for function in (to_micros, utc):
        with pytest.raises(InvalidValueError, match="has no time zone"):
            function(at)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-02T09:00Z", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("2026-03-02T09:00+01:00", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02 09:00:00.000001-05:00", datetime(2026, 3, 2, 14, 0, 0, 1, tzinfo=UTC)),
        ("20260302T090000Z", datetime(2026, 3, 2, 9, tzinfo=UTC)),
    ],
)
def test_text_with_an_offset_is_read(text: str, instant: datetime) -> None:
    assert utc(text) == instant


@pytest.mark.parametrize("text", ["", "now", "2026-03-02", "2026-03-02T09:00", "2026-13-01T00:00Z"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        utc(text)


@pytest.mark.parametrize("value", [date(2026, 3, 2), 0, None, 1.5], ids=repr)
def test_other_types_are_refused(value: datetime) -> None:
    with pytest.raises(InvalidValueError, match="is not an instant"):
        utc(value)


@pytest.mark.parametrize(
    "at",
    [
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
        datetime(1, 12, 31, tzinfo=UTC),
        datetime(9998, 1, 1, tzinfo=UTC),
    ],
    ids=str,
)
def test_years_before_2_and_after_9997_are_refused(at: datetime) -> None:
    with pytest.raises(LimitExceededError, match="outside the years 2 to 9997"):
        to_micros(at)


@pytest.mark.parametrize("micros", [10**18, -(10**18), 10**30, -(10**30)])
def test_numbers_beyond_the_years_are_refused(micros: int) -> None:
    with pytest.raises(LimitExceededError):
        from_micros(micros)


@given(st.text())
def test_any_text_is_an_instant_or_a_library_error(text: str) -> None:
    try:
        at = utc(text)
    except EntitlementsError:
        return
    assert at.tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["0002-01-01T00:00+14:00", "9997-12-31T23:00-05:00", "0001-12-31T23:59:59.999999Z"]
)
def test_the_years_are_those_of_utc(text: str) -> None:
    # What is taken in once can be taken in again.
    with pytest.raises(LimitExceededError, match="outside the years"):
        utc(text)


@pytest.mark.parametrize("text", ["0001-12-31T23:00-05:00", "9998-01-01T03:00+14:00"])
def test_the_limits_are_those_of_utc_not_of_wall_time(text: str) -> None:
    assert utc(utc(text)) == utc(text)


@given(st.integers(min_value=-60 * 10**15, max_value=250 * 10**15))
def test_the_text_of_an_instant_is_read_back_to_the_microsecond(micros: int) -> None:
    assert to_micros(utc(text_of(micros))) == micros
    assert text_of(from_micros(micros)) == text_of(micros)


@given(st.integers(-(2**40), 2**40))
def test_an_instant_made_of_a_fraction_is_converted_back_to_whole_microseconds(n: int) -> None:
    micros = to_micros(from_micros(n + 0.25))  # type: ignore[arg-type]
    assert (micros, type(micros)) == (n, int)
