"""Collector of a report: adds up cases and the records about them, and then forgets them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import final

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.surveys import Survey
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import to_micros
from entitlements.outcomes.reports.after_sections import (
    CustomerLinks,
    add_complaint,
    add_resolutions,
    complaint_figures,
    resolution_figures,
)
from entitlements.outcomes.reports.case_sections import CASE_ADDERS, CASE_SECTIONS
from entitlements.outcomes.reports.case_trends import (
    COMPLAINTS,
    TrendSums,
    add_opening,
    season_figures,
    trends_of,
)
from entitlements.outcomes.reports.figure import Figure
from entitlements.outcomes.reports.measured_cases import MeasuredCase, Period
from entitlements.outcomes.reports.record_sections import add_survey, satisfaction_figures
from entitlements.outcomes.reports.records import cases_named, earliest, repeated_records
from entitlements.outcomes.reports.sums import Scope, Sums
from entitlements.outcomes.trends import Trend

_SECTIONS = (
    *CASE_SECTIONS,
    resolution_figures,
    complaint_figures,
    satisfaction_figures,
    season_figures,
)


@final
class CaseCollector:
    """What cases and the records about them add up to.

    Each group has its sums. Of a customer's cases it is kept how they depend on one another, until
    they are settled; with `keep_ids` the ids of all cases are kept.

    Attributes:
        has_ids: Whether ids are kept.
        broken: Cases and records that are left out of some figures, each with the reason.
        groups: The sums by group.
    """

    def __init__(
        self, period: Period, by: str, zone: str, customer: str | None, *, keep_ids: bool
    ) -> None:
        self._period, self._by, self._zone, self._customer = period, by, zone, customer
        self.has_ids = keep_ids
        self.broken: dict[str, str] = {}
        self.groups: dict[str | None, Sums] = {}
        self._weeks = TrendSums(period)
        self._ids: set[str] = set()
        self._links: dict[str | None, CustomerLinks] = {}
        self._settled: set[str | None] = set()
        self._surveys: dict[str, Survey] = {}
        self._complaints: list[Complaint] = []
        self._named: dict[str, str] = {}
        self._repeated: dict[str, str] = {}
        self._group_of: dict[str, str | None] = {}

    def expect(self, surveys: Collection[Survey], complaints: Collection[Complaint]) -> None:
        """Take records about cases that are added from now on."""
        self._surveys |= earliest(surveys)
        known = earliest(complaints).values()
        self._complaints += (each for each in known if self._customer in {None, each.customer})
        self._named |= cases_named(surveys, complaints)
        self._repeated |= repeated_records(surveys, complaints)

    def is_new(self, id: str) -> bool:
        """Return whether no case had this id before, as far as ids are kept."""
        if id in self._ids:
            self.broken[id] = "several cases have this id; the first one counts"
            return False
        if self.has_ids:
            self._ids.add(id)
        if self._named.pop(id, None) is not None:
            self._group_of[id] = None
        return True

    def add(self, case: MeasuredCase) -> None:
        """Add a case.

        Raises:
            InvalidValueError: The cases of its customer are settled already.
        """
        group, period = case.value_of(self._by), self._period
        if case.id in self._group_of:
            self._group_of[case.id] = group
        if case.problem is not None:
            self.broken[case.id] = case.problem
        if case.opened is None:
            return  # it comes after the period, of which it must not make another report
        self._links_of(case.value_of("customer")).add(case, group)
        sums = self._sums(group)
        for add in CASE_ADDERS:
            add(sums, case, period)
        add_resolutions(sums, case, period)
        add_opening(sums, case, period, self._zone)
        self._weeks.add_case(case)
        survey = self._surveys.pop(case.id, None)
        if survey is not None:
            add_survey(sums, survey, period)

    def _sums(self, group: str | None) -> Sums:
        found = self.groups.get(group)
        if found is None:
            found = self.groups[group] = Sums(has_ids=self.has_ids)
        return found

    def _links_of(self, customer: str | None) -> CustomerLinks:
        links = self._links.get(customer)
        if links is None:
            if not self.has_ids:
                self._settle_links()
            if customer in self._settled:
                raise InvalidValueError(
                    f"cases of customer `{customer}` come after those of another one",
                    hint="order them by customer, or keep the ids",
                )
            links = self._links[customer] = CustomerLinks()
        return links

    def _settle_links(self) -> None:
        for links in self._links.values():
            links.add_to(self.groups, self._period)
        self._settled |= self._links.keys()
        self._links.clear()

    def settle(self, unread: Iterable[str] = ()) -> None:
        """Add what depends on other cases; no more come of these customers.

        Args:
            unread: Ids of cases that could not be read.
        """
        self._settle_links()
        for each in self._complaints:
            by_customer = self._by == "customer"
            group = each.customer if by_customer else self._group_of.get(each.case or "")
            add_complaint(self._sums(group), each, self._period)
            self._weeks.add(COMPLAINTS, "all", to_micros(each.received))
        known = set(unread)
        missing = {id: why for id, why in self._named.items() if id not in known}
        self.broken |= missing | self._repeated
        for kept in (self._surveys, self._named, self._repeated, self._group_of):
            kept.clear()
        self._complaints.clear()

    def figures(self) -> Iterator[Figure]:
        """Yield the figures of all groups together, then of each group."""
        total = Sums(has_ids=self.has_ids)
        for sums in self.groups.values():
            total.include(sums)
        yield from _figures(Scope(total, None, is_total=True, period=self._period, zone=self._zone))
        for group in sorted(self.groups, key=lambda each: each or ""):
            own = Scope(
                self.groups[group], group, is_total=False, period=self._period, zone=self._zone
            )
            yield from _figures(own)

    def trends(self) -> Iterator[Trend]:
        """Yield figures week by week."""
        return trends_of(self._weeks, self._period)


def _figures(scope: Scope) -> Iterator[Figure]:
    for make in _SECTIONS:
        yield from make(scope)
