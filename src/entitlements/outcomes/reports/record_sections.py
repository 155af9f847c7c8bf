"""Sections of a report that are made of records: satisfaction, availability and notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from entitlements.aftersales.availability import measure_availability
from entitlements.aftersales.notices import NoticeKind, SentNotice
from entitlements.aftersales.surveys import Survey, SurveyKind
from entitlements.kernel.instants import MICROSECOND
from entitlements.outcomes.figures.shares import Share
from entitlements.outcomes.reports.case_sections import Scope
from entitlements.outcomes.reports.figure import Figure, FigureValue, ReportSection
from entitlements.outcomes.reports.measured_cases import Period
from entitlements.outcomes.reports.records import ReportRecords
from entitlements.outcomes.satisfaction import Ces, Csat, Nps


def _satisfied(scores: Sequence[int]) -> FigureValue:
    return Csat(scores=scores, asked=len(scores)).satisfied


def _nps(scores: Sequence[int]) -> FigureValue:
    return Nps(scores=scores, asked=len(scores)).value


def _ces(scores: Sequence[int]) -> FigureValue:
    return Ces(scores=scores, asked=len(scores)).mean


_SCORES: Final[Mapping[SurveyKind, Callable[[Sequence[int]], FigureValue]]] = {
    SurveyKind.CSAT: _satisfied,
    SurveyKind.NPS: _nps,
    SurveyKind.CES: _ces,
}


def satisfaction_figures(scope: Scope, surveys: Sequence[Survey]) -> Iterator[Figure]:
    """Yield what was answered in the period, and how many of those asked in it did by its end.

    Args:
        scope: The cases.
        surveys: The surveys about these cases.
    """
    section, period = ReportSection.SATISFACTION, scope.period
    for kind in SurveyKind:
        of_kind = [each for each in surveys if each.kind is kind]
        asked = [each for each in of_kind if period.start <= each.asked < period.end]
        came = [each for each in asked if _answered_before(each, period)]
        answers = sorted(
            (each.case, each.score)
            for each in of_kind
            if _answered_before(each, period)
            and each.score is not None
            and (each.answered or each.asked) >= period.start
        )
        if not asked and not answers:
            continue
        ids = [case for case, _ in answers]
        value = _SCORES[kind]([score for _, score in answers])
        yield scope.figure(section, kind.value, "score", value, ids)
        yield scope.figure(section, kind.value, "answers", len(answers), ids)
        yield scope.figure(
            section,
            kind.value,
            "response_rate",
            Share(len(came), len(asked)),
            sorted(each.case for each in asked),
        )


def _answered_before(survey: Survey, period: Period) -> bool:
    return survey.answered is not None and survey.answered < period.end


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
        ids = sorted(
            each.id
            for each in own
            if each.start < period.end and (each.end is None or each.end > period.start)
        )
        share = Share(found.up // MICROSECOND, (found.up + found.down) // MICROSECOND)
        for measure, value in (
            ("share", share),
            ("up", found.up),
            ("down", found.down),
            ("unknown", found.unknown),
            ("maintenance", found.maintenance),
        ):
            yield Figure(section=section, name=service, measure=measure, value=value, ids=ids)


def budget_figures(records: ReportRecords, period: Period) -> Iterator[Figure]:
    """Yield the error budget of each objective in its window at the end of the period."""
    for each in records.objectives:
        budget = each.budget(
            records.outages,
            period.end,
            maintenance=records.maintenance,
            rules=records.availability,
        )
        for measure, value in (
            ("allowed", budget.allowed),
            ("down", budget.availability.down),
            ("remaining", budget.remaining),
            ("burn_rate", budget.burn_rate),
        ):
            section = ReportSection.ERROR_BUDGETS
            yield Figure(section=section, name=each.id, measure=measure, value=value)


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
