"""Sections of a report that are made of cases: attainment, waiting, flow, backlog and pauses.

Each function gets the cases of one group, or all of them, and yields the figures of its section.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, NamedTuple

from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import MICROSECOND, to_micros
from entitlements.outcomes.attainment import (
    AttainmentBasis,
    Promise,
    Verdict,
    counted,
    promises_of,
)
from entitlements.outcomes.cases import CaseRecord
from entitlements.outcomes.figures.shares import Share
from entitlements.outcomes.figures.waiting_times import Wait, waiting_times
from entitlements.outcomes.flow import AGES, measure_backlog, measure_flow
from entitlements.outcomes.pauses import JUST_BEFORE, OddPause, Pause, open_and_held, pauses_of
from entitlements.outcomes.reports.figure import Figure, FigureValue, ReportSection

MOST: Final = Fraction(9, 10)
"""The share of waits of the second quantile in a report."""


class MeasuredCase(NamedTuple):
    """A case with what a report reads from its clocks, at the end of the period.

    Attributes:
        case: The case.
        promises: Its promises that belong to the period.
        pauses: Its pauses that touch the period.
        open_time: How long it was open in the period, in microseconds.
        held: How long of that it was held.
    """

    case: CaseRecord
    promises: tuple[Promise, ...]
    pauses: tuple[Pause, ...]
    open_time: int
    held: int


class Period(NamedTuple):
    """A period: its first instant, the first after it, and its last microsecond."""

    start: datetime
    end: datetime
    last: datetime


def measured(case: CaseRecord, period: Period) -> tuple[MeasuredCase, str | None]:
    """Return a case as it was in a period, and why its clocks could not be measured, if so."""
    first, last = to_micros(period.start), to_micros(period.last)
    entries = case.history.until(last)[0]
    open_time, held = open_and_held(entries, first, last + 1)
    try:
        promises = tuple(promises_of(case, period.start, period.end, AttainmentBasis.DECIDED))
        pauses = tuple(
            each
            for each in pauses_of(case, last, JUST_BEFORE)
            if each.end is None or each.end > period.start
        )
    except EntitlementsError as error:
        return MeasuredCase(case, (), (), open_time, held), str(error)
    return MeasuredCase(case, promises, pauses, open_time, held), None


class Scope(NamedTuple):
    """The cases of one group, or of all groups together.

    Attributes:
        cases: The cases.
        group: The group; None for cases that have none, and for the total.
        is_total: Whether these are the cases of all groups.
        period: The period of the report.
    """

    cases: Sequence[MeasuredCase]
    group: str | None
    is_total: bool
    period: Period

    def figure(
        self,
        section: ReportSection,
        name: str | None,
        measure: str,
        value: FigureValue,
        ids: Iterable[str] = (),
    ) -> Figure:
        """Return a figure of these cases."""
        return Figure(
            section=section,
            name=name,
            measure=measure,
            group=self.group,
            is_total=self.is_total,
            value=value,
            ids=ids,
        )


def attainment_figures(scope: Scope) -> Iterator[Figure]:
    """Yield how many promises were met, and what became of the others, by milestone."""
    section = ReportSection.ATTAINMENT
    for name, promises in _by_milestone(scope).items():
        found = counted(promises)
        decided = {id for each in (Verdict.MET, Verdict.MISSED) for id in found.cases.get(each, ())}
        yield scope.figure(section, name, "share", found.share, sorted(decided))
        for verdict in Verdict:
            ids = found.cases.get(verdict, ())
            yield scope.figure(section, name, verdict.value, found.counts.get(verdict, 0), ids)


def waiting_figures(scope: Scope) -> Iterator[Figure]:
    """Yield the waits of the clocks that started in the period, in elapsed and counted time."""
    section, period = ReportSection.WAITING, scope.period
    for name, promises in _by_milestone(scope).items():
        started = [each for each in promises if _started_in(each, period)]
        if not started:
            continue
        waits = {
            "elapsed": waiting_times(_elapsed(each, period.end) for each in started),
            "counted": waiting_times(
                Wait(each.reading.elapsed, is_over=each.reading.completed_at is not None)
                for each in started
            ),
        }
        ids = sorted(each.case.id for each in started)
        over = sorted(each.case.id for each in started if each.reading.completed_at is not None)
        yield scope.figure(section, name, "started", len(ids), ids)
        yield scope.figure(section, name, "over", len(over), over)
        for kind, times in waits.items():
            yield scope.figure(section, name, f"median_{kind}", times.median, ids)
            yield scope.figure(section, name, f"p90_{kind}", times.quantile(MOST), ids)


def _started_in(promise: Promise, period: Period) -> bool:
    started = promise.reading.started_at
    is_counted = promise.verdict is not Verdict.NO_PROMISE
    return is_counted and started is not None and period.start <= started < period.end


def _elapsed(promise: Promise, end: datetime) -> Wait:
    reading = promise.reading
    start = end if reading.started_at is None else reading.started_at
    until = reading.completed_at or reading.cancelled_at or end
    return Wait(max(timedelta(), until - start), is_over=reading.completed_at is not None)


def _by_milestone(scope: Scope) -> Mapping[str, list[Promise]]:
    found: dict[str, list[Promise]] = {}
    for case in scope.cases:
        for promise in case.promises:
            found.setdefault(promise.milestone, []).append(promise)
    return dict(sorted(found.items()))


def flow_figures(scope: Scope) -> Iterator[Figure]:
    """Yield what came in and went out."""
    flow = measure_flow((each.case for each in scope.cases), scope.period.start, scope.period.end)
    for measure, ids in flow.cases.items():
        yield scope.figure(ReportSection.FLOW, "cases", measure, len(ids), ids)


def backlog_figures(scope: Scope) -> Iterator[Figure]:
    """Yield the cases that are open at the end of the period, by age."""
    backlog = measure_backlog((each.case for each in scope.cases), scope.period.last)
    words = [f"under_{AGES[0].days}d", *(f"from_{each.days}d" for each in AGES)]
    for measure, ids in zip(words, backlog.cases, strict=True):
        yield scope.figure(ReportSection.BACKLOG, "cases", measure, len(ids), sorted(ids))


def pause_figures(scope: Scope) -> Iterator[Figure]:
    """Yield how long cases were open and held in the period, and the odd pauses."""
    section = ReportSection.PAUSES
    opened = sum(each.open_time for each in scope.cases)
    held = sum(each.held for each in scope.cases)
    ids = sorted(each.case.id for each in scope.cases if each.open_time)
    held_ids = sorted(each.case.id for each in scope.cases if each.held)
    yield scope.figure(section, "cases", "open_time", opened * MICROSECOND, ids)
    yield scope.figure(section, "cases", "held_time", held * MICROSECOND, held_ids)
    yield scope.figure(section, "cases", "held_share", Share(held, opened), ids)
    for odd in OddPause:
        found = [each.case for each in _pauses(scope) if odd in each.odd]
        yield scope.figure(section, "cases", odd.value, len(found), sorted(found))


def pause_reason_figures(scope: Scope) -> Iterator[Figure]:
    """Yield how long cases were held for each reason; the times of several overlap."""
    yield from _pauses_by(scope, ReportSection.PAUSE_REASONS, lambda each: each.reason)


def pause_agent_figures(scope: Scope) -> Iterator[Figure]:
    """Yield how long cases were held by whom."""
    yield from _pauses_by(scope, ReportSection.PAUSE_AGENTS, lambda each: each.by)


def _pauses_by(
    scope: Scope, section: ReportSection, name_of: Callable[[Pause], str | None]
) -> Iterator[Figure]:
    found: dict[str | None, list[Pause]] = {}
    for each in _pauses(scope):
        found.setdefault(name_of(each), []).append(each)
    for name in sorted(found, key=lambda each: each or ""):
        pauses = found[name]
        held = sum((_length(each, scope.period) for each in pauses), timedelta())
        ids = sorted(each.case for each in pauses)
        yield scope.figure(section, name, "pauses", len(pauses), ids)
        yield scope.figure(section, name, "held_time", held, ids)


def _pauses(scope: Scope) -> Iterator[Pause]:
    return (pause for each in scope.cases for pause in each.pauses)


def _length(pause: Pause, period: Period) -> timedelta:
    return (pause.end or period.end) - max(pause.start, period.start)


CASE_SECTIONS: Final[tuple[Callable[[Scope], Iterator[Figure]], ...]] = (
    attainment_figures,
    waiting_figures,
    flow_figures,
    backlog_figures,
    pause_figures,
    pause_reason_figures,
    pause_agent_figures,
)
