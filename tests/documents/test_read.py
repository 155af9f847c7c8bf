from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.documents.examples import DOCUMENT, problems

from entitlements.calendars import Calendar
from entitlements.documents import parse_documents, parse_facts, read_facts, write_facts
from entitlements.engine.facts import Facts
from entitlements.interchange import public_holidays
from entitlements.kernel.errors import DocumentError, InvalidValueError


def test_a_document_with_every_part_is_read() -> None:
    facts = parse_facts(DOCUMENT)
    plan = facts.catalog.plans[0]
    assert plan.policy == "gold"
    assert facts.policies["gold"].targets[0].within == timedelta(hours=1)
    assert facts.policies["gold"].calendars["desk"] == Calendar.never()
    assert facts.catalog.product("web").version("1.10") is not None  # type: ignore[union-attr]
    assert facts.roster.agent("ada").shift == facts.catalog.calendars["business"]
    assert facts.accounts["acme"].contracts[0].customer == "acme"
    assert facts.accounts["acme"].ledger.grants[0].amount == 5


def test_the_examples_of_the_manual_are_one_document() -> None:
    page = (Path(__file__).parents[2] / "docs" / "documents.md").read_text("utf-8")
    parts = re.findall(r"```yaml\n([a-z].*?)```", page, re.DOTALL)
    assert len(parts) == 7
    found = parse_documents("\n".join(parts), holidays=public_holidays)
    assert {type(each).__name__ for each in found.records} == {
        *("Outage", "MaintenanceWindow", "Survey", "Complaint")
    }
    assert parse_documents(write_facts(found.facts, records=found.records)) == found


def test_a_problem_has_line_path_and_hint() -> None:
    slip = DOCUMENT.replace("severities: S1, within: 1h", "severities: S1, within: 4 hurs")
    line = slip[: slip.index("4 hurs")].count("\n") + 1
    message = "`4 hurs` is not an amount of time (did you mean `4h`?)"
    assert problems(slip) == [f"{line}: plans[0].targets[0].within: {message}"]


def test_a_document_of_another_tenant_is_a_problem_where_the_tenant_is_known(
    tmp_path: Path,
) -> None:
    ours = DOCUMENT.replace("schema_version: 1", "schema_version: 1\ntenant: ours")
    for expected in (None, "ours"):
        assert parse_facts(ours, tenant=expected) == parse_facts(DOCUMENT, tenant=expected)
    with pytest.raises(DocumentError) as caught:
        parse_facts(ours, tenant="yours")
    hint = "read it for that tenant, or leave `tenant` out"
    message = f"tenant: the document is of tenant `ours`, not of `yours` ({hint})"
    assert caught.value.problems == (f"<text>:2: {message}",)
    (tmp_path / "a.yaml").write_text(ours)
    (tmp_path / "b.yaml").write_text("tenant: yours")
    with pytest.raises(DocumentError, match="of tenant `yours`, not of `ours`"):
        read_facts(tmp_path)


SLIPS = [
    pytest.param("schema_version: 1", "schema_version: 2", "schema version `2`", id="version"),
    pytest.param("services:", "servces:", "did you mean `services`?", id="unknown part"),
    pytest.param("Europe/Berlin, week", "Europe/Berln, week", "not a time zone", id="zone"),
    pytest.param("name: emea", "name: business", "two calendars have the name", id="twice"),
    pytest.param("hours: business", "hours: busines", "did you mean `business`?", id="calendar"),
    pytest.param("calendar: desk", "calendar: dek", "no calendar has the name `dek`", id="target"),
    pytest.param("{desk: emea}", "{desk: eema}", "did you mean `emea`?", id="line calendar"),
    pytest.param("group: dba", "group: dbx", "no expert group has the name", id="group"),
    pytest.param("groups: dba, skills", "groups: dbx, skills", "no expert group", id="agent group"),
    pytest.param("products: db", "products: dv", "no product has the name", id="product"),
    pytest.param("service: expert", "service: expat", "no service product", id="service"),
    pytest.param("plan: gold", "plan: glod", "did you mean `gold`?", id="plan"),
    pytest.param("contract: C-1", "contract: C-2", "no contract has the name", id="contract"),
    pytest.param("allowance: cases", "allowance: case", "no allowance has the name", id="units"),
    pytest.param("severities: S2", "severities: S3", "no severity has the name", id="severity"),
    pytest.param(", severities: S2", ", severities: S1", "has no first response", id="target of"),
    pytest.param("immediate: false", "immediate: no", "did you mean `false`?", id="truth"),
    pytest.param("amount: 10", "amount: 10.0", "not a whole number", id="fraction"),
    pytest.param("amount: 10", "amount: .nan", "not a whole number", id="no number"),
    pytest.param("start: 2026-01-01", "start: 2026-02-30", "is not a date", id="date"),
    pytest.param("2026-01-01T00:00Z", "2026-01-01T00:00", "has no time zone", id="naive"),
    pytest.param("kind: renewal", "kind: renewl", "did you mean `renewal`?", id="kind"),
    pytest.param("id: bob, groups", "id: ada, groups", "two agents have the name", id="agents"),
    pytest.param("    severities: [S1, S2]\n", "", "`severities` is missing", id="missing"),
    pytest.param("{kind: renewal,", "{", "`kind` is missing", id="no kind"),
    pytest.param("months: 12}", "start: 2026-01-01}", "is `contiguous`", id="refused value"),
    pytest.param("unit: incidents, amount: 5", "unit: hours, amount: 5", "not one of", id="unit"),
    pytest.param(
        "months: 12}",
        "months: 12, joins: fresh, start: 2026-06-01}",
        "before the earlier term ends",
        id="overlap",
    ),
    pytest.param(
        ", calendars: {desk: emea}",
        "",
        "leaves the calendar `desk` to this line",
        id="line that binds no calendar",
    ),
    pytest.param("any_of: [business", "any_of: [anybody", "made of itself", id="circle"),
]


@pytest.mark.parametrize(("right", "wrong", "expected"), SLIPS)
def test_a_slip_is_a_problem_at_its_line(right: str, wrong: str, expected: str) -> None:
    assert right in DOCUMENT
    found = problems(DOCUMENT.replace(right, wrong, 1))
    assert [each for each in found if expected in each] != [], found
    changed = DOCUMENT[: DOCUMENT.index(right)].count("\n") + 1
    assert all(int(each.split(":")[0]) >= 1 for each in found)
    of_a_whole = {
        "has no first response",
        "`severities` is missing",
        "before the earlier term ends",
    }
    if expected not in of_a_whole:
        assert any(each.startswith(f"{changed}:") for each in found), found


def test_all_problems_are_found_in_one_pass_in_the_order_of_the_document() -> None:
    text = DOCUMENT
    for right, wrong in (("immediate: false", "immediate: no"), ("within: 4h", "within: 4 x")):
        text = text.replace(right, wrong)
    text = text.replace("plan: gold", "plan: glod").replace("zone: Europe/London", "zone: Paris")
    found = problems(text)
    assert len(found) == 4
    lines = [int(each.split(":")[0]) for each in found]
    assert lines == sorted(lines)


def test_a_reference_to_an_unreadable_thing_is_no_further_problem() -> None:
    broken = DOCUMENT.replace("zone: Europe/London", "zone: Paris")
    assert len(problems(broken)) == 1


def test_two_plans_of_one_name_need_two_versions() -> None:
    plan = DOCUMENT[DOCUMENT.index("  - id: gold") : DOCUMENT.index("agents:")]
    twice = DOCUMENT.replace(plan, plan + plan)
    assert any("two plan versions have the name `gold 1`" in each for each in problems(twice))
    second = plan.replace("id: gold", "id: gold\n    version: 2\n    effective: 2026-06-01")
    versions = parse_facts(DOCUMENT.replace(plan, plan + second))
    assert sorted(versions.policies) == ["gold", "gold@2"]


def test_a_plan_has_targets_or_names_a_policy_but_not_both() -> None:
    lines = DOCUMENT.splitlines(keepends=True)
    neither = "".join(each for each in lines if "targets:" not in each and "milestone" not in each)
    assert any("`first_response` is missing in this plan" in each for each in problems(neither))
    both = DOCUMENT.replace("    clock:", "    policy: gold\n    clock:")
    assert any("not both" in each for each in problems(both))


def test_several_plans_share_a_policy_by_its_name() -> None:
    shared = """
policies: [{id: p, targets: {milestone: first_response, within: 1h}}]
groups: dba
plans:
  - {id: a, policy: p, severities: S1, channels: web, rights: {id: r, group: dba}}
  - {id: b, policy: p, severities: S1, channels: web, rights: {id: r, group: dba}}
"""
    facts = parse_facts(shared)
    assert [plan.policy for plan in facts.catalog.plans] == ["p", "p"]
    (found,) = problems(shared.replace("{id: p,", "{id: q,"))
    assert found.startswith("2: policies[0].id: nothing refers to the SLA policy `q`")
    assert "did you mean `p`, as on line 5, line 6?" in found


def test_a_document_can_be_split_over_files(tmp_path: Path) -> None:
    at = DOCUMENT.index("accounts:")
    (tmp_path / "1-catalog.yaml").write_text(DOCUMENT[:at])
    (tmp_path / "2-accounts.yml").write_text(DOCUMENT[at:])
    (tmp_path / "notes.txt").write_text("not a document")
    assert read_facts(tmp_path) == parse_facts(DOCUMENT)
    assert read_facts([tmp_path / "2-accounts.yml", tmp_path / "1-catalog.yaml"]) == read_facts(
        str(tmp_path)
    )
    (tmp_path / "3-more.json").write_text('{"groups": ["dba"]}')
    with pytest.raises(DocumentError, match=r"3-more.json:1: groups\[0\]: two expert groups"):
        read_facts(tmp_path)


def test_a_part_that_is_not_a_list_is_in_one_file(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("precedence: [explicit]")
    with pytest.raises(
        DocumentError, match=r"b\.yaml:1: precedence: `precedence` is defined twice"
    ):
        read_facts(tmp_path)


def test_problems_of_all_files_are_found_if_one_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("products: [\n")
    (tmp_path / "b.yaml").write_text("product: [db]\nplans: []")
    with pytest.raises(DocumentError) as caught:
        read_facts([tmp_path / "a.yaml", tmp_path / "b.yaml", tmp_path / "c.yaml"])
    found = "\n".join(caught.value.problems)
    assert "a.yaml:2: this is not YAML" in found
    assert "b.yaml:1: product: `product` is not a key here" in found
    assert "c.yaml: cannot be read: no such file" in found


def test_unknown_names_are_no_problems_while_a_file_is_missing(tmp_path: Path) -> None:
    at = DOCUMENT.index("accounts:")
    (tmp_path / "a.yaml").write_text(DOCUMENT[at:])
    with pytest.raises(DocumentError) as caught:
        read_facts([tmp_path / "a.yaml", tmp_path / "gone.yaml"])
    assert len(caught.value.problems) == 1


def test_json_is_read() -> None:
    facts = parse_facts(DOCUMENT)
    assert parse_facts(write_facts(facts, format="json"), format="json") == facts


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="`xml` is not a format"):
        parse_facts("", format="xml")  # type: ignore[arg-type]


def test_always_is_the_word_for_around_the_clock_and_never_a_calendar() -> None:
    facts = parse_facts(DOCUMENT.replace("hours: business", "hours: always"))
    assert facts.catalog.plans[0].rights[0].hours is None
    assert "always" not in facts.catalog.calendars
    closed = parse_facts(DOCUMENT.replace("hours: business", "hours: never"))
    assert closed.catalog.calendars["never"] == Calendar.never()


any_bytes = st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode())


@given(any_bytes)
def test_any_bytes_are_facts_or_a_document_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    found = outcome(lambda: read_facts(path))
    assert all("\n" not in each and len(each) < 1_000 for each in found)


PIECES = ("", "[", "]", "{", "}", ": ", "- ", "*a ", "&a ", "!x ", "null", "1", "1.5", '"', "#")


@given(st.data())
def test_a_damaged_document_is_facts_or_a_document_error(data: st.DataObject) -> None:
    text = DOCUMENT
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 40)))
        piece = data.draw(st.sampled_from(PIECES) | st.just(text[end : end + 30]))
        text = text[:start] + piece + text[end:]
    found = outcome(lambda: parse_facts(text))
    assert all("the value is not possible" not in each for each in found)


SCALARS = list(re.finditer(r"(?<=[:\[,] )[\w.:%-]+", DOCUMENT))
OTHERS = (
    "true", "~", "-1", "0", "99999999999", "9" * 19, "2026-01-01", "{}", "[]", "[[x]]", "always",
    "x" * 300, "0001-01-01", "9999-12-31", "9999-12-31T00:00Z", "3000000h", "none", "1/0",
)  # fmt: skip


@given(st.sampled_from(SCALARS), st.sampled_from(OTHERS))
def test_another_value_is_facts_or_a_document_error(scalar: re.Match[str], other: str) -> None:
    text = DOCUMENT[: scalar.start()] + other + DOCUMENT[scalar.end() :]
    found = outcome(lambda: parse_facts(text))
    assert all("the value is not possible" not in each for each in found)


def outcome(read: Callable[[], Facts]) -> tuple[str, ...]:
    """Return the problems of a document; without any, its facts must be written and read."""
    try:
        facts = read()
    except DocumentError as error:
        return error.problems or ("there is an error without problems",)
    assert parse_facts(write_facts(facts)) == facts
    return ()


def test_predefined_hours_are_in_the_catalog_if_an_amended_line_names_them() -> None:
    line = "{id: L1, plan: gold, coverage: {product: db}, calendars: {desk: always}}"
    amendment = (
        f"{{kind: amendment, id: A-1, contract: C-1, effective: 2026-06-01, lines: [{line}]}}"
    )
    facts = parse_facts(DOCUMENT.replace("    changes:\n", f"    changes:\n      - {amendment}\n"))
    assert facts.catalog.calendars["always"] == Calendar.always()
    assert parse_facts(write_facts(facts)) == facts
