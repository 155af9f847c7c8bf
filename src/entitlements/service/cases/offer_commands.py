"""Who has the work now? Offers, accepts, declines and transfers, with the capacity they mean.

The rules are those of `routing.offering`; here the state of the work and the standings of agents
are read, changed together and written back, each only if it is still as it was read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from entitlements.kernel.errors import TransitionError
from entitlements.kernel.ids import key
from entitlements.ports.records import Placement
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.answers import Assigned
from entitlements.routing.live.reservations import reserve
from entitlements.routing.live.router import Router
from entitlements.routing.offers import lifecycle as offers
from entitlements.routing.offers.lifecycle import Deed, Phase
from entitlements.routing.offers.work_state import Offering, carried_out
from entitlements.routing.roster import Roster
from entitlements.service.commands import Accept, Decline, Offer, Transfer
from entitlements.service.replies import Reply, Result
from entitlements.service.transaction import Turn

_ROOM: Final = frozenset(
    {
        Deed.OFFERED,
        Deed.ACCEPTED,
        Deed.DECLINED,
        Deed.EXPIRED,
        Deed.RESCINDED,
        Deed.RELEASED,
        Deed.RETURNED,
        Deed.TRANSFERRED,
        Deed.CANCELLED,
        Deed.CLOSED,
    }
)
_TOLD: Final = {
    Deed.OFFERED: "offer.made",
    Deed.ACCEPTED: "offer.accepted",
    Deed.DECLINED: "offer.declined",
    Deed.EXPIRED: "offer.expired",
    Deed.RESCINDED: "offer.rescinded",
    Deed.TRANSFERRED: "work.transferred",
    Deed.RETURNED: "work.returned",
    Deed.PARKED: "work.parked",
    Deed.QUEUED: "work.queued",
    Deed.CLOSED: "work.closed",
    Deed.CANCELLED: "work.cancelled",
}


def offer(turn: Turn, command: Offer) -> Reply:
    """Offer the work to the agents named, or to whom routing says; to nobody if nobody can.

    Raises:
        UnknownIdError: There is no such work, or no such agent.
        TransitionError: The work cannot be offered, or one of them has an offer already; or its
            right has not opened yet, and no override is given.
        ConflictError: A named agent is not eligible for it.
    """
    placement = turn.work.offers.placement(command.case)
    state, policy = placement.state, turn.rules.offers
    steps: list[offers.Command] = []
    if state.phase is Phase.PARKED:
        if placement.wake is not None and placement.wake > turn.at and command.override is None:
            raise TransitionError(
                f"work `{command.case}` opens at `{placement.wake.isoformat()}`",
                hint="wait, or offer it with an override",
            )
        steps.append(offers.Enqueue(inner(command.id, "enqueue")))
    roster = _roster(turn, placement, command.agents)
    chosen = command.agents or _chosen(turn, placement, roster)
    if not chosen:
        turn.changed = False
        return Reply(command=command.id, case=command.case, result=Result.NOBODY)
    steps.append(offers.Offer(inner(command.id), chosen, command.override))
    with turn.decided():
        caused = _cause(state, steps, turn, policy)
    after = perform(turn, placement, caused, roster)
    fences = {each.agent: each.fence for each in after.state.leases if each.agent in chosen}
    return Reply(command=command.id, case=command.case, result=Result.OFFERED, fences=fences)


def accept(turn: Turn, command: Accept) -> Reply:
    """Give the work to whoever accepts in time and under the fence of the offer.

    That they are still qualified is checked again, because the roster may have changed.

    Raises:
        ConflictError: The fence is stale, or the agent no longer meets groups, skills or
            obligations.
        TransitionError: The offer has ended.
        UnknownIdError: The agent has been removed.
    """
    step = offers.Accept(inner(command.id), command.agent, command.fence)
    advance(turn, turn.work.offers.placement(command.case), step)
    return Reply(command=command.id, case=command.case, result=Result.ACCEPTED)


def decline(turn: Turn, command: Decline) -> Reply:
    """Take the offer back from whoever declines it; raises what `accept` raises."""
    step = offers.Decline(inner(command.id), command.agent, command.fence, command.reason)
    advance(turn, turn.work.offers.placement(command.case), step)
    return Reply(command=command.id, case=command.case, result=Result.DECLINED)


def transfer(turn: Turn, command: Transfer) -> Reply:
    """Let the work wait for another agent than the one who has it.

    Raises:
        ConflictError: Nobody holds it under that fence.
        TransitionError: The work is at a point at which nobody can hand it on.
    """
    placement = turn.work.offers.placement(command.case)
    giver = placement.state.assignee
    step = offers.Do(inner(command.id), offers.Act.TRANSFER, command.fence)
    after = advance(turn, placement, step)
    if giver is not None:
        excluded = attrs.evolve(
            after,
            work=attrs.evolve(after.work, excluded_agents=after.work.excluded_agents | {giver}),
        )
        turn.work.offers.change(after, excluded)
    return Reply(command=command.id, case=command.case, result=Result.QUEUED)


def advance(turn: Turn, placement: Placement, *steps: offers.Command) -> Placement:
    """Carry out commands to the work, in their order, and return it as it is then."""
    with turn.decided():
        caused = _cause(placement.state, steps, turn, turn.rules.offers)
    return perform(turn, placement, caused)


def perform(
    turn: Turn,
    placement: Placement,
    caused: tuple[Offering, tuple[offers.Event, ...]],
    roster: Roster | None = None,
) -> Placement:
    """Write what commands caused: the work's state, the agents' capacity, and the messages."""
    state, events = caused
    if any(each.deed in _ROOM and each.fence for each in events):
        agents = [each.agent for each in events if each.agent is not None]
        before = roster or _roster(turn, placement, agents)
        router = Router(before, turn.rules.strategy)
        wanted = placement.state.as_work(placement.work, turn.at, turn.rules.offers)
        with turn.decided():
            reserve(router, wanted, events)
        turn.work.roster.change(before, router.roster)
    wake = state.next_change_at(turn.rules.offers)
    after = attrs.evolve(placement, state=state, wake=wake)
    if after != placement:
        turn.work.offers.change(placement, after)
    tell_deeds(turn, placement.id, events)
    return after


def tell_deeds(turn: Turn, work: str, events: Iterable[offers.Event]) -> None:
    """Write a message about each event that others should hear of."""
    for each in events:
        topic = _TOLD.get(each.deed)
        if topic is not None:
            more = {}
            if each.deed is Deed.OFFERED and isinstance(each.command, offers.Offer):
                more = _overridden(each.command.override)
            turn.tell(
                topic, work, agent=each.agent, fence=each.fence or None, until=each.until, **more
            )


def _overridden(override: AssignmentOverride | None) -> dict[str, object]:
    return {} if override is None else {"override": attrs.asdict(override)}


def inner(command: str, step: str = "main") -> str:
    """Return the id of one step of a desk's command, among the commands to a piece of work."""
    return key("desk", command, step)


def _cause(
    state: Offering, steps: Iterable[offers.Command], turn: Turn, policy: offers.OfferPolicy
) -> tuple[Offering, tuple[offers.Event, ...]]:
    events: list[offers.Event] = []
    for step in steps:
        state, caused = carried_out(state, step, turn.at, policy)
        events += caused
    return state, tuple(events)


def _roster(turn: Turn, placement: Placement, agents: Iterable[str]) -> Roster:
    """Return the group's agents, or all agents if one of those concerned is of another group."""
    roster = turn.work.roster.roster([placement.group])
    return roster if all(each in roster.agents for each in agents) else turn.work.roster.roster()


def _chosen(turn: Turn, placement: Placement, roster: Roster) -> tuple[str, ...]:
    state, policy = placement.state, turn.rules.offers
    wanted = state.as_work(placement.work, turn.at, policy)
    answer = Router(roster, turn.rules.strategy).route(wanted, turn.at)
    return (answer.agent,) if isinstance(answer, Assigned) else ()
