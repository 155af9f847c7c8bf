"""Time zones: wall clock to instant.

Zone data comes from the `tzdata` package only, so that the release is known and machines with the
same packages give the same answers. A wall time that a clock change skips means the first instant
after the gap; one that is repeated means its first occurrence. This rule keeps the order of any two
wall times in every zone.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
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
"""Start, end and offset: instants between which the clock is `offset` ahead of UTC."""

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
"""The place that a time zone abbreviation probably means."""

_MAX_OFFSET: Final = 26 * HOUR
_TABLE_END_YEAR: Final = 2050
CYCLE: Final = 146_097 * DAY
"""400 years, in which weekdays and the rules of clocks repeat exactly."""
_BLOCK: Final = 32 * 366 * DAY
_BLOCK_OVERLAP: Final = 3 * 366 * DAY
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
    """Return the release of the time zone database that calendars use, such as `2026f`.

    >>> tz_release() >= "2025b"
    True
    """
    return str(tzdata.IANA_VERSION)


def zone_name(value: str | tzinfo) -> str:
    """Return the name of a zone in the database; used as a converter.

    >>> zone_name("Europe/Berlin")
    'Europe/Berlin'

    Raises:
        InvalidValueError: The database has no such zone.
    """
    name = getattr(value, "key", None) or ("UTC" if value is UTC else value)
    if not isinstance(name, str) or (name not in UTC_NAMES and name not in _names()):
        raise InvalidValueError(f"`{name}` is not a time zone", hint=_place_hint(str(name)))
    return name


def _place_hint(name: str) -> str:
    """Return a hint that names a place: an abbreviation does not determine when clocks change."""
    place = PLACE_OF.get(name.strip().upper())
    if place is not None:
        return f"abbreviations are no time zones; did you mean `{place}`?"
    places = [each for each in _names() if "/" in each and not each.startswith("Etc/")]
    return closest_match_hint(name[:_MAX_NAME_LENGTH], places) or "write it as `Europe/Berlin`"


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    from importlib.resources import files  # noqa: PLC0415 - on first use

    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


@lru_cache(maxsize=64)
def load_zone(name: str) -> Zone:
    """Return the zone `name`; the 64 most recently used are cached."""
    from importlib.resources import files  # noqa: PLC0415 - on first use

    file = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with file.open("rb") as data:
        return Zone(name, Timezone.from_file(data, key=name), file.read_bytes())


@final
class Zone:
    """Wall clocks of one zone, in whole microseconds.

    Attributes:
        name: The name in the database.
        is_fixed: Whether the clock never changed and never will.
        first_change: Before this instant the clock never changed.
        rule_from: From this instant on the clock follows a yearly rule.
        tzinfo: The same zone for datetimes that people see.
    """

    __slots__ = (
        "_blocks",
        "_changes",
        "_has_rule",
        "_offsets",
        "_table_end",
        "_yearly",
        "first_change",
        "is_fixed",
        "name",
        "rule_from",
        "tzinfo",
    )

    def __init__(self, name: str, info: Timezone, data: bytes) -> None:
        self.name = name
        self.tzinfo = info
        self._changes, self._offsets, listed = _listed_changes(data, self.offset(FIRST_MICROS))
        self._yearly: dict[int, list[tuple[int, int]]] = {}
        self._blocks: dict[int, tuple[list[int], list[int]]] = {}
        self.first_change = self._changes[0] if self._changes else 0
        # Without a comma the last line of the file is an offset, with one a yearly rule.
        self._has_rule = b"," in data.rsplit(b"\n", 2)[-2]
        self.rule_from = self._changes[-1] if self._changes else 0
        if self._has_rule and listed:
            self.rule_from = listed  # the rule holds from the last entry, even of a name only
        self.is_fixed = not self._changes and not self._has_rule
        for year in range(_year(self.rule_from), _TABLE_END_YEAR if self._has_rule else 0):
            for change, after in self._changes_in(year):
                if change > self.rule_from:
                    self._changes.append(change)
                    self._offsets.append(after)
        self._table_end = max(self.rule_from, _micros(_TABLE_END_YEAR, 1))

    def offset(self, at: int) -> int:
        """Return how far the wall clock is ahead of UTC at the instant `at`."""
        local = (EPOCH + timedelta(microseconds=at)).astimezone(self.tzinfo)
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
        return first_reading(wall, self.offset_periods(wall - _MAX_OFFSET, wall + _MAX_OFFSET))

    def offset_periods(self, low: int, high: int) -> list[OffsetPeriod]:
        """Return `[low, high)` divided at the clock changes, in order."""
        changes, offsets = self._changes, self._offsets
        is_far = self._has_rule and high > self._table_end
        if is_far and low >= self._table_end and high - low <= _BLOCK_OVERLAP:
            changes, offsets = self._block(low // _BLOCK)
            is_far = False
        index = bisect_right(changes, low)
        start, offset = low, offsets[index]
        found: list[OffsetPeriod] = []
        while index < len(changes) and changes[index] < high:
            found.append((start, changes[index], offset))
            start, offset = changes[index], offsets[index + 1]
            index += 1
        if is_far:
            for change, after in self._changes_by_rule(low, high):
                if change > start:
                    found.append((start, change, offset))
                    start = change
                offset = after
        found.append((start, high, offset))
        return found

    def _block(self, number: int) -> tuple[list[int], list[int]]:
        """Return the changes around a block of years after the table, and the offsets between."""
        found = self._blocks.get(number)
        if found is None:
            low = number * _BLOCK - _BLOCK_OVERLAP
            high = min(low + _BLOCK + 2 * _BLOCK_OVERLAP, LAST_MICROS)
            years = range(_year(low), _year(high) + 2)
            listed = [each for year in years for each in self._changes_in(year)]
            found = [at for at, _ in listed], [listed[0][1], *(after for _, after in listed)]
            self._blocks[number] = found
        return found

    def _changes_by_rule(self, low: int, high: int) -> list[tuple[int, int]]:
        """Return the changes after the tabled ones, up to `high`.

        The last one before `low` is included: it gives the offset at `low`.
        """
        years = range(_year(max(low, self._table_end)) - 1, _year(high) + 1)
        found = [each for year in years for each in self._changes_in(year)]
        return [each for each in found if self._table_end <= each[0] < high]

    def _changes_in(self, year: int) -> list[tuple[int, int]]:
        cycles = (year - _year(self.rule_from) - 1) // 400 if year > _TABLE_END_YEAR else 0
        if cycles > 0:
            same = self._changes_in(year - 400 * cycles)
            return [(change + cycles * CYCLE, after) for change, after in same]
        known = self._yearly.get(year)
        if known is None:
            months = [_micros(year, month) for month in range(1, 13)] + [_micros(year + 1, 1)]
            known = []
            for before, after in pairwise(months):
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


def first_reading(wall: int, offsets: Iterable[OffsetPeriod]) -> int:
    """Return the first instant in `offsets` whose clock reads `wall` microseconds or later.

    The periods must reach 26 hours to either side of `wall`.
    """
    for start, end, offset in offsets:
        if end + offset > wall:
            return max(start, wall - offset)
    return wall + _MAX_OFFSET  # no clock is that far behind UTC


def _year(at: int) -> int:
    return (EPOCH + timedelta(microseconds=at)).year


def _micros(year: int, month: int) -> int:
    return (datetime(year, month, 1, tzinfo=UTC) - EPOCH) // MICROSECOND


def _listed_changes(data: bytes, first: int) -> tuple[list[int], list[int], int]:
    """Return the clock changes that a TZif file lists, and the offsets around them (RFC 9636).

    The second, 64-bit part of the file is read. Entries that change only the
    name of the time are omitted; the instant of the last entry of any kind, or 0, comes last.
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
    return changes, after, instants[-1] * SECOND if instants else 0
