"""Satisfaction: what customers answer to surveys, as CSAT, NPS and CES.

Only answers count: who dismissed a survey says something about the survey, not about the service.
So each figure has a response rate beside it, and a figure of no answers is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import sqrt
from statistics import NormalDist
from typing import Final, final

import attrs

from entitlements.kernel.converters import as_tuple, instance_of, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.outcomes.figures.shares import Interval, Share

_TOP_BOXES: Final = {3: 1, 4: 2, 5: 2, 6: 2, 7: 2, 10: 3}
_PROMOTER, _PASSIVE, _BEST_NPS = 9, 7, 10


def _scores(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(whole_number(each, "score") for each in as_tuple(values))


def _check_scale(scores: tuple[int, ...], low: int, high: int) -> None:
    for each in scores:
        if not low <= each <= high:
            raise InvalidValueError(f"score `{each}` is not on the scale from {low} to {high}")


@final
@attrs.frozen(kw_only=True)
class Csat:
    """Customer satisfaction: the share of answers in the top boxes of a scale that begins at 1.

    Attributes:
        scores: The answers.
        scale: The best score; 3, 4, 5, 6, 7 or 10.
        asked: How many customers were asked.

    >>> Csat(scores=[5, 4, 3, 1], scale=5, asked=10).satisfied
    Share(n=2, of=4)

    Raises:
        InvalidValueError: A score is not on the scale, or more answered than were asked.
    """

    scores: tuple[int, ...] = attrs.field(converter=_scores)
    scale: int = 5
    asked: int

    def __attrs_post_init__(self) -> None:
        if whole_number(self.scale, "scale") not in _TOP_BOXES:
            known = ", ".join(map(str, _TOP_BOXES))
            raise InvalidValueError(f"no CSAT has a scale of `{self.scale}`", hint=f"use {known}")
        _check_scale(self.scores, 1, self.scale)
        _ = self.response_rate

    @property
    def satisfied(self) -> Share:
        """The answers in the top boxes: 1 of 3, 2 of 4 to 7, 3 of 10."""
        least = self.scale - _TOP_BOXES[self.scale] + 1
        return Share(sum(each >= least for each in self.scores), len(self.scores))

    @property
    def response_rate(self) -> Share:
        """Those who answered, of those who were asked."""
        return Share(len(self.scores), self.asked)


@final
@attrs.frozen(kw_only=True)
class Nps:
    """Net promoter score: promoters (9, 10) less detractors (0 to 6), of all who answered.

    Attributes:
        scores: The answers, whole numbers from 0 to 10.
        asked: How many customers were asked.

    >>> Nps(scores=[10, 9, 8, 6], asked=4).value
    Fraction(1, 4)

    Raises:
        InvalidValueError: A score is not on the scale, or more answered than were asked.
    """

    scores: tuple[int, ...] = attrs.field(converter=_scores)
    asked: int

    def __attrs_post_init__(self) -> None:
        _check_scale(self.scores, 0, _BEST_NPS)
        _ = self.response_rate

    @property
    def promoters(self) -> Share:
        """The answers 9 and 10."""
        return Share(sum(each >= _PROMOTER for each in self.scores), len(self.scores))

    @property
    def detractors(self) -> Share:
        """The answers 0 to 6."""
        return Share(sum(each < _PASSIVE for each in self.scores), len(self.scores))

    @property
    def value(self) -> Fraction | None:
        """Promoters less detractors, from -1 to 1; None if nobody answered."""
        if not self.scores:
            return None
        return Fraction(self.promoters.n - self.detractors.n, len(self.scores))

    @property
    def response_rate(self) -> Share:
        """Those who answered, of those who were asked."""
        return Share(len(self.scores), self.asked)

    def interval(self, confidence: float = 0.95) -> Interval | None:
        """Return the interval of the value, from -1 to 1; None if nobody answered."""
        value = self.value
        if value is None:
            return None
        count = len(self.scores)
        some = Fraction(self.promoters.n + self.detractors.n, count)
        return _around(value, (some - value * value) / count, confidence, (-1, 1))


@final
@attrs.frozen(kw_only=True)
class Ces:
    """Customer effort score: the mean of answers on a scale that begins at 1.

    Attributes:
        scores: The answers.
        scale: The best score.
        asked: How many customers were asked.

    >>> Ces(scores=[7, 5], asked=2).mean
    Fraction(6, 1)

    Raises:
        InvalidValueError: A score is not on the scale, or more answered than were asked.
    """

    scores: tuple[int, ...] = attrs.field(converter=_scores)
    scale: int = 7
    asked: int

    def __attrs_post_init__(self) -> None:
        whole_number(self.scale, "scale", least=2)
        _check_scale(self.scores, 1, self.scale)
        _ = self.response_rate

    @property
    def mean(self) -> Fraction | None:
        """The mean score, exactly; None if nobody answered."""
        return Fraction(sum(self.scores), len(self.scores)) if self.scores else None

    @property
    def response_rate(self) -> Share:
        """Those who answered, of those who were asked."""
        return Share(len(self.scores), self.asked)

    def interval(self, confidence: float = 0.95) -> Interval | None:
        """Return the interval of the mean, on the scale; None if fewer than two answered."""
        mean, count = self.mean, len(self.scores)
        if mean is None or count == 1:
            return None
        squares = sum(((each - mean) ** 2 for each in self.scores), Fraction())
        return _around(mean, squares / (count * (count - 1)), confidence, (1, self.scale))


def _around(
    value: Fraction, variance: Fraction, confidence: float, bounds: tuple[int, int]
) -> Interval:
    """Return the interval around a value, which is nearly normal for many answers."""
    if not 0 < instance_of(float, confidence) < 1:
        raise InvalidValueError(f"confidence `{confidence}` is not above 0 and below 1")
    spread = NormalDist().inv_cdf((1 + confidence) / 2) * sqrt(variance)
    low, high = bounds
    return Interval(max(float(low), float(value) - spread), min(float(high), float(value) + spread))
