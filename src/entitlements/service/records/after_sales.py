"""Outages, maintenance, surveys, complaints and notices: recorded, answered, taken back."""

from __future__ import annotations

import attrs

from entitlements.aftersales.notices import Notice, SentNotice
from entitlements.aftersales.surveys import Survey, SurveyWithheld, decide_survey
from entitlements.billing.work.work_logs import WorkLog
from entitlements.kernel.data.digests import plain_text
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.ports.records import Case
from entitlements.ports.service_records.repository import every_record
from entitlements.ports.service_records.service_record import RecordFilter, RecordKind
from entitlements.service.cases.case_commands import refuse_future
from entitlements.service.cases.units.settlement import settle_by_work
from entitlements.service.commands.record_commands import (
    AcknowledgeNotice,
    AnswerSurvey,
    PlanMaintenance,
    RecordComplaint,
    RecordOutage,
    RequestSurvey,
    RetractRecord,
    SendNotice,
)
from entitlements.service.commands.replies import Reply, ReplyResult
from entitlements.service.records.record_bodies import (
    ComplaintBody,
    MaintenanceBody,
    NoticeAcknowledgedBody,
    NoticeSentBody,
    OutageBody,
    RecordRetractedBody,
    SurveyBody,
)
from entitlements.service.records.recording import add_record, known_value, send
from entitlements.service.transaction import Transaction


def record_outage(transaction: Transaction, command: RecordOutage) -> Reply:
    """Record that a service is or was down.

    Raises:
        TransitionError: It begins or ends later than the instant of the command.
    """
    outage = command.outage
    for at in (outage.start, outage.end):
        if at is not None:
            refuse_future(transaction, f"outage {outage.id}", at)
    add_record(transaction, outage, None)
    send(transaction, "outage.recorded", OutageBody(outage=outage))
    return _recorded(command.id)


def plan_maintenance(transaction: Transaction, command: PlanMaintenance) -> Reply:
    """Record for when maintenance is planned."""
    add_record(transaction, command.window, None)
    send(transaction, "maintenance.planned", MaintenanceBody(window=command.window))
    return _recorded(command.id)


def request_survey(transaction: Transaction, command: RequestSurvey) -> Reply:
    """Send the survey of a case, or say why none is sent.

    Raises:
        UnknownIdError: No case has the id.
    """
    case = transaction.work.cases.case(command.case)
    transaction.work.accounts.lock(case.customer)
    contact = case.request.contact
    decision = decide_survey(
        case.id,
        case.counted.resolved,
        _surveys(transaction, case, command),
        transaction.at,
        contact=contact,
        rules=command.rules,
    )
    if isinstance(decision, SurveyWithheld):
        transaction.changed = False
        reasons = plain_text(decision.reasons)
        return Reply(command=command.id, case=case.id, result=ReplyResult.WITHHELD, text=reasons)
    survey = attrs.evolve(decision, customer=case.customer)
    add_record(transaction, survey, case.customer)
    body = SurveyBody(case=case.id, customer=case.customer, survey=survey)
    send(transaction, "survey.requested", body, case.id)
    return _recorded(command.id, case.id)


def _surveys(transaction: Transaction, case: Case, command: RequestSurvey) -> list[Survey]:
    """Return the surveys of a case, and those of its customer that may keep it from another."""
    kept, since = transaction.work.service_records, transaction.at - command.rules.quiet
    recent = RecordFilter(kind=RecordKind.SURVEY, customer=case.customer, since=since)
    own = RecordFilter(kind=RecordKind.SURVEY, case=case.id)
    found = {each.id: each.value for wanted in (recent, own) for each in every_record(kept, wanted)}
    return [each for each in found.values() if isinstance(each, Survey)]


def answer_survey(transaction: Transaction, command: AnswerSurvey) -> Reply:
    """Record the answer to the survey of a case.

    Raises:
        UnknownIdError: The case had no survey.
        InvalidValueError: The score is not on the scale of the survey.
    """
    wanted = RecordFilter(kind=RecordKind.SURVEY, case=command.case)
    found = transaction.work.service_records.listed(wanted)
    if not found:
        raise UnknownIdError("survey of case", command.case)
    last, survey = found[-1], found[-1].value
    assert isinstance(survey, Survey)  # noqa: S101 - by its kind
    if command.score is None:
        answered = survey.as_dismissed(transaction.at)
    else:
        try:
            answered = survey.with_answer(command.score, transaction.at)
        except InvalidValueError as error:
            raise InvalidValueError(
                f"survey of case `{command.case}`: {error.message}", path=error.path
            ) from None
    add_record(transaction, answered, last.customer)
    body = SurveyBody(case=command.case, customer=last.customer, survey=answered)
    send(transaction, "survey.answered", body, command.case)
    return _recorded(command.id, command.case)


def record_complaint(transaction: Transaction, command: RecordComplaint) -> Reply:
    """Record a complaint, or what became of it.

    Raises:
        UnknownIdError: The customer has no account, or no case has the id.
        InvalidValueError: The case is another customer's.
        TransitionError: It was received, acknowledged or answered later than the command.
    """
    complaint, work = command.complaint, transaction.work
    work.accounts.lock(complaint.customer)
    for id in (complaint.case, complaint.correction):
        if id is not None and work.cases.case(id).customer != complaint.customer:
            raise InvalidValueError(
                f"complaint `{complaint.id}` of `{complaint.customer}` names case `{id}`, which is "
                "another customer's"
            )
    for at in (complaint.received, complaint.acknowledged, complaint.answered):
        if at is not None:
            refuse_future(transaction, f"complaint {complaint.id}", at)
    add_record(transaction, complaint, complaint.customer)
    send(transaction, "complaint.recorded", ComplaintBody(complaint=complaint), complaint.case)
    return _recorded(command.id, complaint.case)


def send_notice(transaction: Transaction, command: SendNotice) -> Reply:
    """Send a notice, unless it was sent before.

    Raises:
        UnknownIdError: The customer has no account.
    """
    transaction.work.accounts.lock(command.notice.customer)
    send_once(transaction, command.notice)
    return _recorded(command.id)


def send_once(transaction: Transaction, notice: Notice) -> bool:
    """Enter a notice into the register with its message, unless it is there; return whether.

    The account of the customer is locked.
    """
    if transaction.work.service_records.find(RecordKind.NOTICE, notice.id) is not None:
        return False
    sent = SentNotice(notice=notice, sent=transaction.at)
    add_record(transaction, sent, notice.customer)
    send(transaction, "notice.sent", NoticeSentBody(id=notice.id, notice=notice))
    return True


def acknowledge_notice(transaction: Transaction, command: AcknowledgeNotice) -> Reply:
    """Record that a customer has confirmed a notice; the first confirmation stays.

    Raises:
        UnknownIdError: No such notice was sent.
    """
    last = known_value(transaction.work, RecordKind.NOTICE, command.notice)
    sent = last.value
    assert isinstance(sent, SentNotice)  # noqa: S101 - by its kind
    if sent.acknowledged is None:
        at = transaction.at
        add_record(transaction, attrs.evolve(sent, acknowledged=at), last.customer)
        body = NoticeAcknowledgedBody(id=last.id, customer=last.customer, acknowledged=at)
        send(transaction, "notice.acknowledged", body)
    return _recorded(command.id)


def retract_record(transaction: Transaction, command: RetractRecord) -> Reply:
    """Take back what was recorded by mistake.

    Raises:
        UnknownIdError: There is no such record, or it was taken back before.
    """
    last = known_value(transaction.work, command.of, command.record)
    if last.customer is not None:
        transaction.work.accounts.lock(last.customer)
    add_record(transaction, last.value, last.customer, retracted=True)
    if isinstance(last.value, WorkLog) and last.customer is not None:
        settle_by_work(transaction, last.customer, last.value.case)
    body = RecordRetractedBody(kind=last.kind, id=last.id, customer=last.customer)
    send(transaction, "record.retracted", body, last.case)
    return _recorded(command.id, last.case)


def _recorded(command: str, case: str | None = None) -> Reply:
    return Reply(command=command, case=case or "", result=ReplyResult.RECORDED)
