"""Service records: what happened for a customer, when it happened, and when that became known.

A record is a value with the instant at which it was recorded. Of the records of one kind and id
the last one is valid, so that a correction is a later record; a record that is `retracted` takes
the ones before it back. Nothing is overwritten: what was known at an instant can be read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias, final

import attrs

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.notices import SentNotice
from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.aftersales.surveys import Survey, SurveyKind
from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.billing.sheet import Sheet
from entitlements.billing.work.work_logs import WorkLog
from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.kernel.converters import (
    MAX_INT64,
    as_tuple,
    enum_member,
    instance_of,
    utc_or_none,
    whole_number,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, identifier_or_key, key, optional_identifier
from entitlements.kernel.instants import from_micros, instant_or_none, to_micros, utc
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.ports.service_records.credit_claims import CreditClaim


class RecordKind(TextEnum):
    """What a record is about."""

    WORK_LOG = "work_log"
    CREDIT_CLAIM = "credit_claim"
    STATEMENT = "statement"
    FIGURE = "figure"
    OUTAGE = "outage"
    MAINTENANCE = "maintenance"
    SURVEY = "survey"
    COMPLAINT = "complaint"
    NOTICE = "notice"


RecordValue: TypeAlias = (
    WorkLog
    | CreditClaim
    | Sheet
    | MeasuredFigure
    | Outage
    | MaintenanceWindow
    | Survey
    | Complaint
    | SentNotice
)
RecordPlace: TypeAlias = tuple[int, str]
"""Where a record is in a list: when it happened, in microseconds, and its id."""

VALUE_CLASSES: Final[Mapping[RecordKind, type[Any]]] = {
    RecordKind.WORK_LOG: WorkLog,
    RecordKind.CREDIT_CLAIM: CreditClaim,
    RecordKind.STATEMENT: Sheet,
    RecordKind.FIGURE: MeasuredFigure,
    RecordKind.OUTAGE: Outage,
    RecordKind.MAINTENANCE: MaintenanceWindow,
    RecordKind.SURVEY: Survey,
    RecordKind.COMPLAINT: Complaint,
    RecordKind.NOTICE: SentNotice,
}
"""The class of the values of each kind."""

_KINDS: Final = {each: kind for kind, each in VALUE_CLASSES.items()}
_HAPPENED: Final = {
    CreditClaim: "claimed",
    Survey: "asked",
    Complaint: "received",
    SentNotice: "sent",
}


def _kind(value: RecordKind | str) -> RecordKind:
    return enum_member(RecordKind, value)


def _value(value: RecordValue) -> RecordValue:
    if type(value) not in _KINDS:
        raise InvalidValueError(f"`{value!r:.100}` is not what a service record holds")
    return value


@final
@attrs.frozen(kw_only=True)
class ServiceRecord:
    """One record of one thing.

    Attributes:
        value: What was recorded.
        customer: Whom it is about; None for all customers.
        recorded: When it was recorded.
        revision: Number among the records of its kind and id, from 1.
        retracted: Whether it takes back what was recorded before.

    >>> from entitlements.aftersales import Outage
    >>> down = Outage(id="O-1", service="db", start="2026-03-02T09:00Z")
    >>> ServiceRecord(value=down, recorded="2026-03-02T09:10Z").kind.value
    'outage'

    Raises:
        InvalidValueError: The value names another customer, instant of recording or retraction
            than the record.
    """

    value: RecordValue = attrs.field(converter=_value)
    customer: str | None = attrs.field(default=None, converter=optional_identifier)
    recorded: datetime = attrs.field(converter=utc)
    revision: int = 1
    retracted: bool = False

    def __attrs_post_init__(self) -> None:
        whole_number(self.revision, "revision", least=1)
        instance_of(bool, self.retracted)
        of = self.value.notice if isinstance(self.value, SentNotice) else self.value
        for name in ("customer", "recorded", "retracted"):
            own = getattr(of, name, None)
            if own is not None and own != getattr(self, name):
                raise InvalidValueError(
                    f"`{name}` of {self.kind} `{self.id}` is not that of its record", path=name
                )

    @property
    def kind(self) -> RecordKind:
        """The kind of thing that it records, from the class of its value."""
        return _KINDS[type(self.value)]

    @property
    def id(self) -> str:
        """Id of the value; a key for surveys, of which a case has one of a kind, and figures."""
        return record_id(self.value)

    @property
    def case(self) -> str | None:
        """Id of the case that it is about; None for none."""
        return getattr(self.value, "case", None)

    @property
    def happened(self) -> datetime:
        """When it happened: when it began, if it lasted; of a figure, its first day in UTC."""
        if isinstance(self.value, MeasuredFigure):
            return from_micros(day_start(self.value.start, "UTC"))
        found: datetime = getattr(self.value, _HAPPENED.get(type(self.value), "start"))
        return found

    @property
    def place(self) -> RecordPlace:
        """The instant by which lists order it, in microseconds, and its id."""
        return to_micros(self.happened), self.id


@final
@attrs.frozen(kw_only=True)
class RecordFilter:
    """Which records are wanted; all that fits all of it.

    Attributes:
        kind: What they are about.
        customer: Whom they are about; None for any, and for none.
        case: The case that they are about; None for any, and for none.
        since: They happened then or later; None for any time.
        until: They happened before; None for any time.
        known_at: They were valid as of what was known then; None for what is known last.

    >>> RecordFilter(kind="outage").kind
    RecordKind.OUTAGE
    """

    kind: RecordKind = attrs.field(converter=_kind)
    customer: str | None = attrs.field(default=None, converter=optional_identifier)
    case: str | None = attrs.field(default=None, converter=optional_identifier)
    since: datetime | None = attrs.field(default=None, converter=utc_or_none)
    until: datetime | None = attrs.field(default=None, converter=utc_or_none)
    known_at: datetime | None = attrs.field(default=None, converter=utc_or_none)

    def fits(self, record: ServiceRecord) -> bool:
        """Return whether a record is wanted, apart from when it was known."""
        return (
            record.kind is self.kind
            and self.customer in {None, record.customer}
            and self.case in {None, record.case}
            and (self.since is None or self.since <= record.happened)
            and (self.until is None or record.happened < self.until)
        )


def record_id(value: RecordValue) -> str:
    """Return the id of the record of a value."""
    match value:
        case Survey(case=case, kind=kind):
            return survey_id(case, kind)
        case MeasuredFigure() as figure:
            return figure_id(figure)
        case _:
            return value.id


def figure_id(figure: MeasuredFigure) -> str:
    """Return the id of the record of a figure, by its schedule, line and period."""
    return key(figure.schedule, figure.contract, figure.line, figure.start.isoformat())


def survey_id(case: str, kind: SurveyKind | str) -> str:
    """Return the id of the record of a survey, by its case and kind."""
    return key(str(enum_member(SurveyKind, kind).value), identifier(case))


def record_place(place: RecordPlace | None) -> RecordPlace | None:
    """Return `place` if it is the place of a record, or None.

    Raises:
        InvalidValueError: It is not.
    """
    if place is None:
        return None
    parts = as_tuple(place)
    if len(parts) != 2:  # noqa: PLR2004 - instant and id
        raise InvalidValueError(f"`{place!r:.100}` is not the place of a record")
    return whole_number(parts[0], "place of a record", least=-MAX_INT64), identifier_or_key(
        parts[1]
    )


def known_record(
    records: Iterable[ServiceRecord], known_at: datetime | None
) -> ServiceRecord | None:
    """Return the last of the records of one thing that was known at an instant, or None.

    Args:
        records: All of them, in the order of their revisions.
        known_at: The instant; None for what is known last.
    """
    moment = instant_or_none(known_at)
    known = [each for each in records if moment is None or each.recorded <= moment]
    return known[-1] if known else None
