"""Capacity that the events of offered work take from agents, and release.

An offer is an assignment: the agent must be eligible, unless the command has an override. An
acceptance is checked again for what may have changed since the offer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from entitlements.routing.agents.workload import Reservation
from entitlements.routing.eligibility.eligibility import check_acceptance
from entitlements.routing.live.router import Router
from entitlements.routing.offers.lifecycle import Offer, TransitionKind, WorkEvent
from entitlements.routing.offers.work_state import RELEASES_CAPACITY
from entitlements.routing.roster import Roster
from entitlements.routing.work.work import Work

_AFFECTS_CAPACITY: Final = RELEASES_CAPACITY | {
    TransitionKind.OFFERED,
    TransitionKind.ACCEPTED,
    TransitionKind.CLOSED,
}


def apply_reservations(router: Router, work: Work, events: Iterable[WorkEvent]) -> None:
    """Apply `events` to the capacity of agents, in their order; all of them, or none.

    A reservation that no agent holds any more, because the agent was removed or the roster was
    replaced, is not released, and an acceptance takes the capacity again.

    Args:
        router: The live roster.
        work: The offered work as it is routed now; see `WorkState.as_work`.
        events: Events of the work.

    Raises:
        ConflictError: an agent is not eligible for an offer, or no longer qualified to accept it.
        UnknownIdError: there is no such agent.
    """
    relevant = [each for each in events if each.fence and each.kind in _AFFECTS_CAPACITY]
    if len(relevant) > 1:
        # On a copy first, so that nothing changes if one of them is refused.
        copy = Router(_affected_agents(router, work, relevant), router.strategy)
        for event in relevant:
            _apply(copy, work, event)
    for event in relevant:
        _apply(router, work, event)


def _affected_agents(router: Router, work: Work, events: Iterable[WorkEvent]) -> Roster:
    named = {each.agent for each in events}
    holders = {router.holder(Reservation(work.id, each.fence).key) for each in events}
    found = [id for id in named | holders if id is not None and id in router]
    return Roster(
        agents=[router.agent(id) for id in found],
        workloads={id: router.state(id) for id in found},
        on_call=router.on_call,
        assignment_count=router.assignment_count,
    )


def _apply(router: Router, work: Work, event: WorkEvent) -> None:
    key = Reservation(work.id, event.fence).key
    match event.kind:
        case TransitionKind.OFFERED:
            _reserve(router, key, work, event)
        case TransitionKind.ACCEPTED:
            _accept(router, key, work, event)
        case kind if router.holder(key) is not None:
            router.complete(key, event.at, done=kind is TransitionKind.CLOSED)


def _reserve(router: Router, key: str, work: Work, event: WorkEvent) -> None:
    command = event.command
    override = command.override if isinstance(command, Offer) else None
    router.reserve(key, work, event.agent or "", event.at, override=override)


def _accept(router: Router, key: str, work: Work, event: WorkEvent) -> None:
    agent = router.agent(event.agent or "")
    held = router.assigned(key) if router.holder(key) == agent.id else None
    if held is None:
        _reserve(router, key, work, event)
        return
    requires = held.requires
    if requires.obligations != work.requires.obligations:
        requires = attrs.evolve(requires, obligations=work.requires.obligations)
    check_acceptance(key, agent, requires, held.override)
