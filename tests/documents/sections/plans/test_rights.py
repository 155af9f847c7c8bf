from __future__ import annotations

import pytest
from tests.documents.examples import GOLD, facts_of, slips_of

from entitlements.contracts import AccessRight
from entitlements.documents import parse_facts, write_facts


def rights_of(*lines: str, plan: str = GOLD) -> tuple[AccessRight, ...]:
    facts = facts_of(plan, *(f"    {line}\n" for line in lines))
    assert parse_facts(write_facts(facts)) == facts
    return facts.catalog.plans[0].rights


def test_rights_follow_from_the_group_and_the_first_responses() -> None:
    assert [(each.id, each.hours) for each in rights_of()] == [
        ("desk always", None),
        ("desk", "business"),
    ]
    assert [each.id for each in rights_of("queue: web")] == [
        "desk always",
        "desk always queue",
        "desk",
        "desk queue",
    ]


def test_listed_rights_are_beside_the_group_and_have_its_name_and_hours() -> None:
    found = rights_of(
        "rights: [{id: a}, {id: b, group: seniors, hours: always}, {id: c, hours: emea}]"
    )
    assert [(each.group, each.hours) for each in found] == [
        ("desk", None),
        ("desk", "business"),
        ("desk", "business"),
        ("seniors", None),
        ("desk", "emea"),
    ]


CASES = "allowances: {id: cases, unit: incidents, amount: 5}"


def test_rights_take_from_the_allowance_that_the_plan_names() -> None:
    assert {each.allowance for each in rights_of(CASES)} == {None}
    assert {each.allowance for each in rights_of("allowance: cases", CASES)} == {"cases"}


def test_listed_rights_take_from_the_allowance_of_the_plan_unless_they_state_another() -> None:
    few = "{id: few, unit: incidents, amount: 1}"
    both = CASES.replace("{", "[{") + f", {few}]"
    found = rights_of("allowance: cases", "rights: [{id: a}, {id: b, allowance: few}]", both)
    assert [each.allowance for each in found] == ["cases", "cases", "cases", "few"]
    none = rights_of("allowance: cases", "rights: {id: a, allowance: null}", both)
    assert [each.allowance for each in none] == ["cases", "cases", None]


def test_an_allowance_that_the_plan_does_not_have_is_a_problem() -> None:
    (problem,) = slips_of(GOLD, "    allowance: case\n", f"    {CASES}\n")
    assert "no allowance has the name `case` (did you mean `cases`?)" in problem


def test_a_plan_may_give_no_right() -> None:
    assert rights_of("rights: []", plan=GOLD.replace("    group: desk\n", "")) == ()


def test_the_group_is_reached_in_other_hours_than_those_that_count() -> None:
    assert [each.hours for each in rights_of("reached: always")] == [None]
    assert [each.hours for each in rights_of("reached: emea", "rights: {id: a}")] == ["emea"] * 2


def test_a_table_of_groups_gives_each_severity_its_own() -> None:
    table = GOLD.replace("group: desk", "group: {S1: seniors, S2: desk, S3: desk}")
    found = rights_of(plan=table)
    assert [(each.group, each.severities) for each in found] == [
        ("seniors", {"S1"}),
        ("desk", {"S2", "S3"}),
    ]


def test_channels_may_open_some_severities_only() -> None:
    found = rights_of(plan=GOLD.replace("[phone, web]", "{web: all, phone: [S1, S2]}"))
    assert [(each.severities, each.channels) for each in found] == [
        ({"S1"}, frozenset()),
        ({"S3"}, {"web"}),
        ({"S2"}, frozenset()),
    ]


def test_the_rights_to_the_group_have_its_designated_experts() -> None:
    assert {each.experts for each in rights_of("experts: [ada, bob]")} == {("ada", "bob")}


def test_the_plan_of_a_shared_policy_gives_one_right_in_its_hours() -> None:
    facts = parse_facts(
        """
        policies: {id: p, hours: {zone: UTC, week: "Mo 09:00-17:00"}, first_response: 1h}
        groups: desk
        plans: {id: a, policy: p, severities: S1, channels: web, group: desk}
        """
    )
    assert facts.catalog.plans[0].rights == (AccessRight(id="desk", group="desk"),)
    assert facts.policies["p"].targets[0].calendar == "Mo 09:00-17:00 UTC"
    assert parse_facts(write_facts(facts)) == facts


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (
            "group: desk",
            "group: {S1: seniors, S2: desk}",
            "3: plans[0].group: severity `S3` has no group (add `S3: ` and its group to the table)",
        ),
        (
            "group: desk",
            "group: {S1: seniors, S2: desk, s3: desk}",
            "3: plans[0].group.s3: no severity has the name `s3` (did you mean `S3`?)",
        ),
        (
            "[phone, web]",
            "{web: all, phone: [S1, S4]}",
            "5: plans[0].channels.phone[1]: no severity has the name `S4`",
        ),
        (
            "    group: desk\n",
            "    rights: []\n    experts: ada\n",
            "4: plans[0].experts: this says how the group of the plan is reached, and it has none",
        ),
        (
            "    group: desk\n    severities: [S1, S2, S3]\n    channels: [phone, web]\n",
            "    rights: []\n    severities: [S1, S2, S3]\n    channels: {phone: S1, web: all}\n",
            "5: plans[0].channels: severities of channels limit the rights to the group",
        ),
        (
            "    group: desk\n",
            "",
            "1: plans[0]: `group` is missing in this plan (name the expert group",
        ),
        (
            "group: desk",
            "group: dekc",
            "3: plans[0].group: no expert group has the name `dekc` (did you mean `desk`?)",
        ),
        (
            "group: desk",
            "queue: fax\n    group: desk",
            "3: plans[0].queue: no channel has the name `fax`",
        ),
        (
            "anchor: end",
            "anchor: closing",
            "6: plans[0].anchor: `closing` is not one of same_time, start, end",
        ),
        (
            "hours: business",
            "hours: busines",
            "2: plans[0].hours: no calendar has the name `busines` (did you mean",
        ),
    ],
)
def test_a_slip_beside_the_tables_is_one_problem(right: str, wrong: str, expected: str) -> None:
    found = slips_of(GOLD.replace(right, wrong))
    assert len(found) == 1, found
    assert found[0].startswith(expected)
