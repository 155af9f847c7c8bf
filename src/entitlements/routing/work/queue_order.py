"""Queue orders: the order of waiting work, always total, with the id of the work as the last key.

An order compares only work that an agent can take now, and of that only the first of every rank,
because the order within one rank never changes with time. So work that no agent can take pushes no
other work. `GuardedDeadline` is the default: under overload, a plain earliest-deadline order misses
the deadlines of all ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeAlias, final

import attrs

from entitlements.kernel.converters import enum_member, positive
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import to_micros
from entitlements.routing.work.relaxation import RelaxationStart
from entitlements.routing.work.work import Work, waiting_since

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
            works: The work that an agent can take now: the first of every rank, or all of it.
            at: Instant of the choice.
            served: Number of pieces served before.
            waiting: Number of all waiting pieces by rank, also of those that no agent can take.
        """
        ...


def by_opening(work: Work) -> SortKey:
    """Return the sort key of work that opened first: its opening, then its id."""
    return (work.opened, work.id)


@final
@attrs.frozen(kw_only=True)
class GuardedDeadline:
    """Earliest deadline first while no work is late; best rank first while any work is late.

    Work is late after its deadline, and not yet at it. Only work that an agent can take now counts
    as late: work that waits for an agent with other skills, or for a shift, does not change the
    order of the rest. Every `relief`-th choice serves the most overdue work of all ranks, so that
    no work starves: work that agents can take is served at most `relief` choices after the last
    work with an earlier deadline.

    Attributes:
        relief: One choice in this many serves the most overdue work; None for none.
        due_after: Time from opening after which work without a deadline counts as due.

    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z")
    >>> GuardedDeadline(due_after=timedelta(hours=2)).due(work).hour
    11
    """

    relief: int | None = attrs.field(default=8, converter=attrs.converters.optional(positive))
    due_after: timedelta = timedelta(days=1)

    def due(self, work: Work) -> datetime:
        """Return the deadline of `work`, or the opening plus `due_after`."""
        return work.opened + self.due_after if work.due is None else work.due

    def within(self, work: Work) -> SortKey:
        """Return the sort key within a rank: the deadline, then the opening, then the id."""
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

    @property
    def is_by_rank(self) -> bool:
        """Whether work of a better rank always comes first."""
        return isinstance(self.key, RankThenWait)

    def within(self, work: Work) -> SortKey:
        """Return the key, and the id."""
        return (*self.key(work), work.id)

    def first(
        self, works: Iterable[Work], _at: datetime, _served: int, _waiting: Mapping[int, int]
    ) -> Work | None:
        """Return the work with the smallest key.

        Raises:
            InvalidValueError: keys cannot be compared, such as text with a number.
        """
        try:
            return min(works, key=self.within, default=None)
        except TypeError as error:
            raise InvalidValueError(
                f"order `{self.name}` gives keys that cannot be compared: {error}",
                hint="use keys of one type",
            ) from error


def _deadline(work: Work) -> SortKey:
    return (work.due is None, work.due or work.opened, work.opened)


def wait_start(value: RelaxationStart | str) -> RelaxationStart:
    """Return `value` as a member; raise `InvalidValueError` for anything else."""
    return enum_member(RelaxationStart, value)


@final
@attrs.frozen
class RankThenWait:
    """Key function of the rank, then of the start of the wait.

    Attributes:
        since: Start of the wait: `opened`, `requested` or `routable`.
    """

    since: RelaxationStart = attrs.field(default=RelaxationStart.OPENED, converter=wait_start)

    def __call__(self, work: Work) -> SortKey:
        """Return the key of the work."""
        return (work.rank, waiting_since(work, self.since))


def _newest_first(work: Work) -> SortKey:
    return (-to_micros(work.opened),)


STRICT_RANK: Final = KeyedOrder("strict_rank", RankThenWait())
FIRST_IN_FIRST_OUT: Final = KeyedOrder("first_in_first_out", by_opening)
LAST_IN_FIRST_OUT: Final = KeyedOrder("last_in_first_out", _newest_first)
EARLIEST_DEADLINE: Final = KeyedOrder("earliest_deadline", _deadline)


DEFAULT_QUEUE_ORDER: Final = GuardedDeadline()
