"""Backlog: waiting work in queue order, without head-of-line blocking.

Work of equal requirement and rank waits in one queue. When no agent can take the first piece of a
queue, the whole queue is skipped and the next one is tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from datetime import datetime
from heapq import heappop, heappush
from typing import final

from entitlements.kernel.errors import ConflictError, DuplicateIdError, UnknownIdError
from entitlements.kernel.instants import to_micros
from entitlements.routing.answers import Assigned
from entitlements.routing.live.router import Router
from entitlements.routing.work.queue_order import DEFAULT_QUEUE_ORDER, QueueOrder, SortKey
from entitlements.routing.work.work import Work, requirement_at


@final
class Backlog:
    """Waiting work, changed in place; it must not be shared among threads.

    Attributes:
        order: The order of service.
        served: Number of pieces served.

    >>> backlog = Backlog()
    >>> backlog.add(Work(id="R-1", opened="2026-03-02T09:00Z", rank=2))
    >>> len(backlog), [work.id for work in backlog]
    (1, ['R-1'])
    """

    __slots__ = ("_added", "_queues", "_waiting", "_works", "order", "served")

    def __init__(self, order: QueueOrder = DEFAULT_QUEUE_ORDER, *, served: int = 0) -> None:
        self.order = order
        self.served = served
        self._added = 0
        self._works: dict[str, Work] = {}
        self._queues: dict[tuple[int, Hashable], list[tuple[SortKey, int, Work]]] = {}
        self._waiting: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self._works)

    def __iter__(self) -> Iterator[Work]:
        return iter(list(self._works.values()))

    def add(self, work: Work) -> None:
        """Add waiting work.

        Raises:
            DuplicateIdError: work with that id is waiting already.
        """
        if work.id in self._works:
            raise DuplicateIdError("work", work.id)
        # Operations that may fail come first, so that a failure changes nothing.
        key, name = self.order.within(work), (work.rank, _queue_key(work))
        queue = self._queues.setdefault(name, [])
        self._works[work.id] = work
        self._waiting[work.rank] += 1
        self._added += 1
        heappush(queue, (key, self._added, work))

    def remove(self, id: str) -> Work:
        """Remove the waiting work with that id and return it.

        Raises:
            UnknownIdError: no work with that id is waiting.
        """
        work = self._works.pop(id, None)
        if work is None:
            raise UnknownIdError("waiting work", id)
        self._waiting[work.rank] -= 1
        if not self._waiting[work.rank]:
            del self._waiting[work.rank]
        return work

    def first(self, can_serve: Callable[[Work], bool], at: datetime) -> Work | None:
        """Return the first work in order for which `can_serve` returns true, or None.

        The work stays in the backlog. `can_serve` is called at most once for each queue, so its
        result must be the same for all work of equal requirement.
        """
        heads = self._heads()
        while heads:
            first = [work for work, _ in heads.values()]
            work = self.order.first(first, at, self.served, self._waiting)
            if work is None or can_serve(work):
                return work
            _, queue = heads[work.id]
            # No agent for this requirement, so queues of all its ranks are skipped.
            heads = {id: pair for id, pair in heads.items() if pair[1] != queue}
        return None

    def pop_first(self, can_serve: Callable[[Work], bool], at: datetime) -> Work | None:
        """Return the work that `first` returns, after removing it as served."""
        work = self.first(can_serve, at)
        if work is not None:
            self._remove_served(work)
        return work

    def assign_all(self, router: Router, at: datetime) -> tuple[Assigned, ...]:
        """Assign waiting work in order, until no agent can take any of it.

        The router is changed. The answers are in the order of service. On an error, nothing is
        assigned.

        Raises:
            ConflictError: a waiting piece is assigned already.
            UnknownIdError: a piece needs an on-call schedule that the roster does not have.
        """
        answers = []
        moment = to_micros(at)
        self._check(router, moment)

        def can_serve(work: Work) -> bool:
            return router.choose(work, moment) is not None

        while (work := self.first(can_serve, at)) is not None:
            answer = router.route(work, at)
            assert isinstance(answer, Assigned)  # noqa: S101 - `can_serve` has found an agent
            router.assign(work, answer.agent, at)
            self._remove_served(work)
            answers.append(answer)
        return tuple(answers)

    def next_change_at(self, at: datetime) -> datetime | None:
        """Return the next instant strictly after `at` at which a requirement changes, or None."""
        changes = (work.next_change_at(at) for work in self._works.values() if work.relaxation)
        return min((each for each in changes if each is not None), default=None)

    def _check(self, router: Router, at: int) -> None:
        """Raise what would otherwise be raised after some assignments."""
        schedules = router.index.on_call
        for work in self._works.values():
            if (holder := router.holder(work.id)) is not None:
                raise ConflictError(
                    f"waiting work `{work.id}` is already assigned to `{holder}`", field="work"
                )
            needed = requirement_at(work, at).on_call
            if needed is not None and needed not in schedules:
                raise UnknownIdError("on-call schedule", needed, known=schedules)

    def _remove_served(self, work: Work) -> None:
        self.remove(work.id)
        self.served += 1

    def _heads(self) -> dict[str, tuple[Work, Hashable]]:
        heads = {}
        for (rank, name), queue in list(self._queues.items()):
            while queue and self._works.get(queue[0][2].id) is not queue[0][2]:
                heappop(queue)
            if queue:
                heads[queue[0][2].id] = (queue[0][2], name)
            else:
                del self._queues[rank, name]
        return heads


def _queue_key(work: Work) -> Hashable:
    """Return what work has in common that the same agents can take at every instant."""
    plan = work.relaxation
    clock = None if plan is None else (plan, work.opened, work.requested, work.routable)
    return (work.requires, work.excluded_agents, clock, work.declined, work.transferred)
