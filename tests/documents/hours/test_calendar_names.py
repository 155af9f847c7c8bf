from __future__ import annotations

import pytest
from tests.documents.examples import GOLD, facts_of, problems, slips_of

from entitlements.calendars import Calendar, Week
from entitlements.documents import parse_facts, write_facts
from entitlements.documents.hours.calendar_names import description

BERLIN = Calendar(zone="Europe/Berlin", week="Mo-Fr 08:00-20:00")
NAME = "Mo-Fr 08:00-20:00 Europe/Berlin"
PLACED = '{zone: Europe/Berlin, week: "Mo-Fr 08:00-20:00"}'


def test_hours_may_be_in_place_of_the_name_of_a_calendar() -> None:
    facts = facts_of(
        GOLD.replace("hours: business", f"hours: {PLACED}"),
        f"    rights: [{{id: a}}, {{id: b, hours: {PLACED}}}, {{id: c, hours: business}}]\n",
        f"    update: {{S1: {{within: 2h, calendar: {PLACED}}}}}\n",
    )
    plan, policy = facts.catalog.plans[0], facts.policies["gold"]
    assert [each.hours for each in plan.rights] == [None, NAME, NAME, NAME, "business"]
    assert [each.calendar for each in policy.targets] == [None, NAME, NAME, NAME]
    assert facts.catalog.calendars[NAME] == policy.calendars[NAME] == BERLIN
    assert parse_facts(write_facts(facts)) == facts


def test_different_hours_with_the_same_week_have_different_names() -> None:
    other = PLACED.replace("}", ", holidays: 2026-12-25}")
    named = PLACED.replace("{", "{name: late, ")
    rights = ", ".join(
        f"{{id: r{n}, hours: {each}}}" for n, each in enumerate((PLACED, other, named))
    )
    facts = facts_of(GOLD, f"    rights: [{rights}]\n")
    assert [each.hours for each in facts.catalog.plans[0].rights][2:] == [
        *(NAME, f"{NAME} 2", "late")
    ]


def test_a_slip_in_hours_in_place_is_one_problem() -> None:
    (found,) = slips_of(GOLD.replace("hours: business", "hours: {zone: Berlin, week: 24/7}"))
    assert found.startswith("2: plans[0].hours.zone: `Berlin` is not a time zone")


def test_a_plan_may_be_there_around_the_clock() -> None:
    facts = facts_of(
        GOLD.replace("hours: business", "hours: always").replace("1 business day", "1h")
    )
    assert {each.hours for each in facts.catalog.plans[0].rights} == {None}
    assert {each.calendar for each in facts.policies["gold"].targets} == {None}


def test_a_document_may_have_a_calendar_called_always() -> None:
    own = 'calendars: {name: always, zone: UTC, week: "Mo-Fr 00:00-24:00"}\ngroups: desk\nplans:\n'
    text = own + GOLD.replace("business\n", "always\n")
    facts = parse_facts(text)
    assert [each.hours for each in facts.catalog.plans[0].rights] == ["always"]
    assert parse_facts(write_facts(facts)) == facts
    assert problems(text.replace("name: always", "name: weekdays")) != []


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (BERLIN, NAME),
        (Calendar(zone="UTC", week=Week("")), "closed UTC"),
        (~BERLIN, f"not {NAME}"),
        (BERLIN | Calendar.never(), f"{NAME} or never"),
    ],
)
def test_hours_are_described_in_a_few_words(hours: Calendar, words: str) -> None:
    assert description(hours) == words
