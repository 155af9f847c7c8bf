"""Commands about an open case: record an event, resolve, reopen, cancel.

An event changes the clocks, the moment of consumption takes the units, an end closes the work. The
terms are those frozen at the opening, whatever was saved in the catalog later.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import attrs

from entitlements.contracts.allowances.allowance import ConsumptionMoment
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.line_history import LineHistory
from entitlements.kernel.errors import ConflictError, TooEarlyError, TransitionError, UnknownIdError
from entitlements.kernel.ids import optional_identifier
from entitlements.kernel.instants import text_of
from entitlements.kernel.periods.durations import format_duration
from entitlements.ports.records import Case, WorkItem
from entitlements.routing.offers import lifecycle as offers
from entitlements.routing.offers.lifecycle import AssigneeActionKind, WorkStatus
from entitlements.routing.work.work import Work
from entitlements.service.cases.agents.offer_commands import apply_to_work, step_id
from entitlements.service.cases.deadline_alerts import new_alerts, read_clocks
from entitlements.service.cases.severity_requests import refuse_severity
from entitlements.service.cases.units import consumption, settlement
from entitlements.service.commands.commands import CancelCase, RecordEvent, ReopenCase, ResolveCase
from entitlements.service.commands.replies import Reply, ReplyResult
from entitlements.service.transaction import Transaction
from entitlements.sla.case_history.events import ONE_CONDITION, Event, EventKind
from entitlements.sla.case_history.history import History
from entitlements.sla.case_history.lifecycle import CaseStatus
from entitlements.sla.measurement import Measurement
from entitlements.sla.milestones import Milestone

_FINISH_ACTIONS: Final = {
    WorkStatus.ACCEPTED: (AssigneeActionKind.START, AssigneeActionKind.FINISH),
    WorkStatus.PAUSED: (AssigneeActionKind.RESUME, AssigneeActionKind.FINISH),
    WorkStatus.IN_WORK: (AssigneeActionKind.FINISH,),
}
_MOVES_WORK: Final = frozenset(
    {EventKind.SEVERITY_CHANGED, EventKind.TERMS_CHANGED, *ONE_CONDITION}
)
OPEN_STATUSES: Final = frozenset({CaseStatus.OPEN, CaseStatus.PAUSED})
_WAITING: Final = frozenset(
    {WorkStatus.NEW, WorkStatus.QUEUED, WorkStatus.PARKED, WorkStatus.OFFERED}
)


def record_event(transaction: Transaction, command: RecordEvent) -> Reply:
    """Record an event, and what follows from it; or refuse the severity that a contact asks for.

    Raises:
        TransitionError: The state of the case does not allow the event, or it is dated later than
            the instant of the command by more than `DeskRules.clock_skew`.
        ConflictError: Another event of the case has its id.
        InvalidValueError: It has the id of an event that a sync makes.
    """
    case, event = transaction.work.cases.case(command.case), command.event
    check_reported(transaction, event)
    extended = _with_event(case, event, transaction.at)
    if extended is case:  # delivered before, under another command
        return Reply(command=command.id, case=case.id, result=ReplyResult.RECORDED)
    refused = refuse_severity(transaction, case, command, _severity(case))
    if refused is not None:
        return refused
    if event.kind is EventKind.CLOSED:
        extended = attrs.evolve(extended, closed=case.closed or event.at)
        finish_work(transaction, case.id, command.id)
    if event.kind in _MOVES_WORK:
        _update_work(transaction, extended)
    save_case(transaction, case, extended, used=None)
    transaction.add_message("case.event", case.id, kind=event.kind.value, happened=event.at)
    return Reply(command=command.id, case=case.id, result=ReplyResult.RECORDED)


def resolve(transaction: Transaction, command: ResolveCase) -> Reply:
    """Resolve a case: clocks stop, units are consumed, the work is finished.

    Raises:
        TransitionError: The case cannot be resolved now.
        TooEarlyError: The case has a later event, before which it cannot be resolved.
    """
    case = transaction.work.cases.case(command.case)
    extended = _with_new_event(case, Event.resolved(transaction.at, by=command.by), command.id)
    finish_work(transaction, case.id, command.id)
    save_case(transaction, case, attrs.evolve(extended, closed=transaction.at), used=command.used)
    transaction.add_message("case.resolved", case.id, by=command.by)
    return Reply(command=command.id, case=case.id, result=ReplyResult.RESOLVED)


def reopen(transaction: Transaction, command: ReopenCase) -> Reply:
    """Reopen a resolved case: clocks run, and the work is queued, preferring its last assignee.

    Raises:
        TransitionError: The case is not resolved.
        TooEarlyError: The case has a later event, before which it cannot be reopened.
    """
    case = transaction.work.cases.case(command.case)
    extended = _with_new_event(case, Event.reopened(transaction.at), command.id)
    save_case(transaction, case, attrs.evolve(extended, closed=None), used=None)
    queue_again(transaction, command.case, command.id)
    transaction.add_message("case.reopened", case.id)
    return Reply(command=command.id, case=case.id, result=ReplyResult.REOPENED)


def cancel(transaction: Transaction, command: CancelCase) -> Reply:
    """Cancel a case: units that it reserved or consumed are returned.

    Raises:
        TransitionError: The case cannot be cancelled now.
        TooEarlyError: The case has a later event, before which it cannot be cancelled.
    """
    case = transaction.work.cases.case(command.case)
    extended = _with_new_event(case, Event.cancelled(transaction.at), command.id)
    item = _item(transaction, case.id)
    if item is not None and item.state.status not in {
        WorkStatus.DONE,
        WorkStatus.CANCELLED,
    }:
        apply_to_work(transaction, item, offers.Cancel(step_id(command.id)))
    _return_units(transaction, case)
    save_case(transaction, case, attrs.evolve(extended, closed=transaction.at), used=None)
    transaction.add_message("case.cancelled", case.id)
    return Reply(command=command.id, case=case.id, result=ReplyResult.CANCELLED)


def save_case(transaction: Transaction, before: Case, after: Case, *, used: int | None) -> None:
    """Write a case back: add messages for new alerts, take units, set when it is next due."""
    edition = transaction.catalogs.edition(transaction.work, after.terms.edition)
    policy, others = edition.policy(after.terms), edition.others(after)
    measured, next_due_at = read_clocks(after, policy, transaction.at, others=others)
    alerts = new_alerts(before, measured)
    for each in alerts:
        transaction.add_message(
            f"clock.{each.kind}",
            after.id,
            milestone=each.milestone,
            cycle=each.cycle,
            number=each.number,
            at=each.at,
            due=each.due,
        )
    end = _consume_units(transaction, after, measured, used)
    instants = [each for each in (next_due_at, end) if each is not None]
    sent = before.alerts_sent | {each.name for each in alerts}
    written = attrs.evolve(
        after,
        alerts_sent=sent,
        next_due_at=min(instants, default=None),
        status=measured.status,
        severity=measured.severity,
        due=earliest_due(measured),
    )
    if written != before:
        transaction.work.cases.change(before, written)


def earliest_due(measured: Measurement) -> datetime | None:
    """Return the first deadline that is not over and does not move; None if there is none."""
    return next((each.due for each in measured.deadlines if not each.moves), None)


def ended_at(history: History) -> datetime | None:
    """Return since when the case has been resolved, closed or cancelled; None if it is open."""
    ended = None
    for _, event, status, _ in history.entries:
        if status in OPEN_STATUSES:
            ended = None
        elif ended is None:
            ended = event.at
    return ended


def check_reported(transaction: Transaction, event: Event) -> None:
    """Raise if a host cannot report an event: it is of the future, or looks made by a sync."""
    refuse_future(transaction, event.kind, event.at)
    # A sync corrects the events that it has made, and knows them by their ids.
    optional_identifier(event.id)


def refuse_future(transaction: Transaction, what: str, at: datetime) -> None:
    """Raise `TransitionError` if something is dated after the present by more than the skew."""
    ahead = at - transaction.at
    if ahead > transaction.rules.clock_skew:
        raise TransitionError(
            f"`{what}` cannot happen yet: it is dated `{format_duration(ahead)}` after "
            f"`{text_of(transaction.at)}`",
            hint="record an event when it happens, or correct the clock of its source",
        )


def _with_event(case: Case, event: Event, recorded: datetime) -> Case:
    history = History(case.events).record(event)
    return case if len(history) == len(case.events) else case.with_events([event], recorded)


def _with_new_event(case: Case, event: Event, command: str) -> Case:
    """Return the case with an event at the instant of its command, or raise if it is not possible.

    Raises:
        TooEarlyError: The case has an event after it, before which it cannot happen.
        TransitionError: The case does not allow it, or a command did it before.
    """
    try:
        extended = _with_event(case, event, event.at)
    except TransitionError as error:
        if any(each.at > event.at for each in case.events):
            raise TooEarlyError(
                f"command `{command}` for case `{case.id}` is dated too early: {error.message}",
                hint=error.hint,
            ) from None
        raise
    if extended is case:
        raise TransitionError(f"`{event.kind}` has already happened at that instant")
    return extended


def _consume_units(
    transaction: Transaction, case: Case, measured: Measurement, used: int | None
) -> datetime | None:
    """Consume units if they are due; return when a hold that is left ends."""
    moment = case.terms.consumption
    if moment is None or moment is ConsumptionMoment.OPENING:
        return None
    ledger = transaction.work.ledger.ledger(case.customer)
    after, unpaid = consumption.record_expiry(ledger, case.id, transaction.at), 0
    if _is_due(moment, case, measured):
        if _is_charged_by_work(transaction, case, after, used):
            after = settlement.released(after, case.id, transaction.at)
        else:
            after, unpaid = consumption.consume_units(
                after, case.id, transaction.at, used, lambda: _lines(transaction, case)
            )
    _append(transaction, case.customer, ledger, after)
    if len(after) > len(ledger) and settlement.counts_minutes(after, case.id):
        unpaid += settlement.settle_by_work(transaction, case.customer).get(case.id, 0)
    if unpaid:
        transaction.add_message("units.unpaid", case.id, amount=unpaid)
    return consumption.hold_end(after, case.id)


def _is_charged_by_work(
    transaction: Transaction, case: Case, ledger: Ledger, used: int | None
) -> bool:
    """Return whether the work logs of a case that holds minutes say how many it takes.

    Raises:
        ConflictError: `used` says something else.
    """
    if not settlement.counts_minutes(ledger, case.id):
        return False
    if not settlement.is_logged(transaction.work, case.customer, case.id):
        return False
    if used is not None:
        minutes = settlement.minutes_by_work(transaction, case.customer, case.id)
        if used != minutes:
            raise ConflictError(
                f"case `{case.id}` has used `{used}` minutes, and `{minutes}` by its work logs",
                field="used",
                hint="leave out `used`, or correct the logs",
            )
    return True


def _lines(transaction: Transaction, case: Case) -> tuple[LineHistory, ...]:
    """Return the customer's contract lines, from which plan grants are derived."""
    account = transaction.work.accounts.account(case.customer)
    if account is None:
        return ()
    return (
        transaction.catalogs.latest(transaction.work)
        .engine.decider(case.customer, account)
        .histories
    )


def _is_due(moment: ConsumptionMoment, case: Case, measured: Measurement) -> bool:
    kinds = {event.kind for _, event, _, _ in History(case.events).as_known(measured.at).entries}
    if EventKind.CANCELLED in kinds:
        return False
    if kinds & {EventKind.RESOLVED, EventKind.CLOSED}:
        return True
    if moment is not ConsumptionMoment.FIRST_RESPONSE:
        return False
    first = Milestone.FIRST_RESPONSE.value
    reached = first in measured and measured[first].completed_at is not None
    return reached or EventKind.RESPONDED in kinds


def _return_units(transaction: Transaction, case: Case) -> None:
    if case.terms.consumption is not None:
        ledger = transaction.work.ledger.ledger(case.customer)
        after = consumption.return_units(ledger, case.id, transaction.at)
        _append(transaction, case.customer, ledger, after)
        if len(after) > len(ledger) and settlement.counts_minutes(after, case.id):
            settlement.settle_by_work(transaction, case.customer)


def _append(transaction: Transaction, customer: str, before: Ledger, after: Ledger) -> None:
    if len(after) > len(before):
        transaction.work.ledger.append(customer, after.entries_after(len(before)), head=len(before))


def _item(transaction: Transaction, case: str) -> WorkItem | None:
    try:
        return transaction.work.work_items.item(case)
    except UnknownIdError:  # the host may have archived finished work
        return None


def finish_work(transaction: Transaction, case: str, command: str) -> None:
    """End the work of a case: finish it for its assignee, or cancel it if it has none."""
    item = _item(transaction, case)
    if item is None:
        return
    state = item.state
    actions = _FINISH_ACTIONS.get(state.status)
    if actions is not None:
        fence = state.assignee_fence
        steps = (offers.AssigneeAction(step_id(command, each), each, fence) for each in actions)
        apply_to_work(transaction, item, *steps)
    elif state.status in _WAITING:
        apply_to_work(transaction, item, offers.Cancel(step_id(command)))


def queue_again(transaction: Transaction, case: str, command: str) -> None:
    """Queue finished work again; its fence keeps rising, so old offers stay invalid."""
    item = _item(transaction, case)
    if item is None:
        return
    if item.state.status is WorkStatus.WRAPPING:
        close = offers.AssigneeAction(
            step_id(command, "close"), AssigneeActionKind.CLOSE, item.state.assignee_fence
        )
        item = apply_to_work(transaction, item, close)
    last, state = item.state.assignee, item.state
    again = attrs.evolve(
        item,
        work=_preferring(item, last),
        # Whatever ended the work has ended its offers, and queueing it counts refusals again.
        state=attrs.evolve(state, status=WorkStatus.NEW, assignee=None),
    )
    transaction.work.work_items.change(item, again)
    apply_to_work(transaction, again, offers.Enqueue(step_id(command)))


def _preferring(item: WorkItem, agent: str | None) -> Work:
    work = item.work
    if agent is None or agent in work.excluded_agents:
        return work
    return attrs.evolve(work, preferred_agents=((agent,), *work.preferred_agents))


def _update_work(transaction: Transaction, case: Case) -> None:
    """Give the queued work the rank and deadline of the case's new severity or terms."""
    item = _item(transaction, case.id)
    severity = _severity(case)
    if item is None:
        return
    edition = transaction.catalogs.edition(transaction.work, case.terms.edition)
    measured, _ = read_clocks(
        case, edition.policy(case.terms), transaction.at, others=edition.others(case)
    )
    first = Milestone.FIRST_RESPONSE.value
    due = measured[first].due if first in measured else None
    rank = item.work.rank if severity is None else edition.rank(case.terms, severity)
    work = attrs.evolve(item.work, rank=rank, due=due)
    if work != item.work:
        transaction.work.work_items.change(item, attrs.evolve(item, work=work))


def _severity(case: Case) -> str | None:
    severity = None
    for _, event, _, _ in History(case.events).entries:
        severity = event.severity or severity
    return severity
