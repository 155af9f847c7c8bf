from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.cli.shells import DEMO

from entitlements.documents import parse_facts, read_facts
from entitlements.documents.plan_lint import impossible_promises, unused_parts

AT = datetime(2026, 3, 2, tzinfo=UTC)
TEXT = """
calendars:
  - {name: business, zone: UTC, week: "Mo-Fr 09:00-17:00"}
  - {name: evening, zone: UTC, week: "Mo-Fr 17:00-24:00"}
groups: [desk, late]
plans:
  - id: gold
    severities: [high, low]
    channels: [phone, web]
    rights:
      - {id: desk, group: desk, hours: business}
    targets:
      - {milestone: first_response, severities: [high], within: 30m}
      - {milestone: first_response, within: 4h, calendar: business}
"""
NIGHT = (
    "first response of `high` by `{}` is promised within 30m (around the clock), "
    "but no group is reached for 9h from 2026-03-02 00:00 UTC"
)


def found(*replaced: tuple[str, str]) -> list[str]:
    text = TEXT
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    facts = parse_facts(text)
    (plan,) = facts.catalog.plans
    return list(impossible_promises(plan, facts.policies[plan.policy], facts.catalog, AT))


def test_a_promise_around_the_clock_needs_a_group_at_night() -> None:
    assert found() == [NIGHT.format("phone"), NIGHT.format("web")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            "hours: business}",
            "hours: business}\n      - {id: all, group: late}",
            id="a group around the clock",
        ),
        pytest.param("within: 30m", "within: 72h", id="longer than any closing"),
        pytest.param("within: 30m", "within: none", id="nothing promised"),
        pytest.param("within: 30m", "within: 30m, commitment: objective", id="only an objective"),
        pytest.param(
            "within: 30m", "within: 30m, calendar: business", id="counted in the same hours"
        ),
        pytest.param(
            "channels: [phone, web]",
            "channels: [phone, web]\n    general_group: late",
            id="a general group",
        ),
        pytest.param(
            "channels: [phone, web]",
            "channels: [phone, web]\n    may_not_open: [high]",
            id="not opened by customers",
        ),
    ],
)
def test_a_promise_that_can_be_kept_is_no_finding(old: str, new: str) -> None:
    assert found((old, new)) == []


def test_a_group_at_night_by_phone_does_not_help_by_web() -> None:
    phone = (
        "hours: business}",
        "hours: business}\n      - {id: night, group: late, channels: [phone]}",
    )
    assert found(phone) == [NIGHT.format("web")]


def test_hours_of_several_groups_count_together() -> None:
    late = "hours: business}\n      - {id: late, group: late, hours: evening}"
    (first, _) = found(("hours: business}", late))
    assert first.endswith("no group is reached for 9h from 2026-03-02 00:00 UTC")
    both = "within: 30m, calendar: evening"
    assert found(("hours: business}", late), ("within: 30m", both)) == []


def test_a_right_for_a_condition_is_not_counted_on() -> None:
    asked = (
        "hours: business}",
        "hours: business}\n      - {id: all, group: late, conditions: [asked]}",
    )
    assert found(asked) == [NIGHT.format("phone"), NIGHT.format("web")]


def test_rights_and_allowances_without_use_are_named() -> None:
    text = TEXT.replace("hours: business}", "}\n      - {id: second, group: desk}").replace(
        "    rights:", "    allowances: [{id: cases, unit: incidents, amount: 5}]\n    rights:"
    )
    facts = parse_facts(text)
    assert list(unused_parts(facts.catalog.plans[0], facts.catalog)) == [
        "no request can use right `second`",
        "no right uses allowance `cases`",
    ]


def test_shipped_plans_have_no_findings() -> None:
    facts = read_facts([DEMO])
    for plan in facts.catalog.plans:
        policy = facts.policies[plan.policy]
        assert not list(impossible_promises(plan, policy, facts.catalog, AT))
        assert not list(unused_parts(plan, facts.catalog))


@pytest.mark.parametrize("covered", ["[2026-01-01, 2027-12-31]", "[2026-01-01, 2026-12-31]"])
def test_a_group_whose_holidays_are_known_for_some_years_is_looked_at_in_these(
    covered: str,
) -> None:
    holidays = f"holidays: [{{name: public, covered: {covered}, holidays: [2026-12-25]}}]"
    known = ("{name: business, zone: UTC, ", f"{{name: business, zone: UTC, {holidays}, ")
    assert found(known) == [NIGHT.format("phone"), NIGHT.format("web")]
    facts = parse_facts(TEXT.replace(*known))
    assert list(unused_parts(facts.catalog.plans[0], facts.catalog)) == []
