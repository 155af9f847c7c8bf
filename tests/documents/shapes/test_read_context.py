from __future__ import annotations

import pytest
from tests.documents.worlds import tree

from entitlements.documents.formats.nodes import ScalarNode
from entitlements.documents.shapes.read_context import (
    MAX_PROBLEMS,
    UNREADABLE,
    ReadContext,
    plural,
    suggestion,
)
from entitlements.kernel.errors import DocumentError


def leaf(text: str) -> ScalarNode:
    node = tree(text)
    assert isinstance(node, ScalarNode)
    return node


def test_a_reference_may_come_before_its_name() -> None:
    into = ReadContext()
    into.declare("plan")
    into.refer(leaf("gold"), "plan")
    into.refer(leaf("glod"), "plan")
    into.name("plan", "gold", leaf("gold"))
    into.check_references()
    assert [each.message for each in into.problems] == ["no plan has the name `glod`"]
    assert into.problems[0].hint == "did you mean `gold`?"


def test_names_of_a_scope_are_not_seen_outside() -> None:
    into = ReadContext()
    with into.scope("severity"):
        into.name("severity", "S1", leaf("S1"))
        into.refer(leaf("S1"), "severity")
    with into.scope("severity"):
        into.refer(leaf("S1"), "severity")
    into.check_references()
    assert len(into.problems) == 1


def test_what_has_no_place_here_is_not_checked() -> None:
    into = ReadContext()
    into.refer(leaf("S1"), "severity")
    into.name("severity", "S1", leaf("S1"))
    into.check_references()
    assert into.problems == []


def test_what_a_value_refuses_is_a_problem_at_its_place() -> None:
    into = ReadContext()
    assert into.guarded(leaf("x"), lambda: int("x")) is UNREADABLE
    assert into.problems[0].message.startswith("this is not possible")


def test_reading_stops_when_nothing_makes_sense() -> None:
    into = ReadContext()
    for _ in range(MAX_PROBLEMS):
        into.problem(leaf("x"), "no")
    with pytest.raises(DocumentError, match="more than 2000 problems"):
        into.problem(leaf("x"), "no")


def test_long_words_are_not_guessed_at() -> None:
    assert suggestion("glod", ["gold"]) == "did you mean `gold`?"
    assert suggestion("g" * 1_000, ["g" * 999]) is None


def test_plurals() -> None:
    assert [plural(each) for each in ("plan", "severity")] == ["plans", "severities"]
