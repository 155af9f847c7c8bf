"""Waiting times: how long things take, with those that are not over yet (Kaplan and Meier).

The mean wait of what is over falls while a backlog grows, because what waits longest is left out.
Here a wait that is not over is censored: it counts up to now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from typing import final

import attrs

from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.money.money import Exact, exact_number


@final
@attrs.frozen
class Wait:
    """How long one thing waited.

    Attributes:
        time: How long, up to its end or up to now.
        is_over: Whether it has ended; False for one that still waits.

    Raises:
        InvalidValueError: The time is negative.
    """

    time: timedelta
    is_over: bool = True

    def __attrs_post_init__(self) -> None:
        if instance_of(timedelta, self.time) < timedelta():
            raise InvalidValueError(f"a wait of `{self.time}` is negative")
        instance_of(bool, self.is_over)


@final
@attrs.frozen
class WaitingTimes:
    """The distribution of waits, of which some are not over.

    Attributes:
        steps: Each time at which a wait ended, with the share that waits longer than it.
        over: How many waits are over.
        open: How many are not.

    >>> hours = [Wait(timedelta(hours=each)) for each in (1, 2, 3)]
    >>> times = waiting_times([*hours, Wait(timedelta(hours=2), is_over=False)])
    >>> times.longer_than(timedelta(hours=2)), times.median
    (Fraction(1, 2), datetime.timedelta(seconds=7200))
    """

    steps: tuple[tuple[timedelta, Fraction], ...]
    over: int
    open: int

    def longer_than(self, time: timedelta) -> Fraction | None:
        """Return the share of waits that last longer than `time`; None if there is none at all.

        After the last wait that is known to that length the share is not known better than its
        last step.
        """
        if not self.over + self.open:
            return None
        found = Fraction(1)
        for step, share in self.steps:
            if step > instance_of(timedelta, time):
                break
            found = share
        return found

    def quantile(self, share: Exact) -> timedelta | None:
        """Return the time within which this share of waits is over.

        None if that is not known: too many are not over.

        Raises:
            InvalidValueError: The share is not above 0 and at most 1.
        """
        wanted = exact_number(share, "share")
        if not 0 < wanted <= 1:
            raise InvalidValueError(f"`{share}` is not above 0 and at most 1")
        return next((step for step, longer in self.steps if 1 - longer >= wanted), None)

    @property
    def median(self) -> timedelta | None:
        """The time within which half of the waits are over; None if that is not known."""
        return self.quantile(Fraction(1, 2))


def waiting_times(waits: Iterable[Wait]) -> WaitingTimes:
    """Return the distribution of some waits, in any order.

    A wait that ends at the time at which another one is censored ended first.

    >>> from datetime import timedelta
    >>> from fractions import Fraction
    >>> from entitlements.outcomes import Wait
    >>> hour = timedelta(hours=1)
    >>> found = waiting_times([Wait(hour, is_over=True), Wait(3 * hour, is_over=False)])
    >>> found.median, found.quantile(Fraction(9, 10))  # one still waits, so most is not known
    (datetime.timedelta(seconds=3600), None)
    """
    known = tuple_of(Wait, waits)
    ended = Counter(each.time for each in known if each.is_over)
    censored = Counter(each.time for each in known if not each.is_over)
    steps: list[tuple[timedelta, Fraction]] = []
    at_risk, longer = len(known), Fraction(1)
    for time in sorted({*ended, *censored}):
        if ended[time]:
            longer *= Fraction(at_risk - ended[time], at_risk)
            steps.append((time, longer))
        at_risk -= ended[time] + censored[time]
    return WaitingTimes(tuple(steps), ended.total(), censored.total())
