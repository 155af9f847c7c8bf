"""Trends: figures week by week against a frozen baseline, and what has changed, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.kernel.converters import as_text, as_tuple, enum_member, tuple_of, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import text_of, utc
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.outcomes.figures.control_charts import (
    LEAST_BASELINE,
    ControlChart,
    SignalKind,
    c_chart,
    p_chart,
    xmr_chart,
)
from entitlements.outcomes.figures.shares import Share

BASELINE_WEEKS: Final = 12


class TrendKind(TextEnum):
    """Which chart judges a trend.

    `SHARES`: a p-chart. `EVENTS`: a c-chart, for what happens independently, such as complaints.
    `VALUES`: an XmR chart, for all other counts.
    """

    SHARES = "shares"
    EVENTS = "events"
    VALUES = "values"


def _kind(value: TrendKind | str) -> TrendKind:
    return enum_member(TrendKind, value)


def _starts(values: Iterable[datetime]) -> tuple[datetime, ...]:
    return tuple(map(utc, as_tuple(values)))


def _points(values: Iterable[int | Share]) -> tuple[int | Share, ...]:
    return as_tuple(values)


def _ids(values: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(as_text, as_tuple(each))) for each in as_tuple(values))


@final
@attrs.frozen(kw_only=True)
class Trend:
    """A figure week by week; the first weeks are the baseline for all of them.

    Attributes:
        name: What the figure is.
        kind: Which chart judges it.
        starts: First instant of each week, rising.
        points: The figure of each week: shares for `SHARES`, otherwise whole numbers.
        baseline: How many of the first weeks are the baseline.
        ids: The ids of the cases or complaints that made each point, as often as they count; empty
            if ids were not kept.

    Raises:
        InvalidValueError: There is not a point for each week, or one is of another kind.
    """

    name: str = attrs.field(converter=as_text)
    kind: TrendKind = attrs.field(converter=_kind)
    starts: tuple[datetime, ...] = attrs.field(converter=_starts)
    points: tuple[int | Share, ...] = attrs.field(converter=_points)
    baseline: int
    ids: tuple[tuple[str, ...], ...] = attrs.field(default=(), converter=_ids)

    def __attrs_post_init__(self) -> None:
        if len(self.starts) != len(self.points) or list(self.starts) != sorted(set(self.starts)):
            raise InvalidValueError("a trend has one point for each week, in order", path="points")
        if self.ids and len(self.ids) != len(self.points):
            raise InvalidValueError("a trend has ids for each week or for none", path="ids")
        whole_number(self.baseline, "baseline", most=len(self.points))
        if self.kind is TrendKind.SHARES:
            tuple_of(Share, self.points)
        else:
            for each in self.points:
                whole_number(each, "count")

    @property
    def chart(self) -> ControlChart | None:
        """The chart; None if the baseline is too short or counts nothing."""
        if self.baseline < LEAST_BASELINE:
            return None
        counts = [each for each in self.points if isinstance(each, int)]
        shares = [each for each in self.points if isinstance(each, Share)]
        match self.kind:
            case TrendKind.EVENTS:
                return c_chart(counts, self.baseline)
            case TrendKind.VALUES:
                return xmr_chart(counts, self.baseline)
            case TrendKind.SHARES:
                pooled = sum(shares[: self.baseline], Share(0, 0))
                return p_chart(shares, self.baseline) if pooled.of else None

    @property
    def change(self) -> str | None:
        """What has changed since the baseline, as words; None if nothing has, or it is not known.

        >>> from datetime import timedelta
        >>> weeks = [utc("2026-01-05T00:00Z") + timedelta(weeks=each) for each in range(7)]
        >>> Trend(name="complaints", kind="events", starts=weeks, points=[2, 3, 2, 3, 2, 3, 12],
        ...       baseline=6).change
        'complaints above the usual range (12 in the week of 2026-02-16)'
        """
        chart = self.chart
        found = [] if chart is None else [s for s in chart.signals if s.index >= self.baseline]
        if not found:
            return None
        last = found[-1]
        side = "above" if last.is_high else "below"
        point = f"{self.points[last.index]} in the week of {text_of(self.starts[last.index])[:10]}"
        if last.kind is SignalKind.OUTSIDE:
            return f"{self.name} {side} the usual range ({point})"
        return f"{self.name} {side} the usual centre for eight weeks or more ({point})"


def summarize_trends(trends: Iterable[Trend]) -> str:
    """Return in a sentence or two what has changed, what has not, and what is not known.

    >>> summarize_trends([])
    'There are no trends.'
    """
    known = tuple_of(Trend, trends)
    changed = [each.change for each in known if each.change is not None]
    unclear = [each.name for each in known if each.chart is None]
    same = [each.name for each in known if each.chart is not None and each.change is None]
    parts = [
        *([f"Changed: {'; '.join(changed)}."] if changed else []),
        *([f"Within the usual variation: {', '.join(same)}."] if same else []),
        *([f"Too few weeks to judge: {', '.join(unclear)}."] if unclear else []),
    ]
    return " ".join(parts) or "There are no trends."
