from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.cli.shells import DEMO

from entitlements import Facts
from entitlements.documents import lint_facts, parse_facts, read_facts
from entitlements.documents.lint.plan_lint import impossible_promises, unused_parts

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


def promised(*lines: str, channels: str = "[phone, web]") -> Facts:
    head = TEXT.partition("plans:")[0]
    plan = ["id: gold", "hours: business", "group: desk", f"channels: {channels}", *lines]
    return parse_facts(head + "plans:\n  - " + "\n    ".join(plan) + "\n")


def messages(facts: Facts) -> list[str]:
    return [each.message for each in lint_facts(facts, AT) if each.path.startswith("plans")]


@pytest.mark.parametrize(
    ("cut_off", "message"),
    [
        ("17:00", "the cut-off at 17:00 changes nothing, because `business` closes at 17:00 at"),
        ("18:00", "the cut-off at 18:00 changes nothing, because `business` closes at 17:00 at"),
        ("09:00", "the cut-off at 09:00 is not after the opening of `business` on any day"),
        ("15:00", None),
    ],
)
def test_a_cut_off_outside_the_hours_is_named(cut_off: str, message: str | None) -> None:
    found = messages(promised("first_response: 4h", f"cut_off: {cut_off}"))
    assert [each.removeprefix("`gold`: ")[:75] for each in found] == (
        [] if message is None else [message[:75]]
    )


@pytest.mark.parametrize(
    ("channel", "names"),
    [
        ("phone/web", "phone, web"),
        ("phone and web", "phone, web"),
        ("phone; web", "phone, web"),
        ("phone web", "phone, web"),
        ("emergency line", None),
        ("web", None),
    ],
)
def test_several_channels_in_one_name_are_named(channel: str, names: str | None) -> None:
    found = messages(promised("first_response: 4h", channels=f"['{channel}']"))
    expected = f"`gold`: `{channel}` is one channel; for several, write a list: `[{names}]`"
    assert found == ([] if names is None else [expected])


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        ("[1h, 4h]", ["4h"]),
        ("[1h by phone, 2h by phone, 4h]", ["2h"]),
        ("[1h if asked, 4h]", []),
        ("[1h if asked, 2h if asked and ready, 4h]", ["2h"]),
        ("[1h by phone, 4h]", []),
    ],
)
def test_an_amount_after_one_that_always_fits_is_named(cells: str, named: list[str]) -> None:
    found = messages(promised(f"first_response: {cells}"))
    never = [each.partition(" never")[0] for each in found if " never counts" in each]
    assert never == [f"`gold`: a first response of `{each}`" for each in named]


def test_a_plan_without_severities_is_looked_at_as_a_whole() -> None:
    found = messages(promised("reached: business", "first_response: 30m always"))
    assert len(found) == 2
    assert found[0].startswith("`gold`: first response by `phone` is promised within 30m")


DEFAULTS = """
groups: desk
plans:
  - {id: basic, severities: high, channels: web, group: desk, first_response: 9h,
     suspended_by: gold}
  - {id: gold, severities: high, channels: web, group: desk, first_response: 1h}
"""


def suspensions(*replaced: tuple[str, str]) -> list[str]:
    text = DEFAULTS
    for old, new in replaced:
        text = text.replace(old, new)
    findings = [str(each) for each in lint_facts(parse_facts(text), AT)]
    return [each for each in findings if "suspend" in each]


def test_default_plans_that_suspend_each_other_are_named() -> None:
    assert suspensions() == []
    both = ("first_response: 1h", "first_response: 1h, suspended_by: basic")
    text = "suspend each other; a customer who has both has neither"
    assert suspensions(both) == [
        f"warning: plans[0].suspended_by: `basic`: it and `gold` {text}",
        f"warning: plans[1].suspended_by: `gold`: it and `basic` {text}",
    ]


def test_the_grace_of_a_better_plan_is_named_since_two_readings_are_possible() -> None:
    text = "`gold` suspends it only in its term; in the grace after it both give rights"
    found = suspensions(("first_response: 1h", "first_response: 1h, grace: 30"))
    assert found == [f"note: plans[0].suspended_by: `basic`: {text}"]


def test_a_matrix_names_every_severity_that_customers_can_open_and_no_other() -> None:
    def findings(matrix: str) -> list[str]:
        text = f"""
        groups: [dba]
        plans:
          - {{id: gold, severities: [S1, S2, S3], may_not_open: [S3], channels: web, group: dba,
             first_response: 1h, priority_matrix: {matrix}}}
        """
        found = map(str, lint_facts(parse_facts(text), AT))
        return [each for each in found if "impact" in each]

    place = "warning: plans[0].priority_matrix: `gold`:"
    closed = "with which a customer cannot open a case"
    assert findings("{site: {now: S1, soon: S2}}") == []
    assert findings("{site: {now: S1, soon: S3}}") == [
        f"{place} impact `site` and urgency `soon` lead to severity `S3`, {closed}",
        f"{place} no impact and urgency lead to severity `S2`",
    ]
