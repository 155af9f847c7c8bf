from __future__ import annotations

import pytest
from tests.documents.changes.documents import AT, TEXT, sentences

from entitlements.documents import facts_diff, parse_facts

QUEUE = "group: desk, hours: business"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "phone], hours: business",
            "phone], hours: long",
            (
                "better: plan gold, severity high by phone: "
                "was experts business, is now experts long, then desk business"
            ),
        ),
        (
            "hours: business}\n      - {id: queue",
            "hours: business, immediate: false}\n      - {id: queue",
            (
                "worse: plan gold, severity high by phone: "
                "was experts business, is now experts business (through the queue)"
            ),
        ),
        (
            "contact_limit: 4",
            "contact_limit: 2",
            "worse: plan gold, named contacts: was 4, is now 2",
        ),
        (
            "    contact_limit: 4\n",
            "",
            "better: plan gold, named contacts: was 4, is now no limit",
        ),
        (
            "contact_limit: 4",
            "concurrency: 1\n    contact_limit: 4",
            "worse: plan gold, open cases at once: was no limit, is now 1",
        ),
        (
            "contact_limit: 4",
            "quantity_steps: [{quantity: 5, contact_limit: 9}]\n    contact_limit: 4",
            "better: plan gold, numbers by quantity: was none, is now from 5: 9 named contacts",
        ),
        (
            "contact_limit: 4",
            "unlimited_roles: owner\n    contact_limit: 4",
            "better: plan gold, roles outside the limit of contacts: was none, is now owner",
        ),
        (
            "contact_limit: 4",
            "lead_time: 2 business days business\n    contact_limit: 4",
            "worse: plan gold, lead time of changes: was none, is now 2 business days of business",
        ),
        (
            "contact_limit: 4",
            "charge: time_and_materials\n    contact_limit: 4",
            "worse: plan gold, charge: was included, is now time_and_materials",
        ),
        (
            "contact_limit: 4",
            "general_group: desk\n    contact_limit: 4",
            "better: plan gold, general group: was none, is now desk",
        ),
    ],
)
def test_each_changed_term_or_reach_is_a_sentence_with_its_effect(
    old: str, new: str, expected: str
) -> None:
    assert sentences((old, new)) == [expected]


def test_another_group_can_be_better_or_worse() -> None:
    found = sentences((QUEUE, "group: experts, hours: business"))
    assert "unclear: plan gold, severity low: was desk business, is now experts business" in found


def test_use_of_an_allowance_is_worse_and_more_units_are_better() -> None:
    spent = (QUEUE, "group: desk, allowance: cases, hours: business")
    assert (
        "worse: plan gold, severity low: was desk business, "
        "is now desk business (from 5 incidents each term)" in sentences(spent)
    )
    assert all(each.startswith("worse: ") for each in sentences(spent))


def test_a_removed_channel_reaches_no_group() -> None:
    found = sentences(("channels: [web, phone]", "channels: [phone]"))
    assert "worse: plan gold, severity low by web: was desk business, is now nobody" in found


def test_a_right_for_a_condition_is_listed_with_the_condition() -> None:
    added = (
        "      - {id: queue",
        "      - {id: asked, group: desk, conditions: [asked]}\n      - {id: queue",
    )
    found = sentences(added)
    assert (
        "better: plan gold, severity low (with asked declared): "
        "was desk business, is now desk always"
    ) in found  # fmt: skip


def test_grace_is_compared_by_days() -> None:
    assert [
        each.partition(": was")[0]
        for each in sentences(("contact_limit: 4", "grace: {days: 30}\n    contact_limit: 4"))
        if "grace" in each.partition(":")[2].partition(": was")[0]
    ] == ["better: plan gold, days of grace"]


def test_a_severity_that_becomes_one_for_administrators_is_worse_for_the_others() -> None:
    found = sentences(("contact_limit: 4", "contact_limit: 4\n    opened_by: {low: admin}"))
    assert found == ["worse: plan gold, severity low: was desk business, is now nobody"]


def test_a_right_for_a_role_is_listed_with_the_role() -> None:
    found = sentences((QUEUE, "group: desk, roles: [admin]"))
    assert (
        "better: plan gold, severity low (from a contact who is admin): "
        "was desk business, is now desk always" in found
    )
    assert "worse: plan gold, severity low: was desk business, is now nobody" in found


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        ("kinds: [incident]", "of kind incident"),
        ("languages: [ja]", "in ja"),
    ],
)
def test_a_right_for_a_kind_or_a_language_is_listed_with_it(keys: str, asked: str) -> None:
    new = [(QUEUE, f"group: desk, {keys}")]
    if "kinds" in keys:
        new.append(
            ("    contact_limit: 4", "    kinds: [incident, question]\n    contact_limit: 4")
        )
    found = sentences(*new)
    assert (
        f"better: plan gold, severity low ({asked}): was desk business, is now desk always" in found
    )
    assert "worse: plan gold, severity low: was desk business, is now nobody" in found


def test_a_right_that_becomes_one_to_ask_for_by_name_is_worse() -> None:
    found = sentences((QUEUE, f"{QUEUE}, only_when_named: true"))
    assert "worse: plan gold, severity low: was desk business, is now nobody" in found


BASES = "plans:\n" + "".join(
    f"  - {{id: {id}, severities: high, channels: web, group: desk, first_response: 1h}}\n"
    for id in ("base", "premier")
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "base", "worse: plan gold, required plan: was none, is now base"),
        ("base", "", "better: plan gold, required plan: was base, is now none"),
        (
            "base",
            "[base, premier]",
            "better: plan gold, required plan: was base, is now base or premier",
        ),
        ("base", "premier", "unclear: plan gold, required plan: was base, is now premier"),
    ],
)
def test_a_plan_that_becomes_an_add_on_is_worse(old: str, new: str, expected: str) -> None:
    def document(plan: str) -> str:
        key = f"    requires_plan: {plan}\n" if plan else ""
        return TEXT.replace("plans:\n", BASES).replace(
            "    contact_limit", f"{key}    contact_limit"
        )

    found = facts_diff(parse_facts(document(old)), parse_facts(document(new)), AT)
    assert [str(each) for each in found] == [expected]


def test_a_matrix_that_leads_to_less_severe_cases_is_worse() -> None:
    def changes(old: str, new: str) -> list[str]:
        texts = (f"    priority_matrix: {{site: {{now: {each}}}}}\n" for each in (old, new))
        found = [TEXT.replace("    contact_limit", f"{each}    contact_limit") for each in texts]
        return [str(each) for each in facts_diff(*map(parse_facts, found), AT)]

    title = "plan gold, severity by impact and urgency: was site: now"
    assert changes("high", "low") == [f"worse: {title} high, is now site: now low"]
    assert changes("low", "high") == [f"better: {title} low, is now site: now high"]
    assert changes("high", "high, soon: low") == [
        f"better: {title} high, is now site: now high, soon low",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "base", "worse: plan gold, suspending plan: was none, is now base"),
        ("base", "", "better: plan gold, suspending plan: was base, is now none"),
        (
            "base",
            "[base, premier]",
            "worse: plan gold, suspending plan: was base, is now base or premier",
        ),
        ("base", "premier", "unclear: plan gold, suspending plan: was base, is now premier"),
    ],
)
def test_a_plan_that_becomes_a_default_is_worse(old: str, new: str, expected: str) -> None:
    def document(plan: str) -> str:
        key = f"    suspended_by: {plan}\n" if plan else ""
        return TEXT.replace("plans:\n", BASES).replace(
            "    contact_limit", f"{key}    contact_limit"
        )

    found = facts_diff(parse_facts(document(old)), parse_facts(document(new)), AT)
    assert [str(each) for each in found] == [expected]
