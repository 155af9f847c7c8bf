"""Queue orders by one key: rank and waiting time, linear ageing, first match, preferred groups.

The keys are values, so that an order can be compared, stored and pickled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import final

import attrs

from entitlements.kernel.converters import count, frozen_map, instance_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.routing.work.queue_order import (
    KeyedOrder,
    RankThenWait,
    SortKey,
    by_opening,
    wait_start,
)
from entitlements.routing.work.relaxation import RelaxationStart
from entitlements.routing.work.skills import levels
from entitlements.routing.work.work import Work, waiting_since


def times_by_rank(value: Mapping[int, timedelta]) -> FrozenMap[int, timedelta]:
    """Return `value` as times by rank; raise `InvalidValueError` for anything else."""
    return FrozenMap(
        sorted(
            (count(rank), instance_of(timedelta, each)) for rank, each in frozen_map(value).items()
        )
    )


def _not_negative(value: timedelta) -> timedelta:
    if instance_of(timedelta, value) < timedelta():
        raise InvalidValueError(f"a time of `{value}` is negative")
    return value


@final
@attrs.frozen
class HeadStart:
    """Key function of linear ageing.

    Attributes:
        head_start: Head start by rank; missing ranks have none.
        per_rank: Time by which each rank stands behind the rank before it, 0 or more.
        since: Start of the wait: `opened`, `requested` or `routable`.
    """

    head_start: FrozenMap[int, timedelta] = attrs.field(default=EMPTY, converter=times_by_rank)
    per_rank: timedelta = attrs.field(default=timedelta(), converter=_not_negative)
    since: RelaxationStart = attrs.field(default=RelaxationStart.OPENED, converter=wait_start)

    def __call__(self, work: Work) -> SortKey:
        """Return the key of the work."""
        ahead = self.head_start.get(work.rank, timedelta()) - work.rank * self.per_rank
        return (waiting_since(work, self.since) - ahead,)


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
class GroupPreference:
    """Key function of the preference of groups, then of the opening.

    Attributes:
        preferences: Preference of each group, 1 first; missing groups come last.
    """

    preferences: FrozenMap[str, int] = attrs.field(converter=levels)
    last: int = attrs.field(init=False, eq=False, repr=False)

    @last.default
    def _last(self) -> int:
        return max(self.preferences.values(), default=0) + 1

    def __call__(self, work: Work) -> SortKey:
        """Return the key of the work."""
        found = (self.preferences.get(group, self.last) for group in work.requires.groups)
        return (min(found, default=self.last), work.opened)


def strict_rank(since: RelaxationStart | str = RelaxationStart.OPENED) -> KeyedOrder:
    """Return the order of the best rank first, then of the longest wait.

    Args:
        since: Start of the wait: `opened`, `requested` for the request for a person, or `routable`
            for when the work could first be routed. A start that the work does not have is its
            opening.

    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z", routable="2026-03-02T11:00Z", rank=2)
    >>> strict_rank("routable").within(work)[1].hour
    11

    Raises:
        InvalidValueError: `since` is none of these.
    """
    return KeyedOrder("strict_rank", RankThenWait(since))


def linear_ageing(
    head_start: Mapping[int, timedelta] = EMPTY,
    *,
    per_rank: timedelta = timedelta(),
    since: RelaxationStart | str = RelaxationStart.OPENED,
) -> KeyedOrder:
    """Return the order of waiting time plus a head start per rank.

    All waiting times grow at the same rate, so a head start is the same as an earlier opening.

    Args:
        head_start: Head start by rank; missing ranks have none.
        per_rank: Time by which each rank stands behind the rank before it, for any number of ranks.
        since: Start of the wait, as for `strict_rank`.

    >>> order = linear_ageing({0: timedelta(hours=1)})
    >>> order.within(Work(id="R-1", opened="2026-03-02T09:00Z"))[0].hour
    8

    Raises:
        InvalidValueError: a time is not a duration, `per_rank` is negative, or there is no such
            start.
    """
    return KeyedOrder("linear_ageing", HeadStart(head_start, per_rank, since))


def first_match_order(
    *tests: Callable[[Work], bool], sort: Callable[[Work], SortKey] = by_opening
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
    return KeyedOrder("preference_order", GroupPreference(preferences))
