from __future__ import annotations

import pytest
from tests.documents.examples import tree

from entitlements.documents.formats.nodes import find, node_text


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("rights[1].group", "it.rights[1].group"),
        ("rights[1].groop", "it.rights[1]"),
        ("rights[7].group", "it.rights"),
        ("lone[0]", "it.lone"),
        ("lone[1]", "it.lone"),
        ("nothing", "it"),
        (None, "it"),
        ("", "it"),
    ],
)
def test_a_path_leads_to_the_nearest_node(path: str | None, found: str) -> None:
    root = tree("{rights: [{group: a}, {group: b}], lone: x}")
    assert find(root, path).path == found


@pytest.mark.parametrize(
    ("text", "words"), [("{}", "a mapping"), ("[]", "a list"), ("yes", "`yes`")]
)
def test_the_text_of_a_node_is_in_backticks(text: str, words: str) -> None:
    assert node_text(tree(text)) == words
