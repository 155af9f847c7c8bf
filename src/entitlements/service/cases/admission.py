"""Admission of a request: decision, reserved units, case, work item and audit record.

All of it is written in one transaction, or nothing is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

import attrs

from entitlements.access.decider import AccountDecider
from entitlements.access.decision import Decision, Deferred, Denied, Granted
from entitlements.access.promise import Entitlement
from entitlements.calendars.timeline.zones import tz_release
from entitlements.contracts.account import Account, OpenCase
from entitlements.contracts.allowances.allowance import ConsumptionMoment
from entitlements.contracts.ledger.entries import Entry, Reserve
from entitlements.engine.assessment import Assessment
from entitlements.kernel.data.digests import plain_text
from entitlements.kernel.errors import StaleReadError, TransitionError, UnknownIdError
from entitlements.kernel.ids import key
from entitlements.kernel.instants import from_micros_or_none, to_micros
from entitlements.kernel.requests import Request
from entitlements.ports.admissions import Admission, AdmissionFacts
from entitlements.ports.records import Case, ExecutedCommand, FrozenTerms, WorkItem
from entitlements.routing.offers.command_events import apply_command
from entitlements.routing.offers.lifecycle import Enqueue, Park
from entitlements.routing.offers.work_state import WorkState
from entitlements.routing.work.queue_limits import QueueChoice
from entitlements.service.audit.decision_record import (
    DecisionInputs,
    considered_cases,
    record_body,
)
from entitlements.service.audit.outcome import outcome_text
from entitlements.service.caches.catalog_cache import CompiledEdition
from entitlements.service.cases.queue_limits import for_group, queue_of_new_work
from entitlements.service.cases.units import consumption
from entitlements.service.commands.commands import AdmitRequest
from entitlements.service.commands.replies import Reply, ReplyResult
from entitlements.service.transaction import Transaction
from entitlements.sla.case_history.events import opening_event

KIND: Final = "admit"
_ENQUEUE: Final = Enqueue(key("admission", "enqueue"))
_PARK: Final = Park(key("admission", "park"))


def admit(
    transaction: Transaction,
    command: AdmitRequest,
    facts: AdmissionFacts,
    executed: Callable[[Reply], ExecutedCommand],
) -> tuple[Reply, Admission]:
    """Decide about the request at the transaction's instant; return the reply and what to write.

    Args:
        transaction: The transaction.
        command: The command.
        facts: What the decision is made from.
        executed: Returns the record of the command with this reply.

    Raises:
        TransitionError: Its units can no longer be reserved at that instant.
        UnknownIdError: The tenant has no catalog.
    """
    if not facts.edition:
        error = UnknownIdError("tenant with a catalog", transaction.work.tenant)
        error.hint = "correct the id, or load documents for it first"
        raise error
    request, account = command.request, facts.account
    edition = transaction.edition(facts.edition)
    answer = edition.engine.assess(request, transaction.at, account=account)
    result, text = _result(answer.decision), outcome_text(answer)
    reply = Reply(command=command.id, case=request.id, result=result, text=text)
    opened = _Opened()
    if reply.accepted and account is not None:
        opened = _opened(transaction, edition, account, answer)
    named = f'"case":{plain_text(request.id)},"customer":{plain_text(request.customer)}'
    transaction.add_text(f"case.{result}", f'{{{named},"decision":{text}}}', request.id)
    return reply, Admission(
        facts=facts,
        customer=request.customer,
        kind=KIND,
        subject=request.id,
        body=record_body(decision_inputs(transaction, edition, account, request), text),
        done=executed(reply),
        entries=opened.entries,
        case=opened.case,
        item=opened.item,
        messages=transaction.take_messages(),
    )


class _Opened(NamedTuple):
    """What an accepted request opens; nothing for others."""

    entries: tuple[Entry, ...] = ()
    case: Case | None = None
    item: WorkItem | None = None


def _opened(
    transaction: Transaction, edition: CompiledEdition, account: Account, answer: Assessment
) -> _Opened:
    proposed = answer.entries  # at most one
    charge = answer.charge
    moment = charge.consumption if charge is not None and proposed else None
    decider = edition.engine.decider(account.customer, account)
    entries: tuple[Entry, ...] = ()
    for wanted in proposed:
        entries = _reserved_units(transaction, decider, answer, wanted, moment)
    case = _opened_case(transaction, edition, answer, moment)
    return _Opened(entries, case, _queued_work(transaction, edition, answer))


def _result(decision: Decision) -> ReplyResult:
    match decision:
        case Denied():
            return ReplyResult.DENIED
        case Granted() | Deferred() if decision.charge.consent_needed:
            # Paying for it needs consent, so nothing is opened: the caller asks again with it.
            return ReplyResult.CONSENT_NEEDED
        case Granted():
            return ReplyResult.GRANTED
        case Deferred():
            return ReplyResult.DEFERRED


def decision_inputs(
    transaction: Transaction, edition: CompiledEdition, account: Account | None, request: Request
) -> DecisionInputs:
    """Return what is recorded of the facts from which a request is decided, or a case adopted."""
    at, catalogs = transaction.at, transaction.catalogs
    asset, cases, (records, last) = None, tuple[OpenCase, ...](), catalogs.records(account)
    if account is not None:
        if request.asset is not None:
            asset = next((each for each in account.assets if each.id == request.asset), None)
        limited = edition.engine.decider(account.customer, account).limited_lines
        cases = considered_cases(account, request, at, limited)
    return DecisionInputs(
        request=request,
        at=at,
        known_at=max(at, last),
        edition=edition.number,
        ledger=0 if account is None else len(account.ledger),
        cases=cases,
        asset=asset,
        catalog=edition.digest,
        account=records,
        entries=catalogs.entries_digest(account),
        zone_data=tz_release(),
    )


def _reserved_units(
    transaction: Transaction,
    decider: AccountDecider,
    answer: Assessment,
    wanted: Reserve,
    moment: ConsumptionMoment | None,
) -> tuple[Entry, ...]:
    """Return the entries that reserve what the decision proposes, or consume it at the opening."""
    assert not isinstance(answer.decision, Denied)  # noqa: S101 - only after acceptance
    at, holds = transaction.at, transaction.rules.holds
    ledger = decider.ledger_of(answer.decision.promise, to_micros(at))
    head = len(ledger)
    lasting = wanted if holds is None else attrs.evolve(wanted, duration=holds)
    try:
        ledger = consumption.reserve_units(ledger, lasting, at)
    except TransitionError as error:
        if not transaction.present:
            raise
        # Others have used the units while this transaction waited for them.
        raise StaleReadError(error.message, field="at", hint=error.hint) from error
    if moment is ConsumptionMoment.OPENING:
        ledger = consumption.consume_units(ledger, answer.request.id, at).ledger
    return ledger.entries_after(head)


def _opened_case(
    transaction: Transaction,
    edition: CompiledEdition,
    answer: Assessment,
    moment: ConsumptionMoment | None,
) -> Case:
    assert not isinstance(answer.decision, Denied)  # noqa: S101 - only after acceptance
    assert answer.deadlines is not None  # noqa: S101 - as above
    promise, at, holds = answer.decision.entitlement, transaction.at, transaction.rules.holds
    next_due_at = from_micros_or_none(answer.deadlines.next_change)
    dues = [each for each in answer.deadlines.due_instants if each is not None]
    if holds is not None and moment not in {None, ConsumptionMoment.OPENING}:
        next_due_at = min(at + holds, next_due_at or at + holds)
    return Case(
        request=answer.request,
        opened=at,
        terms=_frozen_terms(edition.number, promise, moment),
        events=(opening_event(answer.request, at),),
        recorded=(at,),
        next_due_at=next_due_at,
        severity=answer.request.severity,
        due=from_micros_or_none(min(dues, default=None)),
    )


@lru_cache(maxsize=8_192)
def _frozen_terms(
    edition: int, promise: Entitlement, moment: ConsumptionMoment | None
) -> FrozenTerms:
    return FrozenTerms(
        edition=edition,
        contract=promise.contract,
        line=promise.line,
        policy=promise.policy,
        calendars=dict(promise.calendars),
        plan=promise.plan,
        plan_version=promise.plan_version,
        consumption=moment,
    )


def _queued_work(
    transaction: Transaction, edition: CompiledEdition, answer: Assessment
) -> WorkItem:
    """Return the work, in the queue of its group, or of the group to which that queue overflows.

    Deferred work is parked until its right opens, without limits, and work for which no queue has
    room until a person enqueues or offers it.
    """
    assert not isinstance(answer.decision, Denied)  # noqa: S101 - only after acceptance
    task, group = edition.engine.work(answer), answer.decision.group
    state, offers = WorkState(work=task.id), transaction.routing.offers
    opens_at = answer.decision.opens_at if isinstance(answer.decision, Deferred) else None
    choice = QueueChoice(group)
    if opens_at is None:
        choice = queue_of_new_work(transaction, group, answer.request.customer)
        if choice.group not in {None, group}:
            group = choice.group or group
            task = for_group(task, group)
    commands: list[Enqueue | Park] = [_ENQUEUE]
    if opens_at is not None or choice.group is None:
        commands.append(_PARK)
    for each in commands:
        state, _ = apply_command(state, each, transaction.at, offers)
    due_at = opens_at or state.next_change_at(offers)
    if choice.refused:
        refused = {name: [str(each) for each in limits] for name, limits in choice.refused}
        transaction.add_message(
            "queue.full", task.id, group=choice.group, refused=refused, parked=choice.group is None
        )
    return WorkItem(work=task, group=group, state=state, next_due_at=due_at)
