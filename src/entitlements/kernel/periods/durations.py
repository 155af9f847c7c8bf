"""Durations as text, such as `4h`, `1h30m` or ISO 8601 `PT4H`.

`1d` is refused, because a day in a contract may be 24 elapsed hours, the open time of one business
day, or the same time on the next business day.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.hints import closest_match_hint

_UNITS: Final = {"h": 3600, "m": 60, "min": 60, "s": 1}
_PART: Final = re.compile(r"(\d{1,9})(h|min|m|s)\s*")
_ISO: Final = re.compile(r"PT(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?")
_DAYS: Final = re.compile(r"-?\s*\d+\s*(d|days?|bd|business[ _]days?)")


def parse_duration(text: str) -> timedelta:
    """Return the duration that `text` stands for.

    >>> parse_duration("1h30m"), parse_duration("PT4H")
    (datetime.timedelta(seconds=5400), datetime.timedelta(seconds=14400))

    Raises:
        InvalidValueError: `text` is empty, uses another unit, or counts in days.
        LimitExceededError: `text` is longer than 2.7 million years.
    """
    if not isinstance(text, str):
        raise InvalidValueError(f"`{text!r}` is not a duration", hint="write it as `4h` or `30m`")
    word = text.strip()
    if _DAYS.fullmatch(word.lower()):
        raise InvalidValueError(
            f"`{text}` does not say which kind of day",
            hint="write `24h` for elapsed time, or a number of business days with an anchor",
        )
    if iso := _ISO.fullmatch(word):
        hours, minutes, seconds = (int(each or 0) for each in iso.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    parts = _PART.findall(word)
    if not parts or _PART.sub("", word):
        raise InvalidValueError(f"`{text}` is not a duration", hint=_suggestion(word))
    try:
        return timedelta(seconds=sum(int(count) * _UNITS[unit] for count, unit in parts))
    except OverflowError:
        raise LimitExceededError(f"`{text[:20]}...` is longer than a `timedelta` can be") from None


def format_duration(amount: timedelta) -> str:
    """Return `amount` as the shortest text from which `parse_duration` returns it.

    Fractions of a second are cut off.

    >>> format_duration(timedelta(minutes=90)), format_duration(timedelta())
    ('1h30m', '0s')
    """
    if not isinstance(amount, timedelta):
        raise InvalidValueError(f"`{amount!r}` is not a duration", hint="pass a `timedelta`")
    seconds = int(amount.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    parts = [f"{n}{unit}" for n, unit in ((hours, "h"), (minutes, "m"), (seconds, "s")) if n]
    return sign + ("".join(parts) or "0s")


def _suggestion(word: str) -> str:
    number = re.match(r"\d+", word)
    unit = word[number.end() :].strip().lower() if number else ""
    names = {"hours": "h", "hrs": "h", "hour": "h", "minutes": "m", "mins": "m", "seconds": "s"}
    close = closest_match_hint(unit, names)
    if number and close:
        return f"did you mean `{number.group()}{names[close.split('`')[1]]}`?"
    return "write it as `4h`, `30m` or `1h30m`"
