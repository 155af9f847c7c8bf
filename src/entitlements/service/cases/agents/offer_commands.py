"""Offer, accept, decline and transfer work, with the capacity of agents that this takes.

The rules are in `routing.offers`. Here the state of the work and the workloads of agents are read,
changed together and written back, each only if it has not changed since it was read.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

import attrs

from entitlements.kernel.errors import TransitionError
from entitlements.kernel.ids import key
from entitlements.kernel.instants import text_of
from entitlements.ports.records import WorkItem
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.answers.answers import Assigned
from entitlements.routing.live.book.selection_recorder import SelectionRecorder
from entitlements.routing.live.reservations import apply_reservations
from entitlements.routing.live.router import Router
from entitlements.routing.offers import lifecycle as offers
from entitlements.routing.offers.command_events import apply_command
from entitlements.routing.offers.lifecycle import TransitionKind, WorkStatus
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.routing.offers.selections import AgentSelection
from entitlements.routing.offers.work_state import WorkState
from entitlements.routing.roster import Roster
from entitlements.routing.selection import take_unstaffed_steps
from entitlements.routing.work.work import Work
from entitlements.service.commands.commands import (
    AcceptOffer,
    DeclineOffer,
    OfferCase,
    TransferCase,
)
from entitlements.service.commands.replies import Reply, ReplyResult
from entitlements.service.transaction import Transaction

_CHANGES_CAPACITY: Final = frozenset(
    {
        TransitionKind.OFFERED,
        TransitionKind.ACCEPTED,
        TransitionKind.DECLINED,
        TransitionKind.EXPIRED,
        TransitionKind.RESCINDED,
        TransitionKind.RELEASED,
        TransitionKind.RETURNED,
        TransitionKind.TRANSFERRED,
        TransitionKind.CANCELLED,
        TransitionKind.CLOSED,
    }
)
_TOPICS: Final = {
    TransitionKind.OFFERED: "offer.made",
    TransitionKind.ACCEPTED: "offer.accepted",
    TransitionKind.DECLINED: "offer.declined",
    TransitionKind.EXPIRED: "offer.expired",
    TransitionKind.RESCINDED: "offer.rescinded",
    TransitionKind.TRANSFERRED: "work.transferred",
    TransitionKind.RETURNED: "work.returned",
    TransitionKind.PARKED: "work.parked",
    TransitionKind.QUEUED: "work.queued",
    TransitionKind.CLOSED: "work.closed",
    TransitionKind.CANCELLED: "work.cancelled",
}


def offer(transaction: Transaction, command: OfferCase) -> Reply:
    """Offer the work to the named agents, or to the agent that routing selects, if any.

    Raises:
        UnknownIdError: No work or no agent has the id.
        TransitionError: The state of the work does not allow an offer, or one of the agents has an
            offer already, or its right has not opened yet and no override is given.
        ConflictError: A named agent is not eligible for it.
    """
    item = transaction.work.work_items.item(command.case)
    state, policy = item.state, transaction.routing.offers
    steps: list[offers.WorkCommand] = []
    if state.status is WorkStatus.PARKED:
        if (
            item.next_due_at is not None
            and item.next_due_at > transaction.at
            and command.override is None
        ):
            raise TransitionError(
                f"work `{command.case}` opens at `{text_of(item.next_due_at)}`",
                hint="wait, or offer it with an override",
            )
        steps.append(offers.Enqueue(step_id(command.id, "enqueue")))
    roster = _roster(transaction, item, command.agents)
    chosen = command.agents or _selected_agents(transaction, item, roster)
    if not chosen:
        transaction.changed = False
        return Reply(command=command.id, case=command.case, result=ReplyResult.NO_AGENT)
    steps.append(offers.Offer(step_id(command.id), chosen, command.override))
    caused = apply_steps(state, steps, transaction, policy)
    after = write_transition(transaction, item, caused, roster, routed=not command.agents)
    fences = {each.agent: each.fence for each in after.state.leases if each.agent in chosen}
    return Reply(command=command.id, case=command.case, result=ReplyResult.OFFERED, fences=fences)


def accept(transaction: Transaction, command: AcceptOffer) -> Reply:
    """Assign the work to the agent who accepts in time and under the fence of the offer.

    Their qualification is checked again, because the roster may have changed.

    Raises:
        ConflictError: The fence is stale, or the agent no longer meets groups, skills or
            obligations.
        TransitionError: The offer has ended.
        UnknownIdError: The agent has been removed.
    """
    step = offers.Accept(step_id(command.id), command.agent, command.fence)
    apply_to_work(transaction, transaction.work.work_items.item(command.case), step)
    return Reply(command=command.id, case=command.case, result=ReplyResult.ACCEPTED)


def decline(transaction: Transaction, command: DeclineOffer) -> Reply:
    """End the offer to the agent who declines it; raises what `accept` raises."""
    step = offers.Decline(step_id(command.id), command.agent, command.fence, command.reason)
    apply_to_work(transaction, transaction.work.work_items.item(command.case), step)
    return Reply(command=command.id, case=command.case, result=ReplyResult.DECLINED)


def transfer(transaction: Transaction, command: TransferCase) -> Reply:
    """Return the work to the queue for an agent other than its assignee.

    Raises:
        ConflictError: No agent has it under that fence.
        TransitionError: The state of the work does not allow a transfer.
    """
    item = transaction.work.work_items.item(command.case)
    assignee = item.state.assignee
    step = offers.AssigneeAction(
        step_id(command.id), offers.AssigneeActionKind.TRANSFER, command.fence
    )
    after = apply_to_work(transaction, item, step)
    if assignee is not None:
        excluded = attrs.evolve(
            after,
            work=attrs.evolve(after.work, excluded_agents=after.work.excluded_agents | {assignee}),
        )
        transaction.work.work_items.change(after, excluded)
    return Reply(command=command.id, case=command.case, result=ReplyResult.QUEUED)


def apply_to_work(transaction: Transaction, item: WorkItem, *steps: offers.WorkCommand) -> WorkItem:
    """Apply commands to a work item, in order, write it, and return it."""
    caused = apply_steps(item.state, steps, transaction, transaction.routing.offers)
    return write_transition(transaction, item, caused)


def write_transition(
    transaction: Transaction,
    item: WorkItem,
    caused: tuple[WorkState, tuple[offers.WorkEvent, ...]],
    roster: Roster | None = None,
    *,
    silent: AbstractSet[TransitionKind] = frozenset(),
    routed: bool = False,
) -> WorkItem:
    """Write the result of commands: state of the work, workloads of agents, messages.

    Args:
        transaction: The transaction.
        item: The work as it was read.
        caused: Its state after the commands, and their events.
        roster: The agents concerned, if they were read.
        silent: Kinds of events without a message.
        routed: Whether routing chose the agents of its offers, and no command named them.
    """
    state, events = caused
    selections = item.selections
    if any(each.kind in _CHANGES_CAPACITY and each.fence for each in events):
        agents = [each.agent for each in events if each.agent is not None]
        before = roster or _roster(transaction, item, agents)
        router = Router(before, transaction.routing)
        wanted = item.state.as_work(item.work, transaction.at, transaction.routing.offers)
        wanted = take_unstaffed_steps(wanted, before, transaction.at)
        selections += _selections(router, wanted, events, routed=routed)
        apply_reservations(router, wanted, events)
        transaction.work.roster.change(before, router.roster)
    due_at = state.next_change_at(transaction.routing.offers)
    after = attrs.evolve(item, state=state, next_due_at=due_at, selections=selections)
    if after != item:
        transaction.work.work_items.change(item, after)
    add_messages(transaction, item.id, [each for each in events if each.kind not in silent])
    return after


def _selections(
    router: Router, work: Work, events: Iterable[offers.WorkEvent], *, routed: bool
) -> tuple[AgentSelection, ...]:
    """Return why agents get the offers among the events, before the router has them."""
    found = []
    for each in events:
        if each.kind is not TransitionKind.OFFERED or each.agent is None:
            continue
        if routed:
            recorder = SelectionRecorder(router, each.at)
            found.append(recorder.record(work, each.agent, each.fence))
        else:
            override = each.command.override if isinstance(each.command, offers.Offer) else None
            named = AgentSelection(
                agent=each.agent, fence=each.fence, at=each.at, override=override
            )
            found.append(named)
    return tuple(found)


def add_messages(transaction: Transaction, work: str, events: Iterable[offers.WorkEvent]) -> None:
    """Add a message for each event that has a topic."""
    for each in events:
        topic = _TOPICS.get(each.kind)
        if topic is not None:
            more = {}
            if each.kind is TransitionKind.OFFERED and isinstance(each.command, offers.Offer):
                more = _overridden(each.command.override)
            transaction.add_message(
                topic, work, agent=each.agent, fence=each.fence or None, until=each.until, **more
            )


def _overridden(override: AssignmentOverride | None) -> dict[str, object]:
    return {} if override is None else {"override": attrs.asdict(override)}


def step_id(command: str, step: str = "main") -> str:
    """Return the id of one step of a desk command among the commands of a work item."""
    return key("desk", command, step)


def apply_steps(
    state: WorkState,
    steps: Iterable[offers.WorkCommand],
    transaction: Transaction,
    policy: OfferPolicy,
) -> tuple[WorkState, tuple[offers.WorkEvent, ...]]:
    """Return the state after commands, in order, and their events."""
    events: list[offers.WorkEvent] = []
    for step in steps:
        state, caused = apply_command(state, step, transaction.at, policy)
        events += caused
    return state, tuple(events)


def _roster(transaction: Transaction, item: WorkItem, agents: Iterable[str]) -> Roster:
    """Return the agents of the item's group, or all agents if one of `agents` is not in it."""
    roster = transaction.work.roster.roster([item.group])
    return (
        roster
        if all(each in roster.agents for each in agents)
        else transaction.work.roster.roster()
    )


def _selected_agents(transaction: Transaction, item: WorkItem, roster: Roster) -> tuple[str, ...]:
    state, policy = item.state, transaction.routing.offers
    wanted = state.as_work(item.work, transaction.at, policy)
    wanted = take_unstaffed_steps(wanted, roster, transaction.at)
    answer = Router(roster, transaction.routing).route(wanted, transaction.at)
    return (answer.agent,) if isinstance(answer, Assigned) else ()
