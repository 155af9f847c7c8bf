"""Weeks are read from text as in OSM; errors have a hint."""

from __future__ import annotations

import pytest
from hypothesis import given

from entitlements.calendars.week import (
    Week,
    as_week,
    format_time,
    format_windows,
    merge_windows,
    parse_time,
    parse_windows,
    parse_windows_as_written,
)
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.testing.strategies.calendars import weeks

NINE, NOON, FIVE, TEN, SIX = 9 * 3600, 12 * 3600, 17 * 3600, 22 * 3600, 6 * 3600
DAY = 86_400


def open_days(week: Week) -> str:
    return "".join(str(number) for number, windows in enumerate(week.windows) if windows)


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        pytest.param("09:00-17:00", ((NINE, FIVE),), id="one window"),
        pytest.param("9:00-17:00", ((NINE, FIVE),), id="one digit"),
        pytest.param("13:00-17:00,09:00-12:00", ((NINE, NOON), (46_800, FIVE)), id="any order"),
        pytest.param("22:00-06:00", ((TEN, DAY + SIX),), id="over midnight"),
        pytest.param("22:00-30:00", ((TEN, DAY + SIX),), id="over midnight, beyond 24:00"),
        pytest.param("00:00-24:00", ((0, DAY),), id="all day"),
        pytest.param("17:00-41:00", ((FIVE, DAY + FIVE),), id="a day that turns over at 17:00"),
        pytest.param("00:00-48:00", ((0, 2 * DAY),), id="two days"),
        pytest.param("09:00:30-09:00:31", ((32_430, 32_431),), id="seconds"),
        pytest.param("09:00-12:00,12:00-17:00", ((NINE, FIVE),), id="touching are one"),
        pytest.param("09:00-15:00,12:00-17:00", ((NINE, FIVE),), id="overlapping are one"),
        pytest.param("off", (), id="off"),
        pytest.param("", (), id="nothing"),
    ],
)
def test_windows_of_a_day(text: str, windows: tuple[tuple[int, int], ...]) -> None:
    assert parse_windows(text) == windows


@pytest.mark.parametrize(
    ("text", "word", "hint"),
    [
        pytest.param("25:00-26:00", "`25:00`", "23:59:59", id="no such hour"),
        pytest.param("24:00-25:00", "`24:00`", "23:59:59", id="starts the next day"),
        pytest.param("09:00-48:01", "`48:01`", "48:00", id="ends after two days"),
        pytest.param("09:60-10:00", "`09:60`", "", id="no such minute"),
        pytest.param("09:00:60-10:00", "`09:00:60`", "", id="no such second"),
        pytest.param("09:00-09:00", "`09:00-09:00`", "`09:00-33:00`", id="equal start and end"),
        pytest.param("00:00-00:00", "`00:00-00:00`", "`00:00-24:00`", id="equal at midnight"),
        pytest.param("09:00", "`09:00`", "`09:00-17:00`", id="no end"),
        pytest.param("nine to five", "`nine to five`", "", id="words"),
        pytest.param("٠٩:00-17:00", "`٠٩:00`", "", id="digits of another script"),
        pytest.param("09:00-17:00,09:00-17:00", "`09:00-17:00`", "remove", id="twice"),
        pytest.param("09:00-17:00,", "``", "", id="a comma too many"),
    ],
)
def test_an_invalid_window_is_named_in_the_error(text: str, word: str, hint: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        parse_windows(text)
    assert word in refused.value.message
    assert hint in (refused.value.hint or "")


@pytest.mark.parametrize(
    "text", ["Mo 10:00-24:00, Tu-Su 00:00-24:00", "Mo 10:00-24:00, Tu 09:00-17:00"]
)
def test_weekdays_after_a_comma_are_refused_with_the_separator(text: str) -> None:
    with pytest.raises(InvalidValueError, match="put `;` before the next weekdays"):
        as_week(text)


def test_windows_must_be_text() -> None:
    with pytest.raises(InvalidValueError, match="`900` is not a window"):
        parse_windows([900])  # type: ignore[list-item]


def test_a_day_has_at_most_48_windows() -> None:
    minutes = [f"{n // 60:02}:{n % 60:02}" for n in range(100)]
    texts = [f"{a}-{b}" for a, b in zip(minutes[::2], minutes[1::2], strict=True)]
    assert len(parse_windows(texts[:48])) == 48
    with pytest.raises(LimitExceededError, match="`49` windows"):
        parse_windows(texts[:49])


@pytest.mark.parametrize(
    ("text", "days"),
    [
        pytest.param("Mo-Fr 09:00-17:00", "01234", id="a range"),
        pytest.param("Sa-Mo 09:00-17:00", "056", id="over the weekend"),
        pytest.param("Mo,We,Fr 09:00-17:00", "024", id="a list"),
        pytest.param("Mo-We,Sa 09:00-17:00", "0125", id="both"),
        pytest.param("monday-wednesday 09:00-17:00", "012", id="long names"),
        pytest.param("09:00-17:00", "0123456", id="no days: every day"),
        pytest.param("24/7", "0123456", id="always"),
        pytest.param("", "", id="never"),
        pytest.param("Mo-Fr 09:00-17:00; We off", "0134", id="a later rule replaces"),
        pytest.param("Mo-Fr 09:00-17:00; We closed; ", "0134", id="closed, and a last semicolon"),
    ],
)
def test_weekdays(text: str, days: str) -> None:
    assert open_days(Week(text)) == days


@pytest.mark.parametrize("text", ["Mu 09:00-17:00", "Mo-Fr", "Mo-Fr 9-17", "Mo-Fr; 09:00-17:00"])
def test_an_invalid_rule_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        Week(text)


def test_a_mistyped_weekday_is_suggested() -> None:
    with pytest.raises(InvalidValueError, match="did you mean `wednesday`"):
        Week({"wensday": ["09:00-17:00"]})


def test_a_week_that_is_neither_text_nor_mapping_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="`7` is not a week"):
        Week(7)


def test_text_and_mapping_make_equal_weeks() -> None:
    text = Week("Mo-Fr 09:00-12:30,13:00-17:30; Sa 22:00-06:00")
    mapping = Week({"mon-fri": ["09:00-12:30", "13:00-17:30"], "sat": "22:00-06:00"})
    assert text == mapping
    assert hash(text) == hash(mapping)
    assert Week(text) == text
    assert as_week(text) is text
    assert as_week("Mo-Fr 09:00-12:30,13:00-17:30; Sa 22:00-30:00") == text


def test_equal_hours_on_different_days_are_different_weeks() -> None:
    # A holiday on Sunday would cut the second and not the first.
    assert Week("Sa 22:00-30:00") != Week("Sa 22:00-24:00; Su 00:00-06:00")


@given(weeks())
def test_text_is_read_back(week: Week) -> None:
    # The text is OSM's; overlapping windows of one day have been merged by then.
    shown = week.text
    if all(start < DAY and end <= 2 * DAY for each in week.windows for start, end in each):
        assert Week(shown) == week
        assert repr(week) == f"Week({shown!r})"


def test_the_given_windows_are_kept() -> None:
    week = Week("Mo 09:00-15:00,12:00-17:00")
    assert week.stated[0] == ((NINE, 54_000), (NOON, FIVE))
    assert week.windows[0] == ((NINE, FIVE),)
    assert parse_windows_as_written("12:00-17:00,09:00-15:00")[0] == (NOON, FIVE)


def test_times_and_windows_are_written() -> None:
    assert [format_time(each) for each in (0, NINE, 32_430, DAY)] == [
        "00:00",
        "09:00",
        "09:00:30",
        "24:00",
    ]
    assert format_windows(()) == "off"
    assert parse_time("24:00") == DAY
    assert merge_windows([(5, 7), (1, 3), (3, 4)]) == ((1, 4), (5, 7))


BLANKS = " " * 100_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"Mo{BLANKS}09:00-17:00", id="before the hours"),
        pytest.param(f"Mo-Fr{BLANKS}, Sa 09:00-17:00", id="among the days"),
        pytest.param(f"{BLANKS}Mo 09:00-17:00,{BLANKS}18:00-19:00{BLANKS}", id="among the hours"),
        pytest.param(f"Mo{BLANKS}off", id="before a word"),
    ],
)
def test_a_hundred_thousand_blanks_are_read_fast(text: str) -> None:
    assert Week(text) == Week(" ".join(text.split()))


@pytest.mark.parametrize("tail", ["Fr", "x", "-", "9\n9"])
def test_a_hundred_thousand_blanks_in_an_invalid_rule_are_refused_fast(tail: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        Week(f"Mo{BLANKS}{tail}")
    assert len(refused.value.message) < 200


def test_days_with_equal_hours_are_written_as_one_range_up_to_sunday() -> None:
    assert Week("Mo-Su 09:00-17:00").text == "Mo-Su 09:00-17:00"
    assert Week("Sa,Su 10:00-12:00; Mo 09:00-17:00").text == "Mo 09:00-17:00; Sa-Su 10:00-12:00"
    assert Week("Su 10:00-12:00").text == "Su 10:00-12:00"
