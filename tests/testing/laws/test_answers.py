"""Facts are held to the laws of answers, and the first question that breaks one is told."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest
from tests.testing.fixtures.test_comparison import ASKED, AT, FACTS, engine

from entitlements.documents import parse_facts
from entitlements.testing.laws import answers, check_facts

SOUND = FACTS.replace("GROUP", "dba").replace("LIMIT", "{high: 1h, low: 4h}")


def test_sound_facts_hold_all_laws() -> None:
    check_facts(parse_facts(SOUND), limit=3)


def test_a_surprise_is_told_unless_it_is_accepted() -> None:
    facts = parse_facts(SOUND.replace("high: 1h, low: 4h", "high: 4h, low: 1h"))
    told = "later_than_less_severe gold: severity high has its first response due"
    with pytest.raises(AssertionError, match=told):
        check_facts(facts, limit=2)
    check_facts(facts, "2026-03-02T09:00Z", limit=2, accepted=["later_than_less_severe"])


def test_another_answer_breaks_the_laws() -> None:
    answer = engine().assess(ASKED, AT)
    for law in (*answers.LAWS, answers.answers_travel):
        assert law(answer, engine()) is None
    other = engine("web")
    assert answers.answers_are_repeated(answer, other) == "another engine gives another answer"
    ended = attrs.evolve(
        other.facts,
        accounts=[
            attrs.evolve(
                each,
                contracts=[
                    attrs.evolve(c, months=None, end=date(2026, 6, 30)) for c in each.contracts
                ],
            )
            for each in other.facts.accounts.values()
        ],
    )
    told = answers.answers_hold_until_they_say(answer, type(other)(ended))
    assert told is not None
    assert "is another decision at" in told


def test_instants_of_a_milestone_are_in_order() -> None:
    answer = engine().assess(ASKED, AT)
    assert answers.milestones_are_due_after_they_begin(answer, engine()) is None
    data = answer.to_dict()
    data["milestones"][0]["started_at"] = "2026-03-02T11:00:00Z"
    late = type(answer).from_dict(data)
    assert late.milestones[0].started_at == AT + timedelta(hours=2)
    told = answers.milestones_are_due_after_they_begin(late, engine())
    assert told is not None
    assert told.startswith("the instants of first_response are not in order")
