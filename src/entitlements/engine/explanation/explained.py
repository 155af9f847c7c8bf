"""The explanation of an answer or a case: for an audience, in a language, by a time zone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from entitlements.calendars.timeline.zones import load_zone, zone_name
from entitlements.engine.explanation.catalogue import Catalogue
from entitlements.engine.explanation.explanation import (
    Audience,
    ExplainedAssessment,
    Explanation,
    ExplanationLine,
    as_audience,
)
from entitlements.engine.explanation.for_agents import lines_for_agents, lines_for_auditors
from entitlements.engine.explanation.for_cases import (
    ExplainedCase,
    case_lines_for_agents,
    case_lines_for_auditors,
    case_lines_for_customers,
    lines_before,
)
from entitlements.engine.explanation.for_customers import lines_for_customers
from entitlements.engine.explanation.languages.shipped import catalogue_of
from entitlements.engine.explanation.wording import Wording

_CASE_LINES: Final[
    Mapping[Audience, Callable[[ExplainedCase, Wording], Iterator[ExplanationLine]]]
] = {
    Audience.CUSTOMER: case_lines_for_customers,
    Audience.AGENT: case_lines_for_agents,
    Audience.AUDITOR: case_lines_for_auditors,
}
_LINES: Final[
    Mapping[Audience, Callable[[ExplainedAssessment, Wording], Iterator[ExplanationLine]]]
] = {
    Audience.CUSTOMER: lines_for_customers,
    Audience.AGENT: lines_for_agents,
    Audience.AUDITOR: lines_for_auditors,
}


def explained(
    answer: ExplainedAssessment,
    *,
    zone: str | ZoneInfo | None = None,
    audience: Audience | str = Audience.AGENT,
    language: Catalogue | str = "en",
) -> Explanation:
    """Return the explanation of an answer.

    Args:
        answer: The answer.
        zone: The time zone of all times; None for UTC.
        audience: Who reads it.
        language: The catalogue of sentences, or the tag of a language that is shipped.

    Raises:
        UnknownIdError: There is no such zone or language, or the catalogue lacks a sentence.
        InvalidValueError: The audience is not known.
    """
    reader = as_audience(audience)
    wording = _wording(reader, zone, language)
    return _explanation(reader, wording, answer.at, _LINES[reader](answer, wording))


def explained_case(
    case: ExplainedCase,
    *,
    zone: str | ZoneInfo | None = None,
    audience: Audience | str = Audience.AGENT,
    language: Catalogue | str = "en",
) -> Explanation:
    """Return the explanation of a case; arguments and errors are those of `explained`.

    At an instant before the opening it says that the case was not open yet, and nothing else.
    """
    reader = as_audience(audience)
    wording = _wording(reader, zone, language)
    if case.at < case.opened:
        lines = lines_before(case, reader, wording)
    else:
        lines = _CASE_LINES[reader](case, wording)
    return _explanation(reader, wording, case.at, lines)


def _explanation(
    reader: Audience, wording: Wording, at: datetime, lines: Iterator[ExplanationLine]
) -> Explanation:
    return Explanation(
        audience=reader,
        language=wording.catalogue.language,
        zone=None if wording.zone is None else wording.zone.name,
        at=at,
        lines=tuple(lines),
    )


def _wording(audience: Audience, zone: str | ZoneInfo | None, language: Catalogue | str) -> Wording:
    is_customer = audience is Audience.CUSTOMER
    wanted = "UTC" if zone is None and is_customer else zone
    found = None if wanted is None else load_zone(zone_name(wanted))
    return Wording(catalogue_of(language), found, exact=not is_customer)
