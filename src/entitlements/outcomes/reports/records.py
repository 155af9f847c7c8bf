"""Records of a report beside its cases: surveys, outages, complaints and notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar, final

import attrs

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.notices import SentNotice
from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.aftersales.surveys import Survey
from entitlements.contracts.plan_terms.availability_rules import AvailabilityRules
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.ids import identifiers
from entitlements.outcomes.services.objectives import ServiceObjective
from entitlements.outcomes.services.service_coverage import covered_services

RecordT = TypeVar("RecordT", Survey, Complaint)


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

    def of_customer(
        self, facts: Facts, customer: str, period: tuple[datetime, datetime]
    ) -> ReportRecords:
        """Return the records without outages of services that the customer does not have.

        What `services` or an objective names is reported all the same. See `covered_services`.

        Args:
            facts: The catalog, the prices and the accounts.
            customer: The customer.
            period: First instant of the report, and the first one after it.
        """
        account = facts.accounts.get(customer)
        named = {each.service for each in self.outages}
        shown = covered_services(named, facts, account, *period).union(self.services)
        shown |= {each.service for each in self.objectives}
        outages = [each for each in self.outages if each.service in shown]
        return attrs.evolve(self, outages=outages)


def cases_named(surveys: Iterable[Survey], complaints: Iterable[Complaint]) -> dict[str, str]:
    """Return the cases that records name, each with what is wrong if there is no such case."""
    found = {each.case: "a survey is about this case, which is not known" for each in surveys}
    for complaint in complaints:
        for case in (complaint.case, complaint.correction):
            if case is not None:
                found[case] = f"complaint `{complaint.id}` names this case, which is not known"
    return found


def repeated_records(surveys: Iterable[Survey], complaints: Iterable[Complaint]) -> dict[str, str]:
    """Return the cases with several surveys and the ids of several complaints, with the reason."""
    found: dict[str, str] = {}
    for kind, of_kind in (("survey", surveys), ("complaint", complaints)):
        counts = Counter(map(_key, of_kind))
        for id in (id for id, number in counts.items() if number > 1):
            found[id] = f"there are several {kind}s `{id}`; the earliest one counts"
    return found


def earliest(records: Iterable[RecordT]) -> dict[str, RecordT]:
    """Return one survey of each case, or one complaint of each id: the earliest, as they came."""
    found: dict[str, RecordT] = {}
    for each in records:
        known = found.setdefault(_key(each), each)
        if _since(each) < _since(known):
            found[_key(each)] = each
    return found


def _key(record: Survey | Complaint) -> str:
    return record.case if isinstance(record, Survey) else record.id


def _since(record: Survey | Complaint) -> datetime:
    return record.asked if isinstance(record, Survey) else record.received
