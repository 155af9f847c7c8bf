from __future__ import annotations

import pytest
from tests.documents.examples import tree

from entitlements.documents.formats.files import Source, parse_document
from entitlements.documents.formats.nodes import find, node_data, node_text


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


def test_a_tree_is_plain_data_as_a_parser_of_json_gives_it() -> None:
    text = "{a: [1, -2.5, true, null], b: '1', c: {d: word}, e: 1e3}"
    found = node_data(parse_document(Source("t", text, "yaml"), []))
    assert found == {
        "a": [1, -2.5, True, None],
        "b": "1",
        "c": {"d": "word"},
        "e": 1000.0,
    }
