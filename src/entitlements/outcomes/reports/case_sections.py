"""Sections of a report that are made of cases: attainment, waiting, flow, backlog and pauses.

Each function gets the cases of one group, or all of them, and yields the figures of its section.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Final, NamedTuple

from entitlements.kernel.instants import MICROSECOND, to_micros
from entitlements.outcomes.attainment import Verdict, counted
from entitlements.outcomes.figures.shares import Share
from entitlements.outcomes.figures.waiting_times import Wait, waiting_times
from entitlements.outcomes.flow import AGES, FLOW_COUNTS
from entitlements.outcomes.pauses import OddPause, Pause
from entitlements.outcomes.reports.figure import Figure, FigureValue, ReportSection
from entitlements.outcomes.reports.measured_cases import MeasuredCase, MeasuredPromise, Period

MOST: Final = Fraction(9, 10)
"""The share of waits of the second quantile in a report."""


class Scope(NamedTuple):
    """The cases of one group, or of all groups together.

    Attributes:
        cases: The cases.
        group: The group; None for cases that have none, and for the total.
        is_total: Whether these are the cases of all groups.
        period: The period of the report.
        zone: The zone of its weekdays and hours.
    """

    cases: Sequence[MeasuredCase]
    group: str | None
    is_total: bool
    period: Period
    zone: str

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
        verdicts: dict[Verdict, list[str]] = {}
        for id, promise in promises:
            verdicts.setdefault(promise.verdict, []).append(id)
        found = counted(verdicts)
        decided = {id for each in (Verdict.MET, Verdict.MISSED) for id in found.cases.get(each, ())}
        yield scope.figure(section, name, "share", found.share, sorted(decided))
        for verdict in Verdict:
            ids = found.cases.get(verdict, ())
            yield scope.figure(section, name, verdict.value, found.counts.get(verdict, 0), ids)


def waiting_figures(scope: Scope) -> Iterator[Figure]:
    """Yield the waits of the clocks that started in the period, in elapsed and counted time."""
    section = ReportSection.WAITING
    for name, promises in _by_milestone(scope).items():
        started = [each for each in promises if each[1].started is not None]
        if not started:
            continue
        waits = {
            "elapsed": waiting_times(Wait(each.elapsed, each.is_over) for _, each in started),
            "counted": waiting_times(Wait(each.counted, each.is_over) for _, each in started),
        }
        ids = sorted(id for id, _ in started)
        over = sorted(id for id, each in started if each.is_over)
        yield scope.figure(section, name, "started", len(ids), ids)
        yield scope.figure(section, name, "over", len(over), over)
        for kind, times in waits.items():
            yield scope.figure(section, name, f"median_{kind}", times.median, ids)
            yield scope.figure(section, name, f"p90_{kind}", times.quantile(MOST), ids)


def _by_milestone(scope: Scope) -> Mapping[str, list[tuple[str, MeasuredPromise]]]:
    found: dict[str, list[tuple[str, MeasuredPromise]]] = {}
    for case in scope.cases:
        for promise in case.promises:
            found.setdefault(promise.milestone, []).append((case.id, promise))
    return dict(sorted(found.items()))


def flow_figures(scope: Scope) -> Iterator[Figure]:
    """Yield what came in and went out."""
    found: dict[str, list[str]] = {name: [] for name in FLOW_COUNTS}
    for case in scope.cases:
        for name in case.flow:
            found[name].append(case.id)
    for measure, ids in found.items():
        yield scope.figure(ReportSection.FLOW, "cases", measure, len(ids), sorted(ids))


def backlog_figures(scope: Scope) -> Iterator[Figure]:
    """Yield the cases that are open at the end of the period, by age."""
    now = to_micros(scope.period.last)
    limits = [age // MICROSECOND for age in AGES]
    found: list[list[str]] = [[] for _ in range(len(AGES) + 1)]
    for case in scope.cases:
        if case.open_since is not None:
            found[bisect_right(limits, now - case.open_since)].append(case.id)
    words = [f"under_{AGES[0].days}d", *(f"from_{each.days}d" for each in AGES)]
    for measure, ids in zip(words, found, strict=True):
        yield scope.figure(ReportSection.BACKLOG, "cases", measure, len(ids), sorted(ids))


def pause_figures(scope: Scope) -> Iterator[Figure]:
    """Yield how long cases were open and held in the period, and the odd pauses."""
    section = ReportSection.PAUSES
    opened = sum(each.open_time for each in scope.cases)
    held = sum(each.held for each in scope.cases)
    ids = sorted(each.id for each in scope.cases if each.open_time)
    held_ids = sorted(each.id for each in scope.cases if each.held)
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
