"""Each clause of plans and contracts is named until a case is decided by it."""

from __future__ import annotations

import pytest
from tests.testing.promises.test_coverage import counts

FACTS = """
given:
  calendars: [{name: desk, zone: UTC, week: "Mo-Fr 09:00-17:00"}]
  products: [db, web]
  groups: [dba, help]
  agents: [{id: ada, groups: [dba], region: eu}]
  plans:
    - id: gold
      policy: gold
      channels: [web, phone]
      severities: [high, low, planned]
      may_not_open: [planned]
      general_group: help
      contact_limit: 1
      grace: {days: 10}
      allowances: [{id: pack, unit: incidents, amount: 1}]
      rights:
        - {id: dba, group: dba, severities: [high], channels: [phone], hours: desk,
           allowance: pack, conditions: [reachable]}
  policies:
    - {id: gold, targets: [{milestone: first_response, within: 4h}]}
  accounts:
    - customer: acme
      contracts:
        - {id: C-1, zone: UTC, start: 2026-01-05, end: 2026-06-30, contacts: [dana],
           constraints: [{kind: residency, values: [eu]}],
           lines: [{id: l, plan: gold, coverage: {product: [db]}}]}
        - {id: C-2, zone: UTC, start: 2026-01-05, end: 2026-06-30, contacts: [dana, eve],
           renewal: {months: 12, notice_months: 1},
           lines: [{id: l, plan: gold, coverage: {product: [web]}, contact_limit: 1}]}
      changes:
        - {kind: block, id: B-1, start: 2026-04-01T00:00Z, end: 2026-04-02T00:00Z}
        - {kind: cancellation, id: X-1, contract: C-1, effective: 2026-12-01}
at: 2026-03-02T10:00Z
ask:
  {customer: acme, contact: dana, product: db, channel: phone, severity: high, contract: C-1,
   conditions: [reachable]}
promises:
"""
PACK = "plan gold allowance pack"
STRANGER = "  - {ask: {customer: unknown}, expect: {reasons: customer_unknown}}"
OTHER = "ask: {product: web, contract: C-2"


@pytest.mark.parametrize(
    ("case", "exercised"),
    [
        ("expect: granted", {PACK}),
        ("expect: {agent: ada}", {PACK, "contract C-1 residency"}),
        ("ask: {channel: web}, expect: denied", {"right gold dba channels"}),
        ("ask: {severity: low}, expect: denied", {"right gold dba severities"}),
        (
            "ask: {severity: planned}, expect: denied",
            {"plan gold may_not_open", "right gold dba severities"},
        ),
        ("ask: {conditions: []}, expect: denied", {"right gold dba conditions"}),
        (
            "at: 2026-03-01T10:00Z, expect: {group: help}",
            {"plan gold general_group", "right gold dba hours"},
        ),
        ("at: 2026-01-02T10:00Z, expect: denied", {"contract C-1 start"}),
        ("at: 2026-07-01T10:00Z, expect: granted", {PACK, "plan gold grace"}),
        ("at: 2026-08-01T10:00Z, expect: denied", {"contract C-1 end"}),
        ("at: 2026-12-02T10:00Z, expect: denied", {"contract C-1 cancellation"}),
        ("at: 2026-04-01T10:00Z, expect: denied", {"block B-1"}),
        (
            "ask: {contact: zoe}, expect: denied",
            {"contract C-1 contacts"},
        ),
        ("ask: {product: web}, expect: denied", {"line C-1 l coverage"}),
        (
            f"at: 2026-07-13T10:00Z, {OTHER}}}, expect: granted",
            {PACK, "contract C-2 renewal"},
        ),
        (
            f"{OTHER}, contact: eve}}, expect: denied",
            {"plan gold contact_limit", "line C-2 l contact_limit"},
        ),
    ],
)
def test_a_clause_is_covered_by_an_answer_that_it_decides(case: str, exercised: set[str]) -> None:
    found = counts(f"{FACTS}  - {{{case}}}")["clauses"]
    every = counts(FACTS + STRANGER)["clauses"].missed
    assert {*every} - {*found.missed} == exercised


def test_a_stranger_exercises_no_clause() -> None:
    found = counts(FACTS + STRANGER)["clauses"]
    assert (found.covered, found.total) == (0, 21)


def test_a_spent_allowance_is_exercised() -> None:
    ledger = FACTS.replace("amount: 1}", "amount: 0}")
    found = counts(f"{ledger}  - {{expect: denied}}")["clauses"]
    assert PACK not in found.missed
