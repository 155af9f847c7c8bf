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
    outside = _ROLES.replace("first_response: 4h", "first_response: 4h, unlimited_roles: owner")
    owner = outside.replace("contacts: dana", "contacts: {contact: dana, roles: owner}")
    assert [each for each in found(owner) if "role" in each] == []


_STAFFED = _ROLES + "agents: [{id: ada, groups: desk, skills: [en]}, {id: bob}]\n"


def test_a_named_engineer_who_left_or_is_in_none_of_the_groups_is_named() -> None:
    path = "warning: accounts[0].contracts[0].lines[0].experts:"
    named = _STAFFED.replace("plan: gold}", "plan: gold, experts: [ada, adda, bob]}")
    assert [each for each in found(named) if each.startswith(path)] == [
        f"{path} no agent has the name `adda` (did you mean `ada`?)",
        f"{path} `bob` is in no group that `gold` reaches, and is never asked",
    ]


def test_a_language_that_nobody_speaks_is_named() -> None:
    right = "rights: {id: desk, group: desk, languages: [en, ja]}"
    spoken = _STAFFED.replace("group: desk, first_response: 4h", f"{right}, first_response: 4h")
    assert [each for each in found(spoken) if "speaks" in each] == [
        "warning: plans[0].rights[0].languages: `gold`: no agent of `desk` speaks `ja`"
    ]


def test_an_add_on_that_was_sold_without_its_plan_is_named() -> None:
    plans = """plans:
  - {id: gold, severities: [high], channels: [web], group: desk, first_response: 4h,
     requires_plan: base}
  - {id: base, severities: [high], channels: [web], group: desk, first_response: 8h}
"""
    start, end = _ROLES.index("plans:"), _ROLES.index("accounts:")
    alone = _ROLES[:start] + plans + _ROLES[end:]
    message = (
        "warning: accounts[0].contracts[0].lines[0].plan: "
        "`gold` needs `base`, of which `acme` has no line"
    )
    assert message in found(alone)
    both = alone.replace("{id: 1, plan: gold}", "[{id: 1, plan: gold}, {id: 2, plan: base}]")
    assert message not in found(both)
