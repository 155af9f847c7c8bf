"""Reports from a store: the cases of a tenant with their histories, and the records beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, final

from entitlements.aftersales.availability import AvailabilityRules
from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.notices import SentNotice
from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.aftersales.surveys import Survey
from entitlements.kernel.converters import tuple_of, utc_or_none
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.instants import utc
from entitlements.outcomes.cases import CaseRecord
from entitlements.outcomes.objectives import ServiceObjective
from entitlements.outcomes.reports.records import ReportRecords
from entitlements.outcomes.reports.report import Report, report
from entitlements.ports.arguments import store_of
from entitlements.ports.case_lists import CaseFilter, CaseSummary
from entitlements.ports.records import Case
from entitlements.ports.service_records.repository import every_record
from entitlements.ports.service_records.service_record import (
    RecordFilter,
    RecordKind,
    RecordValue,
)
from entitlements.ports.store import Store, UnitOfWork
from entitlements.service.caches.catalog_cache import CatalogCache, CompiledEdition
from entitlements.sla.case_history.history import History

_PAGE: Final = 1_000


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
) -> Report:
    """Return the figures of a period from what a store holds.

    Each customer is read in a unit of work of its own, so that others do not wait for a long
    report. A case that cannot be read is among `broken`, and stops nothing.

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
        as_known_at: Leave out what was recorded later: cases, and all that is beside them. Of an
            event of a case it is not stored when it was recorded, so what is dated later is left
            out. Who works on a case is what is known last. None for everything.

    Raises:
        InvalidValueError: The period is empty.
        UnknownIdError: There is no such dimension.
        StorageError: The store failed, or a record beside the cases cannot be read.
    """
    known_at, whose = utc_or_none(as_known_at), optional_identifier(customer)
    cases = _StoredCases(store_of(store), identifier(tenant), whose, known_at)
    first, after = utc(start), utc(end)
    promised = tuple_of(ServiceObjective, objectives)
    since = min((first, *(each.window_at(after)[0] for each in promised)))
    with store.begin(tenant) as work:
        records = _records(work, (since, after), whose, known_at)
    return report(
        cases,
        first,
        after,
        customer=customer,
        by=by,
        records=ReportRecords(
            surveys=[each for each in records if isinstance(each, Survey)],
            services=services,
            outages=[each for each in records if isinstance(each, Outage)],
            maintenance=[each for each in records if isinstance(each, MaintenanceWindow)],
            availability=AvailabilityRules() if availability is None else availability,
            objectives=promised,
            complaints=[each for each in records if isinstance(each, Complaint)],
            notices=[each for each in records if isinstance(each, SentNotice)],
        ),
        unread=cases.unread,
        zone=zone,
    )


def _records(
    work: UnitOfWork,
    period: tuple[datetime, datetime],
    customer: str | None,
    known_at: datetime | None,
) -> list[RecordValue]:
    """Return all records that happened before the end of a period, and were not over before it."""
    found, (start, end) = list[RecordValue](), period
    for kind in (RecordKind.SURVEY, RecordKind.COMPLAINT, RecordKind.NOTICE):
        wanted = RecordFilter(kind=kind, customer=customer, until=end, known_at=known_at)
        found += (each.value for each in every_record(work.service_records, wanted))
    for kind in (RecordKind.OUTAGE, RecordKind.MAINTENANCE):
        wanted = RecordFilter(kind=kind, until=end, known_at=known_at)
        for each in every_record(work.service_records, wanted):
            over: datetime | None = getattr(each.value, "end", None)
            if over is None or over > start:
                found.append(each.value)
    return found


@final
class _StoredCases:
    """The cases of a tenant, read customer by customer.

    Attributes:
        customer: Only the cases of this customer; None for all.
        known_at: Leave out what came later; None for everything.
        unread: The cases that could not be read, each with the reason.
    """

    def __init__(
        self, store: Store, tenant: str, customer: str | None, known_at: datetime | None
    ) -> None:
        self._store = store
        self._tenant = tenant
        self._catalogs = CatalogCache()
        self.customer = customer
        self.known_at = known_at
        self.unread: dict[str, str] = {}

    def __iter__(self) -> Iterator[CaseRecord]:
        for customer in self._customers():
            with self._store.begin(self._tenant) as work:
                found = self._of(work, customer)
            yield from found

    def _customers(self) -> Iterator[str]:
        if self.customer is not None:
            yield self.customer
            return
        after = ""
        while True:
            with self._store.begin(self._tenant) as work:
                page = work.accounts.customers(after=after, most=_PAGE)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1]

    def _of(self, work: UnitOfWork, customer: str) -> list[CaseRecord]:
        listed = _summaries(work, customer)
        found = []
        for case in self._read(work, customer, listed):
            if self.known_at is not None and case.opened > self.known_at:
                continue
            try:
                found.append(self._record(work, case, listed.get(case.id)))
            except EntitlementsError as error:
                self.unread[case.id] = str(error)
        return found

    def _read(self, work: UnitOfWork, customer: str, listed: Iterable[str]) -> Iterable[Case]:
        """Return the cases of a customer, one by one if they cannot be read together."""
        try:
            return work.cases.of(customer)
        except EntitlementsError:
            return self._one_by_one(work, listed)

    def _one_by_one(self, work: UnitOfWork, ids: Iterable[str]) -> Iterator[Case]:
        for id in ids:
            try:
                yield work.cases.case(id)
            except EntitlementsError as error:
                self.unread[id] = str(error)

    def _record(self, work: UnitOfWork, case: Case, listed: CaseSummary | None) -> CaseRecord:
        edition = self._catalogs.edition(work, case.terms.edition)
        return CaseRecord(
            id=case.id,
            customer=case.customer,
            plan=case.terms.plan,
            product=case.request.product,
            follows=case.request.follows,
            warranty=_warranty(edition, case),
            severity=case.request.severity,
            group=None if listed is None else listed.group,
            agent=None if listed is None else listed.agent,
            channel=case.request.channel,
            history=History(
                each for each in case.events if self.known_at is None or each.at <= self.known_at
            ),
            policy=edition.policy(case.terms),
            others=edition.others(case),
        )


def _warranty(edition: CompiledEdition, case: Case) -> timedelta:
    """Return how long after its resolution a follow-up corrects a case without a charge."""
    plans = edition.engine.facts.catalog.plan_versions(case.terms.plan or "")
    found = [each for each in plans if each.version == case.terms.plan_version]
    allowances = [each for plan in found for each in plan.allowances]
    return max((each.warranty for each in allowances), default=timedelta())


def _summaries(work: UnitOfWork, customer: str) -> dict[str, CaseSummary]:
    """Return who works on each case of a customer, by id."""
    found, wanted = dict[str, CaseSummary](), CaseFilter(customer=customer)
    page = work.cases.listed(wanted, None, _PAGE)
    while page:
        found |= {each.id: each for each in page}
        page = work.cases.listed(wanted, page[-1].place, _PAGE)
    return found
