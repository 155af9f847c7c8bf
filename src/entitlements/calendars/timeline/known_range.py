# ruff: noqa: D102 - what the methods mean is documented in `Timeline`
"""Timeline limited to the dates whose holidays are known.

A list of holidays ends somewhere, and "no holiday" after its end would be a guess. Arguments and
results outside the known range are errors.
"""

from __future__ import annotations

from typing import NoReturn, final

from entitlements.calendars.timeline.timeline import Timeline
from entitlements.kernel.errors import NeverReachedError, NotCoveredError
from entitlements.kernel.instants import text_of


@final
class KnownRangeTimeline:
    """A timeline that answers for the instants of one range only.

    Attributes:
        known_from: The first instant that is known.
        known_until: The first instant after the range, and the last for which it answers: the last
            closing may be there.
    """

    __slots__ = ("_inner", "_name", "known_from", "known_until")

    def __init__(self, inner: Timeline, low: int, high: int, name: str) -> None:
        self._inner = inner
        self.known_from = low
        self.known_until = high
        self._name = name

    def open_time_before(self, at: int, /) -> int:
        return self._inner.open_time_before(self._checked(at))

    def earliest_with(self, total: int, /) -> int:
        try:
            return self._checked(self._inner.earliest_with(total))
        except NeverReachedError:
            self._refuse(self.known_until)

    def latest_with(self, total: int, /) -> int:
        try:
            return self._checked(self._inner.latest_with(total))
        except NeverReachedError:
            self._refuse(self.known_from - 1)

    def add(self, at: int, amount: int, /) -> int:
        try:
            return self._checked(self._inner.add(self._checked(at), amount))
        except NeverReachedError:
            self._refuse(self.known_until if amount > 0 else self.known_from - 1)

    def is_open(self, at: int, /) -> bool:
        return self._inner.is_open(self._checked(at))

    def next_open(self, at: int, /) -> int | None:
        return self._found(self._inner.next_open(self._checked(at)), self.known_until)

    def next_close(self, at: int, /) -> int | None:
        return self._found(self._inner.next_close(self._checked(at)), self.known_until)

    def previous_open(self, at: int, /) -> int | None:
        return self._found(self._inner.previous_open(self._checked(at)), self.known_from - 1)

    def previous_close(self, at: int, /) -> int | None:
        return self._found(self._inner.previous_close(self._checked(at)), self.known_from - 1)

    def _found(self, at: int | None, edge: int) -> int:
        if at is None:
            self._refuse(edge)
        return self._checked(at)

    def _checked(self, at: int) -> int:
        # The first instant after the range is allowed: the last closing may be there.
        if not self.known_from <= at <= self.known_until:
            self._refuse(at)
        return at

    def _refuse(self, at: int) -> NoReturn:
        known = f"{text_of(self.known_from)} to {text_of(self.known_until)}"
        raise NotCoveredError(
            f"the holidays of `{self._name}` are not known at `{text_of(at)}`",
            hint=f"they are known from {known}; load more years",
        )
