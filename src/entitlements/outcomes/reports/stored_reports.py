"""Reports from a store: the cases of a tenant with their histories, and the records beside them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from entitlements.aftersales.complaints import Complaint
from entitlements.contracts.plan_terms.availability_rules import AvailabilityRules
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import instant_or_none
from entitlements.outcomes.reports.kept_sums import kept_sums
from entitlements.outcomes.reports.measured_cases import (
    KeptResults,
)
from entitlements.outcomes.reports.records import ReportRecords
from entitlements.outcomes.reports.report import Question, Report
from entitlements.outcomes.reports.stored_cases import StoredCases
from entitlements.outcomes.services.objectives import ServiceObjective
from entitlements.ports.rules.arguments import store_of
from entitlements.ports.store import Store


def stored_report(
    store: Store,
    start: datetime,
    end: datetime,
    *,
    tenant: str,
    customer: str | None = None,
    by: str = "severity",
    services: Iterable[str] = (),
    availability: AvailabilityRules | None = None,
    objectives: Iterable[ServiceObjective] = (),
    zone: str = "UTC",
    as_known_at: datetime | None = None,
    kept: KeptResults | None = None,
    keep_ids: bool = True,
) -> Report:
    """Return the figures of a period from what a store holds.

    Cases are read customer by customer, each page of them in a unit of work of its own, so that
    others do not wait for a long report. A case that cannot be read is among `broken`, and stops
    nothing. The report of a customer has the services that the contracts of the customer cover.

    Args:
        store: The store.
        start: First instant of the period.
        end: First instant after it.
        tenant: Id of the tenant.
        customer: Report the cases of this customer only.
        by: The dimension by which cases are divided, such as `severity` or `group`.
        services: Services whose availability is reported, also without an outage.
        availability: How availability is counted; None for the defaults.
        objectives: The objectives whose error budgets are reported.
        zone: The zone of the days of the report.
        as_known_at: Leave out what was recorded later: cases, their events, and all that is beside
            them. A case that was adopted is known from its adoption. Who works on a case is what is
            known last. None for everything.
        kept: What was measured for earlier reports, to which more is added. A case that was over
            and is unchanged is not even read: a row of a list says so.
        keep_ids: Keep the ids of what made each figure. Without them memory does not grow with
            the cases.

    >>> from entitlements.adapters.memory import MemoryStore
    >>> from entitlements.kernel import utc
    >>> march = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
    >>> found = stored_report(MemoryStore(), *march, tenant="my company")
    >>> found.figure("flow", "cases", "opened").value
    0

    Raises:
        InvalidValueError: The period is empty.
        UnknownIdError: There is no such dimension.
        StorageError: The store failed, or a record beside the cases cannot be read.
    """
    question = Question.of(start, end, by=by, zone=zone, customer=customer)
    has_ids, known_at = instance_of(bool, keep_ids), instant_or_none(as_known_at)
    name = identifier(tenant)
    cases = StoredCases(store_of(store), name, question.period, known_at, kept)
    wanted = ReportRecords(
        services=services,
        availability=AvailabilityRules() if availability is None else availability,
        objectives=tuple_of(ServiceObjective, objectives),
    )
    beside = cases.records(question.customer, wanted)
    if kept is None or has_ids or question.customer is not None or known_at is not None:
        return _read_through(cases, question, beside, keep_ids=has_ids)
    return kept_sums(kept, name, question, cases).report(question, beside, cases.unread)


def _read_through(
    cases: StoredCases, question: Question, beside: ReportRecords, *, keep_ids: bool
) -> Report:
    """Return the report of all cases, which are forgotten once they are added up."""
    found = question.collector(keep_ids=keep_ids)
    complaints: dict[str, list[Complaint]] = {}
    for complaint in beside.complaints:
        complaints.setdefault(complaint.customer, []).append(complaint)
    for name in cases.customers(question.customer):
        found.expect(cases.surveys(name), complaints.pop(name, ()))
        for each in cases.of(name):
            if found.is_new(each.case.id):
                found.add(each.case)
        found.settle(cases.unread)
    found.expect((), [each for own in complaints.values() for each in own])
    return question.answer(found, beside, cases.unread)
