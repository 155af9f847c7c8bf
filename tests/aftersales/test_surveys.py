from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.aftersales import (
    Survey,
    SurveyReason,
    SurveyRules,
    SurveyWithheld,
    decide_survey,
)
from entitlements.kernel import InvalidValueError, utc

START = utc("2026-03-02T09:00Z")
RULES = SurveyRules(quiet=timedelta(days=10), within=timedelta(days=5))


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def asked(case: str, day: float, contact: str | None = None) -> Survey:
    return Survey(case=case, kind="csat", asked=at(day), contact=contact)  # type: ignore[arg-type]


resolutions = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(["R-1", "R-2", "R-3"]), st.sampled_from("de")),
    max_size=20,
)


# The oracle of the trap "survey twice": what was sent is looked at as a whole, by hand.
@given(resolutions)
def test_a_case_is_asked_once_and_a_person_left_in_peace(drawn: list[tuple[int, str, str]]) -> None:
    sent: list[Survey] = []
    for day, case, contact in sorted(drawn):
        decided = decide_survey(case, at(day), sent, at(day), contact=contact, rules=RULES)
        if isinstance(decided, Survey):
            sent.append(decided)
        else:
            by_case = any(each.case == case for each in sent)
            by_person = any(
                each.contact == contact and at(day) - each.asked < RULES.quiet for each in sent
            )
            assert (SurveyReason.ALREADY_ASKED in decided.reasons) is by_case
            assert (SurveyReason.QUIET_PERIOD in decided.reasons) is by_person
            assert by_case or by_person
    assert len({each.case for each in sent}) == len(sent)
    for one in sent:
        for other in sent:
            apart = abs(one.asked - other.asked)
            assert one is other or one.contact != other.contact or apart >= RULES.quiet


def test_a_reopened_case_is_not_asked_again() -> None:
    found = decide_survey("R-1", at(20), [asked("R-1", 0)], at(20))
    assert found == SurveyWithheld((SurveyReason.ALREADY_ASKED,), None)


@pytest.mark.parametrize(
    ("resolved", "day", "reasons", "asks"),
    [
        pytest.param(None, 0, {SurveyReason.NOT_RESOLVED}, None, id="open"),
        pytest.param(2, 1, {SurveyReason.NOT_RESOLVED, SurveyReason.QUIET_PERIOD}, None, id="soon"),
        pytest.param(7, 9, {SurveyReason.QUIET_PERIOD}, 10, id="the quiet ends in time"),
        pytest.param(4, 8, {SurveyReason.QUIET_PERIOD}, None, id="the quiet outlasts the case"),
        pytest.param(6, 11, {SurveyReason.TOO_LATE}, None, id="the last instant is too late"),
    ],
)
def test_why_no_survey_is_sent(
    resolved: float | None, day: float, reasons: set[SurveyReason], asks: float | None
) -> None:
    done = None if resolved is None else at(resolved)
    earlier = [asked("R-0", 0, "dana")] if resolved is not None else []
    found = decide_survey("R-1", done, earlier, at(day), contact="dana", rules=RULES)
    assert isinstance(found, SurveyWithheld)
    assert (set(found.reasons), found.asks_at) == (reasons, None if asks is None else at(asks))


def test_the_quiet_period_ends_with_its_last_instant() -> None:
    earlier = [asked("R-0", 0, "dana")]
    assert isinstance(
        decide_survey("R-1", at(9), earlier, at(10), contact="dana", rules=RULES), Survey
    )
    assert isinstance(decide_survey("R-1", at(9), earlier, at(9.9), rules=RULES), Survey)


def test_an_answer_comes_after_the_question_and_may_change() -> None:
    found = asked("R-1", 0).with_answer(2, at(1))
    assert found.with_answer(5, at(2)).score == 5
    assert asked("R-1", 0).as_dismissed(at(1)).with_answer(5, at(2)).dismissed is None
    with pytest.raises(InvalidValueError, match="has no answer"):
        found.as_dismissed(at(2))


@pytest.mark.parametrize(
    "make",
    [
        lambda: asked("R-1", 1).with_answer(3, at(0)),
        lambda: asked("R-1", 1).as_dismissed(at(0)),
        lambda: asked("R-1", 0).with_answer(0, at(1)),
        lambda: asked("R-1", 0).with_answer(6, at(1)),
        lambda: asked("R-1", 0).with_answer(2.5, at(1)),  # type: ignore[arg-type]
        lambda: Survey(case="R-1", kind="nps", asked=START, score=3),  # type: ignore[arg-type]
        lambda: Survey(case="R-1", kind="mood", asked=START),  # type: ignore[arg-type]
        lambda: SurveyRules(quiet=-timedelta(1)),
        lambda: SurveyRules(within=timedelta()),
        lambda: decide_survey("R-1", START, ["R-1"], START),  # type: ignore[list-item]
        lambda: decide_survey("", START, [], START),
    ],
)
def test_answers_outside_of_the_scale_and_bad_rules_are_refused(
    make: Callable[[], object],
) -> None:
    with pytest.raises(InvalidValueError):
        make()
