"""Findings in what was sold: roles, experts, add-ons."""

from __future__ import annotations

from datetime import UTC, datetime

from entitlements.documents import lint_facts, parse_facts

AT = datetime(2026, 1, 1, tzinfo=UTC)


def found(text: str) -> list[str]:
    return [str(each) for each in lint_facts(parse_facts(text), AT)]


_ROLES = """
groups: desk
products: db
plans: {id: gold, severities: [high], channels: [web], group: desk, first_response: 4h}
accounts:
  customer: acme
  contracts: {id: C-1, zone: UTC, start: 2026-01-01, lines: {id: 1, plan: gold}, contacts: dana}
"""


def test_a_role_that_no_contact_has_and_one_that_no_plan_asks_for_are_named() -> None:
    asked = _ROLES.replace("first_response: 4h", "first_response: 4h, opened_by: {high: admin}")
    path = "warning: accounts[0].contracts[0].contacts:"
    assert f"{path} no contact of `C-1` has the role `admin` that `gold` asks for" in found(asked)
    slip = asked.replace("contacts: dana", "contacts: {contact: dana, roles: admn}")
    assert (
        f"{path} no plan of `C-1` asks for the role `admn` of `dana` (did you mean `admin`?)"
        in found(slip)
    )
    right = asked.replace("contacts: dana", "contacts: {contact: dana, roles: admin}")
    assert [each for each in found(right) if "role" in each] == []
