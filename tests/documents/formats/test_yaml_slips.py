from __future__ import annotations

import pytest

from entitlements.documents.formats.yaml_slips import begins_comment, explain


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a:", "  - x", "  y", "  - z"], (3, "a `-` is missing before `y`")),
        (["a:", "  - x", "    y", "  - z"], (3, "a `-` is missing before `y`")),
        (["a: 'it's'"], (1, "an apostrophe ends a text in single quotes; use double quotes")),
        (["a: [*x*]"], None),
        (["a: *x*"], (1, "`*` cannot begin a value; put the text in quotes")),
        (["a: b: c"], None),
    ],
)
def test_a_slip_is_explained_at_its_line(
    lines: list[str], expected: tuple[int, str] | None
) -> None:
    assert explain(lines, 1, len(lines)) == expected


def test_a_comment_in_place_of_a_value() -> None:
    assert begins_comment("    name: #1", "name")
    assert not begins_comment("    name: # one", "name")
    assert not begins_comment("    surname: #1", "name")
