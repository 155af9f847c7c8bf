"""Control charts: whether a figure has changed beyond its usual variation.

A baseline gives a centre and limits; signals are points outside of the limits, and eight in a row
on one side of the centre. Limits are never made from the point that they judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import isfinite, sqrt
from statistics import fmean
from typing import Final, TypeAlias, final

import attrs

from entitlements.kernel.converters import as_tuple, instance_of, tuple_of, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.outcomes.figures.shares import Share

LEAST_BASELINE: Final = 6
RUN: Final = 8
_FROM_MEAN_RANGE: Final = 2.66
"""Three standard deviations are 2.66 mean moving ranges (Wheeler)."""


class SignalKind(TextEnum):
    """What is unusual: a point outside of the limits, or a long run on one side."""

    OUTSIDE = "outside"
    RUN = "run"


@final
@attrs.frozen
class Signal:
    """A point that says that something has changed.

    Attributes:
        kind: What is unusual.
        index: The point, from 0; for a run the eighth one and each after it.
        is_high: Whether it lies above the centre.
    """

    kind: SignalKind
    index: int
    is_high: bool


Limits: TypeAlias = tuple[float, float]


@final
@attrs.frozen
class ControlChart:
    """Points with the limits within which they vary by themselves.

    Attributes:
        points: The figures, in the order of time; None where there was nothing to count.
        centre: The centre of the baseline.
        limits: The lower and the upper limit of each point.
        signals: What has changed; a point on a limit is inside, and one on the centre ends a run.
    """

    points: tuple[float | None, ...]
    centre: float
    limits: tuple[Limits, ...]
    signals: tuple[Signal, ...]


def xmr_chart(values: Iterable[float], baseline: int) -> ControlChart:
    """Return the chart of single values (XmR).

    >>> chart = xmr_chart([10, 12, 11, 9, 10, 11, 30], baseline=6)
    >>> round(chart.centre, 2), [each.index for each in chart.signals]
    (10.5, [6])

    Args:
        values: One value for each period.
        baseline: From how many of the first values the limits are made; at least 6.

    Raises:
        InvalidValueError: There are too few values, or one is no finite number.
    """
    points = tuple(_finite(each) for each in as_tuple(values))
    known = points[: _checked(baseline, len(points))]
    ranges = [abs(other - one) for one, other in pairwise(known)]
    centre, spread = fmean(known), _FROM_MEAN_RANGE * fmean(ranges)
    return _chart(points, centre, lambda _: (centre - spread, centre + spread))


def c_chart(counts: Iterable[int], baseline: int) -> ControlChart:
    """Return the chart of counts in periods of equal length, such as complaints a week.

    Args:
        counts: One count for each period.
        baseline: From how many of the first counts the limits are made; at least 6.

    >>> chart = c_chart([4, 5, 3, 4, 6, 5, 14], baseline=6)
    >>> [each.index for each in chart.signals]
    [6]

    Raises:
        InvalidValueError: There are too few counts, or one is negative.
    """
    points = tuple(whole_number(each, "count") for each in as_tuple(counts))
    centre = fmean(points[: _checked(baseline, len(points))])
    spread = 3 * sqrt(centre)
    return _chart(points, centre, lambda _: (max(0.0, centre - spread), centre + spread))


def p_chart(shares: Iterable[Share], baseline: int) -> ControlChart:
    """Return the chart of shares, such as promises kept each month; limits follow the counts.

    Args:
        shares: One share for each period.
        baseline: From how many of the first shares the limits are made; at least 6.

    >>> from entitlements.outcomes import Share
    >>> months = [Share(n, 100) for n in (95, 96, 94, 95, 97, 95, 80)]
    >>> [each.index for each in p_chart(months, baseline=6).signals]
    [6]

    Raises:
        InvalidValueError: There are too few shares, or the baseline counts nothing.
    """
    known = tuple_of(Share, shares)
    pooled = sum(known[: _checked(baseline, len(known))], Share(0, 0))
    if pooled.value is None:
        raise InvalidValueError("the baseline counts nothing", hint="begin later")
    centre = float(pooled.value)

    def limits(index: int) -> Limits:
        if not known[index].of:
            return 0.0, 1.0
        spread = 3 * sqrt(centre * (1 - centre) / known[index].of)
        return max(0.0, centre - spread), min(1.0, centre + spread)

    points = tuple(None if each.value is None else float(each.value) for each in known)
    return _chart(points, centre, limits)


def _finite(value: float) -> float:
    if type(value) in {int, float} and isfinite(value):
        return value
    raise InvalidValueError(f"`{value!r:.100}` is no finite number")


def _checked(baseline: int, count: int) -> int:
    if whole_number(baseline, "baseline", least=LEAST_BASELINE) > count:
        raise InvalidValueError(
            f"a baseline of `{baseline}` points needs as many, and there are `{count}`",
            hint=f"wait, or take a shorter one of at least {LEAST_BASELINE}",
        )
    return instance_of(int, baseline)


def _chart(
    points: Sequence[float | None], centre: float, limits: Callable[[int], Limits]
) -> ControlChart:
    signals: list[Signal] = []
    bounds = tuple(limits(index) for index in range(len(points)))
    run, side = 0, 0
    for index, (point, (low, high)) in enumerate(zip(points, bounds, strict=True)):
        if point is None:
            continue
        now = (point > centre) - (point < centre)
        run = run + 1 if now and now == side else abs(now)
        side = now
        if not low <= point <= high:
            signals.append(Signal(SignalKind.OUTSIDE, index, now > 0))
        elif run >= RUN:
            signals.append(Signal(SignalKind.RUN, index, now > 0))
    return ControlChart(tuple(points), centre, bounds, tuple(signals))
