from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.documents.values import facts
from tests.documents.worlds import WORLD

from entitlements.documents import json_schema, json_schema_text, parse_facts
from entitlements.documents.formats.files import Source, parse_document
from entitlements.documents.formats.nodes import ListNode, MappingNode, Node, ScalarKind, ScalarNode
from entitlements.documents.schema import FILE
from entitlements.documents.write import document_data
from entitlements.engine.facts import Facts

CHECK = jsonschema.Draft202012Validator(json_schema())


def test_the_schema_in_the_package_is_current() -> None:
    kept = files("entitlements.documents").joinpath(FILE).read_text("utf-8")
    assert kept == json_schema_text(), "write schema_text() to the file again"


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert json.loads(json_schema_text()) == json_schema()


def read(text: str) -> object:
    """Return the document as an editor sees it, which reads by the rules of YAML 1.2."""
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


def test_what_people_write_fits() -> None:
    assert list(CHECK.iter_errors(read(WORLD))) == []


@settings(max_examples=20, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(facts())
def test_what_is_written_fits(some: Facts) -> None:
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
def test_what_an_editor_can_see_does_not_fit(right: str, wrong: str) -> None:
    document = read(WORLD.replace(right, wrong))
    assert list(CHECK.iter_errors(document)) != []


def test_parts_stand_in_the_order_in_which_they_are_written() -> None:
    assert list(document_data(parse_facts(WORLD))) == [
        name for name in json_schema()["properties"] if name in document_data(parse_facts(WORLD))
    ]
