"""Report of a period: every figure as a count, opened to the cases that made it.

All cases are read as they were just before the end of the period, so the report of a period that
is over does not change. The total of each figure is the sum of its groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.converters import frozen_map, instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import optional_identifier
from entitlements.kernel.instants import MICROSECOND, utc
from entitlements.outcomes.cases import DIMENSIONS, CaseRecord
from entitlements.outcomes.reports.case_sections import (
    CASE_SECTIONS,
    MeasuredCase,
    Period,
    Scope,
    measured,
)
from entitlements.outcomes.reports.figure import Figure, ReportSection
from entitlements.outcomes.reports.record_sections import (
    availability_figures,
    satisfaction_figures,
)
from entitlements.outcomes.reports.records import ReportRecords


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
        broken: Cases and surveys that are left out of some figures, each with the reason.
    """

    start: datetime
    end: datetime
    customer: str | None
    by: str
    figures: tuple[Figure, ...] = attrs.field(converter=_figures)
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
) -> Report:
    """Return the figures of a period.

    A period in which nothing happened has counts of 0, and shares and times that are not known.

    Args:
        cases: All cases, also those that were opened before the period.
        start: First instant of the period.
        end: First instant after it.
        customer: Report the cases of this customer only.
        by: The dimension by which cases are divided, such as `severity` or `group`.
        records: Surveys and outages; without them there are no such figures.
        unread: Cases that could not be read, each with the reason; they become part of `broken`.

    Raises:
        InvalidValueError: The period is empty.
        UnknownIdError: There is no such dimension.
    """
    first, after = utc(start), utc(end)
    if first >= after:
        raise InvalidValueError(f"the period ends at `{end}`, not after `{start}`")
    if by not in DIMENSIONS:
        raise UnknownIdError("dimension", str(by), known=DIMENSIONS)
    whose = optional_identifier(customer)
    period = Period(first, after, after - MICROSECOND)
    beside = ReportRecords() if records is None else instance_of(ReportRecords, records)
    broken = dict(unread or {})
    known: dict[str, CaseRecord] = {}
    for case in tuple_of(CaseRecord, cases):
        if known.setdefault(case.id, case) is not case:
            broken[case.id] = "several cases have this id; the first one counts"
    read = [measured(each, period) for each in known.values() if whose in {None, each.customer}]
    broken |= {each.case.id: why for each, why in read if why is not None}
    own = [each for each, _ in read]
    for survey in beside.surveys:
        if survey.case not in known and survey.case not in broken:
            broken[survey.case] = "a survey is about this case, which is not known"
    figures = [
        *(each for scope in _scopes(own, by, period) for each in _of_scope(scope, beside)),
        *availability_figures(beside, period),
    ]
    order = list(ReportSection)
    figures.sort(key=lambda each: (order.index(each.section), each.name or ""))
    return Report(start=first, end=after, customer=whose, by=by, figures=figures, broken=broken)


def _scopes(cases: list[MeasuredCase], by: str, period: Period) -> Iterator[Scope]:
    yield Scope(cases, None, is_total=True, period=period)
    groups: dict[str | None, list[MeasuredCase]] = {}
    for each in cases:
        groups.setdefault(each.case.value_of(by), []).append(each)
    for group in sorted(groups, key=lambda each: each or ""):
        yield Scope(groups[group], group, is_total=False, period=period)


def _of_scope(scope: Scope, records: ReportRecords) -> Iterator[Figure]:
    for make in CASE_SECTIONS:
        yield from make(scope)
    yield from satisfaction_figures(scope, records.surveys)
