from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import (
    EntitlementsError,
    InvalidValueError,
    LimitExceededError,
    format_duration,
    parse_duration,
)

whole_seconds = st.integers(0, 10**11).map(lambda n: timedelta(seconds=n))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("4h", 14_400),
        ("30m", 1_800),
        ("30min", 1_800),
        ("45s", 45),
        ("1h30m", 5_400),
        ("1h 30m 5s", 5_405),
        ("  2h  ", 7_200),
        ("0s", 0),
        ("90m", 5_400),
        ("PT4H", 14_400),
        ("PT1H30M", 5_400),
        ("PT15M", 900),
        ("PT45S", 45),
        ("PT0S", 0),
    ],
)
def test_amounts_are_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["", " ", "h", "4", "4x", "-4h", "4.5h", "4 h", "PT", "P1D", "P1M", "PT4H30", "4h,30m", "h4"],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["1d", "1 day", "2 days", "-1d", "3bd", "2 business days"])
def test_a_day_without_its_kind_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match="which kind of day") as caught:
        parse_duration(text)
    assert "`24h`" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("4 hurs", "did you mean `4h`?"),
        ("30 mintes", "did you mean `30m`?"),
        ("soon", "write it as `4h`, `30m` or `1h30m`"),
    ],
)
def test_a_typing_error_gets_a_hint(text: str, hint: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_duration(text)
    assert caught.value.hint == hint


def test_more_than_a_timedelta_can_hold_is_refused() -> None:
    with pytest.raises(LimitExceededError):
        parse_duration("999999999h" * 30)


@given(whole_seconds)
def test_what_is_written_can_be_read(amount: timedelta) -> None:
    assert parse_duration(format_duration(amount)) == amount


@given(st.integers(0, 10**6), st.integers(0, 59), st.integers(0, 59))
def test_iso_text_is_read_like_short_text(hours: int, minutes: int, seconds: int) -> None:
    iso, short = f"PT{hours}H{minutes}M{seconds}S", f"{hours}h{minutes}m{seconds}s"
    assert parse_duration(iso) == parse_duration(short)
    assert parse_duration(iso) == timedelta(hours=hours, minutes=minutes, seconds=seconds)


@given(st.text(alphabet="0123456789hms PTHMSd-.min", max_size=20) | st.text(max_size=20))
def test_any_text_is_a_duration_or_a_library_error(text: str) -> None:
    try:
        amount = parse_duration(text)
    except EntitlementsError:
        return
    assert amount >= timedelta()


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (timedelta(hours=4), "4h"),
        (timedelta(days=2), "48h"),
        (timedelta(hours=1, seconds=1), "1h1s"),
        (timedelta(seconds=59, microseconds=999_999), "59s"),
        (timedelta(minutes=-90), "-1h30m"),
        (timedelta(microseconds=-1), "0s"),
    ],
    ids=str,
)
def test_amounts_are_written_short(amount: timedelta, text: str) -> None:
    assert format_duration(amount) == text
