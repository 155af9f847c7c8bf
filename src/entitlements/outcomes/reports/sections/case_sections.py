"""Sections of a report that are made of cases: attainment, waiting, flow, backlog and pauses.

For each section there is a function that adds a case to the sums of its group, and one that yields
the figures of the sums.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final

from entitlements.kernel.instants import MICROSECOND, to_micros
from entitlements.outcomes.attainment import Verdict
from entitlements.outcomes.figures.shares import Share
from entitlements.outcomes.flow import AGES, FLOW_COUNTS
from entitlements.outcomes.pauses import OddPause, Pause
from entitlements.outcomes.reports.figure import Figure, ReportSection
from entitlements.outcomes.reports.measured_cases import MeasuredCase, Period
from entitlements.outcomes.reports.sums import Scope, Sums

_HALF: Final = Fraction(1, 2)
MOST: Final = Fraction(9, 10)
"""The share of waits of the second quantile in a report."""

_LIMITS: Final = [age // MICROSECOND for age in AGES]
_AGES: Final = (f"under_{AGES[0].days}d", *(f"from_{each.days}d" for each in AGES))
_ODD: Final = tuple(each.value for each in OddPause)


def _add_promises(sums: Sums, case: MeasuredCase, _: Period) -> None:
    for each in case.promises:
        name = each.milestone
        sums.add(ReportSection.ATTAINMENT, name, each.verdict.value, case.id)
        if each.started is not None:
            sums.add(ReportSection.WAITING, name, "started", case.id)
            if each.is_over:
                sums.add(ReportSection.WAITING, name, "over", case.id)
            sums.add_wait(name, "elapsed", each.elapsed, is_over=each.is_over)
            sums.add_wait(name, "counted", each.counted, is_over=each.is_over)


def _attainment_figures(scope: Scope) -> Iterator[Figure]:
    """Yield how many promises were met, and what became of the others, by milestone."""
    section = ReportSection.ATTAINMENT
    for name in scope.names(section):
        ids = {each: sorted(set(scope.ids(section, name, each.value))) for each in Verdict}
        met, missed = (scope.amount(section, name, each) for each in ("met", "missed"))
        decided = sorted({*ids[Verdict.MET], *ids[Verdict.MISSED]})
        yield scope.figure(section, name, "share", Share(met, met + missed), decided)
        for each in Verdict:
            count = scope.amount(section, name, each.value)
            yield scope.figure(section, name, each.value, count, ids[each])


def _waiting_figures(scope: Scope) -> Iterator[Figure]:
    """Yield the waits of the clocks that started in the period, in elapsed and counted time."""
    section = ReportSection.WAITING
    for name in scope.names(section):
        yield from scope.counted(section, name, ("started", "over"))
        ids = scope.ids(section, name, "started")
        for kind in ("elapsed", "counted"):
            waits = scope.sums.waits[name or "", kind]
            yield scope.figure(section, name, f"median_{kind}", waits.quantile(_HALF), ids)
            yield scope.figure(section, name, f"p90_{kind}", waits.quantile(MOST), ids)


def _add_flow(sums: Sums, case: MeasuredCase, period: Period) -> None:
    for measure in case.flow:
        sums.add(ReportSection.FLOW, "cases", measure, case.id)
    if case.open_since is not None:
        age = bisect_right(_LIMITS, to_micros(period.last) - case.open_since)
        sums.add(ReportSection.BACKLOG, "cases", _AGES[age], case.id)


def _flow_figures(scope: Scope) -> Iterator[Figure]:
    """Yield what came in and went out, and what is open at the end of the period, by age."""
    yield from scope.counted(ReportSection.FLOW, "cases", FLOW_COUNTS)
    yield from scope.counted(ReportSection.BACKLOG, "cases", _AGES)


def _add_pauses(sums: Sums, case: MeasuredCase, period: Period) -> None:
    section = ReportSection.PAUSES
    if case.open_time:
        sums.add(section, "cases", "open_time", case.id, case.open_time)
    if case.held:
        sums.add(section, "cases", "held_time", case.id, case.held)
    for each in case.pauses:
        for odd in each.odd:
            sums.add(section, "cases", odd.value, case.id)
        held = _length(each, period)
        for by, name in (
            (ReportSection.PAUSE_REASONS, each.reason),
            (ReportSection.PAUSE_AGENTS, each.by),
        ):
            sums.add(by, name, "pauses", case.id)
            sums.add(by, name, "held_time", case.id, held)


def _length(pause: Pause, period: Period) -> int:
    return ((pause.end or period.end) - max(pause.start, period.start)) // MICROSECOND


def _pause_figures(scope: Scope) -> Iterator[Figure]:
    """Yield how long cases were open and held, and the odd pauses; by reason, and by whom.

    The times of several reasons overlap.
    """
    section, name = ReportSection.PAUSES, "cases"
    yield scope.timed(section, name, "open_time")
    yield scope.timed(section, name, "held_time")
    held, opened = (scope.amount(section, name, each) for each in ("held_time", "open_time"))
    ids = scope.ids(section, name, "open_time")
    yield scope.figure(section, name, "held_share", Share(held, opened), ids)
    yield from scope.counted(section, name, _ODD)
    for by in (ReportSection.PAUSE_REASONS, ReportSection.PAUSE_AGENTS):
        for each in scope.names(by):
            yield from scope.counted(by, each, ("pauses",))
            yield scope.timed(by, each, "held_time")


CASE_ADDERS: Final[tuple[Callable[[Sums, MeasuredCase, Period], None], ...]] = (
    _add_promises,
    _add_flow,
    _add_pauses,
)
CASE_SECTIONS: Final[tuple[Callable[[Scope], Iterator[Figure]], ...]] = (
    _attainment_figures,
    _waiting_figures,
    _flow_figures,
    _pause_figures,
)
