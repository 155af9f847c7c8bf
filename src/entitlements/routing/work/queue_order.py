"""Queue orders: the order of waiting work, always total, with the id of the work as the last key.

An order compares the first work of every rank and requirement only, because the order within one
rank never changes with time. `GuardedDeadline` is the default: under overload, a plain
earliest-deadline order misses the deadlines of all ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final, Protocol, TypeAlias, final

import attrs

from entitlements.kernel.converters import MAX_INT32, count, frozen_map, positive, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import MICROSECOND, to_micros
from entitlements.routing.work.work import Work

SortKey: TypeAlias = tuple[Any, ...]


class QueueOrder(Protocol):
    """An order of waiting work.

    >>> low, high = (Work(id=f"R-{n}", opened="2026-03-02T09:00Z", rank=n) for n in (1, 0))
    >>> STRICT_RANK.first([low, high], low.opened, 0, {}).id
    'R-0'
    """

    def within(self, work: Work) -> SortKey:
        """Return the key of `work` within its rank; smaller is earlier, and no two are equal."""
        ...

    def first(
        self, works: Iterable[Work], at: datetime, served: int, waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the work to serve at `at`, or None if none may be served yet.

        Args:
            works: The first of every rank and requirement, or all waiting work.
            at: Instant of the choice.
            served: Number of pieces served before.
            waiting: Number of waiting pieces by rank.
        """
        ...


def _by_opening(work: Work) -> SortKey:
    return (work.opened, work.id)


@final
@attrs.frozen(kw_only=True)
class GuardedDeadline:
    """Earliest deadline first while no work is late; best rank first while any work is late.

    Every `relief`-th choice serves the most overdue work of all ranks, so that no work starves:
    work is served at most `relief` choices after the last work with an earlier deadline.

    Attributes:
        relief: One choice in this many serves the most overdue work; None for none.
        patience: Time from opening after which work without a deadline counts as due.

    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z")
    >>> GuardedDeadline(patience=timedelta(hours=2)).due(work).hour
    11
    """

    relief: int | None = attrs.field(default=8, converter=attrs.converters.optional(positive))
    patience: timedelta = timedelta(days=1)

    def due(self, work: Work) -> datetime:
        """Return the deadline of `work`, or the opening plus `patience`."""
        return work.opened + self.patience if work.due is None else work.due

    def within(self, work: Work) -> SortKey:
        """Return (deadline, opening, id)."""
        return (self.due(work), work.opened, work.id)

    def first(
        self, works: Iterable[Work], at: datetime, served: int, _waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the work of the earliest deadline, or of the best rank while any work is late."""
        candidates = list(works)
        earliest = min(candidates, key=self.within, default=None)
        if earliest is None or at <= self.due(earliest):
            return earliest
        if self.relief is not None and served % self.relief == self.relief - 1:
            return earliest
        return min(candidates, key=lambda work: (work.rank, *self.within(work)))


@final
@attrs.frozen
class KeyedOrder:
    """An order by one key that does not depend on the instant.

    Attributes:
        name: Name of the order.
        key: Function from work to its key, smaller first; the id of the work is the last key.
    """

    name: str
    key: Callable[[Work], SortKey]

    def within(self, work: Work) -> SortKey:
        """Return the key, and the id."""
        return (*self.key(work), work.id)

    def first(
        self, works: Iterable[Work], _at: datetime, _served: int, _waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the work with the smallest key."""
        return min(works, key=self.within, default=None)


def _deadline(work: Work) -> SortKey:
    return (work.due is None, work.due or work.opened, work.opened)


def _by_rank(work: Work) -> SortKey:
    return (work.rank, work.opened)


def _newest_first(work: Work) -> SortKey:
    return (-to_micros(work.opened),)


STRICT_RANK: Final = KeyedOrder("strict_rank", _by_rank)
FIRST_IN_FIRST_OUT: Final = KeyedOrder("first_in_first_out", _by_opening)
LAST_IN_FIRST_OUT: Final = KeyedOrder("last_in_first_out", _newest_first)
EARLIEST_DEADLINE: Final = KeyedOrder("earliest_deadline", _deadline)


@final
@attrs.frozen
class _HeadStart:
    """Key function of linear ageing; a value, so that the order can be pickled."""

    starts: FrozenMap[int, timedelta]

    def __call__(self, work: Work) -> SortKey:
        return (work.opened - self.starts.get(work.rank, timedelta()),)


@final
@attrs.frozen
class _FirstMatch:
    """Key function of the first test that a piece passes, then of `sort`."""

    tests: tuple[Callable[[Work], bool], ...]
    sort: Callable[[Work], SortKey]

    def __call__(self, work: Work) -> SortKey:
        passed = (number for number, test in enumerate(self.tests) if test(work))
        return (next(passed, len(self.tests)), *self.sort(work))


@final
@attrs.frozen
class _GroupPreference:
    """Key function of the preference of groups, then of the opening."""

    ranks: FrozenMap[str, int]
    last: int

    def __call__(self, work: Work) -> SortKey:
        found = (self.ranks.get(group, self.last) for group in work.requires.groups)
        return (min(found, default=self.last), work.opened)


def linear_ageing(head_start: Mapping[int, timedelta]) -> KeyedOrder:
    """Return the order of waiting time plus a head start per rank.

    All waiting times grow at the same rate, so a head start is the same as an earlier opening.

    Args:
        head_start: Head start by rank; missing ranks have none.

    >>> order = linear_ageing({0: timedelta(hours=1)})
    >>> order.within(Work(id="R-1", opened="2026-03-02T09:00Z"))[0].hour
    8
    """
    return KeyedOrder("linear_ageing", _HeadStart(FrozenMap(head_start)))


def first_match_order(
    *tests: Callable[[Work], bool], sort: Callable[[Work], SortKey] = _by_opening
) -> KeyedOrder:
    """Return the order by the first test that a piece passes, then by `sort`.

    Work that passes no test comes last. By default, `sort` is the opening.

    >>> order = first_match_order(lambda work: work.rank == 0)
    >>> order.within(Work(id="R-1", opened="2026-03-02T09:00Z", rank=2))[0]
    1
    """
    return KeyedOrder("first_match_order", _FirstMatch(tests, sort))


def preference_order(preferences: Mapping[str, int]) -> KeyedOrder:
    """Return the order by preference of the groups of the work, then by opening.

    Args:
        preferences: Preference of each group, 1 first; missing groups come last.

    >>> from entitlements.routing.work.requirements import Requirement
    >>> order = preference_order({"db": 1, "net": 2})
    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z", requires=Requirement(groups="net"))
    >>> order.within(work)[0]
    2
    """
    ranks = FrozenMap({group: count(rank) for group, rank in frozen_map(preferences).items()})
    last = max(ranks.values(), default=0) + 1
    return KeyedOrder("preference_order", _GroupPreference(ranks, last))


@final
@attrs.frozen
class RankPlusDelay:
    """Best rank first, then oldest; work of a rank is not served before the delay of the rank.

    Attributes:
        delays: Delay after the opening by rank; missing ranks have none.

    >>> RankPlusDelay({1: timedelta(minutes=5)}).delays[1]
    datetime.timedelta(seconds=300)
    """

    delays: FrozenMap[int, timedelta] = attrs.field(converter=FrozenMap)

    def within(self, work: Work) -> SortKey:
        """Return (opening, id)."""
        return _by_opening(work)

    def first(
        self, works: Iterable[Work], at: datetime, _served: int, _waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the best work whose delay is over at `at`, or None."""
        none = timedelta()
        visible = (work for work in works if work.opened + self.delays.get(work.rank, none) <= at)
        return min(visible, key=lambda work: (work.rank, *self.within(work)), default=None)


@final
@attrs.frozen
class FixedRatio:
    """The rank whose queue exceeds its share of the waiting work most, then oldest.

    Attributes:
        shares: Intended relative length of the queue by rank; missing ranks have 0.

    >>> FixedRatio({0: 1, 1: 3}).shares[1]
    3
    """

    shares: FrozenMap[int, int] = attrs.field(converter=FrozenMap)

    def __attrs_post_init__(self) -> None:
        if not self.shares:
            raise InvalidValueError("`shares` is empty", hint="add a share for at least one rank")
        for rank, share in self.shares.items():
            whole_number(share, f"share of rank {rank}", most=MAX_INT32)

    def within(self, work: Work) -> SortKey:
        """Return (opening, id)."""
        return _by_opening(work)

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
        return _by_opening(work)

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

    costs: FrozenMap[int, int] = attrs.field(converter=FrozenMap)
    speeds: FrozenMap[int, int] = attrs.field(factory=FrozenMap, converter=FrozenMap)

    def within(self, work: Work) -> SortKey:
        """Return (opening, id)."""
        return _by_opening(work)

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


DEFAULT_QUEUE_ORDER: Final = GuardedDeadline()
