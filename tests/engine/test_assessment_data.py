"""Answers as data: fit for their schema, read back, and refused if they contradict themselves."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import tries
from tests.engine.answered_worlds import ANSWER_SCHEMA, answers, check, check_messages
from tests.engine.worlds import facts, request

from entitlements.access import Denied
from entitlements.engine import Assessment, Engine
from entitlements.engine.assessment_data import ANSWER_DATA
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc

ENGINE = Engine(facts())
MONDAY = utc("2026-03-02T10:00+01:00")
SATURDAY = utc("2026-03-07T10:00+01:00")
FIXTURES = sorted((Path(__file__).parent / "fixtures" / "v1").glob("answer-*.json"))


@given(st.integers(0, 10**9))
@settings(max_examples=8)
def test_answers_of_any_world_are_read_back_and_fit_their_schema(seed: int) -> None:
    for answer in answers(seed, 2):
        check(answer)


@given(st.integers(0, 10**9))
@settings(max_examples=tries(2))
def test_messages_and_explanations_of_cases_of_any_world_fit_their_schema(seed: int) -> None:
    check_messages(seed)


@pytest.mark.parametrize("at", [MONDAY, SATURDAY], ids=["open", "closed"])
@pytest.mark.parametrize("changes", [{}, {"contact": "mallory"}, {"customer": "nobody"}])
def test_an_answer_from_data_is_a_value_that_explains_itself(changes: Any, at: Any) -> None:
    answer = ENGINE.assess(request(**changes), at)
    again = Assessment.from_dict(answer.to_dict())
    assert again == pickle.loads(pickle.dumps(again)) == answer  # noqa: S301 - our own bytes
    assert hash(again) == hash(answer)
    assert again.explain() == answer.explain()
    assert again.route == answer.route
    assert again.decision.candidates == answer.decision.candidates
    assert [each.warnings for each in again.milestones] == [
        each.warnings for each in answer.milestones
    ]


def test_the_decision_that_a_remedy_leads_to_is_stated_without_its_explanation() -> None:
    decision = ENGINE.assess(request(contact="mallory"), MONDAY).decision
    again = Assessment.from_dict(ENGINE.assess(request(contact="mallory"), MONDAY).to_dict())
    assert isinstance(decision, Denied)
    assert isinstance(again.decision, Denied)
    assert again.decision.remedies == decision.remedies
    with pytest.raises(InvalidValueError, match="decide about the request of the remedy"):
        _ = again.decision.remedies[0].leads_to.candidates


def changed(place: str, value: object) -> dict[str, Any]:
    """Return the data of an answer with another value at a place, such as `decision.group`."""
    data = copy.deepcopy(ENGINE.assess(request(), MONDAY).to_dict())
    *path, last = [int(each) if each.isdigit() else each for each in place.split(".")]
    inside: Any = data
    for each in path:
        inside = inside[each]
    inside[last] = value
    return data


@pytest.mark.parametrize(
    ("place", "value", "named"),
    [
        ("schema_version", 2, "schema_version"),
        ("decisions", {}, "decisions"),
        ("decision.outcome", "grantd", "decision.outcome"),
        ("decision.candidates.0.lines", "1", "decision.candidates[0].lines"),
        (
            "decision.candidates.0.results.1.check",
            "spell",
            "decision.candidates[0].results[1].check",
        ),
        ("milestones.0.due", "2026-03-02T10:00:00+00:00", "milestones[0].due"),
        ("milestones.0.breached_at", "2026-03-02T10:00:00Z", "milestones[0].breached_at"),
        ("request.contact", "", "request.contact"),
        ("route.agent", 5, "route.agent"),
        ("charge.kind", "overage", "charge"),
        ("entries", [{"key": "R-1", "unit": "minutes", "amount": 5}], "entries"),
        ("obligations", [{"kind": "consent", "values": []}], "obligations"),
        ("agent", 5, "agent"),
    ],
)
def test_wrong_data_is_refused_with_its_place(place: str, value: object, named: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Assessment.from_dict(changed(place, value))
    assert caught.value.path == named


def test_a_denial_has_no_agent_and_no_milestones() -> None:
    denied = ENGINE.assess(request(contact="mallory"), MONDAY).to_dict()
    granted = ENGINE.assess(request(), MONDAY).to_dict()
    for name in ("agent", "milestones", "route"):
        with pytest.raises(InvalidValueError) as caught:
            Assessment.from_dict({**denied, name: granted[name]})
        assert caught.value.path == name


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_an_answer_that_was_written_under_version_1_reads_for_ever(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    answer = Assessment.from_dict(data)
    again = answer.to_dict()
    assert answer.explain()
    assert {key: again[key] for key in ("request", "at", "agent")} == {
        key: data[key] for key in ("request", "at", "agent")
    }
    ANSWER_SCHEMA.validate(again)


def test_there_is_a_fixture_of_each_outcome() -> None:
    assert {path.stem.removeprefix("answer-") for path in FIXTURES} >= {
        "granted",
        "deferred",
        "denied",
        "prepaid",
        "priority",
    }
    assert ANSWER_DATA.version == 1, "keep fixtures of the new version in a folder of their own"
