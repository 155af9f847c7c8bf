from __future__ import annotations

import pytest
from tests.documents.examples import tree

from entitlements.documents.formats.nodes import ScalarNode
from entitlements.documents.shapes.read_context import (
    MAX_PROBLEMS_READ,
    UNREADABLE,
    ReadContext,
    plural,
    suggestion,
)
from entitlements.kernel.errors import DocumentError


def scalar(text: str) -> ScalarNode:
    node = tree(text)
    assert isinstance(node, ScalarNode)
    return node


def test_a_reference_may_come_before_its_name() -> None:
    into = ReadContext()
    into.declare("plan")
    into.refer(scalar("gold"), "plan")
    into.refer(scalar("glod"), "plan")
    into.name("plan", "gold", scalar("gold"))
    into.check_references()
    assert [each.message for each in into.problems] == ["no plan has the name `glod`"]
    assert into.problems[0].hint == "did you mean `gold`?"


def test_names_of_a_scope_are_not_seen_outside() -> None:
    into = ReadContext()
    with into.scope("severity"):
        into.name("severity", "S1", scalar("S1"))
        into.refer(scalar("S1"), "severity")
    with into.scope("severity"):
        into.refer(scalar("S1"), "severity")
    into.check_references()
    assert len(into.problems) == 1


def test_kinds_without_a_scope_are_not_checked() -> None:
    into = ReadContext()
    into.refer(scalar("S1"), "severity")
    into.name("severity", "S1", scalar("S1"))
    into.check_references()
    assert into.problems == []


def test_an_error_of_a_value_is_a_problem_at_its_node() -> None:
    into = ReadContext()
    assert into.guarded(scalar("x"), lambda: int("x")) is UNREADABLE
    assert into.problems[0].message.startswith("the value is not possible")


def test_reading_stops_after_too_many_problems() -> None:
    into = ReadContext()
    for number in range(MAX_PROBLEMS_READ):
        into.problem(scalar("x"), f"no {number}")
    with pytest.raises(DocumentError, match="more than 2000 problems"):
        into.problem(scalar("x"), "one more")


def test_long_words_have_no_suggestion() -> None:
    assert suggestion("glod", ["gold"]) == "did you mean `gold`?"
    assert suggestion("g" * 1_000, ["g" * 999]) is None


def test_plurals() -> None:
    assert [plural(each) for each in ("plan", "severity")] == ["plans", "severities"]
