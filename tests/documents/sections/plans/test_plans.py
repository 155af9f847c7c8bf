from __future__ import annotations

import pytest
from tests.documents.examples import DOCUMENT, facts_of, slips_of

from entitlements.calendars import Calendar
from entitlements.documents import parse_facts, write_facts
from entitlements.documents.hours.business_hours import write_context
from entitlements.documents.sections.plans.plans import PlanShape, own_policy


def test_a_plan_is_written_with_its_own_targets_or_the_name_of_a_policy() -> None:
    facts = parse_facts(DOCUMENT)
    plan, policy = facts.catalog.plans[0], facts.policies["gold"]
    out = write_context(facts.catalog.calendars)
    inside = PlanShape().write((plan, policy), out)
    assert inside["first_response"]["S2"] == "4h desk"  # type: ignore[index, call-overload]
    assert inside["clock"] == {"reopen": "continue"}  # type: ignore[index, call-overload]
    assert "calendars" not in inside  # type: ignore[operator]
    assert PlanShape().write((plan, None), out)["policy"] == "gold"  # type: ignore[index, call-overload]


def test_a_line_calendar_is_never_open_before_it_is_bound() -> None:
    assert parse_facts(DOCUMENT).policies["gold"].calendars["desk"] == Calendar.never()


def test_the_policy_of_a_plan_has_an_id_from_the_plan() -> None:
    assert [own_policy("gold", "1"), own_policy("gold", "2026")] == ["gold", "gold@2026"]


def test_a_plan_may_define_a_line_calendar_before_it_is_bound() -> None:
    text = DOCUMENT.replace("    clock:", "    calendars: {desk: emea}\n    clock:")
    facts = parse_facts(text)
    assert facts.policies["gold"].calendars["desk"] == facts.catalog.calendars["emea"]
    assert parse_facts(write_facts(facts)) == facts


FREE = """\
  - id: free
    hours: business
    group: desk
    channels: [phone, web]
    anchor: end
    first_response: [2h by phone, 4h]
    resolution: 2 business days
"""


def test_a_plan_may_do_without_severities() -> None:
    facts = facts_of(FREE)
    (plan,) = facts.catalog.plans
    assert plan.severities == ()
    assert [each.id for each in plan.rights] == ["desk phone", "desk"]
    assert parse_facts(write_facts(facts)) == facts
    assert "severities" not in write_facts(facts)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("[2h by phone, 4h]", "{S1: 2h, S2: 4h}"),
        ("group: desk", "group: {S1: desk}"),
        ("[phone, web]", "{phone: S1, web: all}"),
        ("group: desk", "group: desk\n    may_not_open: S1"),
    ],
)
def test_severities_that_are_not_listed_are_one_problem(right: str, wrong: str) -> None:
    (found,) = slips_of(FREE.replace(right, wrong, 1))
    assert found.startswith("1: plans[0]: `severities` is missing in this plan (list them, worst")


def test_a_plan_without_severities_needs_a_first_response_for_every_channel() -> None:
    (found,) = slips_of(FREE.replace("[2h by phone, 4h]", "2h by phone"))
    assert "a request by `web` has no first response (add one, or `none`)" in found
