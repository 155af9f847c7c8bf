"""Sections of a report that are made of records: satisfaction, availability and notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from entitlements.aftersales.availability import measure_availability
from entitlements.aftersales.notices import NoticeKind, SentNotice
from entitlements.aftersales.outages import Outage
from entitlements.aftersales.surveys import Survey, SurveyKind
from entitlements.kernel.instants import MICROSECOND
from entitlements.outcomes.figures.shares import Interval, Share
from entitlements.outcomes.reports.figure import Figure, FigureValue, ReportSection
from entitlements.outcomes.reports.measured_cases import Period
from entitlements.outcomes.reports.records import ReportRecords
from entitlements.outcomes.reports.sums import Scope, Sums
from entitlements.outcomes.satisfaction import Ces, Csat, Nps

_Score: TypeAlias = tuple[FigureValue, Interval | None]
"""A score, and its interval at 95 percent."""


def _satisfied(scores: Sequence[int]) -> _Score:
    satisfied = Csat(scores=scores, asked=len(scores)).satisfied
    return satisfied, satisfied.interval()


def _nps(scores: Sequence[int]) -> _Score:
    found = Nps(scores=scores, asked=len(scores))
    return found.value, found.interval()


def _ces(scores: Sequence[int]) -> _Score:
    found = Ces(scores=scores, asked=len(scores))
    return found.mean, found.interval()


_BUDGET: Final = ("allowed", "down", "remaining", "burn_rate")
_SCORES: Final[Mapping[SurveyKind, Callable[[Sequence[int]], _Score]]] = {
    SurveyKind.CSAT: _satisfied,
    SurveyKind.NPS: _nps,
    SurveyKind.CES: _ces,
}


def add_survey(sums: Sums, survey: Survey, period: Period) -> None:
    """Add a survey that was sent in the period, and one that was answered in it."""
    section, name, id = ReportSection.SATISFACTION, survey.kind.value, survey.case
    is_answered = survey.answered is not None and survey.answered < period.end
    if period.start <= survey.asked < period.end:
        sums.add(section, name, "asked", id)
        sums.add(section, name, "came", id, int(is_answered))
    if (
        is_answered
        and survey.score is not None
        and (survey.answered or survey.asked) >= period.start
    ):
        sums.add(section, name, "answers", id)
        sums.add_score(survey.kind, survey.score)


def satisfaction_figures(scope: Scope) -> Iterator[Figure]:
    """Yield what was answered in the period, and how many of those asked in it did by its end."""
    section = ReportSection.SATISFACTION
    known = scope.names(section)
    for kind in SurveyKind:
        name = kind.value
        if name not in known:
            continue
        scores = list(scope.sums.scores.get(kind, Counter[int]()).elements())
        ids = scope.ids(section, name, "answers")
        score, interval = _SCORES[kind](scores)
        yield scope.figure(section, name, "score", score, ids)
        yield scope.figure(section, name, "interval", interval, ids)
        yield from scope.counted(section, name, ("answers",))
        rate = Share(*(scope.amount(section, name, each) for each in ("came", "asked")))
        ids = scope.ids(section, name, "asked")
        yield scope.figure(section, name, "response_rate", rate, ids)


def availability_figures(records: ReportRecords, period: Period) -> Iterator[Figure]:
    """Yield how long each service was up."""
    section = ReportSection.AVAILABILITY
    services = sorted({*records.services, *(each.service for each in records.outages)})
    for service in services:
        own = [each for each in records.outages if each.service == service]
        found = measure_availability(
            own,
            period.start,
            period.end,
            maintenance=records.maintenance,
            rules=records.availability,
            service=service,
        )
        ids = _ids_between(own, period.start, period.end)
        share = Share(found.up // MICROSECOND, (found.up + found.down) // MICROSECOND)
        for measure, value in (
            ("share", share),
            ("up", found.up),
            ("down", found.down),
            ("unknown", found.unknown),
            ("excluded", found.excluded),
        ):
            yield Figure(section=section, name=service, measure=measure, value=value, ids=ids)


def _ids_between(outages: Iterable[Outage], start: datetime, end: datetime) -> list[str]:
    """Return the ids of outages that lie in a time, at least in part."""
    return sorted(
        each.id for each in outages if each.start < end and (each.end is None or each.end > start)
    )


def budget_figures(records: ReportRecords, period: Period) -> Iterator[Figure]:
    """Yield the error budget of each objective in its window at the end of the period.

    Nothing is known of an objective whose first window begins later.
    """
    section = ReportSection.ERROR_BUDGETS
    for each in records.objectives:
        values: tuple[FigureValue, ...] = (None,) * len(_BUDGET)
        ids: list[str] = []
        if each.has_begun(period.end):
            since, _ = each.window_at(period.end)
            own = (outage for outage in records.outages if outage.service == each.service)
            ids = _ids_between(own, since, period.end)
            budget = each.budget(
                records.outages,
                period.end,
                maintenance=records.maintenance,
                rules=records.availability,
            )
            down = budget.availability.down
            values = (budget.allowed, down, budget.remaining, budget.burn_rate)
        for measure, value in zip(_BUDGET, values, strict=True):
            yield Figure(section=section, name=each.id, measure=measure, value=value, ids=ids)


def notice_figures(notices: Sequence[SentNotice], period: Period) -> Iterator[Figure]:
    """Yield the notices that were sent in the period, by what they are about."""
    for kind in NoticeKind:
        own = sorted(
            (
                each
                for each in notices
                if each.notice.kind is kind and period.start <= each.sent < period.end
            ),
            key=lambda each: each.id,
        )
        confirmed = sum(
            each.acknowledged is not None and each.acknowledged < period.end for each in own
        )
        for measure, value in (
            ("sent", len(own)),
            ("in_time", Share(sum(each.is_in_time for each in own), len(own))),
            ("acknowledged", Share(confirmed, len(own))),
        ):
            if own:
                yield Figure(
                    section=ReportSection.NOTICES,
                    name=kind.value,
                    measure=measure,
                    value=value,
                    ids=[each.id for each in own],
                )
