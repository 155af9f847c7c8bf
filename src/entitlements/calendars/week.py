"""Ordinary weekly hours and their text.

A week has weekdays and wall-clock times, but no zone, dates or exceptions. A window belongs to the
weekday on which it starts: Saturday's `22:00-06:00` is Saturday's even after midnight.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias, final

import attrs

from entitlements.kernel.converters import as_tuple
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.hints import closest_match_hint
from entitlements.kernel.periods.spans import union

DayWindows: TypeAlias = tuple[tuple[int, int], ...]
"""Windows of one day: start and end in seconds after midnight, sorted and disjoint."""

DAY_SECONDS: Final = 86_400
MAX_WINDOWS_PER_DAY: Final = 48
_MAX_QUOTE: Final = 100
WEEKDAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBER_OF: Final = {
    short: number for number, name in enumerate(_NAMES) for short in (name[:2], name[:3], name)
}
_OTHER_TIME: Final = re.compile(
    r"(\d|1\d|2[0-4])(?:[.:h]?([0-5]\d))?\s*([ap]\.?m\.?)?h?(?:\s*uhr)?", re.ASCII
)
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_DAYS: Final = re.compile(r"[A-Za-z][A-Za-z ,\-]*")
_HOURS: Final = re.compile(r"\d.*|(?:off|closed)\Z")
_CLOSED: Final = ("off", "closed", "")


def parse_windows(value: str | Iterable[str]) -> DayWindows:
    """Return the windows in `value`, with overlapping and touching ones merged.

    Text is one window or several separated by commas; `off` and an empty list mean none.

    >>> parse_windows("09:00-12:30,13:00-17:30")
    ((32400, 45000), (46800, 63000))

    Raises:
        InvalidValueError: A time is not valid, a window starts and ends at the same time, or two
            windows are the same.
        LimitExceededError: There are more than 48 windows.
    """
    return merge_windows(parse_windows_as_written(value))


def parse_windows_as_written(value: str | Iterable[str]) -> DayWindows:
    """Return the windows in `value` unchanged: in their order, overlaps kept."""
    texts = _texts(value)
    _check_count(len(texts))
    windows = tuple(_window(each) for each in texts)
    for text, window in zip(texts, windows, strict=True):
        if windows.count(window) > 1:
            raise InvalidValueError(f"window `{text}` is listed twice", hint="remove one of them")
    return windows


def checked_windows(windows: Iterable[object]) -> DayWindows:
    """Return windows given as pairs of seconds after midnight, in their order.

    The limits are those of windows in text; an end after midnight is more than 86,400.

    Raises:
        InvalidValueError: A pair is not two whole numbers, starts on another day, does not end
            after its start, ends after 48:00, or is listed twice.
        LimitExceededError: There are more than 48 windows.
    """
    each = tuple(map(_pair, windows))
    _check_count(len(each))
    for window in each:
        if each.count(window) > 1:
            raise InvalidValueError(f"window `{window}` is listed twice", hint="remove one of them")
    return each


def _pair(value: object) -> tuple[int, int]:
    match value:
        case (int() as start, int() as end) if bool not in {type(start), type(end)}:
            if 0 <= start < DAY_SECONDS and start < end <= 2 * DAY_SECONDS:
                return start, end
    raise InvalidValueError(
        f"`{value!r}` is not a window",
        hint="write `09:00-17:00`, or seconds after midnight: start before 24:00, a later end",
    )


def _check_count(count: int) -> None:
    if count > MAX_WINDOWS_PER_DAY:
        raise LimitExceededError(
            f"`{count}` windows in one day", hint=f"at most {MAX_WINDOWS_PER_DAY} are allowed"
        )


def merge_windows(windows: Iterable[tuple[int, int]]) -> DayWindows:
    """Return the same time as sorted windows that neither overlap nor touch."""
    return tuple(union(windows))


def format_windows(windows: DayWindows) -> str:
    """Return text that `parse_windows` reads as `windows`; `off` if there are none.

    >>> format_windows(((79200, 108000),))
    '22:00-30:00'
    """
    return ",".join(f"{format_time(start)}-{format_time(end)}" for start, end in windows) or "off"


def format_time(seconds: int) -> str:
    """Return seconds after midnight as `HH:MM`, or `HH:MM:SS` if there are seconds."""
    minutes, second = divmod(seconds, 60)
    text = f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{second:02}" if second else text


def parse_time(text: str, latest: int = DAY_SECONDS) -> int:
    """Return the seconds after midnight of `HH:MM` or `HH:MM:SS`.

    Raises:
        InvalidValueError: `text` is not a time, or later than `latest` seconds.
    """
    match = _TIME.fullmatch(str(text).strip())
    if match is None:
        raise InvalidValueError(f"`{text}` is not a time of day", hint=_meant_time(str(text)))
    hours, minutes, seconds = (int(each or 0) for each in match.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or total > latest:  # noqa: PLR2004 - minutes have 60 seconds
        raise InvalidValueError(
            f"`{text}` is not a time of day", hint=f"the latest is `{format_time(latest)}`"
        )
    return total


def _meant_time(text: str) -> str:
    """Return a hint with the time of day, or with the separator, that was probably meant."""
    if text.strip().lower().partition(" ")[0] in _NUMBER_OF:
        return "put `;` before the next weekdays: `Mo-Th 09:00-17:00; Fr 09:00-15:00`"
    other = _OTHER_TIME.fullmatch(text.strip().lower())
    if other is None:
        return "write it as `09:00`"
    hours, half = int(other[1]), other[3]
    if half:
        hours = hours % 12 + (12 if half[0] == "p" else 0)
    return f"write it as `{hours:02}:{other[2] or '00'}`"


def _texts(value: str | Iterable[str]) -> list[str]:
    parts = (value,) if isinstance(value, str) else as_tuple(value)
    for each in parts:
        if not isinstance(each, str):
            raise InvalidValueError(f"`{each!r}` is not a window", hint="write `09:00-17:00`")
    words = [word.strip() for each in parts for word in each.split(",")]
    return [] if all(word.lower() in _CLOSED for word in words) else words


def _window(text: str) -> tuple[int, int]:
    left, dash, right = text.partition("-")
    if not dash:
        raise InvalidValueError(f"`{text}` is not a window", hint="write it as `09:00-17:00`")
    start, end = parse_time(left, DAY_SECONDS - 1), parse_time(right, 2 * DAY_SECONDS)
    if start == end:
        raise InvalidValueError(
            f"window `{text}` starts and ends at the same time",
            hint=f"write `00:00-24:00` or `{left.strip()}-{format_time(end + DAY_SECONDS)}` "
            "for a whole day, or `off`",
        )
    return start, end if end > start else end + DAY_SECONDS


def _rules(value: object) -> list[tuple[str, str | Sequence[str]]]:
    if isinstance(value, Mapping):
        return list(value.items())
    if not isinstance(value, str):
        raise InvalidValueError(f"`{value!r}` is not a week", hint="write `Mo-Fr 09:00-17:00`")
    if value.strip() == "24/7":
        return [("Mo-Su", "00:00-24:00")]
    return [_rule(each.strip()) for each in value.split(";") if each.strip()]


def _rule(text: str) -> tuple[str, str]:
    # Two expressions, the hours first: one expression for both would try every split of blanks.
    hours = _HOURS.search(text)
    days = text[: hours.start()].rstrip() if hours else ""
    if hours is None or hours.end() < len(text) or (days and _DAYS.fullmatch(days) is None):
        raise InvalidValueError(
            f"`{_short(text)}` is not a rule of weekly hours",
            hint="write weekdays and times, such as `Mo-Fr 09:00-12:30,13:00-17:30`",
        )
    return days or "Mo-Su", hours[0]


def _short(text: str) -> str:
    return text if len(text) <= _MAX_QUOTE else f"{text[:_MAX_QUOTE]}..."


def _weekdays(text: str) -> list[int]:
    days: list[int] = []
    for part in str(text).split(","):
        first, dash, last = part.partition("-")
        start = _weekday(first)
        days += [start] if not dash else _from_to(start, _weekday(last))
    return days


def _from_to(first: int, last: int) -> list[int]:
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _weekday(text: str) -> int:
    word = text.strip().lower()
    if word not in _NUMBER_OF:
        hint = closest_match_hint(word, _NAMES) or "write `Mo`, `mon` or `monday`"
        raise InvalidValueError(f"`{_short(text.strip())}` is not a weekday", hint=hint)
    return _NUMBER_OF[word]


def _seven_days(value: object) -> tuple[DayWindows, ...]:
    if isinstance(value, Week):
        return value.stated
    days: list[DayWindows] = [()] * 7
    for names, hours in _rules(value):
        windows = parse_windows_as_written(hours)
        for day in _weekdays(names):
            days[day] = windows
    return tuple(days)


@final
@attrs.frozen
class Week:
    """The ordinary hours of a week: text as in OSM `opening_hours`, or a mapping.

    A later rule for a weekday replaces an earlier one. An end before its start is on the next
    day, and ends go up to `48:00`. `24/7` is always open, empty text is never open. Two weeks with
    the same open time on every weekday are equal, however they were written.

    >>> Week("Mo-Fr 09:00-12:30,13:00-17:30; Sa 22:00-06:00").text
    'Mo-Fr 09:00-12:30,13:00-17:30; Sa 22:00-30:00'
    >>> Week({"mon-fri": ["09:00-17:00"]}) == Week("Mo-Fr 09:00-12:00,12:00-17:00")
    True

    Attributes:
        stated: The windows of the seven days from Monday on, as given: seconds after midnight.
        windows: The same, with overlapping and touching windows merged.

    Raises:
        InvalidValueError: A weekday, a time or a window is not valid.
        LimitExceededError: A day has more than 48 windows.
    """

    stated: tuple[DayWindows, ...] = attrs.field(converter=_seven_days, eq=False)
    windows: tuple[DayWindows, ...] = attrs.field(init=False, repr=False)

    @windows.default
    def _merged(self) -> tuple[DayWindows, ...]:
        return tuple(merge_windows(each) for each in self.stated)

    @property
    def text(self) -> str:
        """The week as text that builds an equal week; empty if it is never open."""
        rules: list[str] = []
        day = 0
        while day < len(self.windows):
            last = day
            while last < 6 and self.windows[last + 1] == self.windows[day]:  # noqa: PLR2004 - Sunday
                last += 1
            if self.windows[day]:
                days = WEEKDAYS[day] if last == day else f"{WEEKDAYS[day]}-{WEEKDAYS[last]}"
                rules.append(f"{days} {format_windows(self.windows[day])}")
            day = last + 1
        return "; ".join(rules)

    def __repr__(self) -> str:
        return f"Week({self.text!r})"


def as_week(value: Week | str | Mapping[str, Sequence[str] | str]) -> Week:
    """Return `value` as a week; used as a converter."""
    return value if isinstance(value, Week) else Week(value)
