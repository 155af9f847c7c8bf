"""Report of a period: every figure as a count, opened to the cases that made it.

All cases are read as they were just before the end of the period, so the report of a period that
is over does not change. The total of each figure is the sum of its groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.calendars.timeline.zones import zone_name
from entitlements.kernel.converters import each_of, frozen_map, instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import optional_identifier
from entitlements.kernel.instants import MICROSECOND, utc
from entitlements.outcomes.cases import DIMENSIONS, CaseRecord
from entitlements.outcomes.reports.after_sections import (
    CaseLinks,
    complaint_figures,
    links_of,
    resolution_figures,
)
from entitlements.outcomes.reports.case_sections import CASE_SECTIONS
from entitlements.outcomes.reports.case_trends import (
    WEEKDAYS,
    season_figures,
    since_of,
    trends_of,
)
from entitlements.outcomes.reports.figure import Figure, ReportSection
from entitlements.outcomes.reports.measured_cases import (
    KeptResults,
    MeasuredCase,
    Period,
    measured,
)
from entitlements.outcomes.reports.record_sections import (
    availability_figures,
    budget_figures,
    notice_figures,
    satisfaction_figures,
)
from entitlements.outcomes.reports.records import ReportRecords
from entitlements.outcomes.reports.scopes import RecordScope, earliest, record_problems, scopes_of
from entitlements.outcomes.trends import Trend


def _trends(values: Iterable[Trend]) -> tuple[Trend, ...]:
    return tuple_of(Trend, values)


def _figures(values: Iterable[Figure]) -> tuple[Figure, ...]:
    return tuple_of(Figure, values)


@final
@attrs.frozen(kw_only=True)
class Report:
    """The figures of a period; `report` makes it.

    Attributes:
        start: First instant of the period.
        end: First instant after it.
        customer: Whose cases are reported; None for all.
        by: The dimension by which cases are divided.
        figures: The figures by section and name, the total of all groups before each group.
        trends: Figures week by week, before the period and in it.
        broken: Cases and records that are left out of some figures, each with the reason.
    """

    start: datetime
    end: datetime
    customer: str | None
    by: str
    figures: tuple[Figure, ...] = attrs.field(converter=_figures)
    trends: tuple[Trend, ...] = attrs.field(default=(), converter=_trends)
    broken: FrozenMap[str, str] = attrs.field(converter=frozen_map)

    def figure(self, section: ReportSection | str, name: str | None, measure: str) -> Figure:
        """Return a figure over all groups.

        Raises:
            UnknownIdError: The report has no such figure.
        """
        totals = [each for each in self.figures if each.is_total]
        for each in totals:
            if (each.section, each.name, each.measure) == (section, name, measure):
                return each
        known = [f"{each.section} {each.name} {each.measure}" for each in totals]
        raise UnknownIdError("figure", f"{section} {name} {measure}", known=known)

    def groups(
        self, section: ReportSection | str, name: str | None, measure: str
    ) -> FrozenMap[str | None, Figure]:
        """Return a figure of each group that has one; the group of cases without one is None."""
        return FrozenMap(
            {
                each.group: each
                for each in self.figures
                if not each.is_total
                and (each.section, each.name, each.measure) == (section, name, measure)
            }
        )


def report(
    cases: Iterable[CaseRecord],
    start: datetime,
    end: datetime,
    *,
    customer: str | None = None,
    by: str = "severity",
    records: ReportRecords | None = None,
    unread: Mapping[str, str] | None = None,
    zone: str = "UTC",
    kept: KeptResults | None = None,
) -> Report:
    """Return the figures of a period.

    A period in which nothing happened has counts of 0, and shares and times that are not known.

    Args:
        cases: All cases, also those that were opened before the period; read once, one by one.
        start: First instant of the period.
        end: First instant after it.
        customer: Report the cases, complaints and notices of this customer only.
        by: The dimension by which cases are divided, such as `severity` or `group`.
        records: Surveys, outages, complaints and notices; without them there are no such figures.
        unread: Cases that could not be read, each with the reason; they become part of `broken`.
            It is looked at after all cases were read.
        zone: The zone of weekdays and hours.
        kept: What was measured for earlier reports, to which more is added. A case of which
            something differs is measured again, and so is one that was not over.

    Raises:
        InvalidValueError: The period is empty, or there is no such zone.
        UnknownIdError: There is no such dimension.
    """
    first, after = utc(start), utc(end)
    if first >= after:
        raise InvalidValueError(f"the period ends at `{end}`, not after `{start}`")
    if by not in DIMENSIONS:
        raise UnknownIdError("dimension", str(by), known=DIMENSIONS)
    whose, where = optional_identifier(customer), zone_name(zone)
    period = Period(first, after, after - MICROSECOND, since_of(first))
    beside = ReportRecords() if records is None else instance_of(ReportRecords, records)
    ids, own, broken = _read(cases, period, whose, unread, kept)
    broken |= record_problems(beside, ids | broken.keys())
    complaints = [each for each in earliest(beside.complaints) if whose in {None, each.customer}]
    notices = [each for each in beside.notices if whose in {None, each.notice.customer}]
    links = links_of(own)
    figures = [
        *(
            figure
            for each in scopes_of(own, beside.surveys, complaints, (by, where), period)
            for figure in _of_scope(each, links)
        ),
        *availability_figures(beside, period),
        *budget_figures(beside, period),
        *notice_figures(notices, period),
    ]
    figures.sort(key=_place)
    trends = trends_of(own, complaints, period)
    return Report(
        start=first, end=after, customer=whose, by=by, figures=figures, trends=trends, broken=broken
    )


def _read(
    cases: Iterable[CaseRecord],
    period: Period,
    customer: str | None,
    unread: Mapping[str, str] | None,
    kept: KeptResults | None,
) -> tuple[set[str], list[MeasuredCase], dict[str, str]]:
    """Return the ids of all cases, what is measured of the customer's, and what is broken."""
    ids: set[str] = set()
    own: list[MeasuredCase] = []
    broken: dict[str, str] = {}
    for case in each_of(CaseRecord, cases):
        if case.id in ids:
            broken[case.id] = "several cases have this id; the first one counts"
            continue
        ids.add(case.id)
        if customer in {None, case.customer}:
            found = measured(case, period, kept)
            own.append(found)
            if found.problem is not None:
                broken[case.id] = found.problem
    return ids, own, {**(unread or {}), **broken}


_SECTIONS: Final = {section: number for number, section in enumerate(ReportSection)}
_DAYS: Final = {name: f"{number}" for number, name in enumerate(WEEKDAYS)}


def _place(figure: Figure) -> tuple[int, str]:
    name = figure.name or ""
    if figure.section is ReportSection.WEEKDAYS:
        name = _DAYS[name]
    return _SECTIONS[figure.section], name


def _of_scope(found: RecordScope, links: CaseLinks) -> Iterator[Figure]:
    for make in CASE_SECTIONS:
        yield from make(found.scope)
    yield from resolution_figures(found.scope, links)
    yield from complaint_figures(found.scope, found.complaints)
    yield from satisfaction_figures(found.scope, found.surveys)
    yield from season_figures(found.scope)
