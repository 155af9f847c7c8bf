"""Collector of a report: adds up cases and the records about them, and then forgets them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import final

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.surveys import Survey
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import to_micros
from entitlements.outcomes.reports.figure import Figure
from entitlements.outcomes.reports.measured_cases import MeasuredCase, Period
from entitlements.outcomes.reports.records import cases_named, earliest, repeated_records
from entitlements.outcomes.reports.sections.after_sections import (
    CustomerLinks,
    add_complaint,
    add_resolutions,
    complaint_figures,
    resolution_figures,
)
from entitlements.outcomes.reports.sections.case_sections import CASE_ADDERS, CASE_SECTIONS
from entitlements.outcomes.reports.sections.case_trends import (
    COMPLAINTS,
    TrendSums,
    add_opening,
    season_figures,
    trends_of,
)
from entitlements.outcomes.reports.sections.record_sections import add_survey, satisfaction_figures
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
    they are settled; with `keep_ids` the ids of all cases are kept. What `is_kept` for later
    reports has no ids, and cases can be taken away again, with what depends on them.

    Attributes:
        has_ids: Whether ids are kept.
        broken: Cases and records that are left out of some figures, each with the reason.
        groups: The sums by group.
    """

    def __init__(
        self,
        period: Period,
        by: str,
        zone: str,
        customer: str | None,
        *,
        keep_ids: bool,
        is_kept: bool = False,
    ) -> None:
        self._period, self._by, self._zone, self._customer = period, by, zone, customer
        self.has_ids = keep_ids
        self.broken: dict[str, str] = {}
        self.groups: dict[str | None, Sums] = {}
        self._weeks = TrendSums(period, has_ids=keep_ids)
        self._members: Counter[str | None] = Counter()
        self._kept_links: dict[str | None, CustomerLinks] | None = {} if is_kept else None
        self._counted: list[tuple[str | None, Complaint]] = []
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

    def add(self, case: MeasuredCase, *, is_linked: bool = False) -> None:
        """Add a case, also as one on which others depend, unless it is that already.

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
        if not is_linked:
            self._links_of(case.value_of("customer")).add(case, self._by)
        self._count(self._sums(group), case, self._surveys.pop(case.id, None), period)
        self._members[group] += 1
        self._weeks.add_case(case)

    def _count(self, sums: Sums, case: MeasuredCase, survey: Survey | None, period: Period) -> None:
        for add in CASE_ADDERS:
            add(sums, case, period)
        add_resolutions(sums, case, period)
        add_opening(sums, case, period, self._zone)
        if survey is not None:
            add_survey(sums, survey, period)

    def remove(
        self, case: MeasuredCase, surveys: Collection[Survey], *, is_linked: bool = False
    ) -> None:
        """Take away a case that was added with these surveys; it may be added again.

        Args:
            case: The case.
            surveys: The surveys.
            is_linked: Whether it stays one on which others depend as before.
        """
        self.broken.pop(case.id, None)
        if case.opened is None:
            return
        group = case.value_of(self._by)
        if not is_linked:
            self._links_of(case.value_of("customer")).drop(case.id)
        survey = earliest(surveys).get(case.id)
        self._count(self._sums(group).taking_away(), case, survey, self._period)
        self._members[group] -= 1
        self._weeks.add_case(case, -1)

    def move_end(self, period: Period) -> None:
        """Go on with a later end; what would be otherwise there must have been taken away."""
        self._period = period

    def can_end(self, end: datetime) -> bool:
        """Return whether the end can be moved to an instant."""
        return self._weeks.can_end(end)

    @property
    def first(self) -> int | None:
        """When the first case was opened; taking that away does not change it."""
        return self._weeks.first

    @first.setter
    def first(self, at: int | None) -> None:
        self._weeks.first = at

    def know(self, id: str, group: str | None) -> None:
        """Take a case for known that was added before the complaints about it came."""
        if self._named.pop(id, None) is not None:
            self._group_of[id] = group

    def _sums(self, group: str | None) -> Sums:
        found = self.groups.get(group)
        if found is None:
            found = self.groups[group] = Sums(has_ids=self.has_ids)
        return found

    def _links_of(self, customer: str | None) -> CustomerLinks:
        links = self._links.get(customer)
        if links is None:
            if not self.has_ids and self._kept_links is None:
                self._settle_links()
            links = self._links_again(customer)
        if links is None:
            if customer in self._settled:
                raise InvalidValueError(
                    f"cases of customer `{customer}` come after those of another one",
                    hint="order them by customer, or keep the ids",
                )
            links = CustomerLinks()
        self._links[customer] = links
        return links

    def _links_again(self, customer: str | None) -> CustomerLinks | None:
        """Take away what the kept cases of a customer made of one another, and return them."""
        links = (self._kept_links or {}).pop(customer, None)
        if links is not None:
            self._settled.discard(customer)
            links.add_to(lambda group: self._sums(group).taking_away(), self._period)
        return links

    def _settle_links(self) -> None:
        for links in self._links.values():
            links.add_to(self._sums, self._period)
        if self._kept_links is not None:
            self._kept_links |= self._links
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
            self._count_complaint(group, each)
            if self._kept_links is not None:
                self._counted.append((group, each))
        known = set(unread)
        for id, why in self._named.items():
            if id not in known:
                self.broken.setdefault(id, why)
        self.broken |= self._repeated
        for kept in (self._surveys, self._named, self._repeated, self._group_of):
            kept.clear()
        self._complaints.clear()

    def _count_complaint(self, group: str | None, each: Complaint, times: int = 1) -> None:
        sums = self._sums(group)
        add_complaint(sums if times > 0 else sums.taking_away(), each, self._period)
        self._weeks.add(COMPLAINTS, to_micros(each.received), each.id, times)
        self._members[group] += times

    def forget_complaints(self) -> None:
        """Take away all complaints, which may have changed when the next report is made."""
        for group, each in self._counted:
            self._count_complaint(group, each, -1)
        self._counted.clear()

    def figures(self) -> Iterator[Figure]:
        """Yield the figures of all groups together, then of each group."""
        total = Sums(has_ids=self.has_ids)
        for sums in self.groups.values():
            total.include(sums)
        yield from _figures(Scope(total, None, is_total=True, period=self._period, zone=self._zone))
        for group in sorted((+self._members).keys(), key=lambda each: each or ""):
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
