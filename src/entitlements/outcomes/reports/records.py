"""Records of a report beside its cases: surveys, outages and maintenance."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import final

import attrs

from entitlements.kernel.converters import enum_member, instance_of, tuple_of, utc_or_none
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, identifiers
from entitlements.kernel.instants import utc
from entitlements.kernel.spans import Span
from entitlements.outcomes.availability import AvailabilityRules, Outage
from entitlements.outcomes.satisfaction import Ces, Csat, Nps


class SurveyKind(StrEnum):
    """What a survey asks for.

    `CSAT`: satisfaction, from 1 to 5. `NPS`: whether the customer would recommend the service,
    from 0 to 10. `CES`: how easy it was, from 1 to 7.
    """

    CSAT = "csat"
    NPS = "nps"
    CES = "ces"


def _kind(value: SurveyKind | str) -> SurveyKind:
    return enum_member(SurveyKind, value)


@final
@attrs.frozen(kw_only=True)
class Survey:
    """One survey about one case, and its answer if there is one.

    Attributes:
        case: Id of the case.
        kind: What is asked for.
        asked: When the customer was asked.
        answered: When the customer answered; None without an answer.
        score: The answer, on the scale of the kind; None without an answer.

    Raises:
        InvalidValueError: The score is not on the scale, or comes without the instant of the
            answer, or the answer before the question.
    """

    case: str = attrs.field(converter=identifier)
    kind: SurveyKind = attrs.field(converter=_kind)
    asked: datetime = attrs.field(converter=utc)
    answered: datetime | None = attrs.field(default=None, converter=utc_or_none)
    score: int | None = None

    def __attrs_post_init__(self) -> None:
        if (self.answered is None) is not (self.score is None):
            raise InvalidValueError("an answer has a score and an instant", path="score")
        if self.answered is not None and self.answered < self.asked:
            raise InvalidValueError("the answer is earlier than the question", path="answered")
        if self.score is not None:
            made = {SurveyKind.CSAT: Csat, SurveyKind.NPS: Nps, SurveyKind.CES: Ces}[self.kind]
            made(scores=[self.score], asked=1)


def _surveys(values: Iterable[Survey]) -> tuple[Survey, ...]:
    return tuple_of(Survey, values)


def _outages(values: Iterable[Outage]) -> tuple[Outage, ...]:
    return tuple_of(Outage, values)


def _spans(values: Iterable[Span]) -> tuple[Span, ...]:
    return tuple_of(Span, values)


@final
@attrs.frozen(kw_only=True)
class ReportRecords:
    """What a report needs beside the cases.

    Attributes:
        surveys: The surveys, of any time.
        services: Services whose availability is reported, also without an outage.
        outages: The outages of all services, of any time.
        maintenance: Planned maintenance of all services.
        availability: How availability is counted.
    """

    surveys: tuple[Survey, ...] = attrs.field(default=(), converter=_surveys)
    services: tuple[str, ...] = attrs.field(default=(), converter=identifiers)
    outages: tuple[Outage, ...] = attrs.field(default=(), converter=_outages)
    maintenance: tuple[Span, ...] = attrs.field(default=(), converter=_spans)
    availability: AvailabilityRules = attrs.field(factory=AvailabilityRules)

    def __attrs_post_init__(self) -> None:
        instance_of(AvailabilityRules, self.availability)
