from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.documents.examples import problems

from entitlements.documents.formats.files import Source, parse_document
from entitlements.documents.formats.nodes import ListNode, MappingNode, Node, ScalarKind, ScalarNode
from entitlements.kernel.errors import DocumentError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"a": 1,\n}', "2: `}` was found where a key in double quotes", id="comma"),
        pytest.param(
            '{"a": [1,\n]}', "2: `]` was found where a value is expected", id="list comma"
        ),
        pytest.param('{"a" 1}', "1: `1` was found where `:` is expected", id="colon"),
        pytest.param('{"a": 1 "b": 2}', '1: `"` was found where `}` is expected', id="no comma"),
        pytest.param("{'a': 1}", "1: `'` was found where a key in double quotes", id="quotes"),
        pytest.param('{"a": 01}', "1: `1` was found where `}` is expected", id="leading zero"),
        pytest.param('{"a": NaN}', "1: `NaN` was found where a value is expected", id="nan"),
        pytest.param(
            '{"a": -Infinity}', "1: `-` was found where a value is expected", id="infinity"
        ),
        pytest.param('{"a": "x\n"}', "1: invalid control character", id="newline in text"),
        pytest.param('{"a": "x', "1: unterminated string", id="open text"),
        pytest.param('{"a": [', "1: the end of the text was found where a value", id="open list"),
        pytest.param("{}\n{}", "2: `{` was found where the document has ended", id="two"),
        pytest.param('{"a": "\\ud800"}', "1: a: there is half of a surrogate", id="surrogate"),
        pytest.param(
            '{"groups": [], "groups": []}', "1: groups: key `groups` is repeated", id="twice"
        ),
        pytest.param('{"a": ' + "[" * 99_999, "1: lists and mappings are nested more", id="deep"),
        pytest.param(
            '{\n "agents": [{"id": "a", "tier": 1.0}]}',
            "2: agents[0].tier: `1.0` is not",
            id="float",
        ),
        pytest.param(
            '{"agents": [{"id": "a", "tier": "1"}]}', "1: agents[0].tier: `1` is not", id="text"
        ),
    ],
)
def test_a_syntax_error_has_its_line(text: str, expected: str) -> None:
    assert problems(text, format="json")[0].startswith(expected)


def plain(node: Node) -> object:
    match node:
        case MappingNode(entries=entries):
            return {key: plain(each) for key, each in entries.items()}
        case ListNode(items=items):
            return [plain(each) for each in items]
        case ScalarNode(kind=ScalarKind.TEXT, text=text):
            return text
        case ScalarNode(text=text):
            return json.loads(text)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip
objects = st.dictionaries(st.text(st.characters(codec="utf-8")), values, max_size=4)


@given(objects, st.sampled_from([None, 0, 2]), st.booleans())
def test_json_of_the_standard_library_is_read(
    value: object, indent: int | None, ascii_only: object
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=bool(ascii_only))
    assert plain(parse_document(Source("t", text, "json"), [])) == value


@given(st.text(alphabet='{}[]",:0123456789.eE+-truefalsn \n\\/u', max_size=30))
def test_invalid_json_is_refused(text: str) -> None:
    found: list[object] = []
    try:
        value = plain(parse_document(Source("t", text, "json"), found))  # type: ignore[arg-type]
    except DocumentError:
        return
    if not found:
        assert value == json.loads(text)
