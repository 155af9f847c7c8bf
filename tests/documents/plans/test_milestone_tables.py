from __future__ import annotations

from datetime import timedelta

import pytest
from tests.documents.examples import GOLD, facts_of, slips_of

from entitlements.calendars import Anchor, BusinessDays
from entitlements.sla import Commitment, Target

HOUR = timedelta(hours=1)


def targets_of(*lines: str, plan: str = GOLD) -> tuple[Target, ...]:
    return facts_of(plan, *(f"    {line}\n" for line in lines)).policies["gold"].targets


def test_each_cell_of_a_table_is_a_target() -> None:
    first, second, third = targets_of()
    assert first == Target(milestone="first_response", within=HOUR, severities=["S1"])
    assert second == Target(
        milestone="first_response", within=4 * HOUR, calendar="business", severities=["S2"]
    )
    assert third.within == BusinessDays(1, anchor=Anchor.END)
    assert third.calendar == "business"


def test_an_amount_alone_is_for_every_severity() -> None:
    (update,) = targets_of("update: 2h")[3:]
    assert update == Target(milestone="update", within=2 * HOUR, calendar="business")


def test_several_targets_of_a_severity_keep_their_order() -> None:
    found = targets_of("update: {S1: [{within: 1h always, channels: phone}, 2h]}")[3:]
    assert [(each.within, each.calendar, set(each.channels)) for each in found] == [
        (HOUR, None, {"phone"}),
        (2 * HOUR, "business", set()),
    ]


def test_a_cell_may_have_every_key_of_a_target() -> None:
    cell = "{within: objective 2 business days, calendar: emea, warn: 75%, paused_by: customer}"
    (found,) = targets_of(f"resolution: {{S1: {cell}}}")[3:]
    assert (found.calendar, found.commitment) == ("emea", Commitment.OBJECTIVE)
    assert found.paused_by == {"customer"}


def test_the_calendar_behind_an_amount_comes_before_that_of_the_plan() -> None:
    found = targets_of("resolution: {S1: 8h emea, S2: 2 business days emea, S3: best effort}")[3:]
    assert [each.calendar for each in found] == ["emea", "emea", None]
    assert found[2].commitment is Commitment.BEST_EFFORT


def test_days_of_the_clock_are_read_where_a_calendar_is_in_force() -> None:
    found = targets_of("resolution: {S1: 2 days always, S2: 1 week always}")[3:]
    assert [each.within for each in found] == [48 * HOUR, 168 * HOUR]
    elapsed = GOLD.replace("    hours: business\n", "").replace("1 business day", "2 days")
    assert targets_of(plan=elapsed)[2].within == 48 * HOUR


def test_a_declared_milestone_has_a_table_too() -> None:
    (found,) = targets_of("workaround: {S1: 4h always}")[3:]
    assert found.milestone == "workaround"


def test_listed_targets_have_the_hours_and_the_anchor_of_the_plan() -> None:
    found = targets_of(
        "targets:",
        "  - {milestone: update, severities: [S1, S2], within: 2 business days}",
        "  - {milestone: update, within: {business_days: 3, anchor: start}}",
        "  - {milestone: resolution, within: 1 day, calendar: always}",
    )[3:]
    assert [each.calendar for each in found] == ["business", "business", None]
    days = [each.within for each in found[:2]]
    assert days == [BusinessDays(2, anchor=Anchor.END), BusinessDays(3, anchor=Anchor.START)]


def test_the_cut_off_of_the_plan_is_for_targets_by_its_hours_that_start_once() -> None:
    found = targets_of(
        "cut_off: 15:00",
        "resolution: {S1: 8h emea, S2: {within: 8h, cut_off: 12:00}, S3: less than 8h}",
        "update: 2h",
    )
    assert [each.cut_off for each in found] == [None, *["15:00"] * 2, None, "12:00", "15:00", None]
    assert [each.exclusive for each in found] == [*[False] * 5, True, False]


def test_the_same_business_day_ends_at_its_closing_whatever_the_anchor() -> None:
    plan = GOLD.replace("anchor: end", "anchor: start")
    found = targets_of("resolution: {S1: same business day, S2: next business day}", plan=plan)[3:]
    assert [each.within for each in found] == [
        BusinessDays(0, anchor=Anchor.END),
        BusinessDays(1, anchor=Anchor.START),
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["update: {S1: 2 days}"],
            "`2 days` does not say which kind of day (write `2 business days` or `2 days always`)",
        ),
        (
            ["update: {S1: 2 days emea}"],
            "`2 days` does not say which kind of day (write `2 business days emea` or",
        ),
        (
            ["update: {S1: 1 business day always}"],
            "business days need a calendar that says which days they are",
        ),
        (["update: {S1: 4h emae}"], "no calendar has the name `emae` (did you mean `emea`?)"),
        (["update: {S1: 4h emea, S4: 1h}"], "no severity has the name `S4`"),
        (["update: {}"], "an empty table promises nothing (write `none`)"),
        (["update: {S1: []}"], "an empty list promises nothing (write `none`)"),
        (
            ["update: {S1: null}"],
            "`null` is not an amount of time (write `none` if nothing is promised)",
        ),
        (
            ["update: {S1: {within: 4h emea, calendar: emea}}"],
            "the calendar `emea` is behind the amount already",
        ),
        (["update: {S1: {within: 4h, severities: S1}}"], "`severities` is not a key here"),
        (["updaet: {S1: 4h}"], "`updaet` is not a key here (did you mean `update`?)"),
        (["targets: {update: {S1: 4h}}"], "the table `update` is below `targets` (write it beside"),
        (
            ["targets: {S1: 4h}"],
            "`S1` is not a key of a target (name the milestone: `first_response: {S1: ...}`)",
        ),
        (
            ["targets: {milestone: first_response, within: 4h}"],
            "`first_response` is in a table and in `targets`",
        ),
        (
            ["targets: {milestone: updaet, within: 4h}"],
            "no milestone has the name `updaet` (did you mean `update`?)",
        ),
        (
            ["targets: {milestone: on_site, within: 4h}"],
            "`on_site` (a milestone of your own is listed at the top: `milestones: [on_site]`)",
        ),
    ],
)
def test_a_slip_in_a_table_is_one_problem(lines: list[str], expected: str) -> None:
    (found,) = slips_of(GOLD, *(f"    {line}\n" for line in lines))
    assert expected in found
    assert found.startswith("8: plans[0]")


def test_business_days_without_an_anchor_are_one_problem_for_the_plan() -> None:
    plan = GOLD.replace("    anchor: end\n", "    update: 2 business days\n")
    (found,) = slips_of(plan)
    assert found.startswith("6: plans[0].update: business days do not say at which time of the")
    assert "add `anchor: end` to the plan" in found
