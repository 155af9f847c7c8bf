"""Surveys: whom to ask after a case, once, and what was answered.

A case has at most one survey, also after it was reopened, and a person is left in peace for a while
after one. Only answers count in figures; a dismissed survey is no answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, TypeAlias, final

import attrs

from entitlements.kernel.converters import (
    enum_member,
    instance_of,
    tuple_of,
    utc_or_none,
    whole_number,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.instants import instant_of, instant_or_none, utc
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.kernel.mixins.text_enum import TextEnum


class SurveyKind(TextEnum):
    """What a survey asks for.

    `CSAT`: satisfaction, from 1 to 5. `NPS`: whether the customer would recommend the service,
    from 0 to 10. `CES`: how easy it was, from 1 to 7.
    """

    CSAT = "csat"
    NPS = "nps"
    CES = "ces"


_SCALES: Final = {SurveyKind.CSAT: (1, 5), SurveyKind.NPS: (0, 10), SurveyKind.CES: (1, 7)}


def _kind(value: SurveyKind | str) -> SurveyKind:
    return enum_member(SurveyKind, value)


@final
@attrs.frozen(kw_only=True)
class Survey:
    """The survey of one case: the question, and the answer if there is one.

    Attributes:
        case: Id of the case; a case has one survey at most.
        kind: What is asked for.
        asked: When the customer was asked.
        contact: The person who was asked; None if that is not known.
        customer: Whose case it is; None if that is not known.
        answered: When the customer answered; None without an answer.
        score: The answer, on the scale of the kind; None without an answer.
        dismissed: When the customer declined to answer; None if they did not.

    >>> asked = Survey(case="R-1", kind="csat", asked="2026-03-03T09:00Z")
    >>> asked.with_answer(4, utc("2026-03-03T10:00Z")).score
    4

    Raises:
        InvalidValueError: The score is not on the scale, or comes without the instant of the
            answer, the answer comes before the question, or a dismissed survey has an answer.
    """

    case: str = attrs.field(converter=identifier)
    kind: SurveyKind = attrs.field(converter=_kind)
    asked: datetime = attrs.field(converter=utc)
    contact: str | None = attrs.field(default=None, converter=optional_identifier)
    customer: str | None = attrs.field(default=None, converter=optional_identifier)
    answered: datetime | None = attrs.field(default=None, converter=utc_or_none)
    score: int | None = None
    dismissed: datetime | None = attrs.field(default=None, converter=utc_or_none)

    def __attrs_post_init__(self) -> None:
        if (self.answered is None) is not (self.score is None):
            raise InvalidValueError("an answer has a score and an instant", path="score")
        if self.answered is not None and self.answered < self.asked:
            raise InvalidValueError("the answer is earlier than the question", path="answered")
        if self.dismissed is not None and self.answered is not None:
            raise InvalidValueError("a dismissed survey has no answer", path="dismissed")
        if self.dismissed is not None and self.dismissed < self.asked:
            raise InvalidValueError("it is dismissed before the question", path="dismissed")
        if self.score is not None:
            low, high = _SCALES[self.kind]
            if not low <= whole_number(self.score, "score") <= high:
                raise InvalidValueError(
                    f"score `{self.score}` is not on the scale from {low} to {high}", path="score"
                )

    def with_answer(self, score: int, at: datetime) -> Survey:
        """Return the survey with its answer; a later answer replaces an earlier one.

        Raises:
            InvalidValueError: As for a new survey.
        """
        return attrs.evolve(self, answered=instant_of(at), score=score, dismissed=None)

    def as_dismissed(self, at: datetime) -> Survey:
        """Return the survey as the customer declined to answer it.

        Raises:
            InvalidValueError: It has an answer.
        """
        return attrs.evolve(self, dismissed=instant_of(at))


class SurveyReason(TextEnum):
    """Why no survey is sent.

    `NOT_RESOLVED`: the case is not resolved at the instant of the question. `ALREADY_ASKED`: the
    case had its survey, perhaps before it was reopened. `QUIET_PERIOD`: the person was asked a
    short while ago. `TOO_LATE`: the resolution is too long ago to ask about.
    """

    NOT_RESOLVED = "not_resolved"
    ALREADY_ASKED = "already_asked"
    QUIET_PERIOD = "quiet_period"
    TOO_LATE = "too_late"


@final
@attrs.frozen
class SurveyWithheld(NoTruthValue):
    """No survey is sent, for at least one reason.

    Attributes:
        reasons: Why not, in the order of `SurveyReason`.
        asks_at: From when on the case may be asked about, if nothing else happens; None for never.
    """

    reasons: tuple[SurveyReason, ...]
    asks_at: datetime | None = None


SurveyDecision: TypeAlias = Survey | SurveyWithheld


@final
@attrs.frozen(kw_only=True)
class SurveyRules:
    """When customers are asked.

    Attributes:
        kind: What is asked for.
        quiet: How long a person is not asked again after a survey; zero for no such rule.
        within: How long after its resolution a case is asked about.

    Raises:
        InvalidValueError: `quiet` is negative, or `within` is not above 0.
    """

    kind: SurveyKind = attrs.field(default=SurveyKind.CSAT, converter=_kind)
    quiet: timedelta = timedelta(days=30)
    within: timedelta = timedelta(days=7)

    def __attrs_post_init__(self) -> None:
        if instance_of(timedelta, self.quiet) < timedelta():
            raise InvalidValueError(f"a quiet period of `{self.quiet}` is negative", path="quiet")
        if instance_of(timedelta, self.within) <= timedelta():
            raise InvalidValueError(f"`{self.within}` is not above 0", path="within")


def decide_survey(
    case: str,
    resolved: datetime | None,
    surveys: Iterable[Survey],
    at: datetime,
    *,
    contact: str | None = None,
    rules: SurveyRules | None = None,
) -> SurveyDecision:
    """Return the survey to send about a case, or why none is sent.

    >>> done = utc("2026-03-02T09:00Z")
    >>> decide_survey("R-1", done, [], done).kind.value
    'csat'

    Args:
        case: Id of the case.
        resolved: When it was last resolved; None if it is not.
        surveys: The surveys that were sent before, of any case.
        at: The instant of the question; a survey of a later instant counts as sent too.
        contact: The person to ask; without one, no quiet period is kept.
        rules: When customers are asked; None for the defaults.
    """
    rule = SurveyRules() if rules is None else instance_of(SurveyRules, rules)
    id, person, now = identifier(case), optional_identifier(contact), instant_of(at)
    done = instant_or_none(resolved)
    known = tuple_of(Survey, surveys)
    rests = [
        each.asked + rule.quiet
        for each in known
        if person is not None and each.contact == person and each.asked + rule.quiet > now
    ]
    found = {
        SurveyReason.NOT_RESOLVED: done is None or done > now,
        SurveyReason.ALREADY_ASKED: any(each.case == id for each in known),
        SurveyReason.QUIET_PERIOD: bool(rests),
        SurveyReason.TOO_LATE: done is not None and now >= done + rule.within,
    }
    reasons = tuple(reason for reason, holds in found.items() if holds)
    if not reasons:
        return Survey(case=id, kind=rule.kind, asked=now, contact=person)
    waits = max([*rests, *([] if done is None else [done])], default=None)
    final_no = {SurveyReason.ALREADY_ASKED, SurveyReason.TOO_LATE} & set(reasons)
    in_time = done is not None and waits is not None and waits < done + rule.within
    return SurveyWithheld(reasons, waits if in_time and not final_no else None)
