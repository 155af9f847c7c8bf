"""Spans: half-open intervals of aware datetimes.

A span is half-open: it contains its start and not its end, so neighbours touch without sharing an
instant. Nothing here knows time zones or calendars.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import starmap
from typing import final

import attrs

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.kernel.intervals import union


@final
@attrs.frozen(order=True)
class Span:
    """The time from `start` up to, but not including, `end`.

    >>> Span("2026-03-02T09:00Z", "2026-03-02T10:00Z").length
    datetime.timedelta(seconds=3600)
    """

    start: datetime = attrs.field(converter=utc)
    end: datetime = attrs.field(converter=utc)

    @end.validator
    def _is_after_start(self, _: attrs.Attribute[datetime], end: datetime) -> None:
        if end <= self.start:
            raise InvalidValueError(f"span ends at `{end}`, not after `{self.start}`")

    @property
    def length(self) -> timedelta:
        """Elapsed time from start to end."""
        return self.end - self.start

    def __contains__(self, at: datetime) -> bool:
        """Return whether `at` lies in the span; its start does, its end does not."""
        return self.start <= utc(at) < self.end

    def __and__(self, other: Span) -> Span | None:
        """Return the time in both spans, or None if they share none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None


def merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the time in any of the spans, as sorted spans that neither overlap nor touch.

    >>> a, b = Span("2026-03-02T09:00Z", "2026-03-02T10:00Z"), Span(
    ...     "2026-03-02T10:00Z", "2026-03-02T11:00Z"
    ... )
    >>> [each.length.seconds for each in merge_spans([b, a])]
    [7200]
    """
    return tuple(starmap(Span, union((each.start, each.end) for each in spans)))
