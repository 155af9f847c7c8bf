from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.documents.examples import DOCUMENT
from tests.documents.values import facts

from entitlements.documents import json_schema, parse_facts
from entitlements.documents.formats.files import Source, parse_document
from entitlements.documents.formats.nodes import ListNode, MappingNode, Node, ScalarKind, ScalarNode
from entitlements.documents.schema import FILE, json_schema_text
from entitlements.documents.write import document_data
from entitlements.engine.facts import Facts

CHECK = jsonschema.Draft202012Validator(json_schema())


def test_the_schema_in_the_package_is_current() -> None:
    kept = files("entitlements.documents").joinpath(FILE).read_text("utf-8")
    assert kept == json_schema_text(), "write json_schema_text() to the file again"


def test_the_schema_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert json.loads(json_schema_text()) == json_schema()


def read(text: str) -> object:
    """Return the document as plain data, read by the rules of YAML 1.2."""
    return plain(parse_document(Source("t", text, "yaml"), []))


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


def test_an_example_is_valid() -> None:
    assert list(CHECK.iter_errors(read(DOCUMENT))) == []


@settings(max_examples=20, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(facts())
def test_written_facts_are_valid(some: Facts) -> None:
    assert [each.json_path for each in CHECK.iter_errors(document_data(some))] == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("services:", "servces:"),
        ("within: 4h", "within: 4 hurs"),
        ("immediate: false", "immediate: no way"),
        ("kind: renewal", "kind: renewl"),
        ("hours: business", "huors: business"),
        ("start: 2026-01-01", "start: soon"),
        ("amount: 10", "amount: ten"),
    ],
)
def test_a_slip_that_a_schema_can_find_is_not_valid(right: str, wrong: str) -> None:
    document = read(DOCUMENT.replace(right, wrong))
    assert list(CHECK.iter_errors(document)) != []


def test_parts_are_written_in_the_order_of_the_schema() -> None:
    assert list(document_data(parse_facts(DOCUMENT))) == [
        name for name in json_schema()["properties"] if name in document_data(parse_facts(DOCUMENT))
    ]
