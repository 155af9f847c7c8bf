"""Hours of a week in other words: the hours that were probably meant by a text that is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from entitlements.calendars.week import Week
from entitlements.kernel.errors import EntitlementsError

_Change: TypeAlias = str | Callable[[re.Match[str]], str]

_MAX_LENGTH: Final = 100
_GERMAN: Final = {"di": "Tu", "mi": "We", "do": "Th", "so": "Su"}
_DAY: Final = (
    r"(?:mon?|tue?s?|wed?s?|thu?r?s?|fri?|sat?|sun?)(?:days?|nesdays?|urdays?|rsdays?|sdays?)?"
)
_TIME: Final = r"(\d{1,2})(?:[:.h]?([0-5]\d))?h?(?: ?([ap])\.?m\.?)?"
_RANGE: Final = re.compile(rf"(?<![\d:.]){_TIME}-{_TIME}(?![\d:.])", re.ASCII | re.IGNORECASE)


def _hours(found: re.Match[str]) -> str:
    """Return a window with two digits for hours and minutes, counted up to 24."""
    first, last = (_minutes(*found.groups()[at : at + 3]) for at in (0, 3))
    if found[3] is None and found[6] is None and last <= first < last + 12 * 60 <= 24 * 60:
        last += 12 * 60  # from 9 to 5
    return "-".join(f"{each // 60:02}:{each % 60:02}" for each in (first, last))


def _minutes(hour: str, minute: str | None, half: str | None) -> int:
    hours = int(hour)
    if half is not None:
        hours = hours % 12 + (12 if half in "pP" else 0)
    return hours * 60 + int(minute or 0)


_CHANGES: Final[tuple[tuple[re.Pattern[str], _Change], ...]] = tuple(
    (re.compile(pattern, re.ASCII | re.IGNORECASE), change)
    for pattern, change in (
        ("[\u201c\u201d\u201e\u2018\u2019\"']", ""),
        (r"\s*[\u2010-\u2015]\s*", "-"),
        (r"^24\s*[x/]\s*5$", "Mo-Fr 00:00-24:00"),
        (r"\b(?:weekdays|work(?:ing)? ?days|business days)\b", "Mo-Fr"),
        (r"\bweekends?\b", "Sa-Su"),
        (r"\b(?:daily|every ?day|all week|all days)\b", "Mo-Su"),
        (r"\b(?:from|between|open)\s+", ""),
        (r"\s*\b(?:to|until|till|through|thru|bis)\b\s*", "-"),
        (r"\b(di|mi|do|so)\b", lambda found: _GERMAN[found[1].lower()]),
        (r"\bnoon\b", "12:00"),
        (r"\bmidnight\b", "24:00"),
        (r"\s*(?:\band\b|&|\+)\s*", ","),
        (r"\s*-\s*", "-"),
        (rf"\b({_DAY})s?[,:]? (?=\d)", r"\1 "),
        (r"(?<=\d)\s+(?=[a-z]{2,}(?<!am)(?<!pm)\b(?<! [ap]m))(?! ?[ap]m)", "; "),
    )
)
"""Other words for a part of a week, and the words of this format, in the order of use."""


def meant_week(text: str) -> str | None:
    """Return a hint with the hours of the week that a text probably means, or None.

    >>> meant_week("Monday to Friday, 8am-6pm")
    'did you mean `Mo-Fr 08:00-18:00`?'
    >>> meant_week("8x5")
    'write which hours: `Mo-Fr 09:00-17:00`'
    >>> meant_week("when we are there") is None
    True
    """
    words = " ".join(text.split())
    if re.fullmatch(r"\d{1,2}\s*[x/]\s*[56]", words, re.ASCII) and not words.startswith("24"):
        return "write which hours: `Mo-Fr 09:00-17:00`"
    meant = meant_hours(words)
    return f"did you mean `{meant}`?" if meant else None


def meant_hours(text: str) -> str | None:
    """Return the hours of the week that a text probably means, or None."""
    words = " ".join(text.split())
    if len(words) > _MAX_LENGTH:
        return None
    for pattern, change in _CHANGES:
        words = pattern.sub(change, words)
    try:
        return Week(_RANGE.sub(_hours, words)).text or None
    except EntitlementsError:
        return None
