"""Offered work: one piece of an offer book, its state, and the room it takes."""

from __future__ import annotations

from datetime import datetime
from typing import Final, final

import attrs

from entitlements.kernel.frozenmaps import EMPTY
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.live.router import Router
from entitlements.routing.offers.lifecycle import TransitionKind, WorkEvent, WorkStatus
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.routing.offers.work_state import RELEASES_CAPACITY, WorkState
from entitlements.routing.work.work import Work

MAX_COMMANDS: Final = 32
"""Executed commands that a piece keeps; an offer book gives each command an id of its own."""

WAITING: Final = frozenset({WorkStatus.QUEUED})
"""Statuses in which work waits in the backlog."""

HELD: Final = frozenset(
    {WorkStatus.ACCEPTED, WorkStatus.IN_WORK, WorkStatus.PAUSED, WorkStatus.WRAPPING}
)
"""Statuses in which an agent has accepted the work."""

ENDED: Final = frozenset({WorkStatus.DONE, WorkStatus.CANCELLED})
"""Statuses in which work is no longer in the book."""


@final
class OfferedWork:
    """One piece of work in an offer book.

    Attributes:
        work: The work as it was given, without what follows from offers.
        state: Its state, by the rules of offers.
        rooms: The id or key under which each agent has capacity taken for it.
        waiting: The work as it waits in the backlog; None while it does not.
        due: When time alone changes its state or its agents next; None for never.
        returned_by: The agents who gave it back by a transfer, and get no more offers of it.
    """

    __slots__ = ("due", "returned_by", "rooms", "state", "waiting", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.state = WorkState(work=work.id)
        self.rooms: dict[str, str] = {}
        self.waiting: Work | None = None
        self.due: datetime | None = None
        self.returned_by = frozenset[str]()

    @property
    def group(self) -> str | None:
        """The group in whose queue it waits; None unless its work names exactly one."""
        groups = self.work.requires.groups
        return next(iter(groups)) if len(groups) == 1 else None

    def routed(self, work: Work, state: WorkState, at: datetime, policy: OfferPolicy) -> Work:
        """Return `work` as it is routed in `state` at `at`, without steps of unstaffed groups.

        Work that has returned to the queue without its age is routable from its return on.
        """
        routed = state.as_work(work, at, policy)
        if self.returned_by:
            excluded = routed.excluded_agents | self.returned_by
            routed = attrs.evolve(routed, excluded_agents=excluded)
        queued = state.queued_at
        returned = queued is not None and queued != state.entered_at and queued > routed.opened
        if policy.keep_age or not returned:
            return routed
        return attrs.evolve(routed, routable=queued)

    def set_state(self, state: WorkState, at: datetime, policy: OfferPolicy) -> None:
        """Take over a state, and compute when time changes it next, or the agents who refused."""
        if len(state.executed_commands) > MAX_COMMANDS:
            state = attrs.evolve(state, executed_commands=EMPTY)
        self.state = state
        due = [state.next_change_at(policy)]
        if policy.cool_down is not None and state.status in WAITING:
            ends = (each.at + policy.cool_down for each in state.refusals)
            due += [end for end in ends if end > at]
        self.due = min((each for each in due if each is not None), default=None)

    def take_room(self, router: Router, work: Work, agent: str, fence: int, at: datetime) -> None:
        """Take capacity of an agent for an offer: under the id of the work, if that is free."""
        if self.work.id not in self.rooms.values():
            router.assign(work, agent, at)
            self.rooms[agent] = self.work.id
        else:
            key = Reservation(self.work.id, fence).key
            router.reserve(key, work, agent, at)
            self.rooms[agent] = key

    def apply(self, router: Router, event: WorkEvent) -> None:
        """Release the capacity that an event gives back, or give it to the new holder."""
        agent, kind, id = event.agent or "", event.kind, self.work.id
        if kind is TransitionKind.ACCEPTED:
            if self.rooms[agent] != id:
                router.confirm(self.rooms[agent], id)
                self.rooms[agent] = id
        elif kind is TransitionKind.CLOSED or kind in RELEASES_CAPACITY:
            key = self.rooms.pop(agent, None)
            if key is not None:
                router.complete(key, event.at, done=kind is TransitionKind.CLOSED)
            if key == id and self.rooms:
                # Another open offer keeps the id, so that nobody else can be assigned the work.
                other = next(iter(self.rooms))
                router.confirm(self.rooms[other], id)
                self.rooms[other] = id
