"""What waits? Work in order, so that nothing that can be served stands behind what cannot.

Work that takes the same waits in one line per rank. When the first of a line has nobody to go to,
the whole line is passed over, not one piece: the next line is tried.
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
    """Waiting work, live, in one thread.

    >>> from entitlements.routing.work.work import Work
    >>> backlog = Backlog()
    >>> backlog.add(Work(id="R-1", opened="2026-03-02T09:00Z", rank=2))
    >>> len(backlog), [work.id for work in backlog]
    (1, ['R-1'])
    """

    __slots__ = ("_added", "_lines", "_waiting", "_works", "order", "served")

    def __init__(self, order: QueueOrder = DEFAULT_QUEUE_ORDER, *, served: int = 0) -> None:
        self.order = order
        self.served = served
        self._added = 0
        self._works: dict[str, Work] = {}
        self._lines: dict[tuple[int, Hashable], list[tuple[SortKey, int, Work]]] = {}
        self._waiting: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self._works)

    def __iter__(self) -> Iterator[Work]:
        return iter(list(self._works.values()))

    def add(self, work: Work) -> None:
        """Let `work` wait.

        Raises:
            DuplicateIdError: work of that id waits already.
        """
        if work.id in self._works:
            raise DuplicateIdError("work", work.id)
        # What may fail comes first, so that nothing has changed if it does.
        place, name = self.order.within(work), (work.rank, _line(work))
        line = self._lines.setdefault(name, [])
        self._works[work.id] = work
        self._waiting[work.rank] += 1
        self._added += 1
        heappush(line, (place, self._added, work))

    def remove(self, id: str) -> Work:
        """Let the work of that id wait no longer, and return it.

        Raises:
            UnknownIdError: it does not wait.
        """
        work = self._works.pop(id, None)
        if work is None:
            raise UnknownIdError("waiting work", id)
        self._waiting[work.rank] -= 1
        if not self._waiting[work.rank]:
            del self._waiting[work.rank]
        return work

    def first(self, able: Callable[[Work], bool], at: datetime) -> Work | None:
        """Return the first work, in order, for which `able` holds; it goes on waiting.

        `able` is asked once for each line at most, so it must not tell apart work that takes the
        same.
        """
        heads = self._heads()
        while heads:
            first = [work for work, _ in heads.values()]
            work = self.order.first(first, at, self.served, self._waiting)
            if work is None or able(work):
                return work
            _, line = heads[work.id]
            # Nobody for this line, whatever the rank.
            heads = {id: pair for id, pair in heads.items() if pair[1] != line}
        return None

    def pop_first(self, able: Callable[[Work], bool], at: datetime) -> Work | None:
        """Return the first able work as `first` does, and let it wait no longer."""
        work = self.first(able, at)
        if work is not None:
            self._served(work)
        return work

    def assign_all(self, router: Router, at: datetime) -> tuple[Assigned, ...]:
        """Assign waiting work, in order, for as long as anybody can take any of it.

        The router is changed; the answers come in the order of service.

        Raises:
            ConflictError: some waiting work is in somebody's hands already; nothing was assigned.
            UnknownIdError: some needs an on-call schedule that the roster does not have; nothing
                was assigned.
        """
        answers = []
        moment = to_micros(at)
        self._check(router, moment)

        def able(work: Work) -> bool:
            return router.seat(work, moment) is not None

        while (work := self.first(able, at)) is not None:
            answer = router.route(work, at)
            assert isinstance(answer, Assigned)  # noqa: S101 - `able` has just said so
            router.assign(work, answer.agent, at)
            self._served(work)
            answers.append(answer)
        return tuple(answers)

    def next_change_at(self, at: datetime) -> datetime | None:
        """Return when any waiting requirement loosens next, strictly after `at`; None for never."""
        changes = (work.next_change_at(at) for work in self._works.values() if work.relaxation)
        return min((each for each in changes if each is not None), default=None)

    def _check(self, router: Router, at: int) -> None:
        """Refuse what would fail half-way."""
        schedules = router.index.on_call
        for work in self._works.values():
            if (holder := router.holder(work.id)) is not None:
                raise ConflictError(
                    f"waiting work `{work.id}` is in the hands of `{holder}`", field="work"
                )
            needed = requirement_at(work, at).on_call
            if needed is not None and needed not in schedules:
                raise UnknownIdError("on-call schedule", needed, known=schedules)

    def _served(self, work: Work) -> None:
        self.remove(work.id)
        self.served += 1

    def _heads(self) -> dict[str, tuple[Work, Hashable]]:
        heads = {}
        for (rank, name), line in list(self._lines.items()):
            while line and self._works.get(line[0][2].id) is not line[0][2]:
                heappop(line)
            if line:
                heads[line[0][2].id] = (line[0][2], name)
            else:
                del self._lines[rank, name]
        return heads


def _line(work: Work) -> Hashable:
    """Return what work has in common that the same agents can take at any instant."""
    plan = work.relaxation
    clock = None if plan is None else (plan, work.opened, work.requested, work.routable)
    return (work.requires, work.excluded_agents, clock, work.declined, work.transferred)
