from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.documents.examples import DOCUMENT
from tests.documents.values import facts
from tests.effort import tries

from entitlements.documents import json_schema, parse_facts
from entitlements.documents.formats.files import Source, parse_document
from entitlements.documents.formats.nodes import ListNode, MappingNode, Node, ScalarKind, ScalarNode
from entitlements.documents.plans.amounts import parse_amount
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


DOCUMENT_IN_A_PAGE = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
PARTS = re.compile(rf"^(?:{'|'.join(json_schema()['properties'])}):", re.MULTILINE)


def guide_documents() -> list[Any]:
    """Return every document of facts that a page of the guide shows."""
    return [
        pytest.param(found[1], id=f"{page.name}:{found[1].partition(':')[0].strip()}")
        for page in sorted(Path("docs").glob("*.md"))
        for found in DOCUMENT_IN_A_PAGE.finditer(page.read_text("utf-8"))
        if PARTS.search(found[1])
    ]


@pytest.mark.parametrize("text", guide_documents())
def test_the_documents_of_the_guide_are_valid(text: str) -> None:
    assert [each.message for each in CHECK.iter_errors(read(text))] == []


PRICED = """
plans:
  - id: gold
    commercial:
      price: {amount: 310 EUR, billing_day: 15}
      rates: {zone: UTC, default: {hourly: 90 EUR/h, end: 2026-12-31}, after hours: +30 EUR/h}
      work: {rounding: 15m per case}
      credits: {missed: {bands: {1-2: 5%}, window: {days: 30}}, availability: {below 99.9%: x10}}
  - {id: silver, commercial: {price: {prices: [{item: silver, amount: 5 EUR}]},
                              rates: {rates: {default: 90 EUR/h}}, credits: [uptime]}}
"""


def test_prices_in_place_are_valid() -> None:
    assert list(CHECK.iter_errors(read(PRICED))) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("amount: 310 EUR", "amont: 310 EUR"),
        ("hourly: 90 EUR/h", "hurly: 90 EUR/h"),
        ("rounding: 15m", "rouding: 15m"),
        ("missed: {bands", "misssed: {bands"),
        ("window: {days", "windw: {days"),
    ],
)
def test_a_slip_in_a_price_in_place_is_not_valid(right: str, wrong: str) -> None:
    assert list(CHECK.iter_errors(read(PRICED.replace(right, wrong)))) != []


@settings(max_examples=tries(8), phases=[Phase.generate], suppress_health_check=list(HealthCheck))
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


def branches(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema and all its alternatives, with references followed."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from branches(json_schema()["$defs"][name])
        return
    yield schema
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from branches(each)


def offered(*path: str | int) -> dict[str, dict[str, Any]]:
    """Return the keys that an editor offers at a path, each with its schema."""
    places = list(branches(json_schema()))
    for step in path:
        found: list[dict[str, Any]] = []
        for place in places:
            inside = place.get("properties", {}).get(step) if isinstance(step, str) else None
            inside = inside or (place.get("items") if isinstance(step, int) else None)
            more = place.get("additionalProperties")
            if inside is None and isinstance(step, str) and isinstance(more, dict):
                inside = more
            found += branches(inside) if inside else []
        places = found
    return {key: each for place in places for key, each in place.get("properties", {}).items()}


def test_an_editor_completes_a_plan_from_nothing() -> None:
    plan = offered("plans", 0)
    assert {"id", "based_on", "hours", "group", "first_response", "targets", "rights"} <= set(plan)
    assert all(plan[key].get("description") for key in ("hours", "group", "based_on", "cut_off"))
    assert {"within", "warn", "channels", "calendar"} <= set(offered("plans", 0, "update", "S1"))
    assert {"week", "based_on", "except"} <= set(offered("calendars", 0))
    assert {"public", "years", "holidays"} <= set(offered("holidays", 0))
    assert {"zone", "week"} <= set(offered("plans", 0, "hours"))


def test_the_document_that_an_editor_completes_is_read() -> None:
    values: dict[str, str] = {
        "id": "gold", "group": "desk", "severities": "[S1, S2, S3]", "channels": "web",
        "hours": '{zone: UTC, week: "Mo-Fr 09:00-17:00"}', "anchor": "end", "cut_off": "15:00",
        "contact_limit": "2",
    }  # fmt: skip
    example = json_schema()["$defs"]["milestone_table"]["examples"][0]
    lines = [f"    {key}: {values[key]}" for key in offered("plans", 0) if key in values]
    lines.append(f"    first_response: {json.dumps(example)}")
    text = "groups: desk\nplans:\n  -" + "\n".join(lines)[3:]
    assert list(CHECK.iter_errors(read(text))) == []
    assert parse_facts(text).catalog.plans[0].contact_limit == 2


FORMS = """
groups: [desk, seniors]
plans:
  - id: gold
    hours: {zone: UTC, week: "Mo-Fr 09:00-17:00"}
    reached: always
    group: {S1: seniors, S2: desk}
    experts: ada
    severities: [S1, S2]
    channels: {web: all, phone: [S1]}
    queue: web
    warn: [75%, 30m]
    first_response: {S1: [1h always by phone or web if asked, 2h], S2: 4h warn at 50%}
  - {id: free, group: desk, channels: web, first_response: [none if asked, best effort by web]}
"""


def test_the_short_forms_of_plans_are_valid_and_shown_in_examples() -> None:
    assert list(CHECK.iter_errors(read(FORMS))) == []
    assert [len(each.rights) for each in parse_facts(FORMS).catalog.plans] == [5, 2]
    plan = offered("plans", 0)
    keys = {"reached", "experts", "queue", "warn", "channels", "group", "severities"}
    assert all(plan[key].get("description") for key in keys)


@pytest.mark.parametrize("amount", json_schema()["$defs"]["amount"]["examples"])
def test_an_amount_that_the_schema_shows_is_read(amount: str) -> None:
    assert parse_amount(amount)


@pytest.mark.parametrize("amount", ["4 hurs", "soon", "2 bussiness days", "4", "best efort"])
def test_what_is_no_amount_is_not_valid(amount: str) -> None:
    plan = {"id": "gold", "first_response": {"S1": amount}}
    assert list(CHECK.iter_errors({"plans": [plan]})) != []
