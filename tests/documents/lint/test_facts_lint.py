from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.documents.examples import DOCUMENT

from entitlements.documents import FindingLevel, lint_facts, parse_facts

AT = datetime(2026, 1, 1, tzinfo=UTC)
CLEAN = DOCUMENT.replace(", holidays: [2026-12-25]", "")


def found(text: str) -> list[str]:
    return [str(each) for each in lint_facts(parse_facts(text), AT)]


def test_a_careful_document_has_no_findings() -> None:
    assert found(CLEAN) == []


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (
            'week: "Mo-Fr 09:00-17:00"',
            'week: "Mo 09:00-17:00,10:00-18:00"',
            "windows overlap on Mo",
        ),
        ("groups: dba, skills", "groups: front, skills", "no agent is in the expert group `dba`"),
        ("group: dba, hours", "group: dba, experts: adda, hours", "no agent has the name `adda`"),
        ("coverage: {product: db}", "coverage: {product: dv}", "no product has the name `dv`"),
        (
            "contacts: [dana, {contact: bob, start: 2026-02-01}]",
            "contacts: []",
            "no contact may open",
        ),
    ],
)
def test_a_probable_mistake_is_a_warning(right: str, wrong: str, expected: str) -> None:
    assert right in CLEAN
    warnings = [each for each in found(CLEAN.replace(right, wrong, 1)) if expected in each]
    assert len(warnings) == 1
    assert warnings[0].startswith("warning: ")


def test_a_policy_without_a_plan_is_a_note() -> None:
    text = CLEAN + "policies: [{id: old, targets: {milestone: update, within: 1h}}]\n"
    (note,) = lint_facts(parse_facts(text), AT)
    assert note.level is FindingLevel.NOTE
    assert note.path == "policies.old"


def test_a_severity_without_a_right_is_a_warning() -> None:
    text = CLEAN.replace("group: dba, hours", "group: dba, severities: S1, hours").replace(
        "group: front, immediate", "group: front, severities: S1, immediate"
    )
    assert [each for each in found(text) if "no right covers severity `S2`" in each] != []


@pytest.mark.parametrize(
    ("group", "warnings"),
    [
        ("apps", []),
        ("app", ["no product group has the name `app` (did you mean `apps`?)"]),
        ("db", ["no product group has the name `db`"]),
    ],
)
def test_an_unknown_product_group_in_a_coverage_is_a_warning(
    group: str, warnings: list[str]
) -> None:
    text = CLEAN.replace("coverage: {product: db}", f"coverage: {{product_group: {group}}}")
    assert [each.rpartition(": ")[2] for each in found(text)] == warnings


def test_promises_that_hours_make_impossible_and_parts_without_use_are_named() -> None:
    facts = parse_facts(
        """
        calendars: {name: business, zone: UTC, week: "Mo-Fr 09:00-17:00"}
        groups: desk
        plans:
          - id: gold
            severities: [high]
            channels: [web]
            allowances: {id: cases, unit: incidents, amount: 5}
            rights: [{id: desk, group: desk, hours: business}]
            targets: [{milestone: first_response, within: 30m}]
        """
    )
    found = [str(each) for each in lint_facts(facts, datetime(2026, 3, 2, tzinfo=UTC))]
    assert "warning: plans[0]: `gold`: no right uses allowance `cases`" in found
    assert found[-1].startswith(
        "warning: plans[0]: `gold`: first response of `high` by `web` is promised within 30m"
    )


def test_a_notice_that_is_too_late_is_found_with_the_day_by_which_it_was_due() -> None:
    facts = parse_facts(
        """
        groups: desk
        plans: [{id: p, severities: S, channels: web, first_response: 1h, group: desk}]
        accounts:
          - customer: acme
            contracts:
              - {id: C-1, zone: UTC, start: 2026-01-01, months: 12, contacts: [a],
                 renewal: {months: 12, notice_months: 3}, lines: [{id: '1', plan: p}]}
            changes: [{kind: notice, id: E-1, contract: C-1, given: 2026-10-01}]
        """
    )
    (late,) = [str(each) for each in lint_facts(facts, AT)]
    assert late == (
        "warning: accounts[0].contracts[0].renewal: notice `E-1` of 2026-10-01 is too late for the "
        "term that ends on 2026-12-31, for which it had to be given by 2026-09-30; "
        "the contract goes on"
    )
