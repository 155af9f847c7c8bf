"""Machinery of an offer book: one piece at a time from place to place, with the capacity it takes.

Every change is computed before anything is stored, so that a refusal changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Final, final

import attrs

from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.ids import key
from entitlements.kernel.instants import instant_of, to_micros
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.answers.answers import Assigned
from entitlements.routing.eligibility.staffing import Staffing
from entitlements.routing.live.backlog import Backlog
from entitlements.routing.live.book.group_queues import GroupQueues
from entitlements.routing.live.book.offered_work import ENDED, WAITING, OfferedWork
from entitlements.routing.live.router import Router
from entitlements.routing.offers.command_events import apply_command
from entitlements.routing.offers.lifecycle import (
    Accept,
    AssigneeAction,
    AssigneeActionKind,
    Offer,
    Rescind,
    WorkCommand,
    WorkEvent,
    WorkStatus,
)
from entitlements.routing.offers.work_state import WorkState
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.routing.work.queue_limits import QueueChoice, choose_queue
from entitlements.routing.work.work import Work

_SPARE_ENTRIES: Final = 64
"""Entries of the heap of timers beyond two for each piece, before it is rebuilt."""


@final
class OfferCore:
    """The pieces of an offer book, and where each of them is.

    Attributes:
        policy: Strategy, queue order, rules of offers, and limits of queues.
        router: The agents, with all work that is offered or held.
        backlog: The work that waits.
        pieces: All work of the book by id.
    """

    __slots__ = (
        "_commands",
        "_due",
        "_groups",
        "_relaxing",
        "_staffing",
        "backlog",
        "pieces",
        "policy",
        "router",
    )

    def __init__(self, router: Router, policy: RoutingPolicy) -> None:
        self.policy = policy
        self.router = router
        self.backlog = Backlog(policy.order)
        self.pieces: dict[str, OfferedWork] = {}
        self._due: list[tuple[datetime, str]] = []
        self._groups = GroupQueues()
        self._commands = 0
        # Waiting work with steps that depend on who is signed in, and the time for which the
        # requirement of all of it is known.
        self._relaxing: set[str] = set()
        self._staffing: tuple[datetime, datetime | None] | None = None

    def piece(self, work: str) -> OfferedWork:
        """Return a piece; raise `UnknownIdError` if it is not in the book."""
        piece = self.pieces.get(work)
        if piece is None:
            raise UnknownIdError("work", work)
        return piece

    def command_id(self) -> str:
        """Return the id of a new command."""
        self._commands += 1
        return key("book", self._commands)

    @property
    def timers(self) -> int:
        """Number of timers, which tests count."""
        return len(self._due)

    def staffing_changed(self) -> None:
        """Forget who is signed in, after a change of agents."""
        self._staffing = None

    def apply(
        self, piece: OfferedWork, commands: Iterable[WorkCommand], at: datetime
    ) -> tuple[WorkEvent, ...]:
        """Apply commands to a piece, all of them or none, and return the events."""
        moment = instant_of(at)
        state, events = self._after(piece.state, commands, moment)
        self.settle(piece, piece.work, state, moment)
        for event in events:
            piece.apply(self.router, event)
        return events

    def hand_to(
        self,
        piece: OfferedWork,
        to: str,
        commands: list[WorkCommand],
        at: datetime,
        override: AssignmentOverride | None,
    ) -> tuple[WorkEvent, ...]:
        """Give held work to another agent: the router checks it, and nothing is done if it refuses.

        `commands` return the work to the queue; then it is offered to the agent and accepted.
        """
        accept = Accept(self.command_id(), to, piece.state.fence + 1)
        steps = [*commands, Offer(self.command_id(), [to], override), accept]
        state, events = self._after(piece.state, steps, at)
        routed = piece.routed(piece.work, piece.state, at, self.policy.offers)
        excluded = routed.excluded_agents
        moment = to_micros(at)
        self.router.index.transfer(piece.work.id, to, moment, excluded=excluded, override=override)
        piece.rooms = {to: piece.work.id}
        self.settle(piece, piece.work, state, at)
        return events

    def _after(
        self, state: WorkState, commands: Iterable[WorkCommand], at: datetime
    ) -> tuple[WorkState, tuple[WorkEvent, ...]]:
        events = list[WorkEvent]()
        for command in commands:
            state, caused = apply_command(state, command, at, self.policy.offers)
            events += caused
        return state, tuple(events)

    def settle(
        self,
        piece: OfferedWork,
        work: Work,
        state: WorkState,
        at: datetime,
        staffing: Staffing | None = None,
    ) -> None:
        """Put a piece, with this text and state, in its place."""
        id, policy = work.id, self.policy.offers
        waiting = None
        if state.status in WAITING:
            routed = piece.routed(work, state, at, policy)
            waiting = (staffing or self.router.staffing(at)).take_steps(routed)
            if piece.waiting is None:
                self.backlog.add(waiting)
            elif waiting != piece.waiting:
                self.backlog.replace(waiting)
        elif piece.waiting is not None:
            self.backlog.remove(id)
        piece.waiting, piece.work = waiting, work
        piece.set_state(state, at, policy)
        self._note(piece, ended=state.status in ENDED)

    def _note(self, piece: OfferedWork, *, ended: bool) -> None:
        """Enter a piece where its place is looked up: timers, queues of groups, staffing."""
        id, plan = piece.work.id, piece.work.relaxation
        if ended:
            self.pieces.pop(id, None)
        else:
            self.pieces[id] = piece
            self._set_timer(piece)
        waits = piece.waiting is not None
        if self.policy.queues and waits and piece.group is not None:
            self._groups.enter(id, piece.group, piece.work.opened)
        else:
            self._groups.leave(id)
        if waits and plan is not None and any(step.unstaffed for step in plan.steps):
            self._relaxing.add(id)
        else:
            self._relaxing.discard(id)

    def _set_timer(self, piece: OfferedWork) -> None:
        if piece.due is None:
            return
        if len(self._due) > 2 * len(self.pieces) + _SPARE_ENTRIES:
            found = ((each.due, id) for id, each in self.pieces.items())
            self._due = [(due, id) for due, id in found if due is not None]
            heapify(self._due)
        heappush(self._due, (piece.due, piece.work.id))

    def due(self, at: datetime) -> tuple[OfferedWork, ...]:
        """Return the pieces that are due at `at`, each once, and forget their timers."""
        found = {}
        while self._due and self._due[0][0] <= at:
            when, id = heappop(self._due)
            piece = self.pieces.get(id)
            if piece is not None and piece.due == when:
                found[id] = piece
        return tuple(found.values())

    def next_due(self, at: datetime) -> datetime | None:
        """Return the first instant after `at` at which a piece is due: O(log), or O(n) if late."""
        while self._due:
            when, id = self._due[0]
            piece = self.pieces.get(id)
            if piece is None or piece.due != when:
                heappop(self._due)
            elif when > at:
                return when
            else:
                break
        later = (each.due for each in self.pieces.values())
        return min((when for when in later if when is not None and when > at), default=None)

    def restaff(self, at: datetime) -> None:
        """Take or give back the steps that depend on who is signed in at `at`."""
        if not self._relaxing:
            return
        if self._staffing is not None:
            start, end = self._staffing
            if start <= at and (end is None or at < end):
                return
        staffing = self.router.staffing(at)
        for id in sorted(self._relaxing):
            piece = self.pieces[id]
            self.settle(piece, piece.work, piece.state, at, staffing)
        changes = (self.router.next_change_at(at), self.backlog.next_change_at(at))
        self._staffing = (at, min((each for each in changes if each is not None), default=None))

    def offer(self, work: Work, agent: str, at: datetime, parallel: int) -> tuple[WorkEvent, ...]:
        """Offer waiting work to the agent who was selected, and to others at the same time."""
        piece = self.pieces[work.id]
        piece.take_room(self.router, work, agent, piece.state.fence + 1, at)
        agents = [agent]
        while len(agents) < parallel:
            others = attrs.evolve(work, excluded_agents=work.excluded_agents.union(agents))
            answer = self.router.route(others, at)
            if not isinstance(answer, Assigned):
                break
            fence = piece.state.fence + len(agents) + 1
            piece.take_room(self.router, work, answer.agent, fence, at)
            agents.append(answer.agent)
        self.backlog.remove(work.id, served=True)
        piece.waiting = None
        command = Offer(self.command_id(), agents)
        state, events = apply_command(piece.state, command, at, self.policy.offers)
        self.settle(piece, piece.work, state, at)
        return events

    def choose_queue(self, work: Work, at: datetime) -> QueueChoice:
        """Return the queue that new work enters, by the limits of the policy."""
        limits = self.policy.queues
        if len(work.requires.groups) != 1:
            return QueueChoice(None)
        (group,) = work.requires.groups
        if group not in limits:
            return QueueChoice(group)
        states = {
            each: self._groups.state(each, self._signed_in(each, at))
            for each in (group, *limits[group].overflow)
        }
        return choose_queue(group, limits, states, at)

    def _signed_in(self, group: str, at: datetime) -> int:
        """Return the number of agents signed in, where a limit asks for it."""
        limits = self.policy.queues.get(group)
        asked = limits is not None and limits.unstaffed
        return self.router.staffing(at).signed_in(group) if asked else 0

    def has_room_of(self, key: str) -> bool:
        """Return whether capacity under this id or key was taken for a piece of the book."""
        reservation = Reservation.of(key)
        return (key if reservation is None else reservation.work) in self.pieces

    def remove_agent(self, agent: str, at: datetime) -> tuple[WorkEvent, ...]:
        """Return all work of an agent to the queue, end its wrap-up, and remove the agent."""
        self.router.agent(agent)
        steps = []
        for id in sorted(self.router.state(agent).held):
            reservation = Reservation.of(id)
            piece = self.pieces.get(id if reservation is None else reservation.work)
            if piece is not None:
                command = self._removal(piece.state, agent)
                self._after(piece.state, [command], at)  # raises before anything has changed
                steps.append((piece, command))
        events = [event for step in steps for event in self.apply(step[0], [step[1]], at)]
        self.router.remove(agent)
        self.staffing_changed()
        return tuple(events)

    def _removal(self, state: WorkState, agent: str) -> WorkCommand:
        """Return the command after which an agent has nothing of a piece any more."""
        if state.status is WorkStatus.OFFERED:
            return Rescind(self.command_id(), agent)
        ends = state.status is WorkStatus.WRAPPING
        action = AssigneeActionKind.CLOSE if ends else AssigneeActionKind.RELEASE
        return AssigneeAction(self.command_id(), action, state.assignee_fence)
