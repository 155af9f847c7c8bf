"""An empty value is a problem, and not read as another value."""

from __future__ import annotations

import pytest
from tests.documents.examples import DOCUMENT, problems


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
