"""Which instant does a wall clock mean?

Zone data comes from the `tzdata` package and nowhere else, so that the release is known and two
machines with the same packages give the same answers. A wall time in a gap means the first
instant after it; a repeated one means its first reading. That rule keeps the order of any two
wall times on every date of every zone.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Final, TypeAlias, final

import tzdata
from pendulum.tz.timezone import Timezone

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.hints import closest_match_hint
from entitlements.kernel.instants import (
    DAY,
    EARLIEST,
    EPOCH,
    HOUR,
    LATEST,
    MICROSECOND,
    SECOND,
    to_micros,
)

OffsetPeriod: TypeAlias = tuple[int, int, int]
"""A stretch of instants, start and end, on which the clock is `offset` ahead of UTC."""

_MAX_NAME_LENGTH: Final = 100
UTC_NAMES: Final = frozenset(
    f"{area}{name}" for area in ("", "Etc/") for name in ("UTC", "UCT", "Universal", "Zulu")
)
PLACE_OF: Final = {
    "GMT": "Europe/London",
    "BST": "Europe/London",
    "WEST": "Europe/Lisbon",
    "CEST": "Europe/Berlin",
    "EEST": "Europe/Helsinki",
    "MSK": "Europe/Moscow",
    "IST": "Asia/Kolkata",
    "SGT": "Asia/Singapore",
    "HKT": "Asia/Hong_Kong",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney",
    "NZST": "Pacific/Auckland",
    "NZDT": "Pacific/Auckland",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "AKST": "America/Anchorage",
    "AKDT": "America/Anchorage",
    "HST": "Pacific/Honolulu",
}
"""Where people who write an abbreviation probably are."""

_MAX_OFFSET: Final = 26 * HOUR
_TABLE_END_YEAR: Final = 2050
CYCLE: Final = 146_097 * DAY
"""400 years, in which weekdays and the rules of clocks repeat exactly."""
FIRST_MICROS: Final = to_micros(EARLIEST)
LAST_MICROS: Final = to_micros(LATEST - MICROSECOND)
FIRST_DAY: Final = FIRST_MICROS // DAY
LAST_DAY: Final = LAST_MICROS // DAY


_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()


def day_number(value: date) -> int:
    """Return the days from 1970-01-01 to `value`."""
    return value.toordinal() - _EPOCH_ORDINAL


def date_of_day_number(number: int) -> date:
    """Return the date that is `number` days after 1970-01-01; the inverse of `day_number`."""
    return date.fromordinal(number + _EPOCH_ORDINAL)


def tz_release() -> str:
    """Return the release of the time zone database that calendars are computed with."""
    return str(tzdata.IANA_VERSION)


def zone_name(value: str | tzinfo) -> str:
    """Return the name of a zone that the database knows; used as a converter.

    >>> zone_name("Europe/Berlin")
    'Europe/Berlin'

    Raises:
        InvalidValueError: The database knows no such zone.
    """
    name = getattr(value, "key", None) or ("UTC" if value is UTC else value)
    if not isinstance(name, str) or name not in _names():
        raise InvalidValueError(f"`{name}` is not a time zone", hint=_place_hint(str(name)))
    return name


def _place_hint(name: str) -> str:
    """Return a hint that names a place: an abbreviation does not say when its clocks change."""
    place = PLACE_OF.get(name.strip().upper())
    if place is not None:
        return f"abbreviations are no time zones; did you mean `{place}`?"
    places = [each for each in _names() if "/" in each and not each.startswith("Etc/")]
    return closest_match_hint(name[:_MAX_NAME_LENGTH], places) or "write it as `Europe/Berlin`"


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


@lru_cache(maxsize=64)
def load_zone(name: str) -> Zone:
    """Return the zone called `name`; the last 64 are kept."""
    file = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with file.open("rb") as data:
        return Zone(name, Timezone.from_file(data, key=name), file.read_bytes())


@final
class Zone:
    """Wall clocks of one zone, in whole microseconds.

    Attributes:
        name: What the database calls the zone.
        is_fixed: Whether the clock never changed and never will.
        begins: Before this instant the clock never changed.
        settled: From this instant on the clock follows a yearly rule.
        shown: The zone for datetimes that people see, with the same data.
    """

    __slots__ = (
        "_changes",
        "_has_rule",
        "_offsets",
        "_tabled",
        "_yearly",
        "begins",
        "is_fixed",
        "name",
        "settled",
        "shown",
    )

    def __init__(self, name: str, info: Timezone, data: bytes) -> None:
        self.name = name
        self.shown = info
        self._changes, self._offsets = _listed_changes(data, self.offset(FIRST_MICROS))
        self._yearly: dict[int, list[tuple[int, int]]] = {}
        self.begins = self._changes[0] if self._changes else 0
        self.settled = self._changes[-1] if self._changes else 0
        # Without a comma the last line of the file is an offset, with one a yearly rule.
        self._has_rule = b"," in data.rsplit(b"\n", 2)[-2]
        self.is_fixed = not self._changes and not self._has_rule
        for year in range(_year(self.settled), _TABLE_END_YEAR if self._has_rule else 0):
            for change, after in self._changes_in(year):
                if change > self.settled:
                    self._changes.append(change)
                    self._offsets.append(after)
        self._tabled = max(self.settled, _micros(_TABLE_END_YEAR, 1))

    def offset(self, at: int) -> int:
        """Return how far the wall clock is ahead of UTC at the instant `at`."""
        local = (EPOCH + timedelta(microseconds=at)).astimezone(self.shown)
        return (local.utcoffset() or timedelta()) // MICROSECOND

    def wall(self, at: int) -> int:
        """Return what the wall clock reads at `at`: microseconds since 1970-01-01 00:00."""
        return at + self.offset(at)

    def instant(self, day: int, seconds: int = 0) -> int:
        """Return the first instant whose clock reads `seconds` after midnight of `day` or later.

        Args:
            day: Days since 1970-01-01.
            seconds: Wall-clock seconds after that day's midnight; may go past the day.
        """
        return self.first_reading(day * DAY + seconds * SECOND)

    def first_reading(self, wall: int) -> int:
        """Return the first instant whose clock reads `wall` microseconds or later."""
        return first_reading(wall, self.runs(wall - _MAX_OFFSET, wall + _MAX_OFFSET))

    def runs(self, low: int, high: int) -> list[OffsetPeriod]:
        """Return `[low, high)` as stretches between clock changes, in order."""
        changes = self._changes
        index = bisect_right(changes, low)
        start, offset = low, self._offsets[index]
        found: list[OffsetPeriod] = []
        while index < len(changes) and changes[index] < high:
            found.append((start, changes[index], offset))
            start, offset = changes[index], self._offsets[index + 1]
            index += 1
        if self._has_rule and high > self._tabled:
            for change, after in self._ruled_changes(low, high):
                if change > start:
                    found.append((start, change, offset))
                    start = change
                offset = after
        found.append((start, high, offset))
        return found

    def _ruled_changes(self, low: int, high: int) -> list[tuple[int, int]]:
        """Return the changes after the tabled ones, up to `high`.

        The last before `low` is among them: it tells the offset that holds there.
        """
        years = range(_year(max(low, self._tabled)) - 1, _year(high) + 1)
        found = [each for year in years for each in self._changes_in(year)]
        return [each for each in found if self._tabled <= each[0] < high]

    def _changes_in(self, year: int) -> list[tuple[int, int]]:
        cycles = (year - _year(self.settled) - 1) // 400 if year > _TABLE_END_YEAR else 0
        if cycles > 0:
            alike = self._changes_in(year - 400 * cycles)
            return [(change + cycles * CYCLE, after) for change, after in alike]
        known = self._yearly.get(year)
        if known is None:
            marks = [_micros(year, month) for month in range(1, 13)] + [_micros(year + 1, 1)]
            known = []
            for before, after in pairwise(marks):
                if self.offset(before) != self.offset(after):
                    change = self._change_between(before, after)
                    known.append((change, self.offset(change)))
            self._yearly[year] = known
        return known

    def _change_between(self, before: int, after: int) -> int:
        late = self.offset(after)
        while after - before > SECOND:
            middle = (before + after) // (2 * SECOND) * SECOND
            if self.offset(middle) == late:
                after = middle
            else:
                before = middle
        return after


def first_reading(wall: int, runs: Iterable[OffsetPeriod]) -> int:
    """Return the first instant in `runs` whose clock reads `wall` microseconds or later.

    The runs must reach 26 hours to either side of `wall`.
    """
    for start, end, offset in runs:
        if end + offset > wall:
            return max(start, wall - offset)
    return wall + _MAX_OFFSET  # no clock is that far behind


def _year(at: int) -> int:
    return (EPOCH + timedelta(microseconds=at)).year


def _micros(year: int, month: int) -> int:
    return (datetime(year, month, 1, tzinfo=UTC) - EPOCH) // MICROSECOND


def _listed_changes(data: bytes, first: int) -> tuple[list[int], list[int]]:
    """Return the clock changes that a TZif file lists, and the offsets around them (RFC 9636).

    The second, 64-bit part of the file is read. Entries that change the name of the time only
    are left out.
    """
    counts = struct.unpack(">6l", data[20:44])
    size = counts[3] * 5 + counts[4] * 6 + counts[5] + counts[2] * 8 + counts[1] + counts[0]
    body = 44 + size
    _, _, _, times, types, _ = struct.unpack(">6l", data[body + 20 : body + 44])
    at = body + 44
    instants = struct.unpack(f">{times}q", data[at : at + 8 * times])
    kinds = data[at + 8 * times : at + 9 * times]
    at += 9 * times
    offsets = [struct.unpack(">lbB", data[at + 6 * n : at + 6 * n + 6])[0] for n in range(types)]
    changes, after = [], [first]
    for instant, kind in zip(instants, kinds, strict=True):
        if offsets[kind] * SECOND != after[-1] and instant * SECOND > FIRST_MICROS:
            changes.append(instant * SECOND)
            after.append(offsets[kind] * SECOND)
    return changes, after
