"""Records of a report beside its cases: surveys, outages, complaints and notices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

import attrs

from entitlements.aftersales.availability import AvailabilityRules
from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.notices import SentNotice
from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.aftersales.surveys import Survey
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.ids import identifiers
from entitlements.outcomes.objectives import ServiceObjective


def _surveys(values: Iterable[Survey]) -> tuple[Survey, ...]:
    return tuple_of(Survey, values)


def _outages(values: Iterable[Outage]) -> tuple[Outage, ...]:
    return tuple_of(Outage, values)


def _complaints(values: Iterable[Complaint]) -> tuple[Complaint, ...]:
    return tuple_of(Complaint, values)


def _notices(values: Iterable[SentNotice]) -> tuple[SentNotice, ...]:
    return tuple_of(SentNotice, values)


def _windows(values: Iterable[MaintenanceWindow]) -> tuple[MaintenanceWindow, ...]:
    return tuple_of(MaintenanceWindow, values)


def _objectives(values: Iterable[ServiceObjective]) -> tuple[ServiceObjective, ...]:
    return tuple_of(ServiceObjective, values)


@final
@attrs.frozen(kw_only=True)
class ReportRecords:
    """What a report needs beside the cases.

    Attributes:
        surveys: The surveys, of any time.
        services: Services whose availability is reported, also without an outage.
        outages: The outages of all services, of any time.
        maintenance: Planned maintenance of all services, or of one of them.
        availability: How availability is counted.
        objectives: The objectives whose error budgets are reported.
        complaints: The complaints, of any time.
        notices: The notices that were sent, of any time.
    """

    surveys: tuple[Survey, ...] = attrs.field(default=(), converter=_surveys)
    services: tuple[str, ...] = attrs.field(default=(), converter=identifiers)
    outages: tuple[Outage, ...] = attrs.field(default=(), converter=_outages)
    maintenance: tuple[MaintenanceWindow, ...] = attrs.field(default=(), converter=_windows)
    availability: AvailabilityRules = attrs.field(factory=AvailabilityRules)
    objectives: tuple[ServiceObjective, ...] = attrs.field(default=(), converter=_objectives)
    complaints: tuple[Complaint, ...] = attrs.field(default=(), converter=_complaints)
    notices: tuple[SentNotice, ...] = attrs.field(default=(), converter=_notices)

    def __attrs_post_init__(self) -> None:
        instance_of(AvailabilityRules, self.availability)
