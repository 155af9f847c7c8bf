"""Adoption of a case that was opened elsewhere: its events and terms, without a decision."""

from __future__ import annotations

from datetime import datetime

import attrs

from entitlements.contracts.account import Account
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.ids import key
from entitlements.kernel.instants import to_micros
from entitlements.ports.records import Case, FrozenTerms, WorkItem
from entitlements.ports.rules.chain_links import next_link
from entitlements.routing.offers.command_events import apply_command
from entitlements.routing.offers.lifecycle import Enqueue
from entitlements.routing.offers.work_state import WorkState
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.work import Work
from entitlements.service.audit.adoption_record import ADOPTED, Adoption, adoption_text
from entitlements.service.audit.decision_record import DecisionInputs, record_body
from entitlements.service.caches.catalog_cache import CompiledEdition
from entitlements.service.cases.admission import decision_inputs
from entitlements.service.cases.case_commands import (
    OPEN_STATUSES,
    check_reported,
    earliest_due,
    ended_at,
)
from entitlements.service.cases.deadline_alerts import deadline_alerts, read_clocks
from entitlements.service.commands.commands import AdoptCase
from entitlements.service.commands.replies import Reply, ReplyResult
from entitlements.service.transaction import Transaction
from entitlements.sla.case_history.history import History
from entitlements.sla.measurement import Measurement
from entitlements.sla.milestones import Milestone


def adopt(transaction: Transaction, command: AdoptCase) -> Reply:
    """Open the case with its events, under the terms of the contract line at its opening.

    Raises:
        DuplicateIdError: A case with the request's id was opened before.
        UnknownIdError: The customer has no such contract line, or the catalog has no such group.
        TransitionError: An event is dated later than the instant of the command by more than
            `DeskRules.clock_skew`.
        InvalidValueError: An event has the id of one that a sync makes.
    """
    for event in command.events:
        check_reported(transaction, event)
    edition = transaction.catalogs.latest(transaction.work)
    transaction.edition(edition.number)
    history, opened = History(command.events), History(command.events).events[0].at
    account = transaction.work.accounts.account(command.request.customer)
    if account is None:
        raise UnknownIdError("customer", command.request.customer)
    plain = Case(
        request=command.request,
        opened=opened,
        terms=terms_at_opening(edition, account, command.contract, command.line, opened),
        events=history.events,
        recorded=[transaction.at for _ in history.events],
    )
    policy, others = edition.policy(plain.terms), edition.others(plain)
    measured, next_due_at = read_clocks(plain, policy, transaction.at, others=others)
    case = attrs.evolve(
        plain,
        closed=ended_at(history),
        next_due_at=next_due_at,
        alerts_sent={each.name for each in deadline_alerts(measured)},
        status=measured.status,
        severity=measured.severity,
        due=earliest_due(measured),
    )
    transaction.work.cases.open(case)
    if command.group is not None and measured.status in OPEN_STATUSES:
        _queue(transaction, edition, case, command.group, measured)
    transaction.add_message(
        "case.adopted", case.id, customer=case.customer, status=measured.status.value
    )
    inputs = decision_inputs(transaction, edition, account, command.request)
    stated = Adoption(
        contract=command.contract, line=command.line, by=command.by, origin=command.origin
    )
    _record(transaction, inputs, adoption_text(stated, case.events, case.terms, measured))
    return Reply(command=command.id, case=case.id, result=ReplyResult.ADOPTED)


def _record(transaction: Transaction, inputs: DecisionInputs, outcome: str) -> None:
    """Add the adoption to the chain of decisions, which is locked last."""
    decisions = transaction.work.decisions
    link = next_link(
        transaction.work.tenant,
        decisions.head(),
        at=transaction.at,
        kind=ADOPTED,
        subject=inputs.request.id,
        body=record_body(inputs, outcome),
    )
    decisions.append(link)


def terms_at_opening(
    edition: CompiledEdition, account: Account, contract: str, line: str, opened: datetime
) -> FrozenTerms:
    """Return the terms of a contract line at an instant.

    Raises:
        UnknownIdError: The customer has no such contract line.
    """
    for history in edition.engine.decider(account.customer, account).histories:
        if (history.contract.id, history.line) == (contract, line):
            terms, plan = history.line_terms.at(to_micros(opened))
            return FrozenTerms(
                edition=edition.number,
                contract=contract,
                line=terms.id,
                policy=plan.policy,
                calendars=terms.calendars,
                plan=plan.id,
                plan_version=plan.version,
            )
    raise UnknownIdError("contract line", f"{contract} {line}")


def _queue(
    transaction: Transaction,
    edition: CompiledEdition,
    case: Case,
    group: str,
    measured: Measurement,
) -> None:
    """Put the work into the queue of a group, with the rank and deadline that it has now."""
    if all(each.id != group for each in edition.engine.facts.catalog.groups):
        raise UnknownIdError("group", group)
    request, first = case.request, Milestone.FIRST_RESPONSE.value
    work = Work(
        id=case.id,
        opened=case.opened,
        rank=edition.rank(case.terms, measured.severity or request.severity or ""),
        due=measured[first].due if first in measured else None,
        requires=Requirement(groups=[group], skills=request.skills, channel=request.channel),
        relaxation=transaction.routing.relaxation,
    )
    offers = transaction.routing.offers
    enqueue = Enqueue(key("adoption", "enqueue"))
    state, _ = apply_command(WorkState(work=case.id), enqueue, transaction.at, offers)
    due_at = state.next_change_at(offers)
    item = WorkItem(work=work, group=group, state=state, next_due_at=due_at)
    transaction.work.work_items.add(item)
