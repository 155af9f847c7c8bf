"""Shares: how many of how many, with what can be said of them for certain.

A share is two counts and never a percentage; percentages are made where people read them. A share
of nothing is unknown, and not 0.
"""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple, final

import attrs

from entitlements.kernel.converters import instance_of, whole_number
from entitlements.kernel.errors import InvalidValueError


class Interval(NamedTuple):
    """A confidence interval, of a share from 0 to 1."""

    low: float
    high: float


@final
@attrs.frozen
class Share:
    """`n` of `of` things.

    Shares of disjoint groups are added by their counts, never by their percentages.

    Attributes:
        n: How many have some property.
        of: How many there are.

    >>> Share(19, 20).value, Share(0, 0).value, Share(1, 2) + Share(18, 18)
    (Fraction(19, 20), None, Share(n=19, of=20))

    Raises:
        InvalidValueError: A count is negative, or there are fewer in all than have the property.
    """

    n: int
    of: int

    def __attrs_post_init__(self) -> None:
        if whole_number(self.n, "n") > whole_number(self.of, "of"):
            raise InvalidValueError(f"`{self.n}` of `{self.of}` is no share")

    @property
    def value(self) -> Fraction | None:
        """The share, exactly; None of nothing."""
        return Fraction(self.n, self.of) if self.of else None

    @property
    def rest(self) -> Share:
        """The share of those that do not have the property."""
        return Share(self.of - self.n, self.of)

    def is_enough(self, minimum: int) -> bool:
        """Return whether there are at least `minimum` things, so that the share says something."""
        return self.of >= whole_number(minimum, "minimum")

    def interval(self, confidence: float = 0.95) -> Interval | None:
        """Return Wilson's interval of the share; None of nothing.

        It lies within 0 and 1, and is honest for few things and for shares near 0 and 1, where the
        usual one is not.

        >>> low, high = Share(19, 20).interval()
        >>> round(low, 4), round(high, 4)
        (0.7639, 0.9911)

        Args:
            confidence: Above 0 and below 1.

        Raises:
            InvalidValueError: The confidence lies outside.
        """
        if not 0 < instance_of(float, confidence) < 1:
            raise InvalidValueError(f"confidence `{confidence}` is not above 0 and below 1")
        if not self.of:
            return None
        z = NormalDist().inv_cdf((1 + confidence) / 2)
        spread = z * sqrt(z * z + 4 * self.n * (self.of - self.n) / self.of)
        middle, whole = 2 * self.n + z * z, 2 * (self.of + z * z)
        # The bounds at none and at all are exact, which floats would miss.
        low = 0.0 if self.n == 0 else (middle - spread) / whole
        high = 1.0 if self.n == self.of else (middle + spread) / whole
        return Interval(low, high)

    def __add__(self, other: Share) -> Share:
        """Return the share of both groups together, which have nothing in common."""
        return Share(self.n + instance_of(Share, other).n, self.of + other.of)

    def __str__(self) -> str:
        """Return both counts.

        >>> str(Share(19, 20))
        '19 of 20'
        """
        return f"{self.n} of {self.of}"
