"""Commands about records of service as values, each with an id that makes it safe to repeat."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Final, TypeAlias, final

import attrs

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.notices import Notice
from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.aftersales.surveys import SurveyRules
from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.billing.work.work_logs import WorkLog
from entitlements.calendars.timeline.zones import zone_name
from entitlements.contracts.dates.day_boundaries import check_day
from entitlements.kernel.converters import enum_member, instance_of, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, identifier_or_key, optional_identifier
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.ports.service_records.service_record import RecordKind


class RecordCommandKind(TextEnum):
    """The kinds of commands about records of service."""

    LOG_WORK = "log_work"
    CORRECT_WORK = "correct_work"
    RECORD_OUTAGE = "record_outage"
    PLAN_MAINTENANCE = "plan_maintenance"
    REQUEST_SURVEY = "request_survey"
    ANSWER_SURVEY = "answer_survey"
    RECORD_COMPLAINT = "record_complaint"
    SEND_NOTICE = "send_notice"
    ACKNOWLEDGE_NOTICE = "acknowledge_notice"
    RETRACT_RECORD = "retract_record"
    RECORD_FIGURE = "record_figure"
    CLAIM_CREDIT = "claim_credit"
    ISSUE_STATEMENT = "issue_statement"


RETRACTABLE: Final = frozenset(
    {RecordKind.WORK_LOG, RecordKind.OUTAGE, RecordKind.MAINTENANCE, RecordKind.COMPLAINT}
)
"""Kinds of records that can be taken back; what a customer got or said stays."""


def _new_log(value: WorkLog) -> WorkLog:
    if instance_of(WorkLog, value).recorded is not None or value.retracted:
        raise InvalidValueError(
            f"work log `{value.id}` says when it was recorded, or that it is retracted",
            hint="the desk dates what it records, and `RetractRecord` takes it back",
            path="log",
        )
    return value


def _outage(value: Outage) -> Outage:
    return instance_of(Outage, value)


def _window(value: MaintenanceWindow) -> MaintenanceWindow:
    return instance_of(MaintenanceWindow, value)


def _rules(value: SurveyRules) -> SurveyRules:
    return instance_of(SurveyRules, value)


def _complaint(value: Complaint) -> Complaint:
    return instance_of(Complaint, value)


def _notice(value: Notice) -> Notice:
    return instance_of(Notice, value)


def _retractable(value: RecordKind | str) -> RecordKind:
    kind = enum_member(RecordKind, value)
    if kind not in RETRACTABLE:
        known = ", ".join(sorted(RETRACTABLE))
        raise InvalidValueError(f"a {kind} cannot be retracted", hint=f"only {known}")
    return kind


def _figure(value: MeasuredFigure) -> MeasuredFigure:
    return instance_of(MeasuredFigure, value)


def optional_zone(value: str | None) -> str | None:
    """Return the name of a time zone, or None.

    Raises:
        InvalidValueError: There is no such zone.
    """
    return None if value is None else zone_name(value)


@final
@attrs.frozen(kw_only=True)
class LogWork:
    """Record work on a case.

    >>> log = WorkLog(id="W-1", case="R-1", agent="ada", start="2026-03-27T16:00Z",
    ...               end="2026-03-27T17:30Z")
    >>> LogWork(id="k-1", log=log).case
    'R-1'
    """

    kind: ClassVar[RecordCommandKind] = RecordCommandKind.LOG_WORK
    id: str = attrs.field(converter=identifier)
    log: WorkLog = attrs.field(converter=_new_log)

    @property
    def case(self) -> str:
        """Id of the case on which the work was done."""
        return self.log.case


@final
@attrs.frozen(kw_only=True)
class CorrectWork:
    """Correct work that was recorded before under the id of the log.

    >>> log = WorkLog(id="W-1", case="R-1", agent="ada", start="2026-03-27T16:00Z",
    ...               end="2026-03-27T17:00Z")
    >>> CorrectWork(id="k-2", log=log).kind.value
    'correct_work'
    """

    kind: ClassVar[RecordCommandKind] = RecordCommandKind.CORRECT_WORK
    id: str = attrs.field(converter=identifier)
    log: WorkLog = attrs.field(converter=_new_log)

    @property
    def case(self) -> str:
        """Id of the case on which the work was done."""
        return self.log.case


@final
@attrs.frozen(kw_only=True)
class RecordOutage:
    """Record that a service is or was down, or what is known of it later, such as its end.

    >>> down = Outage(id="O-1", service="db", start="2026-03-02T09:00Z")
    >>> RecordOutage(id="k-1", outage=down).outage.service
    'db'
    """

    kind: ClassVar[RecordCommandKind] = RecordCommandKind.RECORD_OUTAGE
    id: str = attrs.field(converter=identifier)
    outage: Outage = attrs.field(converter=_outage)


@final
@attrs.frozen(kw_only=True)
class PlanMaintenance:
    """Record planned maintenance, or another time for it.

    >>> window = MaintenanceWindow(id="M-1", start="2026-03-02T01:00Z", end="2026-03-02T03:00Z")
    >>> PlanMaintenance(id="k-1", window=window).window.id
    'M-1'
    """

    kind: ClassVar[RecordCommandKind] = RecordCommandKind.PLAN_MAINTENANCE
    id: str = attrs.field(converter=identifier)
    window: MaintenanceWindow = attrs.field(converter=_window)


@final
@attrs.frozen(kw_only=True)
class RequestSurvey:
    """Ask the contact of a case for an answer, unless the rules say that no survey is sent.

    Attributes:
        case: Id of the case.
        rules: When customers are asked, and for what.

    >>> RequestSurvey(id="k-1", case="R-1").rules.kind.value
    'csat'
    """

    kind: ClassVar[RecordCommandKind] = RecordCommandKind.REQUEST_SURVEY
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    rules: SurveyRules = attrs.field(factory=SurveyRules, converter=_rules)


@final
@attrs.frozen(kw_only=True)
class AnswerSurvey:
    """Record the answer to the survey of a case.

    Attributes:
        case: Id of the case.
        score: The answer, on the scale of the survey; None if the customer declined to answer.

    >>> AnswerSurvey(id="k-2", case="R-1", score=5).score
    5
    """

    kind: ClassVar[RecordCommandKind] = RecordCommandKind.ANSWER_SURVEY
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    score: int | None = attrs.field()

    @score.validator
    def _is_a_score(self, _: attrs.Attribute[int | None], score: int | None) -> None:
        if score is not None:
            whole_number(score, "score")


@final
@attrs.frozen(kw_only=True)
class RecordComplaint:
    """Record a complaint, or what became of it later.

    >>> late = Complaint(id="B-1", customer="acme", received="2026-03-02T09:00Z")
    >>> RecordComplaint(id="k-1", complaint=late).complaint.customer
    'acme'
    """

    kind: ClassVar[RecordCommandKind] = RecordCommandKind.RECORD_COMPLAINT
    id: str = attrs.field(converter=identifier)
    complaint: Complaint = attrs.field(converter=_complaint)


@final
@attrs.frozen(kw_only=True)
class SendNotice:
    """Send a notice through the outbox, and enter it into the register; each notice is sent once.

    >>> notice = Notice(kind="expiry", customer="acme", subject="C-1", effective=date(2026, 12, 31),
    ...                 send_by=date(2026, 11, 30))
    >>> SendNotice(id="k-1", notice=notice).notice.customer
    'acme'
    """

    kind: ClassVar[RecordCommandKind] = RecordCommandKind.SEND_NOTICE
    id: str = attrs.field(converter=identifier)
    notice: Notice = attrs.field(converter=_notice)


@final
@attrs.frozen(kw_only=True)
class AcknowledgeNotice:
    """Record that a customer has confirmed a notice; the first confirmation stays.

    Attributes:
        notice: Id of the notice.

    >>> AcknowledgeNotice(id="k-2", notice="N-1").notice
    'N-1'
    """

    kind: ClassVar[RecordCommandKind] = RecordCommandKind.ACKNOWLEDGE_NOTICE
    id: str = attrs.field(converter=identifier)
    notice: str = attrs.field(converter=identifier_or_key)


@final
@attrs.frozen(kw_only=True)
class RetractRecord:
    """Take back a work log, an outage, maintenance or a complaint that was recorded by mistake.

    Attributes:
        of: What kind of record it is.
        record: Id of what was recorded.

    >>> RetractRecord(id="k-3", of="work_log", record="W-1").of.value
    'work_log'
    """

    kind: ClassVar[RecordCommandKind] = RecordCommandKind.RETRACT_RECORD
    id: str = attrs.field(converter=identifier)
    of: RecordKind = attrs.field(converter=_retractable)
    record: str = attrs.field(converter=identifier)


@final
@attrs.frozen(kw_only=True)
class RecordFigure:
    """Record what was measured of a service, or a better figure: the credits follow from it.

    Attributes:
        customer: Whose contract line it is about.
        figure: The figure of a contract line, credit schedule and period.

    >>> figure = MeasuredFigure(contract="C-1", line="main", schedule="uptime",
    ...                         start=date(2026, 2, 1), figure=99)
    >>> RecordFigure(id="k-4", customer="acme", figure=figure).figure.schedule
    'uptime'
    """

    kind: ClassVar[RecordCommandKind] = RecordCommandKind.RECORD_FIGURE
    id: str = attrs.field(converter=identifier)
    customer: str = attrs.field(converter=identifier)
    figure: MeasuredFigure = attrs.field(converter=_figure)


@final
@attrs.frozen(kw_only=True)
class ClaimCredit:
    """Claim a service credit for a customer.

    Attributes:
        customer: Who claims it.
        credit: Id of the credit, such as `uptime 2026-02-01 of C-1 main`.

    >>> ClaimCredit(id="k-4", customer="acme", credit="uptime 2026-02-01 of C-1 main").customer
    'acme'
    """

    kind: ClassVar[RecordCommandKind] = RecordCommandKind.CLAIM_CREDIT
    id: str = attrs.field(converter=identifier)
    customer: str = attrs.field(converter=identifier)
    credit: str = attrs.field(converter=identifier)


@final
@attrs.frozen(kw_only=True)
class IssueStatement:
    """Issue the statement of a customer for a period; it never changes from then on.

    Attributes:
        customer: Who pays.
        start: The first day of the period.
        end: The first day after it.
        statement: Names the statement; the customer and the first day if None.
        zone: The zone of the two days; that of the first contract if None.

    >>> IssueStatement(id="k-5", customer="acme", start=date(2026, 3, 1), end=date(2026, 4, 1)).name
    'acme 2026-03-01'

    Raises:
        InvalidValueError: The period is empty.
    """

    kind: ClassVar[RecordCommandKind] = RecordCommandKind.ISSUE_STATEMENT
    id: str = attrs.field(converter=identifier)
    customer: str = attrs.field(converter=identifier)
    start: date
    end: date
    statement: str | None = attrs.field(default=None, converter=optional_identifier)
    zone: str | None = attrs.field(default=None, converter=optional_zone)

    def __attrs_post_init__(self) -> None:
        for day in (self.start, self.end):
            check_day(instance_of(date, day), "a day of the period")
        if self.end <= self.start:
            raise InvalidValueError(
                f"the period ends on `{self.end}`, not after `{self.start}`", path="end"
            )

    @property
    def name(self) -> str:
        """The id of the statement."""
        return self.statement or f"{self.customer} {self.start}"


RecordCommand: TypeAlias = (
    LogWork
    | CorrectWork
    | RecordOutage
    | PlanMaintenance
    | RequestSurvey
    | AnswerSurvey
    | RecordComplaint
    | SendNotice
    | AcknowledgeNotice
    | RetractRecord
    | RecordFigure
    | ClaimCredit
    | IssueStatement
)
