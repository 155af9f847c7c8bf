"""Answers are compared with the corpus: this library conforms, and any other answer does not."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from tests.effort import tries
from tests.testing.conformance.planted_faults import FAULTS, Fault, can_be_planted, is_found

from entitlements.documents.write import document_data
from entitlements.testing.conformance import answer_questions, check_conformance, read_corpus
from entitlements.testing.conformance.answers import facts_in
from entitlements.testing.conformance.check import ConformanceResult, compare_replies

GROUPS = read_corpus()
FIRST = GROUPS[0]
ANSWERS: dict[str, Any] = answer_questions(FIRST.questions)


def different(reply: Any) -> list[ConformanceResult]:
    return [each for each in compare_replies([FIRST], [reply]) if not each.holds]


def test_the_engine_and_its_documents_give_the_expected_answers() -> None:
    def by_written_documents(questions: Any) -> Any:
        written = document_data(facts_in(questions))
        return answer_questions({**questions, "document": written})

    assert [each.explain() for each in check_conformance() if not each.holds] == []
    results = check_conformance(by_written_documents)
    assert [each.explain() for each in results if not each.holds] == []
    assert not any(each.skipped for each in results)


@pytest.mark.parametrize(
    "key", ["decision", "group", "contract", "plan", "right", "agent", "charge"]
)
def test_another_value_is_a_difference(key: str) -> None:
    wrong = copy.deepcopy(ANSWERS)
    wrong["answers"][0][key] = "another"
    (found,) = different(wrong)
    expected = FIRST.cases[0]["expect"][key]
    assert found.differences == (f"{key}: expected {expected}, but it is another",)
    del wrong["answers"][0][key]
    (found,) = different(wrong)
    assert found.differences == (f"{key}: expected {expected}, and the answer does not have it",)


def test_instants_may_be_spelled_otherwise_and_not_moved() -> None:
    other = copy.deepcopy(ANSWERS)
    due = other["answers"][0]["due"]
    due["first_response"] = due["first_response"].replace("Z", "+00:00")
    assert different(other) == []
    due["first_response"] = due["first_response"].replace("00+00:00", "01+00:00")
    (found,) = different(other)
    assert found.differences[0].startswith("due.first_response: expected 2026-03-02T10:00:00Z, but")
    due["first_response"] = "soon"
    assert different(other)[0].differences[0].endswith("but it is soon")


def test_reasons_have_no_order() -> None:
    group = next(each for each in GROUPS if each.name == "reason never_open")
    answers = answer_questions(group.questions)
    answers["answers"][0]["reasons"].reverse()
    assert all(each.holds for each in compare_replies([group], [answers]))
    answers["answers"][0]["reasons"].append("not_covered")
    (found,) = compare_replies([group], [answers])
    assert "never_open, not_covered, window_closed" in found.differences[0]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ({"error": "out of order"}, "out of order"),
        ({"answers": []}, f"0 answers to {len(FIRST.cases)} questions"),
        ({"answer": 1}, "the reply has no `answers`"),
        ([], "no answer: []"),
        (None, "no answer: None"),
    ],
    ids=["error", "too few", "no answers", "a list", "null"],
)
def test_a_reply_without_answers_answers_no_question(reply: Any, why: str) -> None:
    found = different(reply)
    assert len(found) == len(FIRST.cases)
    assert all(why in each.differences[0] and each.unanswered for each in found)


def test_what_is_not_supported_is_counted_apart() -> None:
    some = {"answers": [{"unsupported": "no overage"}, *ANSWERS["answers"][1:]]}
    first, *others = compare_replies([FIRST], [some])
    assert (first.holds, first.skipped) == (True, "no overage")
    assert first.explain().endswith("not supported: no overage")
    assert not any(each.skipped for each in others)
    assert all(each.skipped for each in compare_replies([FIRST], [{"unsupported": "none"}]))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.what)
def test_each_fault_can_be_planted(fault: Fault) -> None:
    assert can_be_planted(fault)


def test_a_broken_engine_does_not_conform() -> None:
    # The driver `tests.testing.conformance.planted_faults` plants all.
    for fault in FAULTS[14 :: max(1, len(FAULTS) // tries(1, deep=len(FAULTS)))]:
        assert is_found(fault), fault.what


def test_the_corpus_is_json_for_any_language() -> None:
    for group in GROUPS:
        assert json.loads(json.dumps(group.questions)) == group.questions
