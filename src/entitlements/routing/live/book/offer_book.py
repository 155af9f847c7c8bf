"""Offer book: backlog, offers, capacity and router of a desk in memory, as one object.

Every piece is in exactly one place: it waits, is offered, is held by the agent who accepted it, or
is parked. An offer takes capacity under the id of the work, so that a second agent cannot be
assigned the same work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.converters import enum_member, instance_of, whole_number
from entitlements.kernel.errors import (
    ConflictError,
    DuplicateIdError,
    TransitionError,
    UnknownIdError,
)
from entitlements.kernel.instants import instant_of
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.assignment_override import AssignmentOverride, optional_override
from entitlements.routing.agents.idle_start import IdleStart
from entitlements.routing.agents.workload import Workload
from entitlements.routing.eligibility.eligibility import check_acceptance
from entitlements.routing.eligibility.removal import Removal, check_removal, removal_policy
from entitlements.routing.live.book.offer_core import OfferCore
from entitlements.routing.live.book.offered_work import HELD, OfferedWork
from entitlements.routing.live.router import Router
from entitlements.routing.offers import lifecycle as offers
from entitlements.routing.offers.lifecycle import AssigneeActionKind, TransitionKind, WorkStatus
from entitlements.routing.offers.work_state import WorkState
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.routing.roster import Roster
from entitlements.routing.work.queue_limits import QueueChoice
from entitlements.routing.work.work import Work


@final
class OfferBook:
    """A desk in memory: it queues work, offers it, and knows who holds it.

    A method that is refused changes nothing. The rules of offers are those of
    `routing.offers.command_events`; every method that changes work returns the events, in order. A
    method dated before the offer or the action that it follows is refused with `TooEarlyError`.
    Like a list, a book must not be shared among threads. Below, "log" stands for a number of
    comparisons that grows with the logarithm of the pieces in the book.

    Args:
        roster: The agents. Work that is assigned in it is not in the book.
        policy: Strategy, queue order, rules of offers, and limits of queues.

    >>> from entitlements.kernel.instants import utc
    >>> book = OfferBook(Roster(agents=[Agent(id="ada", capacity=1), Agent(id="bob", capacity=1)]))
    >>> nine = utc("2026-03-02T09:00Z")
    >>> _ = book.add(Work(id="R-1", opened=nine), nine)
    >>> (offer,) = book.offer(nine)
    >>> offer.agent, offer.fence
    ('ada', 1)
    >>> [event.kind.value for event in book.accept("R-1", "ada", offer.fence, nine)]
    ['accepted']
    >>> book.holder("R-1")
    'ada'
    """

    __slots__ = ("_core",)

    def __init__(self, roster: Roster, policy: RoutingPolicy | None = None) -> None:
        rules = RoutingPolicy() if policy is None else instance_of(RoutingPolicy, policy)
        self._core = OfferCore(Router(roster, rules), rules)

    def __len__(self) -> int:
        """Return the number of pieces in the book."""
        return len(self._core.pieces)

    def __contains__(self, work: object) -> bool:
        """Return whether work with that id is in the book; O(1)."""
        return work in self._core.pieces

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._core.pieces))

    @property
    def roster(self) -> Roster:
        """The roster with all work that is offered or held, as a value; O(agents)."""
        return self._core.router.roster

    @property
    def waiting(self) -> tuple[Work, ...]:
        """The work that waits, as it is routed, in no particular order; O(waiting work)."""
        return tuple(self._core.backlog)

    @property
    def served(self) -> int:
        """Number of pieces offered so far, which some queue orders count."""
        return self._core.backlog.served

    def workload(self, agent: str) -> Workload:
        """Return what one agent has; O(its work). Raise `UnknownIdError` for an unknown agent."""
        return self._core.router.state(agent)

    def state(self, work: str) -> WorkState:
        """Return the state of a piece; O(1). Raise `UnknownIdError` if it is not in the book."""
        return self._core.piece(work).state

    def work(self, work: str) -> Work:
        """Return a piece as added or replaced; O(1). Raise `UnknownIdError` if it is missing."""
        return self._core.piece(work).work

    def holder(self, work: str) -> str | None:
        """Return the agent who has accepted the work and not completed it, or None; O(1)."""
        piece = self._core.pieces.get(instance_of(str, work))
        return None if piece is None or piece.state.status not in HELD else piece.state.assignee

    @property
    def policy(self) -> RoutingPolicy:
        """The policy of the book."""
        return self._core.policy

    def add(self, work: Work, at: datetime) -> QueueChoice:
        """Queue new work, and return the queue that it enters: O(log).

        Where the work names exactly one group whose queue has limits in the policy, it may enter
        the queue of another group, whose agents then take it; or no queue, and then it is parked.
        The group is None in that case, and for work that does not name exactly one group.

        Raises:
            DuplicateIdError: the book, or the roster, has work with that id.
            UnknownIdError: the work needs an on-call schedule that the roster does not have.
            InvalidValueError: `at` is naive, or the queue order cannot place the work.
        """
        core, moment = self._core, instant_of(at)
        if instance_of(Work, work).id in core.pieces or core.router.holder(work.id) is not None:
            raise DuplicateIdError("work", work.id)
        self._check_schedule(work)
        choice = core.choose_queue(work, moment)
        if choice.refused and choice.group is not None:
            requires = attrs.evolve(work.requires, groups=[choice.group])
            work = attrs.evolve(work, requires=requires)
        commands: list[offers.WorkCommand] = [offers.Enqueue(core.command_id())]
        if choice.refused and choice.group is None:
            commands.append(offers.Park(core.command_id()))
        core.apply(OfferedWork(work), commands, moment)
        return choice

    def replace(self, work: Work, at: datetime) -> None:
        """Replace waiting or parked work, such as by another rank or deadline: O(log).

        Raises:
            UnknownIdError: the work is not in the book, or its on-call schedule not in the roster.
            ConflictError: the work is offered or held.
            InvalidValueError: `at` is naive, or the queue order cannot place the work.
        """
        piece, moment = self._core.piece(instance_of(Work, work).id), instant_of(at)
        if piece.state.status not in {WorkStatus.QUEUED, WorkStatus.PARKED}:
            raise ConflictError(f"work `{work.id}` is {piece.state.status}", field="work")
        self._check_schedule(work)
        self._core.settle(piece, work, piece.state, moment)

    def _check_schedule(self, work: Work) -> None:
        needed, known = work.requires.on_call, self._core.router.on_call
        if needed is not None and needed not in known:
            raise UnknownIdError("on-call schedule", needed, known=known)

    def advance(self, at: datetime) -> tuple[offers.WorkEvent, ...]:
        """Process what is due at `at`: expired offers, ended wrap-up, silence, the longest wait.

        O(log) for each piece that is due, and O(1) if none is.
        """
        core, moment, events = self._core, instant_of(at), list[offers.WorkEvent]()
        for piece in core.due(moment):
            events += core.apply(piece, [offers.ProcessTimeouts()], moment)
        return tuple(events)

    def offer(
        self, at: datetime, *, limit: int | None = None, parallel: int = 1
    ) -> tuple[offers.WorkEvent, ...]:
        """Process what is due, then offer waiting work in order, and return all events.

        Each piece is offered to the agent whom the strategy selects, until no agent can take any
        work. It costs what `Backlog.first` does for each piece offered, and O(log).

        Args:
            at: Instant of the offers.
            limit: The largest number of pieces to offer; None for no limit.
            parallel: Number of agents, 1 to 50, to whom each piece is offered at once, best first,
                as far as there are so many; the first who accepts gets it.
        """
        most = None if limit is None else whole_number(limit, "limit")
        agents = whole_number(parallel, "number of agents", least=1, most=offers.MAX_PARALLEL)
        core, moment = self._core, instant_of(at)
        events, offered = list(self.advance(moment)), 0
        core.restaff(moment)
        while offered != most and (found := core.backlog.first(core.router, moment)) is not None:
            events += core.offer(*found, moment, agents)
            offered += 1
        return tuple(events)

    def drain(self, at: datetime, *, limit: int | None = None) -> tuple[offers.WorkEvent, ...]:
        """Do as `offer`, at its cost, for agents who accept each offer at once."""
        events = list[offers.WorkEvent]()
        for event in self.offer(at, limit=limit):
            events.append(event)
            if event.kind is TransitionKind.OFFERED:
                events += self.accept(event.work, event.agent or "", event.fence, at)
        return tuple(events)

    def next_change_at(self, at: datetime) -> datetime | None:
        """Return the next instant after `at` at which `offer` may do something new, or None.

        That is the end of an offer, of wrap-up, of a cool-down or of the longest wait; a step of
        relaxation; or a change of who is available. O(log).
        """
        core, moment = self._core, instant_of(at)
        found = (
            core.next_due(moment),
            core.backlog.next_change_at(moment),
            core.router.next_change_at(moment),
        )
        return min((each for each in found if each is not None), default=None)

    def accept(
        self, work: str, agent: str, fence: int, at: datetime
    ) -> tuple[offers.WorkEvent, ...]:
        """Give the work to the agent who accepts its offer; other offers of it end. O(log).

        Raises:
            UnknownIdError: the work is not in the book, or the agent is not in the roster.
            ConflictError: the agent has no open offer with that fence, or no longer meets groups,
                skills or obligations.
            TransitionError: the offer has expired.
        """
        piece = self._core.piece(work)
        command = offers.Accept(self._core.command_id(), agent, fence)
        room = piece.rooms.get(agent)
        if room is not None:
            held = self._core.router.state(agent).held[room]
            check_acceptance(work, self._core.router.agent(agent), held.requires, held.override)
        return self._core.apply(piece, [command], at)

    def decline(
        self, work: str, agent: str, fence: int, at: datetime, reason: str = ""
    ) -> tuple[offers.WorkEvent, ...]:
        """End the offer that the agent declines; the work waits again with its age. O(log).

        Raises what `accept` raises.
        """
        command = offers.Decline(self._core.command_id(), agent, fence, reason)
        return self._core.apply(self._core.piece(work), [command], at)

    def complete(self, work: str, at: datetime) -> tuple[offers.WorkEvent, ...]:
        """Complete held work: O(log). With a wrap-up, the agent keeps the capacity until its end.

        Raises:
            UnknownIdError: the work is not in the book.
            TransitionError: no agent holds it, or its wrap-up has begun.
        """
        piece = self._core.piece(work)
        steps = [AssigneeActionKind.FINISH]
        if piece.state.status is WorkStatus.ACCEPTED:
            steps.insert(0, AssigneeActionKind.START)
        elif piece.state.status is WorkStatus.PAUSED:
            steps.insert(0, AssigneeActionKind.RESUME)
        return self._act(piece, steps, at)

    def act(
        self, work: str, action: AssigneeActionKind | str, at: datetime
    ) -> tuple[offers.WorkEvent, ...]:
        """Record an action of the holder, such as `hear`, `pause`, `release` or `close`: O(log).

        Raises:
            UnknownIdError: the work is not in the book.
            TransitionError: no agent holds it, or its status does not allow the action.
        """
        return self._act(self._core.piece(work), [enum_member(AssigneeActionKind, action)], at)

    def _act(
        self, piece: OfferedWork, actions: Iterable[AssigneeActionKind], at: datetime
    ) -> tuple[offers.WorkEvent, ...]:
        commands = [self._action(piece.state, action) for action in actions]
        return self._core.apply(piece, commands, at)

    def _action(self, state: WorkState, action: AssigneeActionKind) -> offers.AssigneeAction:
        if not state.assignee_fence:
            raise TransitionError(f"work `{state.work}` is {state.status}, and no agent holds it")
        return offers.AssigneeAction(self._core.command_id(), action, state.assignee_fence)

    def transfer(
        self,
        work: str,
        at: datetime,
        *,
        to: str | None = None,
        override: AssignmentOverride | None = None,
    ) -> tuple[offers.WorkEvent, ...]:
        """Return held work to the queue for another agent, or give it to the agent `to`: O(log).

        `to` must be eligible, as for an offer: not an agent who has refused the work or given it
        back, where the policy excludes them. An override, for `to`, says who decided otherwise.

        Raises:
            UnknownIdError: the work is not in the book, or there is no such agent.
            ConflictError: `to` holds it already, is excluded from the work, or is not eligible.
            TransitionError: no agent holds it, or its wrap-up has begun.
        """
        core, moment = self._core, instant_of(at)
        piece = core.piece(work)
        command = self._action(piece.state, AssigneeActionKind.TRANSFER)
        if to is not None:
            return core.hand_to(piece, to, [command], moment, optional_override(override))
        returned_by = piece.returned_by.union(filter(None, [piece.state.assignee]))
        events = core.apply(piece, [command], moment)
        piece.returned_by = returned_by
        core.settle(piece, piece.work, piece.state, moment)
        return events

    def rescind(
        self, work: str, at: datetime, *, agent: str | None = None
    ) -> tuple[offers.WorkEvent, ...]:
        """Withdraw all offers of the work, or the one to `agent`; it waits again. O(log).

        Raises:
            UnknownIdError: the work is not in the book.
            TransitionError: there is no such offer.
        """
        command = offers.Rescind(self._core.command_id(), agent)
        return self._core.apply(self._core.piece(work), [command], at)

    def park(self, work: str, at: datetime) -> tuple[offers.WorkEvent, ...]:
        """Keep waiting work out of the queue until `enqueue`: O(log); else `TransitionError`."""
        return self._core.apply(self._core.piece(work), [offers.Park(self._core.command_id())], at)

    def enqueue(self, work: str, at: datetime) -> tuple[offers.WorkEvent, ...]:
        """Queue parked work again, without limits: O(log); `TransitionError` for other work."""
        core = self._core
        return core.apply(core.piece(work), [offers.Enqueue(core.command_id())], at)

    def cancel(self, work: str, at: datetime) -> tuple[offers.WorkEvent, ...]:
        """Take the work out of the book, wherever it is: O(log).

        Raises:
            UnknownIdError: the work is not in the book.
        """
        core = self._core
        return core.apply(core.piece(work), [offers.Cancel(core.command_id())], at)

    def set_status(
        self,
        agent: str,
        at: datetime,
        *,
        away: bool,
        back: datetime | None = None,
        idle: IdleStart | str | None = None,
    ) -> None:
        """Set the status of an agent, as `Router.set_status`, at its cost; all work stays.

        After a change of agents, the next `offer` looks at waiting work with `unstaffed` steps.
        """
        self._core.router.set_status(agent, at, away=away, back=back, idle=idle)
        self._core.staffing_changed()

    def add_agent(
        self, agent: Agent, *, idle: IdleStart | str = IdleStart.NEVER, at: datetime | None = None
    ) -> None:
        """Add an agent, as `Router.add`, at its cost; raise `DuplicateIdError` for a known id."""
        self._core.router.add(agent, idle=idle, at=at)
        self._core.staffing_changed()

    def replace_agent(self, agent: Agent) -> None:
        """Replace the agent of that id, as `Router.replace`, at its cost; all work stays.

        Raises:
            UnknownIdError: there is no such agent.
        """
        self._core.router.replace(agent)
        self._core.staffing_changed()

    def remove_agent(
        self, agent: str, at: datetime, *, policy: Removal | str = Removal.REFUSE
    ) -> tuple[offers.WorkEvent, ...]:
        """Remove an agent; with the policy `requeue`, all work of the agent waits again.

        Offers to the agent are withdrawn, and wrap-up ends. O(log) for each piece.

        Raises:
            UnknownIdError: there is no such agent.
            ConflictError: the agent has work, and the policy is `refuse`; or the agent has work
                that is not in the book.
            InvalidValueError: the policy is `hand_to`; use `transfer` for each piece.
        """
        core, moment, chosen = self._core, instant_of(at), removal_policy(policy, agent, None)
        held = core.router.state(agent).held
        check_removal(agent, held, chosen)
        if any(not core.has_room_of(id) for id in held):
            raise ConflictError(f"agent `{agent}` has work that is not in the book", field="held")
        return core.remove_agent(agent, moment)
