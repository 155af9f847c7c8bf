from __future__ import annotations

from datetime import timedelta

import pytest
from tests.documents.examples import GOLD, facts_of, problems, slips_of

from entitlements.documents import parse_facts, write_facts
from entitlements.sla import Target

HOUR = timedelta(hours=1)


def based(*lines: str, name: str = "silver", base: str = "gold") -> str:
    head = f"  - id: {name}\n    based_on: {base}\n"
    return head + "".join(f"    {line}\n" for line in lines)


def within(policy: str, milestone: str, *plans: str) -> dict[str, object]:
    targets: tuple[Target, ...] = facts_of(*plans).policies[policy].targets
    return {each.severities[0]: each.within for each in targets if each.milestone == milestone}


def test_a_plan_takes_what_it_does_not_state() -> None:
    facts = facts_of(GOLD, based("contact_limit: 3", "channels: [web]"))
    gold, silver = facts.catalog.plans
    assert silver.severities == gold.severities
    assert (silver.contact_limit, silver.channels) == (3, {"web"})
    assert facts.policies["silver"].targets == facts.policies["gold"].targets
    assert [each.hours for each in silver.rights] == [None, "business"]


def test_a_table_takes_the_cells_that_it_does_not_state() -> None:
    plans = (GOLD, based("first_response: {S1: 2h, S3: none}"))
    assert within("silver", "first_response", *plans) == {
        "S1": 2 * HOUR,
        "S2": 4 * HOUR,
        "S3": None,
    }


def test_an_amount_alone_replaces_the_whole_table() -> None:
    facts = facts_of(GOLD, based("first_response: 8h"))
    assert [each.within for each in facts.policies["silver"].targets] == [8 * HOUR]


def test_amounts_count_by_the_hours_of_the_plan_that_takes_them() -> None:
    facts = facts_of(GOLD, based("hours: emea"))
    assert [each.calendar for each in facts.policies["silver"].targets] == [None, "emea", "emea"]


def test_the_name_and_the_version_are_not_taken() -> None:
    gold = GOLD.replace("- id: gold", "- id: gold\n    name: Gold\n    effective: 2026-01-01")
    (_, silver) = facts_of(gold, based()).catalog.plans
    assert (silver.name, silver.effective) == ("", None)


def test_a_version_may_be_based_on_an_earlier_one() -> None:
    second = based("version: 2", "first_response: {S1: 30m always}", name="gold")
    third = based("version: 3", "update: 1h", name="gold", base="gold@2")
    assert within("gold@3", "first_response", GOLD, second, third)["S1"] == HOUR / 2


def test_a_plan_may_be_based_on_one_that_comes_later_and_builds_on_another() -> None:
    facts = facts_of(based(name="bronze", base="silver"), based(), GOLD)
    assert len({each.severities for each in facts.catalog.plans}) == 1


def test_cells_of_severities_that_the_plan_does_not_have_are_left_out() -> None:
    plans = (GOLD, based("severities: [S1, S2]"))
    assert within("silver", "first_response", *plans) == {"S1": HOUR, "S2": 4 * HOUR}


def test_a_table_replaces_the_targets_that_the_base_lists_for_its_milestone() -> None:
    listed = (
        GOLD
        + "    targets: [{milestone: update, within: 1h}, {milestone: resolution, within: 9h}]\n"
    )
    facts = facts_of(listed, based("update: {S1: 2h}"), based("policy: gold", name="bronze"))
    found = [(each.milestone, each.within) for each in facts.policies["silver"].targets]
    assert found[3:] == [("update", 2 * HOUR), ("resolution", 9 * HOUR)]
    assert facts.catalog.plans[2].policy == "gold"


def test_the_facts_are_those_of_plans_that_state_everything() -> None:
    facts = facts_of(GOLD, based("first_response: {S1: 2h}", "contact_limit: 3"))
    assert "based_on" not in write_facts(facts)
    assert parse_facts(write_facts(facts)) == facts


@pytest.mark.parametrize(
    ("plans", "expected"),
    [
        (
            [based(base="glod"), GOLD],
            "2: plans[0].based_on: no plan has the name `glod` (did you mean `gold`?)",
        ),
        ([GOLD, based(base="silver")], "9: plans[1].based_on: plan `silver` is based on itself"),
        (
            [based(name="bronze", base="silver"), GOLD, based(base="bronze")],
            "2: plans[0].based_on: plans `bronze` and `silver` are based on each other",
        ),
        (
            [GOLD.replace(", S3: 1 business day", ""), based("first_response: {S1: 2h}")],
            "7: plans[0].first_response: severity `S3` by `phone`, `web` has no first response",
        ),
        (
            [GOLD.replace("S2: 4h", "S2: 4 hurs"), based()],
            "7: plans[0].first_response.S2: `4 hurs` is not an amount",
        ),
        (
            [GOLD, based("first_response: {S4: 1h}")],
            "10: plans[1].first_response.S4: no severity has the name `S4`",
        ),
        (
            [GOLD, based("frist_response: {S1: 1h}")],
            "10: plans[1].frist_response: `frist_response` is not a key here",
        ),
        (
            [GOLD.replace("group: desk", "group: dsek"), based()],
            "3: plans[0].group: no expert group has the name `dsek`",
        ),
        (
            [GOLD.replace("    channels: [phone, web]\n", ""), based()],
            "1: plans[0]: `channels` is missing in this plan",
        ),
        ([GOLD.replace("[phone, web]", "[phone, web"), based()], ""),
    ],
)
def test_a_slip_in_a_plan_or_its_base_is_one_problem(plans: list[str], expected: str) -> None:
    (found,) = slips_of(*plans)
    assert found.startswith(expected)


@pytest.mark.parametrize("names", ["ab", "abc"])
def test_calendars_in_a_circle_are_one_problem(names: str) -> None:
    bases = zip(names, names[1:] + names[:1], strict=True)
    lines = [f"  - {{name: {name}, based_on: {base}}}" for name, base in bases]
    text = "\n".join(["calendars:", "  - {name: x, based_on: a}", *lines])
    (found,) = problems(text)
    assert found.partition(" ")[0] == "3:"
    assert "are based on each other (remove `based_on` from one of them)" in found
