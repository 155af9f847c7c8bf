"""Removal of an agent, and of the work that is offered or assigned to them.

All of it happens in one transaction: either the agent is removed and all of their work has moved,
or nothing has changed.
"""

from __future__ import annotations

from entitlements.kernel.errors import UnknownIdError
from entitlements.ports.records import WorkItem
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.eligibility.removal import Removal, check_removal, removal_policy
from entitlements.routing.offers import lifecycle as offers
from entitlements.routing.offers.lifecycle import AssigneeActionKind, WorkStatus
from entitlements.service.cases.agents.offer_commands import apply_to_work, step_id
from entitlements.service.transaction import Transaction


def remove_agent(
    transaction: Transaction, *, agent: str, policy: Removal | str, to: str | None
) -> tuple[str, ...]:
    """Remove an agent from the roster and return the ids of the work that has moved.

    Raises:
        UnknownIdError: No agent has the id, or no successor has.
        ConflictError: The agent has work and the policy refuses, or the successor is not eligible
            for all of it.
        InvalidValueError: The policy and the successor do not fit together.
    """
    chosen = removal_policy(policy, agent, to)
    held = transaction.work.roster.roster().workload(agent).held
    check_removal(agent, held, chosen)
    moved = []
    for reservation in filter(None, map(Reservation.of, sorted(held))):
        try:
            item = transaction.work.work_items.item(reservation.work)
        except UnknownIdError:  # the host may have moved finished work out of the way
            continue
        after = _take_from_agent(transaction, item, agent, reservation.fence)
        if after is not item:
            moved.append(item.id)
            _hand_to(transaction, after, to, reservation.fence)
    now = transaction.work.roster.roster()
    transaction.work.roster.change(now, now.remove(agent, policy=Removal.REQUEUE))
    return tuple(moved)


def _take_from_agent(transaction: Transaction, item: WorkItem, agent: str, fence: int) -> WorkItem:
    """Take work from the agent: rescind an offer, end wrap-up, return other work to the queue."""
    state, id = item.state, step_id(str(fence), "remove")
    if any((each.agent, each.fence) == (agent, fence) for each in state.leases):
        return apply_to_work(transaction, item, offers.Rescind(id, agent))
    if (state.assignee, state.assignee_fence) != (agent, fence):
        return item
    act = (
        AssigneeActionKind.CLOSE
        if state.status is WorkStatus.WRAPPING
        else AssigneeActionKind.TRANSFER
    )
    return apply_to_work(transaction, item, offers.AssigneeAction(id, act, fence))


def _hand_to(transaction: Transaction, item: WorkItem, to: str | None, fence: int) -> None:
    """Offer work to the successor, unless it has ended or is offered to them already."""
    state = item.state
    waits = state.status in {WorkStatus.QUEUED, WorkStatus.OFFERED}
    if to is not None and waits and all(each.agent != to for each in state.leases):
        apply_to_work(transaction, item, offers.Offer(step_id(str(fence), "hand_to"), [to]))
