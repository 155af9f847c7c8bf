"""Removal of an agent: what becomes of the work that was offered to them, or was theirs.

All of it happens in one turn: either the agent is gone and every piece of work has moved, or
nothing has changed.
"""

from __future__ import annotations

from entitlements.kernel.errors import UnknownIdError
from entitlements.ports.records import Placement
from entitlements.routing.agents.workload import Grant
from entitlements.routing.eligibility.removal import Removal, check_removal, removal
from entitlements.routing.offers import lifecycle as offers
from entitlements.routing.offers.lifecycle import Act, Phase
from entitlements.service.cases.offer_commands import advance, inner
from entitlements.service.transaction import Turn


def remove_agent(
    turn: Turn, *, agent: str, policy: Removal | str, to: str | None
) -> tuple[str, ...]:
    """Remove an agent from the roster and return the ids of the work that has moved.

    Raises:
        UnknownIdError: There is no such agent, or no such successor.
        ConflictError: The agent has work and the policy refuses, or the successor is not eligible
            for all of it.
        InvalidValueError: The policy and the successor do not go together.
    """
    chosen = removal(policy, agent, to)
    held = turn.work.roster.roster().standing(agent).held
    with turn.decided():
        check_removal(agent, held, chosen)
    moved = []
    for grant in filter(None, map(Grant.of, sorted(held))):
        try:
            placement = turn.work.offers.placement(grant.work)
        except UnknownIdError:  # the host may have moved finished work out of the way
            continue
        after = _let_go(turn, placement, agent, grant.fence)
        if after is not placement:
            moved.append(placement.id)
            _hand_to(turn, after, to, grant.fence)
    now = turn.work.roster.roster()
    turn.work.roster.change(now, now.remove(agent, policy=Removal.REQUEUE))
    return tuple(moved)


def _let_go(turn: Turn, placement: Placement, agent: str, fence: int) -> Placement:
    """Take the work from the agent: an offer is taken back, wrap-up ends, other work waits."""
    state, id = placement.state, inner(str(fence), "remove")
    if any((each.agent, each.fence) == (agent, fence) for each in state.leases):
        return advance(turn, placement, offers.Rescind(id, agent))
    if (state.assignee, state.held) != (agent, fence):
        return placement
    act = Act.CLOSE if state.phase is Phase.WRAPPING else Act.TRANSFER
    return advance(turn, placement, offers.Do(id, act, fence))


def _hand_to(turn: Turn, placement: Placement, to: str | None, fence: int) -> None:
    """Offer the work to the successor, unless it has ended or is offered to them already."""
    state = placement.state
    waits = state.phase in {Phase.QUEUED, Phase.OFFERED}
    if to is not None and waits and all(each.agent != to for each in state.leases):
        advance(turn, placement, offers.Offer(inner(str(fence), "hand_to"), [to]))
