from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.cli.shells import DEMO

from entitlements.calendars import BusinessDays, Calendar, Closure, DatedHours
from entitlements.documents import parse_facts, plan_tables, read_facts
from entitlements.documents.tables.plan_table import (
    PlanTable,
    hours_text,
    table_as_dict,
    target_text,
)
from entitlements.kernel.errors import EntitlementsError
from entitlements.sla import Target

TEXT = """
calendars:
  - {name: business, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00", holidays: [2026-12-25]}
groups: [desk, experts]
plans:
  - id: gold
    name: Gold
    severities: [high, low, internal]
    may_not_open: [internal]
    channels: [web, phone]
    contact_limit: 3
    concurrency: 2
    general_group: desk
    grace: {days: 1}
    allowances: [{id: hours, unit: minutes, amount: 600, recurrence: {period: quarter, count: 2}}]
    rights:
      - {id: hotline, group: experts, severities: [high], channels: [phone], experts: [ada]}
      - {id: queue, group: desk, hours: business, immediate: false, conditions: [asked]}
      - {id: work, group: experts, severities: [low], allowance: hours}
    targets:
      - {milestone: first_response, severities: [high], channels: [phone], within: 1h}
      - {milestone: first_response, severities: [high], within: 2h}
      - {milestone: first_response, severities: [low], within: none}
      - {milestone: resolution, severities: [high], calendar: business,
         within: {business_days: 2, anchor: end}}
"""


@pytest.fixture(scope="module")
def gold() -> PlanTable:
    (table,) = plan_tables(parse_facts(TEXT))
    return table


def test_a_column_for_each_milestone_and_a_row_for_each_severity(gold: PlanTable) -> None:
    assert gold.title == "Gold"
    assert gold.milestones == ("first response", "resolution")
    assert [row.severity for row in gold.rows] == ["high", "low", "internal"]


def test_targets_are_listed_up_to_the_first_one_that_fits_every_case(gold: PlanTable) -> None:
    assert gold.rows[0].targets == (
        "1h always by phone; 2h always",
        "2 business days of business, by closing",
    )
    assert gold.rows[1].targets == ("none", "")


def test_groups_are_listed_with_hours_channels_conditions_and_allowance(gold: PlanTable) -> None:
    assert gold.rows[0].reached == (
        "experts always, by phone",
        "desk business, through the queue, if asked",
    )
    assert gold.rows[1].reached == (
        "desk business, through the queue, if asked",
        "experts always, from allowance hours",
    )
    assert gold.rows[2].reached == ("not opened by customers",)


def test_terms_of_the_whole_plan_are_in_words(gold: PlanTable) -> None:
    assert gold.terms == (
        ("channels", "phone, web"),
        ("named contacts", "3"),
        ("open cases at once", "2"),
        ("allowance hours", "600 minutes every 2 quarters"),
        ("designated experts", "ada"),
        ("otherwise", "desk takes over"),
        ("grace", "1 day"),
    )


def test_calendars_of_targets_and_rights_are_listed_once(gold: PlanTable) -> None:
    (business,) = gold.calendars
    assert (business.name, business.hours) == (
        "business",
        "Mo-Fr 09:00-17:00 Europe/Berlin, 1 holiday",
    )


def test_a_table_as_data_has_the_texts_only(gold: PlanTable) -> None:
    data = table_as_dict(gold)
    assert data["calendars"] == {"business": "Mo-Fr 09:00-17:00 Europe/Berlin, 1 holiday"}
    assert data["plan"] == "gold"


@pytest.mark.parametrize(
    ("calendar", "text"),
    [
        (None, "bound by each contract line"),
        (Calendar.always(), "around the clock"),
        (Calendar.never(), "closed UTC"),
        (
            Calendar(
                zone="UTC",
                week="Mo 09:00-10:00",
                dated=[
                    DatedHours("2026-01-05"),
                    DatedHours("2026-01-12"),
                ],
                closures=[Closure(start="2026-02-01T00:00Z", end="2026-02-02T00:00Z")],
            ),
            "Mo 09:00-10:00 UTC, 2 dates with other hours, 1 closure",
        ),
    ],
)
def test_hours_are_their_week_and_the_number_of_exceptions(
    calendar: Calendar | None, text: str
) -> None:
    assert hours_text(calendar) == text


def test_combined_hours_say_how_they_are_combined() -> None:
    both = Calendar(zone="UTC", week="Mo 09:00-10:00") | Calendar(zone="UTC", week="Tu 09:00-10:00")
    assert hours_text(both) == "Mo 09:00-10:00 UTC or Tu 09:00-10:00 UTC"


def test_every_plan_of_the_demo_has_a_table_without_an_empty_reach() -> None:
    facts = read_facts([DEMO])
    tables = plan_tables(facts)
    assert [each.plan for each in tables] == [plan.id for plan in facts.catalog.plans]
    assert all(row.reached for table in tables for row in table.rows)
    assert all(len(row.targets) == len(table.milestones) for table in tables for row in table.rows)


def test_hours_that_each_line_binds_have_no_calendar() -> None:
    tables = {each.plan: each for each in plan_tables(read_facts([DEMO]))}
    (business,) = tables["suse-priority"].calendars
    assert business.calendar is None
    assert attrs.evolve(business, hours="") != business


def test_anything_but_facts_is_refused() -> None:
    with pytest.raises(EntitlementsError):
        plan_tables("facts")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("within", "more", "text"),
    [
        (timedelta(minutes=15), {"exclusive": True}, "less than 15m emea"),
        (timedelta(hours=4), {"commitment": "objective"}, "objective 4h emea"),
        (None, {"commitment": "best_effort"}, "best effort"),
        (timedelta(hours=4), {"cut_off": "15:00"}, "4h emea, cut-off 15:00"),
        (BusinessDays(0, anchor="end"), {}, "same business day of emea, by closing"),
        (BusinessDays(1, anchor="end"), {"cut_off": "9:00"},
         "1 business day of emea, by closing, cut-off 09:00"),
    ],
)  # fmt: skip
def test_a_target_is_written_as_a_price_list_does(
    within: timedelta | BusinessDays | None, more: dict[str, Any], text: str
) -> None:
    assert target_text(Target(milestone="x", within=within, calendar="emea", **more)) == text


def test_who_what_and_in_which_language_is_in_words() -> None:
    _, table = plan_tables(
        parse_facts(
            """
            groups: [desk, night]
            plans:
              - {id: base, severities: [S1], channels: web, group: desk, first_response: 1h}
              - id: add-on
                severities: [S1, S2]
                channels: [web]
                kinds: [incident, question]
                opened_by: {S1: [admin, security]}
                requires_plan: base
                suspended_by: base
                priority_matrix: {site: {now: S1}, person: {now: S2}}
                first_response: 1h
                rights:
                  - {id: desk, group: desk, kinds: question, languages: [ja, en], roles: admin}
                  - {id: night, group: night, only_when_named: true}
            """
        )
    )
    assert table.rows[0].reached == (
        "desk always, for kind question, in en, ja, for contacts who are admin",
        "night always, if asked for by name",
    )
    assert table.terms == (
        ("channels", "web"),
        ("named contacts", "any number"),
        ("kinds of requests", "incident, question"),
        ("opened by contacts", "S1 by admin, security"),
        ("severity by impact and urgency", "site: now S1; person: now S2"),
        ("add-on to", "base"),
        ("suspended by", "base"),
    )
