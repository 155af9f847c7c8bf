"""Stored cases of a report: read customer by customer, measured, and forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, final

import attrs

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.notices import SentNotice
from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.aftersales.surveys import Survey
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import EntitlementsError, UnknownIdError
from entitlements.outcomes.cases import CaseRecord
from entitlements.outcomes.reports.kept_sums import KeptCase
from entitlements.outcomes.reports.measured_cases import (
    KeptResult,
    KeptResults,
    Period,
    kept_result,
    measured_again,
)
from entitlements.outcomes.reports.records import ReportRecords
from entitlements.ports.case_changes import ChangeMark
from entitlements.ports.case_lists import CaseFilter, CasePlace, CaseSummary
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

_PAGE: Final = 500
_PART: Final = 3
"""A third of the cases of a page, or fewer, are read one by one, and more with the whole page."""


@final
class StoredCases:
    """The cases of a tenant, read customer by customer and page by page.

    Attributes:
        unread: The cases that could not be read, each with the reason.
    """

    def __init__(
        self,
        store: Store,
        tenant: str,
        period: Period,
        known_at: datetime | None,
        kept: KeptResults | None,
    ) -> None:
        self._store = store
        self._tenant = tenant
        self._period = period
        self._known_at = known_at
        self._kept: KeptResults = {} if kept is None else kept
        self._is_kept = kept is not None
        self._catalogs = CatalogCache()
        self.unread: dict[str, str] = {}

    def customers(self, only: str | None) -> Iterator[str]:
        """Yield the ids of all customers, or that of one."""
        if only is not None:
            yield only
            return
        page: tuple[str, ...] = ("",)
        while page:
            with self._store.begin(self._tenant) as work:
                page = work.accounts.customers(after=page[-1], most=_PAGE)
            yield from page

    def records(self, customer: str | None, wanted: ReportRecords) -> ReportRecords:
        """Return what happened before the end of the period, and was not over before it.

        Complaints and outages are of any time before the end, because a service that was down once
        is reported ever after; notices are of the period, and maintenance reaches back to the
        windows of the objectives. Outages are of services that the customer has.
        """
        start, end = self._period.start, self._period.end
        begun = (each for each in wanted.objectives if each.has_begun(end))
        since = min((start, *(each.window_at(end)[0] for each in begun)))
        with self._store.begin(self._tenant) as work:
            found = [
                *self._valid(work, RecordKind.COMPLAINT, customer),
                *self._valid(work, RecordKind.NOTICE, customer, start),
                *self._valid(work, RecordKind.OUTAGE),
                *self._planned(work, since),
            ]
            facts = Facts() if customer is None else self._facts(work, customer)
        made = attrs.evolve(
            wanted,
            outages=[each for each in found if isinstance(each, Outage)],
            maintenance=[each for each in found if isinstance(each, MaintenanceWindow)],
            complaints=[each for each in found if isinstance(each, Complaint)],
            notices=[each for each in found if isinstance(each, SentNotice)],
        )
        return made if customer is None else made.of_customer(facts, customer, (start, end))

    def _facts(self, work: UnitOfWork, customer: str) -> Facts:
        number = work.catalog.number(self._known_at)
        account = work.accounts.account(customer, self._known_at)
        facts = self._catalogs.edition(work, number).engine.facts
        return attrs.evolve(facts, accounts=[] if account is None else [account])

    def _valid(
        self,
        work: UnitOfWork,
        kind: RecordKind,
        customer: str | None = None,
        since: datetime | None = None,
    ) -> Iterator[RecordValue]:
        wanted = RecordFilter(
            kind=kind,
            customer=customer,
            since=since,
            until=self._period.end,
            known_at=self._known_at,
        )
        return (each.value for each in every_record(work.service_records, wanted))

    def _planned(self, work: UnitOfWork, since: datetime) -> Iterator[MaintenanceWindow]:
        for each in self._valid(work, RecordKind.MAINTENANCE):
            if isinstance(each, MaintenanceWindow) and each.end > since:
                yield each

    def surveys(self, customer: str) -> list[Survey]:
        """Return the surveys about a customer's cases that were sent before the end."""
        with self._store.begin(self._tenant) as work:
            found = self._valid(work, RecordKind.SURVEY, customer)
            return [each for each in found if isinstance(each, Survey)]

    def every(self) -> Iterator[KeptCase]:
        """Yield the cases of all customers with the surveys about them, of any time."""
        for customer in self.customers(None):
            surveys: dict[str, list[Survey]] = {}
            wanted = RecordFilter(kind=RecordKind.SURVEY, customer=customer)
            with self._store.begin(self._tenant) as work:
                for each in every_record(work.service_records, wanted):
                    if isinstance(each.value, Survey):
                        surveys.setdefault(each.value.case, []).append(each.value)
            for found in self.of(customer):
                yield KeptCase(found, tuple(surveys.get(found.case.id, ())))

    def mark(self) -> ChangeMark:
        """Return a mark of what is stored now."""
        with self._store.begin(self._tenant) as work:
            return work.case_changes.mark()

    def changed(self, mark: ChangeMark) -> list[str] | None:
        """Return ids of what changed since a mark; None if that is not known."""
        found: list[str] = []
        with self._store.begin(self._tenant) as work:
            page = work.case_changes.since(mark)
            while page:
                found += page
                page = work.case_changes.since(mark, page[-1])
        return None if page is None else found

    def again(self, ids: Sequence[str]) -> Iterator[tuple[str, KeptCase | None]]:
        """Yield cases that are read again; None for one that is not there, or cannot be read."""
        for first in range(0, len(ids), _PAGE):
            with self._store.begin(self._tenant) as work:
                found = [(id, self._again(work, id)) for id in ids[first : first + _PAGE]]
            yield from found

    def _again(self, work: UnitOfWork, id: str) -> KeptCase | None:
        try:
            case = work.cases.case(id)
        except UnknownIdError:
            return None
        except EntitlementsError as error:
            self.unread[id] = str(error)
            return None
        wanted = RecordFilter(kind=RecordKind.SURVEY, customer=case.customer, case=id)
        about = every_record(work.service_records, wanted)
        try:
            item = work.work_items.item(id)
        except UnknownIdError:
            item = None
        found = self._measure(work, case, CaseSummary.of(case, item))
        surveys = tuple(each.value for each in about if isinstance(each.value, Survey))
        return None if found is None else KeptCase(found, surveys)

    def measured(self, case: KeptCase) -> KeptCase:
        """Return a case that is unchanged, measured for the end of the period."""
        record = case.result.record
        if record is None:  # a survey about it was later than the end
            return case
        found = measured_again(record, self._period)
        kept = None if found.is_settled else record
        return case._replace(result=KeptResult(self._period.end, found, case.result.terms, kept))

    def has(self, terms: Iterable[tuple[int, str]]) -> bool:
        """Return whether editions of the catalog still have these digests."""
        try:
            with self._store.begin(self._tenant) as work:
                return all(self._catalogs.edition(work, n).digest == digest for n, digest in terms)
        except UnknownIdError:
            return False

    def of(self, customer: str) -> Iterator[KeptResult]:
        """Yield the cases of a customer, measured; no more than a page of them is in memory."""
        place: CasePlace | None = None
        wanted = CaseFilter(customer=customer)
        while True:
            with self._store.begin(self._tenant) as work:
                page = work.cases.listed(wanted, place, _PAGE)
                shown = [each for each in page if self._is_known(each.opened)]
                found = self._measured(work, customer, place, shown)
            yield from found
            if len(page) < _PAGE:
                return
            place = page[-1].place

    def _is_known(self, at: datetime) -> bool:
        return self._known_at is None or at <= self._known_at

    def _measured(
        self,
        work: UnitOfWork,
        customer: str,
        after: CasePlace | None,
        page: Collection[CaseSummary],
    ) -> list[KeptResult]:
        names = {each.id: self._name(each) for each in page}
        known = {each.id: self._known(work, names[each.id]) for each in page}
        missing = [id for id, result in known.items() if result is None]
        is_few = len(missing) * _PART <= len(page)
        read = {
            each.id: each
            for each in (
                self._one_by_one(work, missing)
                if is_few
                else self._page(work, customer, after, missing)
            )
        }
        found = []
        for each in page:
            result = known[each.id]
            if result is None and each.id in read:
                result = self._measure(work, read.pop(each.id), each)
                if result is not None and self._is_kept:
                    self._kept[names[each.id]] = result
            if result is not None:
                found.append(result)
        return found

    def _name(self, listed: CaseSummary) -> str:
        period = self._period
        parts = (listed.id, listed.mark, listed.group, listed.agent, period.start, period.since)
        source = (self._tenant, self._known_at, parts)
        return hashlib.sha256(repr(source).encode("utf-8", "surrogatepass")).hexdigest()

    def _known(self, work: UnitOfWork, name: str) -> KeptResult | None:
        """Return an earlier result, if its terms are still the same."""
        found = kept_result(self._kept, name, self._period)
        if found is None or found.terms is None:
            return None
        number, digest = found.terms
        try:
            edition = self._catalogs.edition(work, number)
        except EntitlementsError:
            return None
        return found if edition.digest == digest else None

    def _page(
        self, work: UnitOfWork, customer: str, after: CasePlace | None, ids: Iterable[str]
    ) -> Iterable[Case]:
        """Return the cases of a page, one by one if they cannot be read together."""
        try:
            return work.cases.page(customer, after, _PAGE)
        except EntitlementsError:
            return self._one_by_one(work, ids)

    def _one_by_one(self, work: UnitOfWork, ids: Iterable[str]) -> Iterator[Case]:
        for id in ids:
            try:
                yield work.cases.case(id)
            except EntitlementsError as error:
                self.unread[id] = str(error)

    def _measure(self, work: UnitOfWork, stored: Case, listed: CaseSummary) -> KeptResult | None:
        case = stored if self._known_at is None else stored.as_known(self._known_at)
        if case is None:  # adopted later
            return None
        try:
            edition = self._catalogs.edition(work, case.terms.edition)
            record = _record(edition, case, listed)
        except EntitlementsError as error:
            self.unread[case.id] = str(error)
            return None
        found, terms = measured_again(record, self._period), (edition.number, edition.digest)
        return KeptResult(self._period.end, found, terms, None if found.is_settled else record)


def _record(edition: CompiledEdition, case: Case, listed: CaseSummary) -> CaseRecord:
    return CaseRecord(
        id=case.id,
        customer=case.customer,
        plan=case.terms.plan,
        product=case.request.product,
        follows=case.request.follows,
        warranty=_warranty(edition, case),
        severity=case.request.severity,
        group=listed.group,
        agent=listed.agent,
        channel=case.request.channel,
        history=History(case.events),
        policy=edition.policy(case.terms),
        others=edition.others(case),
    )


def _warranty(edition: CompiledEdition, case: Case) -> timedelta:
    """Return how long after its resolution a follow-up corrects a case without a charge."""
    plans = edition.engine.facts.catalog.plan_versions(case.terms.plan or "")
    found = [each for each in plans if each.version == case.terms.plan_version]
    allowances = [each for plan in found for each in plan.allowances]
    return max((each.warranty for each in allowances), default=timedelta())
