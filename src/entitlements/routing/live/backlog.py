"""Backlog: waiting work in queue order, without head-of-line blocking.

Work that the same agents can take waits in one queue, whatever its age. Work that no agent can take
is passed over, and not looked at again before an agent who could take it becomes free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final, final
from weakref import ref

from entitlements.kernel.converters import instance_of, whole_number
from entitlements.kernel.errors import (
    ConflictError,
    DuplicateIdError,
    InvalidValueError,
    UnknownIdError,
)
from entitlements.kernel.instants import (
    END_OF_TIME,
    START_OF_TIME,
    from_micros,
    from_micros_or_none,
    micros_or_end,
    to_micros,
)
from entitlements.routing.agents.on_call import next_handover
from entitlements.routing.answers.answers import Assigned, assigned
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.live.agents.roster_gains import RosterGains
from entitlements.routing.live.dispatch import Dispatch, first_for_agent
from entitlements.routing.live.live_evidence import LiveRouteEvidence
from entitlements.routing.live.roster.roster_index import RosterIndex
from entitlements.routing.live.router import Router
from entitlements.routing.live.waiting.delay_timers import DelayTimers
from entitlements.routing.live.waiting.work_queue import WaitingWork, waiting_work
from entitlements.routing.live.waiting.work_queues import WorkQueues
from entitlements.routing.work.queue_order import DEFAULT_QUEUE_ORDER, QueueOrder
from entitlements.routing.work.rank_orders import RankPlusDelay
from entitlements.routing.work.work import Work

_NO_KEYS: Final[Mapping[str, str]] = {}


@final
class Backlog:
    """Waiting work, changed in place; it must not be shared among threads.

    A backlog belongs to the router with which it is drained. With another router, or at an instant
    before the last one, a drain looks at all of the work once. An operation that is refused changes
    nothing.

    Attributes:
        order: The order of service. It compares work that an agent can take, and no other work.
        served: Number of pieces served out of the backlog, which some orders count; work that was
            assigned without waiting in it is not among them.

    >>> backlog = Backlog()
    >>> backlog.add(Work(id="R-1", opened="2026-03-02T09:00Z", rank=2))
    >>> len(backlog), "R-1" in backlog, [work.id for work in backlog]
    (1, True, ['R-1'])
    """

    __slots__ = (
        "__weakref__",
        "_at",
        "_before",
        "_delays",
        "_gains",
        "_handover",
        "_index",
        "_number",
        "_queues",
        "_unbind",
        "order",
        "served",
    )

    def __init__(self, order: QueueOrder = DEFAULT_QUEUE_ORDER, *, served: int = 0) -> None:
        self.order = order
        self.served = whole_number(served, "number of pieces served")
        self._number = 0
        self._queues = WorkQueues()
        self._delays = None
        if isinstance(order, RankPlusDelay):
            self._delays = DelayTimers(order, self._queues.pieces)
        self._index: RosterIndex | None = None
        self._gains = RosterGains(self._queues.pieces)
        self._at = START_OF_TIME
        self._handover = START_OF_TIME
        self._before: Callable[[Work, str], None] | None = None
        self._unbind: object = None

    def __len__(self) -> int:
        return len(self._queues.pieces)

    def __iter__(self) -> Iterator[Work]:
        return iter([piece.work for piece in self._queues.pieces.values()])

    def __contains__(self, work: object) -> bool:
        """Return whether work with that id is waiting; O(1)."""
        return work in self._queues.pieces

    def add(self, work: Work) -> None:
        """Add waiting work: O(log n) comparisons for n pieces of the same kind.

        Raises:
            DuplicateIdError: work with that id is waiting already.
            InvalidValueError: the order gives a key that cannot be compared.
        """
        id = instance_of(Work, work).id
        if id in self._queues.pieces:
            raise DuplicateIdError("work", id)
        piece, index = self._piece(work), self._index
        self._queues.add(piece, None if index is None or index.gained else index.refused)
        if self._delays is not None:
            self._delays.add(piece)
        if index is not None and id in index.holders:
            self._gains.assigned.add(id)

    def replace(self, work: Work) -> None:
        """Replace the waiting work of that id, such as by another rank or deadline.

        O(log n) comparisons; n replacements leave no more than a few entries behind.

        Raises:
            UnknownIdError: no work with that id is waiting.
            InvalidValueError: the order gives a key that cannot be compared.
        """
        old = self._waiting(instance_of(Work, work).id)
        new = self._piece(work)
        self._queues.replace(old, new)
        if self._delays is not None:
            self._delays.add(new)

    def remove(self, id: str, *, served: bool = False) -> Work:
        """Remove the waiting work with that id and return it: O(log n) comparisons.

        Args:
            id: Id of the work.
            served: Whether it counts in `served`: an agent has got it, or an offer of it.

        Raises:
            UnknownIdError: no work with that id is waiting.
        """
        piece = self._waiting(id)
        self._queues.remove(piece)
        self.served += served
        return piece.work

    def first(self, router: Router, at: datetime) -> tuple[Work, str] | None:
        """Return the first work in order that an agent can take, with the agent, or None.

        Nothing is assigned, and the work stays in the backlog. To offer work instead of assigning
        it, take the capacity of the agent (`Router.assign` or `Router.reserve`), call
        `remove(id, served=True)`, and ask again. Costs what `drain` does for one piece.

        Raises:
            ConflictError: a waiting piece is assigned already.
            UnknownIdError: a piece needs an on-call schedule that the roster does not have.
        """
        if not self._has_gains(router, at):
            return None
        touched, queues = self._gains.touched, self._queues
        if len(touched) == 1 and not queues.fresh:
            (agent,) = touched
            able = queues.index.reach(agent, queues.occupied)
            piece = first_for_agent(queues, able, self.order, at, self.served)
            if not able:
                touched.clear()
            return None if piece is None else (piece.work, agent.id)
        dispatch = Dispatch(queues, router.index, touched, self._at, at)
        found = dispatch.next(self.order, self.served)
        if dispatch.exhausted:
            touched.clear()
        return None if found is None else (found[0].work, found[1].id)

    def drain(
        self,
        router: Router,
        at: datetime,
        *,
        limit: int | None = None,
        key: Callable[[Work], str] | None = None,
        before: Callable[[Work, str], None] | None = None,
    ) -> tuple[Assigned, ...]:
        """Assign waiting work in order, until no agent can take any of it, and return the answers.

        The router is changed; the answers are in the order of service. O(1) if nothing has changed.
        Otherwise only agents who may take more than before are looked at, and work that came since,
        each O(skills), and for each piece assigned one choice of an agent: O(log n) mask operations
        for n such agents. New work costs one choice for each rank, at most.

        Args:
            router: The live roster.
            at: Instant of the assignments.
            limit: The largest number of pieces to assign; None for no limit.
            key: Function from work to the key under which its agent holds it, such as the key of
                the `Reservation` of an offer; None for the id of the work. O(waiting work).
            before: Called with each piece of work and the id of its agent, before the router has
                that; it changes neither the router nor the backlog.

        Raises:
            ConflictError: a waiting piece is assigned already, or a key is in use; nothing is
                assigned.
            UnknownIdError: a piece needs an on-call schedule that the roster does not have; nothing
                is assigned.
            InvalidValueError: `at` is naive, `limit` is not a whole number of 0 or more, or the
                order gives keys that cannot be compared.
        """
        most = END_OF_TIME if limit is None else whole_number(limit, "limit")
        if not self._has_gains(router, at):
            return ()
        keys = _NO_KEYS if key is None else self._keys(router.index, key)
        self._before = before
        touched, fresh = self._gains.touched, self._queues.fresh
        if not fresh and len(touched) == 1:
            return tuple(self._drain_for_agent(router.index, at, most, keys))
        if not touched and not fresh & (fresh - 1):
            return tuple(self._drain_one_queue(router.index, at, most, keys))
        return tuple(self._drain_for_all(router.index, at, most, keys))

    def _drain_for_agent(
        self, index: RosterIndex, at: datetime, most: int, keys: Mapping[str, str]
    ) -> list[Assigned]:
        """Assign what the only agent who may take more can take; nobody else can take anything."""
        queues, order, touched = self._queues, self.order, self._gains.touched
        (agent,) = touched
        answers: list[Assigned] = []
        able = queues.index.reach(agent, queues.occupied)
        while able and len(answers) < most:
            piece = first_for_agent(queues, able, order, at, self.served)
            if piece is None:
                return answers
            answers.append(self._assign(index, piece, agent, at, keys))
            able &= queues.occupied
            if able:
                able &= queues.index.with_room(agent)
        if not able:
            touched.clear()
        return answers

    def _drain_one_queue(
        self, index: RosterIndex, at: datetime, most: int, keys: Mapping[str, str]
    ) -> list[Assigned]:
        """Assign the work of the only queue with new work; no agent can take any other work."""
        queues = self._queues
        (queue,) = queues.fresh_queues()
        answers: list[Assigned] = []
        while queue.pieces and len(answers) < most:
            piece = first_for_agent(queues, queue.bit, self.order, at, self.served)
            if piece is None:
                break
            agent = index.choose(piece.work, queue.requires, self._at)
            if agent is None:
                queues.block((queue,), index.qualified(queue.requires, queue.excluded))
                break
            answers.append(self._assign(index, piece, agent, at, keys))
        return answers

    def _drain_for_all(
        self, index: RosterIndex, at: datetime, most: int, keys: Mapping[str, str]
    ) -> list[Assigned]:
        dispatch = Dispatch(self._queues, index, self._gains.touched, self._at, at)
        answers: list[Assigned] = []
        while len(answers) < most and not dispatch.exhausted:
            found = dispatch.next(self.order, self.served)
            if found is None:
                break
            piece, agent = found
            answers.append(self._assign(index, piece, agent, at, keys))
            dispatch.taken(agent)
        if dispatch.exhausted:
            self._gains.touched.clear()
        return answers

    def _assign(
        self,
        index: RosterIndex,
        piece: WaitingWork,
        agent: IndexedAgent,
        at: datetime,
        keys: Mapping[str, str],
    ) -> Assigned:
        work, moment = piece.work, self._at
        if self._before is not None:
            self._before(work, agent.id)
        log = index.kept_log or index.log
        evidence = LiveRouteEvidence((index, log, len(log.changes), work, moment))
        self._queues.remove(piece)
        held_as = keys[work.id] if keys else work.id
        index.take(held_as, piece.queue.requires, agent, moment, work.excluded_agents)
        self.served += 1
        return assigned(work.id, agent.id, at, evidence)

    def next_change_at(self, at: datetime) -> datetime | None:
        """Return the next instant after `at` at which time may change what is served, or None.

        That is when a requirement relaxes, or the delay of a `RankPlusDelay` ends. From a drain at
        `at` until then, and until `Router.next_change_at`, a drain would assign nothing. O(log n);
        at an instant before the last one, O(n).
        """
        moment = to_micros(at)
        found = [self._queues.next_step(moment)]
        if self._delays is not None:
            found.append(self._delays.next_after(moment))
        return from_micros_or_none(min((each for each in found if each is not None), default=None))

    def _keys(self, index: RosterIndex, key: Callable[[Work], str]) -> dict[str, str]:
        """Return the key of all waiting work by id; raise `ConflictError` if one is in use."""
        keys = {id: key(piece.work) for id, piece in self._queues.pieces.items()}
        for each in keys.values():
            index.check_unassigned(each)
        if len(set(keys.values())) < len(keys):
            raise ConflictError("two pieces of waiting work have the same key", field="key")
        return keys

    def _waiting(self, id: str) -> WaitingWork:
        piece = self._queues.pieces.get(instance_of(str, id))
        if piece is None:
            raise UnknownIdError("waiting work", id)
        return piece

    def _piece(self, work: Work) -> WaitingWork:
        key = self.order.within(work)
        for part in key:
            if part != part:  # noqa: PLR0124 - the test for NaN
                raise InvalidValueError(
                    f"the order gives work `{work.id}` a key that cannot be compared: "
                    f"`{key!r:.100}`",
                    hint="use no NaN",
                )
        self._number += 1
        return waiting_work(work, key, self._number)

    def _has_gains(self, router: Router, at: datetime) -> bool:
        """Bring all up to date to `at`; return whether any agent may take more, or work is new."""
        moment, queues = to_micros(at), self._queues
        try:
            index = router.index
        except AttributeError:
            instance_of(Router, router)
            raise
        if index is not self._index:
            self._bind(index)
        gains = self._gains
        if not queues.pieces:
            gains.touched.clear()
            return False
        if gains.assigned:
            self._check_unassigned(index)
        attendance = index.attendance
        if not attendance.start <= moment < attendance.end:
            attendance.advance(moment)
        if moment < queues.at or moment >= queues.next_timer:
            queues.advance(moment)
        else:
            queues.at = moment
        if queues.on_call:
            self._check_handover(index, moment)
        self._at = moment
        return len(gains.touched) > 0 or queues.fresh != 0

    def _bind(self, index: RosterIndex) -> None:
        """Follow the changes of another router, about which nothing is known."""
        if self._index is not None:
            self._index.listeners.remove(self._gains)
        self._gains = gains = RosterGains(self._queues.pieces)
        self._index = index
        gains.assigned.update(self._queues.pieces)
        index.listeners.append(gains)
        listeners = index.listeners
        self._unbind = ref(self, lambda _: listeners.remove(gains))
        self._queues.renew()

    def _check_unassigned(self, index: RosterIndex) -> None:
        """Raise `ConflictError` if waiting work is assigned."""
        pieces, assigned = self._queues.pieces, self._gains.assigned
        twice = [id for id in assigned if id in pieces and index.holder(id) is not None]
        if twice:
            id = min(twice)
            raise ConflictError(
                f"waiting work `{id}` is already assigned to `{index.holder(id)}`", field="work"
            )
        assigned.clear()

    def _check_handover(self, index: RosterIndex, at: int) -> None:
        """Look at the work for agents on call if any agent may have become available."""
        queues = self._queues
        waiting = [queue for queue in queues.on_call.values() if queue.pieces]
        for queue in waiting:
            needed = queue.requires.on_call
            if needed not in index.on_call:
                raise UnknownIdError("on-call schedule", str(needed), known=index.on_call)
        if waiting and (self._gains.touched or not self._at <= at < self._handover):
            self._handover = micros_or_end(next_handover(index.on_call, from_micros(at)))
            for queue in waiting:
                queues.fresh |= queue.bit
