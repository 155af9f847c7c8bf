"""Queue orders that compare ranks at the instant of the choice: delays, ratios and costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import final

import attrs

from entitlements.kernel.converters import MAX_INT32, count, frozen_map, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import MICROSECOND
from entitlements.routing.work.keyed_orders import times_by_rank
from entitlements.routing.work.queue_order import SortKey, by_opening
from entitlements.routing.work.work import Work


def _numbers(value: Mapping[int, int]) -> FrozenMap[int, int]:
    return FrozenMap(
        sorted(
            (count(rank), whole_number(each, f"number of rank {rank}", most=MAX_INT32))
            for rank, each in frozen_map(value).items()
        )
    )


@final
@attrs.frozen
class RankPlusDelay:
    """Best rank first, then oldest; work of a rank is not served before the delay of the rank.

    Attributes:
        delays: Delay after the opening by rank; missing ranks have none.

    >>> RankPlusDelay({1: timedelta(minutes=5)}).delays[1]
    datetime.timedelta(seconds=300)
    """

    delays: FrozenMap[int, timedelta] = attrs.field(converter=times_by_rank)

    def served_from(self, work: Work) -> datetime:
        """Return the end of the delay of `work`."""
        return work.opened + self.delays.get(work.rank, timedelta())

    def within(self, work: Work) -> SortKey:
        """Return (opening, id)."""
        return by_opening(work)

    def first(
        self, works: Iterable[Work], at: datetime, _served: int, _waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the best work whose delay is over at `at`, or None."""
        ready = (work for work in works if self.served_from(work) <= at)
        return min(ready, key=lambda work: (work.rank, *self.within(work)), default=None)


@final
@attrs.frozen
class FixedRatio:
    """The rank whose queue exceeds its share of the waiting work most, then oldest.

    Attributes:
        shares: Intended relative length of the queue by rank; missing ranks have 0.

    >>> FixedRatio({0: 1, 1: 3}).shares[1]
    3
    """

    shares: FrozenMap[int, int] = attrs.field(converter=_numbers)

    def __attrs_post_init__(self) -> None:
        if not self.shares:
            raise InvalidValueError("`shares` is empty", hint="add a share for at least one rank")

    def within(self, work: Work) -> SortKey:
        """Return (opening, id)."""
        return by_opening(work)

    def first(
        self, works: Iterable[Work], _at: datetime, _served: int, waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the oldest work of the rank with the largest excess."""
        total, parts = sum(waiting.values()), sum(self.shares.values())

        def excess(rank: int) -> Fraction:
            share = Fraction(self.shares.get(rank, 0), parts) if parts else Fraction()
            return waiting.get(rank, 0) - share * total

        return min(
            works,
            key=lambda work: (-excess(work.rank), work.rank, *self.within(work)),
            default=None,
        )


@final
@attrs.frozen
class DelayRatio:
    """The largest share of the target already waited, then oldest; without a deadline it is 0.

    Within a rank this is exact only if all work of the rank has the same target.

    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z", due="2026-03-02T11:00Z")
    >>> DelayRatio().first([work], work.opened, 0, {}).id
    'R-1'
    """

    def within(self, work: Work) -> SortKey:
        """Return (opening, id)."""
        return by_opening(work)

    def first(
        self, works: Iterable[Work], at: datetime, _served: int, _waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the work that has waited the largest share of its target."""
        return min(
            works, key=lambda work: (-_waited_share(work, at), *self.within(work)), default=None
        )


@final
@attrs.frozen
class MarginalCost:
    """The largest marginal cost of waiting times service rate: the generalised c-mu rule.

    The cost is quadratic in the waiting time, so the marginal cost is `cost * wait`.

    Attributes:
        costs: Cost by rank, all in one unit; missing ranks cost 0.
        speeds: Service rate by rank; missing ranks have 1.

    >>> MarginalCost({0: 5, 1: 1}).costs[0]
    5
    """

    costs: FrozenMap[int, int] = attrs.field(converter=_numbers)
    speeds: FrozenMap[int, int] = attrs.field(factory=FrozenMap, converter=_numbers)

    def within(self, work: Work) -> SortKey:
        """Return (opening, id)."""
        return by_opening(work)

    def first(
        self, works: Iterable[Work], at: datetime, _served: int, _waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the work with the largest marginal cost at `at`."""

        def marginal(work: Work) -> timedelta:
            factor = self.costs.get(work.rank, 0) * self.speeds.get(work.rank, 1)
            return factor * (at - work.opened)

        return min(works, key=lambda work: (-marginal(work), *self.within(work)), default=None)


def _waited_share(work: Work, at: datetime) -> Fraction:
    if work.due is None:
        return Fraction(0)
    target = work.due - work.opened
    if target <= timedelta():
        return Fraction(10**18)
    return Fraction((at - work.opened) // MICROSECOND) / (target // MICROSECOND)
