from __future__ import annotations

from tests.documents.examples import DOCUMENT

from entitlements.calendars import Calendar
from entitlements.documents import parse_facts, write_facts
from entitlements.documents.hours.business_hours import write_context
from entitlements.documents.sections.plans import PlanShape, own_policy


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
