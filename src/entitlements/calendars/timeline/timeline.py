# ruff: noqa: D102, ARG002 - what the methods mean is documented in `Timeline`
"""Timeline: protocol of open time in whole microseconds; always open, never open.

Everything is computed with one monotone function B(t), the open time before t, and its inverse: the
open time between two instants is a difference of B, and an amount is used up where B has grown by
it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol, final

from entitlements.calendars.timeline.zones import FIRST_MICROS, LAST_MICROS
from entitlements.kernel.errors import NeverReachedError
from entitlements.kernel.instants import from_micros


class Timeline(Protocol):
    """Open time as integers: microseconds since 1970 UTC, and microseconds of open time."""

    def open_time_before(self, at: int, /) -> int:
        """Return the open time before `at`, counted from an arbitrary fixed origin."""

    def earliest_with(self, total: int, /) -> int:
        """Return the earliest instant before which `total` is open.

        Raises:
            NeverReachedError: There is not that much open time.
            LimitExceededError: The instant lies after the year 9997.
        """

    def add(self, at: int, amount: int, /) -> int:
        """Return where `amount` of open time from `at` is used up, in one step.

        For a positive amount `earliest_with(open_time_before(at) + amount)`, for a negative one
        `latest_with` of the same, for zero `at`. Raises what they raise.
        """

    def latest_with(self, total: int, /) -> int:
        """Return the latest instant before which `total` is open; raises as `earliest_with`."""

    def is_open(self, at: int, /) -> bool:
        """Return whether the instant `at` is open."""

    def next_open(self, at: int, /) -> int | None:
        """Return the first change to open strictly after `at`, if there is one."""

    def next_close(self, at: int, /) -> int | None:
        """Return the first change to closed strictly after `at`, if there is one."""

    def previous_open(self, at: int, /) -> int | None:
        """Return the last change to open strictly before `at`, if there is one."""

    def previous_close(self, at: int, /) -> int | None:
        """Return the last change to closed strictly before `at`, if there is one."""


@final
class AlwaysOpen:
    """The timeline on which every instant is open: B is the identity."""

    __slots__ = ()

    def open_time_before(self, at: int, /) -> int:
        return at

    def earliest_with(self, total: int, /) -> int:
        return total

    def add(self, at: int, amount: int, /) -> int:
        return at + amount

    def latest_with(self, total: int, /) -> int:
        return total

    def is_open(self, at: int, /) -> bool:
        return True

    def next_open(self, at: int, /) -> int | None:
        return None

    def next_close(self, at: int, /) -> int | None:
        return None

    def previous_open(self, at: int, /) -> int | None:
        return None

    def previous_close(self, at: int, /) -> int | None:
        return None


@final
class NeverOpen:
    """The timeline on which no instant is open."""

    __slots__ = ()

    def open_time_before(self, at: int, /) -> int:
        return 0

    def earliest_with(self, total: int, /) -> int:
        if total <= 0:
            return FIRST_MICROS
        raise NeverReachedError(from_micros(FIRST_MICROS), timedelta())

    def add(self, at: int, amount: int, /) -> int:
        if not amount:
            return at
        raise NeverReachedError(from_micros(at), timedelta())

    def latest_with(self, total: int, /) -> int:
        if total >= 0:
            return LAST_MICROS
        raise NeverReachedError(from_micros(LAST_MICROS), timedelta())

    def is_open(self, at: int, /) -> bool:
        return False

    def next_open(self, at: int, /) -> int | None:
        return None

    def next_close(self, at: int, /) -> int | None:
        return None

    def previous_open(self, at: int, /) -> int | None:
        return None

    def previous_close(self, at: int, /) -> int | None:
        return None
