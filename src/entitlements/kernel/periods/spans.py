"""Spans and intervals: half-open intervals of time, as aware datetimes or as microseconds.

Both contain their start and not their end, so neighbours touch without sharing an instant. Nothing
here knows time zones or calendars. `Span` is for users; `Intervals`, sorted pairs of microseconds,
is what calendars compute with. Every function returns intervals in sorted order that neither
overlap nor touch, and expects that order of an argument of type `Intervals`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import starmap
from typing import TypeAlias, TypeVar, final

import attrs

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import instant_of, text_of, utc

Intervals: TypeAlias = Sequence[tuple[int, int]]
"""Starts and ends in microseconds, sorted; intervals neither overlap nor touch."""

PointT = TypeVar("PointT", int, datetime)


def union(intervals: Iterable[tuple[PointT, PointT]]) -> list[tuple[PointT, PointT]]:
    """Return the time in any of the intervals, whatever their order.

    An interval that ends at its start or before it has no time.

    >>> union([(5, 7), (1, 3), (3, 4), (9, 9)])
    [(1, 4), (5, 7)]
    """
    merged: list[tuple[PointT, PointT]] = []
    last = None
    for start, end in sorted(intervals):
        if last is not None and start <= last:
            if end > last:
                merged[-1] = (merged[-1][0], end)
                last = end
        elif start < end:
            merged.append((start, end))
            last = end
    return merged


def intersection(one: Intervals, other: Intervals) -> list[tuple[int, int]]:
    """Return the time in both.

    >>> intersection([(1, 4), (6, 9)], [(3, 7)])
    [(3, 4), (6, 7)]
    """
    common: list[tuple[int, int]] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            common.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return common


def difference(intervals: Intervals, removed: Intervals) -> list[tuple[int, int]]:
    """Return the time in `intervals` and not in `removed`.

    >>> difference([(1, 9)], [(2, 3), (5, 11)])
    [(1, 2), (3, 5)]
    """
    left: list[tuple[int, int]] = []
    first = 0
    for start, end in intervals:
        while first < len(removed) and removed[first][1] <= start:
            first += 1
        begin, index = start, first
        while index < len(removed) and removed[index][0] < end:
            if begin < removed[index][0]:
                left.append((begin, removed[index][0]))
            begin = removed[index][1]
            index += 1
        if begin < end:
            left.append((begin, end))
    return left


def clip(intervals: Intervals, low: int, high: int) -> list[tuple[int, int]]:
    """Return the time in `intervals` that lies in `[low, high)`; cheap however many there are.

    >>> clip([(1, 4), (6, 9)], 2, 6)
    [(2, 4)]
    """
    if low >= high:
        return []
    first, last = bisect_left(intervals, (low,)), bisect_left(intervals, (high,))
    if first and intervals[first - 1][1] > low:
        first -= 1
    inside = list(intervals[first:last])
    if inside and inside[0][0] < low:
        inside[0] = (low, inside[0][1])
    if inside and inside[-1][1] > high:
        inside[-1] = (inside[-1][0], high)
    return inside


def contains(intervals: Intervals, at: int) -> bool:
    """Return whether an instant lies in one of the intervals.

    >>> [contains([(5, 9)], at) for at in (4, 5, 8, 9)]
    [False, True, True, False]
    """
    index = bisect_left(intervals, (at + 1,)) - 1
    return index >= 0 and at < intervals[index][1]


def total_length(intervals: Intervals) -> int:
    """Return the sum of the lengths."""
    return sum(end - start for start, end in intervals)


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
            raise InvalidValueError(
                f"span ends at `{text_of(end)}`, not after `{text_of(self.start)}`"
            )

    @property
    def length(self) -> timedelta:
        """Elapsed time from start to end."""
        return self.end - self.start

    def __contains__(self, at: datetime) -> bool:
        """Return whether `at` lies in the span; its start does, its end does not."""
        return self.start <= instant_of(at) < self.end

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
