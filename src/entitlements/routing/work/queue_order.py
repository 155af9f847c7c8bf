"""Which work first? Orders of waiting work, each a total order ending in the work's id.

An order looks at the first work of every rank and requirement only, because within one rank its
sequence never changes while time passes. `GuardedDeadline` is the default: in overload, a plain
earliest-deadline order breaks the promises of every rank alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final, Protocol, TypeAlias, final

import attrs

from entitlements.kernel.converters import MAX_INT32, count, positive, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import MICROSECOND, to_micros
from entitlements.routing.work.work import Work

SortKey: TypeAlias = tuple[Any, ...]


class QueueOrder(Protocol):
    """A way to say which of some waiting work comes first."""

    def within(self, work: Work) -> SortKey:
        """Return where `work` stands among work of its rank; smaller is earlier, no two equal."""
        ...

    def first(
        self, works: Iterable[Work], at: datetime, served: int, waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the work to serve at `at`, or None if none may be served yet.

        Args:
            works: The first of every rank and requirement, or simply all that waits.
            at: The instant of the choice.
            served: How many pieces were served before.
            waiting: How many pieces wait, by rank.
        """
        ...


def _by_opening(work: Work) -> SortKey:
    return (work.opened, work.id)


@final
@attrs.frozen(kw_only=True)
class GuardedDeadline:
    """Earliest deadline first while nothing is late; best rank first as soon as anything is.

    Every `relief`-th choice goes to the most overdue work of all ranks, so that nothing starves:
    work is served at the latest `relief` choices after the last work of an earlier deadline.

    Attributes:
        relief: One choice in so many goes to the most overdue; None for never.
        patience: Work without a deadline counts as due this long after its opening.
    """

    relief: int | None = attrs.field(default=8, converter=attrs.converters.optional(positive))
    patience: timedelta = timedelta(days=1)

    def due(self, work: Work) -> datetime:
        """Return by when `work` should be served."""
        return work.opened + self.patience if work.due is None else work.due

    def within(self, work: Work) -> SortKey:
        """Return deadline, opening and id."""
        return (self.due(work), work.opened, work.id)

    def first(
        self, works: Iterable[Work], at: datetime, served: int, _waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the earliest deadline, or the best rank where anything is late."""
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
    """An order that compares one key, whatever the instant.

    Attributes:
        name: What it is called.
        key: Gives what is compared, smaller first; the work's id follows.
    """

    name: str
    key: Callable[[Work], SortKey]

    def within(self, work: Work) -> SortKey:
        """Return the key and the id."""
        return (*self.key(work), work.id)

    def first(
        self, works: Iterable[Work], _at: datetime, _served: int, _waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the work of the smallest key."""
        return min(works, key=self.within, default=None)


def _deadline(work: Work) -> SortKey:
    return (work.due is None, work.due or work.opened, work.opened)


STRICT_RANK: Final = KeyedOrder("strict_rank", lambda work: (work.rank, work.opened))
FIRST_IN_FIRST_OUT: Final = KeyedOrder("first_in_first_out", lambda work: (work.opened,))
LAST_IN_FIRST_OUT: Final = KeyedOrder("last_in_first_out", lambda work: (-to_micros(work.opened),))
EARLIEST_DEADLINE: Final = KeyedOrder("earliest_deadline", _deadline)


def linear_ageing(head_start: Mapping[int, timedelta]) -> KeyedOrder:
    """Return the order of waiting time plus a head start per rank.

    A score that grows by the same rate for everybody never turns over the order of two pieces, so
    it is no more than an earlier opening.

    Args:
        head_start: By rank; ranks that are missing have none.
    """
    starts = FrozenMap(head_start)
    return KeyedOrder(
        "linear_ageing", lambda work: (work.opened - starts.get(work.rank, timedelta()),)
    )


def first_match_order(
    *tests: Callable[[Work], bool], sort: Callable[[Work], SortKey] = _by_opening
) -> KeyedOrder:
    """Return the order of the first test each piece passes, then of `sort`; the rest comes last."""
    return KeyedOrder(
        "buckets",
        lambda work: (next((n for n, t in enumerate(tests) if t(work)), len(tests)), *sort(work)),
    )


def preference_order(preferences: Mapping[str, int]) -> KeyedOrder:
    """Return the order of rounds: the first-choice groups of all, then the second choices.

    Args:
        preferences: Round of each group, 1 first; groups that are missing come last.
    """
    rounds = FrozenMap(preferences)
    last = max(rounds.values(), default=0) + 1
    return KeyedOrder(
        "preference_rounds",
        lambda work: (
            min((rounds.get(group, last) for group in work.requires.groups), default=last),
            work.opened,
        ),
    )


@final
@attrs.frozen
class RankPlusDelay:
    """Best rank first, then oldest; a rank's work is not seen before its delay is over.

    Attributes:
        delays: By rank; ranks that are missing have none.
    """

    delays: FrozenMap[int, timedelta] = attrs.field(converter=FrozenMap)

    def within(self, work: Work) -> SortKey:
        """Return opening and id."""
        return _by_opening(work)

    def first(
        self, works: Iterable[Work], at: datetime, _served: int, _waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the best of what is visible at `at`."""
        none = timedelta()
        seen = (work for work in works if work.opened + self.delays.get(work.rank, none) <= at)
        return min(seen, key=lambda work: (work.rank, *self.within(work)), default=None)


@final
@attrs.frozen
class FixedRatio:
    """The rank whose queue is longest against its share of all that waits, then oldest.

    Attributes:
        shares: Part of the waiting work that each rank is meant to bear; missing ranks bear none.
    """

    shares: FrozenMap[int, int] = attrs.field(converter=FrozenMap)

    def __attrs_post_init__(self) -> None:
        if not self.shares:
            raise InvalidValueError("no rank has a share", hint="state at least one")
        for rank, share in self.shares.items():
            whole_number(share, f"share of rank {rank}", most=MAX_INT32)

    def within(self, work: Work) -> SortKey:
        """Return opening and id."""
        return _by_opening(work)

    def first(
        self, works: Iterable[Work], _at: datetime, _served: int, waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the oldest of the rank with the largest excess."""
        total, parts = sum(waiting.values()), sum(self.shares.values())

        def excess(rank: int) -> Fraction:
            meant = Fraction(self.shares.get(rank, 0), parts) if parts else Fraction()
            return waiting.get(rank, 0) - meant * total

        return min(
            works,
            key=lambda work: (-excess(work.rank), work.rank, *self.within(work)),
            default=None,
        )


@final
@attrs.frozen
class DelayRatio:
    """The largest share of its target already waited, then oldest; no deadline counts nothing.

    Within a rank this is exact only if one rank has one target, as a contract gives it.
    """

    def within(self, work: Work) -> SortKey:
        """Return opening and id."""
        return _by_opening(work)

    def first(
        self, works: Iterable[Work], at: datetime, _served: int, _waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the work that has used up most of its target."""
        return min(works, key=lambda work: (-_used(work, at), *self.within(work)), default=None)


@final
@attrs.frozen
class MarginalCost:
    """The largest cost of waiting on, times the speed of serving: the generalised c-mu rule.

    Cost is quadratic in the wait, so its slope is `cost * wait`.

    Attributes:
        costs: By rank, in any one unit; missing ranks cost nothing.
        speeds: Pieces served per unit of time by rank; missing ranks have speed 1.
    """

    costs: FrozenMap[int, int] = attrs.field(converter=FrozenMap)
    speeds: FrozenMap[int, int] = attrs.field(factory=FrozenMap, converter=FrozenMap)

    def within(self, work: Work) -> SortKey:
        """Return opening and id."""
        return _by_opening(work)

    def first(
        self, works: Iterable[Work], at: datetime, _served: int, _waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the work of the steepest cost."""

        def slope(work: Work) -> timedelta:
            factor = self.costs.get(work.rank, 0) * self.speeds.get(work.rank, 1)
            return factor * (at - work.opened)

        return min(works, key=lambda work: (-slope(work), *self.within(work)), default=None)


def may_take_shared_agent(heavier_waiting: int, heavier_free: int) -> bool:
    """Return whether a heavier queue may take a shared agent: it has no fewer waiting than free."""
    return count(heavier_waiting) >= count(heavier_free)


def _used(work: Work, at: datetime) -> Fraction:
    if work.due is None:
        return Fraction(0)
    target = work.due - work.opened
    if target <= timedelta():
        return Fraction(10**18)
    return Fraction((at - work.opened) // MICROSECOND) / (target // MICROSECOND)


DEFAULT_QUEUE_ORDER: Final = GuardedDeadline()
