"""Ticket sync: what a helpdesk says of a ticket's state becomes events of the case.

A state that is reported late may show that an event did not happen, or happened at another time.
Then the event is corrected, so that the case ends as if the states had come in their order.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import attrs

from entitlements.kernel.errors import TransitionError
from entitlements.kernel.ids import key, key_parts
from entitlements.ports.records import Case
from entitlements.service.cases.case_commands import (
    OPEN_STATUSES,
    ended_at,
    finish_work,
    queue_again,
    refuse_future,
    save_case,
)
from entitlements.service.commands.commands import SyncCase
from entitlements.service.commands.replies import Reply, ReplyResult
from entitlements.service.transaction import Transaction
from entitlements.sla.case_history.events import Event, EventKind
from entitlements.sla.case_history.history import History
from entitlements.sla.case_history.lifecycle import CaseStatus
from entitlements.sla.case_history.ticket_states import (
    ACTIVE,
    TicketStateChange,
    events_of_states,
)

_KEY: Final = "sync"
_FINAL: Final = frozenset({CaseStatus.CLOSED, CaseStatus.CANCELLED})
_TOPICS: Final = {EventKind.RESOLVED: "case.resolved", EventKind.REOPENED: "case.reopened"}


def sync(transaction: Transaction, command: SyncCase) -> Reply:
    """Record that the ticket of a case is in a state, and what follows from it.

    Raises:
        TransitionError: The case has ended for good and the ticket has not; or the state is dated
            later than the instant of the command by more than `DeskRules.clock_skew`.
    """
    case, at = transaction.work.cases.case(command.case), transaction.at
    refuse_future(transaction, f"state {command.state}", command.since or at)
    change = TicketStateChange(
        since=max(command.since or at, case.opened), state=command.state, reason=command.reason
    )
    reply = Reply(command=command.id, case=case.id, result=ReplyResult.RECORDED)
    if change in case.ticket_states:
        transaction.changed = False
        return reply
    new, before = _new_events(case, change, at), _status(case.events)
    if before is CaseStatus.CANCELLED and _status((*case.events, *new)) is not before:
        new = ()  # its units are given back, so that it stays cancelled, whatever arrives late
    if not new and command.since is None:
        transaction.changed = False
    history = History((*case.events, *new))
    after = history.entries[-1][2]
    states = sorted((*case.ticket_states, change), key=lambda each: each.order)
    if change.state in ACTIVE and after in _FINAL and states[-1] == change:
        raise TransitionError(
            f"the ticket is `{change.state}`, but case `{case.id}` is {after} for good",
            hint="open another case that follows it",
        )
    if not transaction.changed:
        return reply
    recorded = case.with_events(new, transaction.at)
    extended = attrs.evolve(recorded, ticket_states=states, closed=ended_at(history))
    _move_work(transaction, command, before, after)
    save_case(transaction, case, extended, used=None)
    _add_messages(transaction, case.id, new)
    return reply


def _status(events: tuple[Event, ...]) -> CaseStatus:
    return History(events).entries[-1][2]


def _new_events(case: Case, change: TicketStateChange, at: datetime) -> tuple[Event, ...]:
    """Return corrections of events that did not happen, and the events that happened instead."""
    corrected = {each.corrects for each in case.events}
    made = [each for each in case.events if _is_made(each.id)]
    others = [each for each in case.events if not _is_made(each.id or each.corrects)]
    valid = [each for each in made if each.id not in corrected]
    kept = [each for each in valid if each.at < change.since]
    later = {_content(each): each for each in valid if each.at >= change.since}
    states = [each for each in (*case.ticket_states, change) if each.since >= change.since]
    wanted = {_content(each): each for each in events_of_states([*others, *kept], states)}
    corrections = [
        Event.corrected(max(at, each.at), each.id or "")
        for content, each in later.items()
        if content not in wanted
    ]
    missing = [each for content, each in wanted.items() if content not in later]
    first = len(case.events) + 1
    named = [attrs.evolve(each, id=key(_KEY, n)) for n, each in enumerate(missing, start=first)]
    return (*corrections, *named)


def _is_made(id: str | None) -> bool:
    return id is not None and len(key_parts(id)) > 1 and key_parts(id)[0] == _KEY


def _content(event: Event) -> tuple[EventKind, datetime, str | None]:
    return event.kind, event.at, event.reason


def _move_work(
    transaction: Transaction, command: SyncCase, before: CaseStatus, after: CaseStatus
) -> None:
    if before in OPEN_STATUSES and after not in OPEN_STATUSES:
        finish_work(transaction, command.case, command.id)
    elif before not in OPEN_STATUSES and after in OPEN_STATUSES:
        queue_again(transaction, command.case, command.id)


def _add_messages(transaction: Transaction, case: str, new: tuple[Event, ...]) -> None:
    for each in new:
        topic = _TOPICS.get(each.kind)
        if topic is None:
            transaction.add_message("case.event", case, kind=each.kind.value, happened=each.at)
        elif each.kind is EventKind.RESOLVED:
            transaction.add_message(topic, case, by=None)
        else:
            transaction.add_message(topic, case)
