"""The explanation of an assessment for one audience, in one language, with the times of a zone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
from entitlements.engine.explanation.for_customers import lines_for_customers
from entitlements.engine.explanation.languages.shipped import catalogue_of
from entitlements.engine.explanation.wording import Wording

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
    wording = wording_for(reader, zone, language)
    return Explanation(
        audience=reader,
        language=wording.catalogue.language,
        zone=None if wording.zone is None else wording.zone.name,
        at=answer.at,
        lines=tuple(_LINES[reader](answer, wording)),
    )


def wording_for(
    audience: Audience, zone: str | ZoneInfo | None, language: Catalogue | str
) -> Wording:
    """Return how an explanation for an audience is worded; raises what `explained` raises."""
    is_customer = audience is Audience.CUSTOMER
    wanted = "UTC" if zone is None and is_customer else zone
    found = None if wanted is None else load_zone(zone_name(wanted))
    return Wording(catalogue_of(language), found, exact=not is_customer)
