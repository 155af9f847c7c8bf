"""Assignment of work to an agent in one step: taken by the agent, or given to the agent."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from entitlements.kernel.errors import TransitionError
from entitlements.kernel.instants import text_of
from entitlements.ports.records import WorkItem
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.offers import lifecycle as offers
from entitlements.routing.offers.lifecycle import AssigneeActionKind, TransitionKind, WorkStatus
from entitlements.routing.offers.work_state import WorkState
from entitlements.service.cases.agents.offer_commands import (
    apply_steps,
    step_id,
    write_transition,
)
from entitlements.service.commands.commands import AssignCase
from entitlements.service.commands.replies import Reply, ReplyResult
from entitlements.service.transaction import Transaction

_SILENT: Final = frozenset({TransitionKind.OFFERED, TransitionKind.QUEUED})
"""Steps without a message: no agent may accept an offer that is accepted already."""

_HELD: Final = frozenset({WorkStatus.ACCEPTED, WorkStatus.IN_WORK, WorkStatus.PAUSED})


def assign(transaction: Transaction, command: AssignCase) -> Reply:
    """Assign the work to an agent, also from another one; nothing if the agent has it.

    Raises:
        UnknownIdError: No work or no agent has the id.
        TransitionError: The work has ended, or its right has not opened and no override is given.
        ConflictError: The agent is not eligible for it, and no override is given.
    """
    item, policy = transaction.work.work_items.item(command.case), transaction.routing.offers
    state, ended = apply_steps(item.state, [offers.ProcessTimeouts()], transaction, policy)
    agent = command.agent
    if state.status in _HELD and state.assignee == agent:
        transaction.changed = False
        return _reply(command, state.assignee_fence)
    steps = _release(item, state, command, transaction.at)
    own = next((each.fence for each in state.leases if each.agent == agent), None)
    if own is None or state.status is not WorkStatus.OFFERED:
        steps.append(offers.Offer(step_id(command.id, "offer"), [agent], command.override))
        own = state.fence + 1
    steps.append(offers.Accept(step_id(command.id, "accept"), agent, own))
    after, events = apply_steps(state, steps, transaction, policy)
    write_transition(transaction, item, (after, (*ended, *events)), silent=_SILENT)
    return _reply(command, own)


def _reply(command: AssignCase, fence: int) -> Reply:
    return Reply(
        command=command.id,
        case=command.case,
        result=ReplyResult.ASSIGNED,
        fences={command.agent: fence},
    )


def _release(
    item: WorkItem, state: WorkState, command: AssignCase, at: datetime
) -> list[offers.WorkCommand]:
    """Return the steps that take the work from where it is into the queue."""
    agent = command.agent
    if state.status is WorkStatus.PARKED:
        _check_open(item, command.override, at)
        return [offers.Enqueue(step_id(command.id, "enqueue"))]
    if state.status is WorkStatus.NEW:
        return [offers.Enqueue(step_id(command.id, "enqueue"))]
    if state.status in _HELD:
        fence = state.assignee_fence
        kind = AssigneeActionKind.TRANSFER
        return [offers.AssigneeAction(step_id(command.id, "transfer"), kind, fence)]
    if state.status is WorkStatus.OFFERED:
        if any(each.agent == agent for each in state.leases):
            return []
        return [offers.Rescind(step_id(command.id, "rescind"))]
    if state.status is not WorkStatus.QUEUED:
        raise TransitionError(
            f"work `{item.id}` is {state.status} and cannot be assigned",
            hint="reopen the case if it was resolved; a cancelled one needs a new request",
        )
    return []


def _check_open(item: WorkItem, override: AssignmentOverride | None, at: datetime) -> None:
    if item.next_due_at is not None and item.next_due_at > at and override is None:
        raise TransitionError(
            f"work `{item.id}` opens at `{text_of(item.next_due_at)}`",
            hint="wait, or assign it with an override",
        )
