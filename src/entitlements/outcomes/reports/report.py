"""Report of a period: every figure as a count, opened to the cases that made it.

All cases are read as they were just before the end of the period, so the report of a period that
is over does not change. The total of each figure is the sum of its groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.calendars.timeline.zones import zone_name
from entitlements.kernel.converters import each_of, frozen_map, instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import optional_identifier
from entitlements.kernel.instants import MICROSECOND, instant_of, text_of
from entitlements.outcomes.cases import DIMENSIONS, CaseRecord
from entitlements.outcomes.reports.collector import CaseCollector
from entitlements.outcomes.reports.figure import Figure, ReportSection
from entitlements.outcomes.reports.measured_cases import KeptResults, Period, measured
from entitlements.outcomes.reports.records import ReportRecords
from entitlements.outcomes.reports.sections.case_trends import WEEKDAYS, since_of
from entitlements.outcomes.reports.sections.record_sections import (
    availability_figures,
    budget_figures,
    notice_figures,
)
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
        has_ids: Whether figures have the ids of what made them; without them `ids` is empty.
        zone: The zone of weekdays and hours, and of the days of the period.
    """

    start: datetime
    end: datetime
    customer: str | None
    by: str
    figures: tuple[Figure, ...] = attrs.field(converter=_figures)
    trends: tuple[Trend, ...] = attrs.field(default=(), converter=_trends)
    broken: FrozenMap[str, str] = attrs.field(converter=frozen_map)
    has_ids: bool = True
    zone: str = attrs.field(default="UTC", converter=zone_name)

    def __attrs_post_init__(self) -> None:
        instance_of(bool, self.has_ids)

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
    keep_ids: bool = True,
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
        keep_ids: Keep the ids of what made each figure. Without them memory does not grow with
            the cases, which then have to come customer by customer, each once.

    >>> from entitlements.kernel import utc
    >>> march = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
    >>> found = report([], *march)
    >>> found.figure("flow", "cases", "opened").value
    0

    Raises:
        InvalidValueError: The period is empty, there is no such zone, or cases of a customer come
            after those of another one although no ids are kept.
        UnknownIdError: There is no such dimension.
    """
    question = Question.of(start, end, by=by, zone=zone, customer=customer)
    beside = ReportRecords() if records is None else instance_of(ReportRecords, records)
    found = question.collector(keep_ids=instance_of(bool, keep_ids))
    found.expect(beside.surveys, beside.complaints)
    for case in each_of(CaseRecord, cases):
        if found.is_new(case.id) and question.customer in {None, case.customer}:
            found.add(measured(case, question.period, kept))
    return question.answer(found, beside, unread or {})


@final
@attrs.frozen(kw_only=True)
class Question:
    """What a report is about.

    Attributes:
        period: The period.
        by: The dimension by which cases are divided.
        zone: The zone of weekdays and hours.
        customer: Whose cases are reported; None for all.
    """

    period: Period
    by: str
    zone: str
    customer: str | None

    @classmethod
    def of(
        cls, start: datetime, end: datetime, *, by: str, zone: str, customer: str | None
    ) -> Question:
        """Return a question that was checked.

        Raises:
            InvalidValueError: The period is empty, or there is no such zone.
            UnknownIdError: There is no such dimension.
        """
        first, after = instant_of(start), instant_of(end)
        if first >= after:
            raise InvalidValueError(
                f"the period ends at `{text_of(end)}`, not after `{text_of(start)}`"
            )
        if by not in DIMENSIONS:
            raise UnknownIdError("dimension", str(by), known=DIMENSIONS)
        period = Period(first, after, after - MICROSECOND, since_of(first))
        whose = optional_identifier(customer)
        return cls(period=period, by=by, zone=zone_name(zone), customer=whose)

    def collector(self, *, keep_ids: bool, is_kept: bool = False) -> CaseCollector:
        """Return where cases are added up, for this report or also for later ones."""
        return CaseCollector(
            self.period, self.by, self.zone, self.customer, keep_ids=keep_ids, is_kept=is_kept
        )

    def answer(
        self, found: CaseCollector, records: ReportRecords, unread: Mapping[str, str]
    ) -> Report:
        """Return the report of what was added up, and of the records that are about no case."""
        found.settle(unread)
        notices = [
            each for each in records.notices if self.customer in {None, each.notice.customer}
        ]
        figures = [
            *found.figures(),
            *availability_figures(records, self.period),
            *budget_figures(records, self.period),
            *notice_figures(notices, self.period),
        ]
        if not found.has_ids:
            figures = [attrs.evolve(each, ids=()) for each in figures]
        return Report(
            start=self.period.start,
            end=self.period.end,
            customer=self.customer,
            by=self.by,
            figures=sorted(figures, key=_place),
            trends=found.trends(),
            broken={**unread, **found.broken},
            has_ids=found.has_ids,
            zone=self.zone,
        )


_SECTIONS: Final = {section: number for number, section in enumerate(ReportSection)}
_DAYS: Final = {name: f"{number}" for number, name in enumerate(WEEKDAYS)}


def _place(figure: Figure) -> tuple[int, str]:
    name = figure.name or ""
    if figure.section is ReportSection.WEEKDAYS:
        name = _DAYS[name]
    return _SECTIONS[figure.section], name
