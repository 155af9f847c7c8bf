"""Questions that cannot be read are answered by an error with its place, never by a traceback."""

from __future__ import annotations

from typing import Any

import pytest

from entitlements.testing.conformance import answer_questions

ASKED = {"id": "R-1", "customer": "acme", "contact": "dana", "product": "db", "channel": "phone"}
AT = "2026-03-02T09:00Z"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param([], "questions are an object with the keys corpus", id="a list"),
        pytest.param({"corpus": 1, "document": {}}, "questions are an object", id="no questions"),
        pytest.param(
            {"corpus": 2, "document": {}, "questions": []}, "version `2` of the corpus", id="newer"
        ),
        pytest.param(
            {"corpus": 1, "document": {}, "questions": {}},
            "`questions` is not a list",
            id="mapping",
        ),
        pytest.param(
            {"corpus": 1, "document": {"plan": []}, "questions": []}, "`plan`", id="a wrong key"
        ),
        pytest.param(
            {"corpus": 1, "document": {1, 2}, "questions": []}, "document: ", id="no JSON"
        ),
    ],
)
def test_questions_that_cannot_be_read_are_an_error(data: Any, why: str) -> None:
    assert why in answer_questions(data)["error"]


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"at": AT}, "questions[0]: this is not a question: 'request'"),
        ({"request": ASKED}, "questions[0]: this is not a question: 'at'"),
        ({"request": ASKED, "at": "2026-03-02T09:00"}, "questions[0]: "),
        ({"request": {**ASKED, "skill": 1}, "at": AT}, "skill"),
        ({"request": ASKED, "at": AT, "events": [{"kind": "solved", "at": AT}]}, "solved"),
        ({"request": ASKED, "at": AT, "events": 7}, "this is not a question"),
        (7, "this is not a question"),
    ],
)
def test_a_question_that_cannot_be_read_leaves_the_others(question: Any, why: str) -> None:
    whole = {"corpus": 1, "document": {"products": ["db"]},
             "questions": [question, {"request": ASKED, "at": AT}]}  # fmt: skip
    wrong, right = answer_questions(whole)["answers"]
    assert why in wrong["error"]
    assert right == {"decision": "denied", "reasons": ["customer_unknown"]}
