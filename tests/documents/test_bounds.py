"""Limits of the work for one document; work is counted, not timed."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

import pytest
from tests.documents.examples import problems

from entitlements.documents import parse_facts
from entitlements.documents.formats import tree_builder
from entitlements.documents.formats.files import MAX_SIZE
from entitlements.kernel import hints


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list to which every comparison of two names adds its pairs of letters."""
    counted: list[int] = []

    class Counting(difflib.SequenceMatcher[Any]):
        def ratio(self) -> float:
            counted.append(len(self.a) * len(self.b))
            return super().ratio()

    monkeypatch.setattr(difflib, "SequenceMatcher", Counting)
    return counted


def repeated(head: str, item: Callable[[int], str], tail: str = "", size: int = 99_000) -> str:
    parts, length, number = [head], len(head) + len(tail), 0
    while length + len(item(number)) <= size:
        parts.append(item(number))
        length += len(parts[-1])
        number += 1
    return "".join([*parts, tail])


GROUPS = "groups: [" + ", ".join(f"group-{number:05}" for number in range(3_000)) + "]\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            repeated(f"{GROUPS}agents:\n", lambda n: f"- {{id: a{n}, groups: grupp-{n:05}}}\n"),
            id="many references to many names",
        ),
        pytest.param(
            repeated("agents:\n", lambda n: f"- {{id: a{n}, capasity: 1}}\n"), id="many keys"
        ),
        pytest.param(
            repeated("calendars:\n", lambda n: f"- {{name: c{n}, zone: Europe/Berln{n}}}\n"),
            id="many zones",
        ),
        pytest.param(repeated("", lambda n: f"{'severitie' * 5}{n:05}: x\n"), id="many long words"),
    ],
)
def test_all_hints_of_a_document_together_are_bounded(text: str, compared: list[int]) -> None:
    assert problems(text)
    assert sum(compared) <= hints.MAX_EFFORT_OF_ALL


def test_a_few_mistakes_in_a_large_document_still_get_their_hints() -> None:
    found = problems(f"{GROUPS}agents:\n- {{id: a, groups: grup-00007}}\n- {{id: b, capasity: 1}}")
    assert [each.rpartition(" (")[2] for each in found] == [
        "did you mean `group-00007`?)",
        "did you mean `capacity`?)",
    ]


def test_the_number_of_values_of_a_document_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(f"products: [{'1,' * tree_builder.MAX_VALUES}]") < MAX_SIZE, "the size comes later"
    # Counting is the same for a hundredth of the values.
    monkeypatch.setattr(tree_builder, "MAX_VALUES", most := tree_builder.MAX_VALUES // 100)
    # The document, its one key and the list count as values, too.
    fits = most - 3
    numbers = [str(number) for number in range(fits)]
    (found,) = problems(f"products: [{','.join([*numbers, 'x'])}]")
    assert found.startswith(f"1: there are more than {most} values")
    assert len(parse_facts(f"products: [{','.join(numbers)}]").catalog.products) == fits


@pytest.mark.parametrize("part", ["severities", "channels"])
def test_the_numbers_of_severities_and_channels_of_a_plan_are_limited(part: str) -> None:
    names = {"severities": "s", "channels": "c", part: [f"x{number}" for number in range(101)]}
    text = ", ".join(f"{key}: {value}" for key, value in names.items()).replace("'", "")
    head = "policies: {id: p, targets: {milestone: first_response, within: 1h}}\n"
    (found,) = problems(f"{head}plans: {{id: a, policy: p, rights: [], {text}}}")
    assert f"`101` {part} in one plan (at most 100 are allowed)" in found
