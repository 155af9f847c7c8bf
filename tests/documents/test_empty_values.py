"""An empty value is a problem, and not read as another value."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from tests.documents.examples import DOCUMENT, problems
from tests.documents.test_schema import FORMS, read

from entitlements.documents import parse_facts
from entitlements.kernel import DocumentError


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("within: 4h", "within: ", id="amount"),
        pytest.param("within: 4h", "within: null", id="no amount"),
        pytest.param("within: 4h", 'within: ""', id="empty amount"),
        pytest.param('week: "Mo-Fr 09:00-17:00"', 'week: ""', id="week"),
        pytest.param('{mon-fri: ["09:00-17:00"], sat: off}', "{}", id="week of no days"),
        pytest.param('["09:00-17:00"]', '[""]', id="window"),
        pytest.param("{product: db}", "{product: []}", id="coverage of nothing"),
        pytest.param("{product: db}", "{}", id="coverage"),
        pytest.param("any_of: [business, emea]", "any_of: []", id="composition of nothing"),
        pytest.param("severities: [S1, S2]", "severities: []", id="severities"),
        pytest.param("channels: [phone, web]", "channels: null", id="channels"),
        pytest.param("hours: business,", 'hours: "",', id="hours"),
        pytest.param("allowance: cases}", 'allowance: ""}', id="allowance"),
        pytest.param("plan: gold", 'plan: ""', id="plan"),
        pytest.param("{desk: emea}", '{"": emea}', id="name of a calendar of a line"),
        pytest.param("{desk: emea}", '{desk: ""}', id="calendar of a line"),
        pytest.param("name: business", 'name: ""', id="name of a calendar"),
        pytest.param("contacts: [dana", 'contacts: ["", dana', id="contact"),
        pytest.param("agents:\n", "agents:\n  - \n", id="item of a list"),
    ],
)
def test_an_empty_value_is_one_problem(before: str, after: str) -> None:
    text = DOCUMENT.replace(before, after, 1)
    line = next(
        number
        for number, (old, new) in enumerate(
            zip(DOCUMENT.splitlines(), text.splitlines(), strict=False), start=1
        )
        if old != new
    )
    found = problems(text)
    assert len(found) == 1, found
    assert found[0].startswith(f"{line}: "), found


@pytest.mark.parametrize("group", ["null", "~", "{}"])
@pytest.mark.parametrize("severities", ["", "severities: [], ", "severities: S1, "])
def test_a_plan_whose_group_is_empty_is_one_problem(group: str, severities: str) -> None:
    plan = f"{{id: gold, group: {group}, {severities}channels: web, first_response: 4h}}"
    (found,) = problems(f"groups: dba\nplans:\n  - {plan}\n")
    assert found.startswith("3: plans[0].group: ")


def places(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every value in a document."""
    inside = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in inside if isinstance(node, dict | list) else ():
        yield (*path, key)
        yield from places(value, (*path, key))


@pytest.mark.parametrize("empty", [None, [], {}, "", [None], {"x": None}, [[]], {"": 1}])
def test_any_value_of_a_short_form_may_be_empty_without_a_crash(empty: object) -> None:
    whole = read(FORMS)
    for *parents, last in places(whole):
        changed: Any = copy.deepcopy(whole)
        place = changed
        for key in parents:
            place = place[key]
        place[last] = empty
        with suppress(DocumentError):
            parse_facts(json.dumps(changed), format="json")
