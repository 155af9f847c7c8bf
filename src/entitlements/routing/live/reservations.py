"""Capacity of offered work: what the events of an offering take from agents, and give back.

An offer is an assignment like any other: the agent must be eligible, unless the command says by
whose override. An acceptance is checked again for what may have changed since the offer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from entitlements.kernel.instants import to_micros
from entitlements.routing.eligibility.eligibility import check_again
from entitlements.routing.live.router import Router
from entitlements.routing.offers.lifecycle import Offer, TransitionKind, WorkEvent
from entitlements.routing.offers.work_state import GIVES_BACK, reservation_key
from entitlements.routing.roster import Roster
from entitlements.routing.work.work import Work, requirement_at

_BOOKED: Final = GIVES_BACK | {
    TransitionKind.OFFERED,
    TransitionKind.ACCEPTED,
    TransitionKind.CLOSED,
}


def apply_reservations(router: Router, work: Work, events: Iterable[WorkEvent]) -> None:
    """Take and give back the capacity that `events` mean, in their order; all of it, or nothing.

    What nobody has in hand any more, because the agent was removed or the roster was replaced, is
    not given back, and an acceptance takes it anew.

    Args:
        router: Who has what in hand.
        work: What is offered, as it is routed now; see `WorkState.as_work`.
        events: What happened to it.

    Raises:
        ConflictError: an agent is not eligible for the offer, or no longer qualified to accept it.
        UnknownIdError: there is no such agent.
    """
    booked = [each for each in events if each.fence and each.deed in _BOOKED]
    if len(booked) > 1:
        # On a copy first, so that nothing has changed if one of them is refused.
        rehearsal = Router(_concerned(router, work, booked), router.strategy)
        for event in booked:
            _book(rehearsal, work, event)
    for event in booked:
        _book(router, work, event)


def _concerned(router: Router, work: Work, events: Iterable[WorkEvent]) -> Roster:
    seats = router.index.agent_states
    named = {each.agent for each in events}
    holders = {router.holder(reservation_key(work.id, each.fence)) for each in events}
    found = {id: seats[id] for id in named | holders if id is not None and id in seats}
    return Roster(
        agents=[each.agent for each in found.values()],
        standings={id: each.standing() for id, each in found.items()},
        on_call=router.index.on_call,
        turns=router.index.turns,
    )


def _book(router: Router, work: Work, event: WorkEvent) -> None:
    name = reservation_key(work.id, event.fence)
    match event.deed:
        case TransitionKind.OFFERED:
            _take(router, name, work, event)
        case TransitionKind.ACCEPTED:
            _accept(router, name, work, event)
        case deed if router.holder(name) is not None:
            router.complete(name, event.at, done=deed is TransitionKind.CLOSED)


def _take(router: Router, name: str, work: Work, event: WorkEvent) -> None:
    moment, command = to_micros(event.at), event.command
    router.index.assign(
        name,
        requirement_at(work, moment),
        event.agent or "",
        moment,
        excluded=work.excluded_agents,
        override=command.override if isinstance(command, Offer) else None,
    )


def _accept(router: Router, name: str, work: Work, event: WorkEvent) -> None:
    agent = router.index.agent(event.agent or "")
    seat = router.index.agent_states[agent.id]
    if name not in seat.held:
        _take(router, name, work, event)
        return
    requires = seat.held[name][0]
    if requires.obligations != work.requires.obligations:
        requires = attrs.evolve(requires, obligations=work.requires.obligations)
    check_again(name, agent, requires, seat.overrides.get(name))
