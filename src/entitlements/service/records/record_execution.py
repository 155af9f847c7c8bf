"""Execution of commands about records of service, each by what carries it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from entitlements.kernel.errors import UnknownIdError
from entitlements.ports.service_records.service_record import RecordKind
from entitlements.ports.store import UnitOfWork
from entitlements.service.commands.record_commands import (
    AcknowledgeNotice,
    AnswerSurvey,
    ClaimCredit,
    CorrectWork,
    IssueStatement,
    LogWork,
    PlanMaintenance,
    RecordCommand,
    RecordComplaint,
    RecordFigure,
    RecordOutage,
    RequestSurvey,
    RetractRecord,
    SendNotice,
)
from entitlements.service.commands.replies import Reply
from entitlements.service.records.after_sales import (
    acknowledge_notice,
    answer_survey,
    plan_maintenance,
    record_complaint,
    record_outage,
    request_survey,
    retract_record,
    send_notice,
)
from entitlements.service.records.recording import known_value
from entitlements.service.records.statements import (
    claim_credit,
    issue_statement,
    record_figure,
)
from entitlements.service.records.work import correct_work, log_work
from entitlements.service.transaction import Transaction

EXECUTED_BY: Final[Mapping[type, Callable[[Transaction, Any], Reply]]] = {
    LogWork: log_work,
    CorrectWork: correct_work,
    RecordOutage: record_outage,
    PlanMaintenance: plan_maintenance,
    RequestSurvey: request_survey,
    AnswerSurvey: answer_survey,
    RecordComplaint: record_complaint,
    SendNotice: send_notice,
    AcknowledgeNotice: acknowledge_notice,
    RetractRecord: retract_record,
    RecordFigure: record_figure,
    ClaimCredit: claim_credit,
    IssueStatement: issue_statement,
}
"""What carries out each kind of command."""


def execute_record_command(transaction: Transaction, command: RecordCommand) -> Reply:
    """Carry out a command about records of service."""
    return EXECUTED_BY[type(command)](transaction, command)


def customers_of(work: UnitOfWork, command: RecordCommand) -> set[str]:
    """Return the customers whom a command is about, as far as they are known before it."""
    found = set[str | None]()
    with suppress(UnknownIdError):  # the case is opened by a command before this one
        found.add(_customer(work, command))
    if isinstance(command, CorrectWork):
        with suppress(UnknownIdError):  # it may have been logged on a case of another customer
            found.add(known_value(work, RecordKind.WORK_LOG, command.log.id).customer)
    return {each for each in found if each is not None}


def _customer(work: UnitOfWork, command: RecordCommand) -> str | None:
    match command:
        case RecordOutage() | PlanMaintenance():
            return None
        case RecordComplaint(complaint=about) | SendNotice(notice=about):
            return about.customer
        case RecordFigure() | ClaimCredit() | IssueStatement():
            return command.customer
        case AcknowledgeNotice(notice=id):
            return known_value(work, RecordKind.NOTICE, id).customer
        case RetractRecord(of=kind, record=id):
            return known_value(work, kind, id).customer
        case LogWork() | CorrectWork() | RequestSurvey() | AnswerSurvey():
            return work.cases.case(command.case).customer
