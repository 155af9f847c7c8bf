"""Bodies of messages about records of service."""

from __future__ import annotations

from datetime import datetime
from typing import Final, final

import attrs

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.notices import Notice
from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.aftersales.surveys import Survey
from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.billing.work.work_logs import WorkLog
from entitlements.kernel.money.money import Money
from entitlements.ports.service_records.service_record import RecordKind


@final
@attrs.frozen(kw_only=True)
class WorkLogBody:
    """Work on a case was logged, or corrected.

    Attributes:
        case: Id of the case.
        customer: Id of the customer.
        log: The work.
    """

    case: str
    customer: str | None
    log: WorkLog


@final
@attrs.frozen(kw_only=True)
class OutageBody:
    """An outage was recorded, or its end.

    Attributes:
        outage: The outage, as it is known now.
    """

    outage: Outage


@final
@attrs.frozen(kw_only=True)
class MaintenanceBody:
    """Maintenance was planned, or moved.

    Attributes:
        window: The time, as it is planned now.
    """

    window: MaintenanceWindow


@final
@attrs.frozen(kw_only=True)
class SurveyBody:
    """A survey of a case was sent, answered or dismissed.

    Attributes:
        case: Id of the case.
        customer: Id of the customer.
        survey: The survey.
    """

    case: str
    customer: str | None
    survey: Survey


@final
@attrs.frozen(kw_only=True)
class ComplaintBody:
    """A complaint was recorded, or what became of it.

    Attributes:
        complaint: The complaint, as it is known now.
    """

    complaint: Complaint


@final
@attrs.frozen(kw_only=True)
class NoticeSentBody:
    """A customer has to be informed.

    Attributes:
        id: Id of the notice.
        notice: The notice.
    """

    id: str
    notice: Notice


@final
@attrs.frozen(kw_only=True)
class NoticeAcknowledgedBody:
    """A customer has confirmed a notice.

    Attributes:
        id: Id of the notice.
        customer: Id of the customer.
        acknowledged: When the customer confirmed it.
    """

    id: str
    customer: str | None
    acknowledged: datetime


@final
@attrs.frozen(kw_only=True)
class RecordRetractedBody:
    """A record was taken back.

    Attributes:
        kind: What kind of record it is.
        id: Its id.
        customer: Whom it was about; null for all customers.
    """

    kind: RecordKind
    id: str
    customer: str | None


@final
@attrs.frozen(kw_only=True)
class FigureBody:
    """Something was measured of a service.

    Attributes:
        customer: Whose contract line it is about.
        figure: The figure.
    """

    customer: str
    figure: MeasuredFigure


@final
@attrs.frozen(kw_only=True)
class CreditClaimedBody:
    """A service credit was claimed.

    Attributes:
        customer: Id of the customer.
        credit: Id of the credit.
        amount: What is given back.
    """

    customer: str
    credit: str
    amount: Money


@final
@attrs.frozen(kw_only=True)
class StatementIssuedBody:
    """A statement was issued.

    Attributes:
        customer: Id of the customer.
        statement: Id of the statement.
        start: First instant of the period.
        end: First instant after it.
        total: What the customer pays.
    """

    customer: str
    statement: str
    start: datetime
    end: datetime
    total: Money


RECORD_TOPICS: Final = (
    ("work.logged", "Work on a case was logged", WorkLogBody),
    ("work.corrected", "Work that was logged is corrected", WorkLogBody),
    ("outage.recorded", "A service is or was down", OutageBody),
    ("maintenance.planned", "Maintenance is planned", MaintenanceBody),
    ("survey.requested", "A survey of a case was sent", SurveyBody),
    ("survey.answered", "A survey was answered or dismissed", SurveyBody),
    ("complaint.recorded", "A complaint, or what became of it", ComplaintBody),
    ("notice.sent", "A customer has to be informed", NoticeSentBody),
    ("notice.acknowledged", "A customer has confirmed a notice", NoticeAcknowledgedBody),
    ("record.retracted", "A record was taken back", RecordRetractedBody),
    ("figure.recorded", "Something was measured of a service", FigureBody),
    ("credit.claimed", "A service credit was claimed", CreditClaimedBody),
    ("statement.issued", "A statement was issued", StatementIssuedBody),
)
"""Topics of the messages, what they mean, and their bodies."""
