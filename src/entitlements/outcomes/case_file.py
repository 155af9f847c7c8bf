"""Case file: cases with their histories, surveys and outages, as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, final

import attrs

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.notices import SentNotice
from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.aftersales.surveys import Survey
from entitlements.calendars.business_hours import BusinessHours
from entitlements.kernel.converters import frozen_map, tuple_of
from entitlements.kernel.data.records import Record
from entitlements.kernel.data.schema import located, refuse
from entitlements.kernel.data.versioned import VersionedData
from entitlements.kernel.errors import EntitlementsError, InvalidValueError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.periods.durations import parse_duration
from entitlements.outcomes.cases import CaseRecord
from entitlements.outcomes.reports.records import ReportRecords
from entitlements.sla.case_history.events import Event, EventKind
from entitlements.sla.case_history.history import History
from entitlements.sla.policy import SlaPolicy

_CASES: Final = "cases"


@final
@attrs.frozen(kw_only=True)
class CaseData:
    """One case as it stands in a case file.

    Attributes:
        id: Id of the case.
        customer: The customer.
        policy: Id of the SLA policy.
        calendars: Calendar of each calendar name in the policy, as the contract binds it.
        plan: The plan under which it was accepted.
        product: The product that it is about.
        severity: The severity with which it was opened.
        group: The expert group.
        agent: Who worked on it last; None if no agent did.
        channel: The channel through which it was opened.
        follows: The resolved case that it continues.
        warranty: How long after its resolution a follow-up corrects it without a charge, such as
            `720h`; None for no warranty.
        events: What happened, in any order.
    """

    id: str
    customer: str
    policy: str
    calendars: FrozenMap[str, str] = attrs.field(factory=FrozenMap, converter=frozen_map)
    plan: str | None = None
    product: str | None = None
    severity: str | None = None
    group: str | None = None
    agent: str | None = None
    channel: str | None = None
    follows: str | None = None
    warranty: str | None = None
    events: tuple[Event, ...] = ()


@final
@attrs.frozen(kw_only=True)
class _FileData:
    surveys: tuple[Survey, ...] = ()
    services: tuple[str, ...] = ()
    outages: tuple[Outage, ...] = ()
    maintenance: tuple[MaintenanceWindow, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    notices: tuple[SentNotice, ...] = ()


_FILE: Final = VersionedData("case_file", "Surveys and outages beside cases", _FileData)


def _records(values: Iterable[CaseRecord]) -> tuple[CaseRecord, ...]:
    return tuple_of(CaseRecord, values)


@final
@attrs.frozen(kw_only=True)
class CaseFile:
    """What a case file holds.

    Attributes:
        cases: The cases that could be read.
        records: Surveys, outages and maintenance.
        unread: The cases that could not be read, by id or place, each with the reason.
    """

    cases: tuple[CaseRecord, ...] = attrs.field(default=(), converter=_records)
    records: ReportRecords = attrs.field(factory=ReportRecords)
    unread: FrozenMap[str, str] = attrs.field(factory=FrozenMap, converter=frozen_map)


def read_case_file(
    data: Mapping[str, Any],
    policies: Mapping[str, SlaPolicy],
    calendars: Mapping[str, BusinessHours],
) -> CaseFile:
    """Return the cases and records in the data of a case file.

    A case that cannot be read is reported, and stops nothing. Records beside the cases must be
    right, because a lost outage would make a service look better.

    >>> read_case_file({"schema_version": 1, "cases": [{"id": "R-1"}]}, {}, {}).unread
    FrozenMap({'R-1': 'cases[0].customer: the key is missing'})

    Args:
        data: The object of the file.
        policies: The SLA policies by id.
        calendars: The calendars by name.

    Raises:
        InvalidValueError: It is not a case file, or a record is wrong; `path` names the place.
    """
    if not isinstance(data, Mapping):
        refuse(data, "an object", "")
    rest = {key: value for key, value in data.items() if key != _CASES}
    records = _FILE.read(rest)
    listed = data.get(_CASES, [])
    if not isinstance(listed, list):
        refuse(listed, "a list", _CASES)
    cases, unread = [], {}
    for index, plain in enumerate(listed):
        path = f"{_CASES}[{index}]"
        try:
            cases.append(_case(plain, path, policies, calendars))
        except EntitlementsError as error:
            id = plain.get("id") if isinstance(plain, Mapping) else None
            unread[id if isinstance(id, str) and id not in unread else path] = str(error)
    return CaseFile(
        cases=cases,
        records=ReportRecords(
            surveys=records.surveys,
            services=records.services,
            outages=records.outages,
            maintenance=records.maintenance,
            complaints=records.complaints,
            notices=records.notices,
        ),
        unread=unread,
    )


def _case(
    plain: object,
    path: str,
    policies: Mapping[str, SlaPolicy],
    calendars: Mapping[str, BusinessHours],
) -> CaseRecord:
    read: CaseData = Record(CaseData).read(plain, path)
    if all(each.kind is not EventKind.OPENED for each in read.events):
        raise InvalidValueError("the case was never opened", path=f"{path}.events")
    if read.policy not in policies:
        raise UnknownIdError("policy", read.policy, known=policies, path=f"{path}.policy")
    for name in read.calendars.values():
        if name not in calendars:
            raise UnknownIdError("calendar", name, known=calendars, path=f"{path}.calendars")
    bound = {to: calendars[of] for to, of in read.calendars.items()}
    policy = policies[read.policy]
    policy = policy.with_calendars(bound) if bound else policy
    named = dict.fromkeys(each.policy for each in read.events if each.policy is not None)
    return CaseRecord(
        id=read.id,
        customer=read.customer,
        plan=read.plan,
        product=read.product,
        severity=read.severity,
        group=read.group,
        agent=read.agent,
        channel=read.channel,
        follows=read.follows,
        warranty=_warranty(read.warranty, f"{path}.warranty"),
        history=History(read.events),
        policy=policy,
        others=[policies[name] for name in named if name in policies],
    )


def _warranty(text: str | None, path: str) -> timedelta:
    try:
        return timedelta() if text is None else parse_duration(text)
    except EntitlementsError as error:
        raise located(error, path) from None
