"""Which instant does a wall clock mean?

Zone data comes from the `tzdata` package and nowhere else, so that the release is known and two
machines with the same packages give the same answers. A wall time in a gap means the first
instant after it; a repeated one means its first reading. That rule keeps the order of any two
wall times on every date of every zone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from importlib.resources import files
from typing import Final, final
from zoneinfo import ZoneInfo

import tzdata

from entitlements.kernel.errors import InvalidValueError, did_you_mean
from entitlements.kernel.instants import DAY, EARLIEST, EPOCH, LATEST, SECOND, to_micros

_NAIVE_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time has no zone
_MICROSECOND: Final = timedelta(microseconds=1)
FIRST: Final = to_micros(EARLIEST)
LAST: Final = to_micros(LATEST - _MICROSECOND)
FIRST_DAY: Final = FIRST // DAY
LAST_DAY: Final = LAST // DAY


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
        hint = did_you_mean(str(name), _names()) or "write it as `Europe/Berlin`"
        raise InvalidValueError(f"`{name}` is not a time zone", hint=hint)
    return name


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


@lru_cache(maxsize=64)
def load_zone(name: str) -> Zone:
    """Return the zone called `name`; the last 64 are kept."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return Zone(name, ZoneInfo.from_file(data, key=name))


@final
class Zone:
    """Wall clocks of one zone, in whole microseconds."""

    __slots__ = ("info", "name")

    def __init__(self, name: str, info: ZoneInfo) -> None:
        self.name = name
        self.info = info

    def offset(self, at: int) -> int:
        """Return how far the wall clock is ahead of UTC at the instant `at`."""
        local = (EPOCH + timedelta(microseconds=at)).astimezone(self.info)
        return (local.utcoffset() or timedelta()) // _MICROSECOND

    def wall(self, at: int) -> int:
        """Return what the wall clock reads at `at`: microseconds since 1970-01-01 00:00."""
        return at + self.offset(at)

    def instant(self, day: int, seconds: int = 0) -> int:
        """Return the first instant whose clock reads `seconds` after midnight of `day` or later.

        Args:
            day: Days since 1970-01-01.
            seconds: Wall-clock seconds after that day's midnight; may go past the day.
        """
        clock = _NAIVE_EPOCH + timedelta(days=day, seconds=seconds)
        wall = day * DAY + seconds * SECOND
        first = (self.info.utcoffset(clock) or timedelta()) // _MICROSECOND
        second = (self.info.utcoffset(clock.replace(fold=1)) or timedelta()) // _MICROSECOND
        return wall - first if first >= second else self._end_of_gap(wall - second, wall - first)

    def _end_of_gap(self, before: int, after: int) -> int:
        late = self.offset(after)
        while after - before > SECOND:
            middle = (before + after) // (2 * SECOND) * SECOND
            if self.offset(middle) == late:
                after = middle
            else:
                before = middle
        return after
