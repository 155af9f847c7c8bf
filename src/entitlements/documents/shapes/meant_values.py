"""Dates and numbers in other words: the value that was probably meant by a text that is none."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_NUMBER: Final = re.compile(
    r"(?:up to |max\.? ?|maximum |at most )?(\d{1,9}(?:[,. ]000)*)(?: ?([a-z]{2,20}))?", re.ASCII
)
_COUNTS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_YEARS: Final = ("year", "years", "yr", "yrs")
_EXAMPLE: Final = "write it as `2026-12-24`"
_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})", re.ASCII)
_YEAR_LAST: Final = re.compile(r"(\d{1,2})([-./])\s?(\d{1,2})[-./]\s?(\d{4})", re.ASCII)
_IN_WORDS: Final = re.compile(
    r"(?:(\d{1,2})(?:[a-z]{2}|\.)? )?([a-z]{3,9})\.?(?: (\d{1,2})(?:[a-z]{2})?)?,? (\d{4})",
    re.ASCII | re.IGNORECASE,
)


def meant_date(text: str) -> str:
    """Return a hint with the date that a text probably means.

    >>> meant_date("24.12.2026"), meant_date("Dec 24, 2026")
    ('did you mean `2026-12-24`?', 'did you mean `2026-12-24`?')
    >>> meant_date("2/1/2026")
    'write it as `2026-02-01` or `2026-01-02`, with the year first'
    """
    words = " ".join(text.split())
    if found := _YEAR_FIRST.fullmatch(words):
        return _hint(_date(found[1], found[2], found[3]))
    if found := _YEAR_LAST.fullmatch(words):
        day_last, day_first = (
            _date(found[4], found[1], found[3]),
            _date(found[4], found[3], found[1]),
        )
        if found[2] == "." and day_first is not None:  # with points, the day is always first
            return _hint(day_first)
        if day_last and day_first and day_last != day_first:
            return f"write it as `{day_last}` or `{day_first}`, with the year first"
        return _hint(day_last or day_first)
    found = _IN_WORDS.fullmatch(words)
    month = found[2][:3].lower() if found else ""
    day = (found[1] or found[3]) if found else None
    if found is None or month not in _MONTHS or day is None:
        return _EXAMPLE
    return _hint(_date(found[4], str(_MONTHS.index(month) + 1), day))


def meant_number(text: str) -> str | None:
    """Return a hint with the whole number that a text probably means, or None.

    >>> meant_number("up to 5"), meant_number("1,000"), meant_number("1 year")
    ('write `5`', 'write `1000`', 'write `12` for months')
    """
    words = " ".join(text.lower().split())
    if words in _COUNTS:
        return f"write `{_COUNTS.index(words) + 1}`"
    found = _NUMBER.fullmatch(words)
    if found is None:
        return None
    number = int(re.sub("[,. ]", "", found[1]))
    return f"write `{number * 12}` for months" if found[2] in _YEARS else f"write `{number}`"


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _hint(meant: date | None) -> str:
    return _EXAMPLE if meant is None else f"did you mean `{meant}`?"
