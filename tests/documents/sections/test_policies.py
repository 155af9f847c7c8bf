from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from tests.documents.worlds import read

from entitlements.calendars import Anchor, BusinessDays, Calendar
from entitlements.documents.sections.business_hours import write_context
from entitlements.documents.sections.policies import PolicyShape, WarningShape, WithinShape
from entitlements.documents.shapes.scalars import WriteContext
from entitlements.sla.options import ReopenRule
from entitlements.sla.presets import CLOCK_PRESETS


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4h", timedelta(hours=4)),
        ("none", None),
        ("{business_days: 2, anchor: end}", BusinessDays(2, anchor=Anchor.END)),
    ],
)
def test_how_much_time_there_is(text: str, value: object) -> None:
    assert read(WithinShape(), text) == value


@pytest.mark.parametrize(
    ("text", "value", "written"),
    [
        ("75%", Fraction(3, 4), "75%"),
        ("0.75", Fraction(3, 4), "75%"),
        ("12.5%", Fraction(1, 8), "1/8"),
        ("2/3", Fraction(2, 3), "2/3"),
        ("30m", timedelta(minutes=30), "30m"),
    ],
)
def test_when_to_warn(text: str, value: object, written: str) -> None:
    assert read(WarningShape(), text) == value
    assert WarningShape().write(value, WriteContext()) == written


@pytest.mark.parametrize(("text", "told"), [("1/0", "`1/0` is no share"), ("often", "`often` is")])
def test_when_not_to_warn(text: str, told: str) -> None:
    assert read(WarningShape(), text)[0].startswith(told)


POLICY = """
{id: p, clock: {reopen: continue, paused_by: {update: []}}, calendars: {desk: always},
 targets: [{milestone: update, within: 1h, calendar: desk, warn: 50%}]}
"""


def test_a_policy_binds_names_of_its_own() -> None:
    policy = read(PolicyShape(), POLICY.strip())
    assert policy.calendars["desk"] == Calendar.always()
    assert policy.options.reopen is ReopenRule.CONTINUE
    assert policy.options.paused_by["update"] == frozenset()
    written = PolicyShape().write(policy, write_context({}))
    assert written["calendars"] == {"desk": "always"}  # type: ignore[index, call-overload]


def test_a_clock_may_be_that_of_another_system() -> None:
    preset = read(
        PolicyShape(), "{id: p, clock: zendesk, targets: {milestone: update, within: 1h}}"
    )
    assert preset.options == CLOCK_PRESETS["zendesk"]
    told = problems_of("{id: p, clock: zendsk, targets: {milestone: update, within: 1h}}")
    assert told == ["no preset has the name `zendsk`"]


def test_calendars_that_the_document_has_are_not_written_again() -> None:
    policy = read(PolicyShape(), POLICY.strip())
    written = PolicyShape().write(policy, write_context({"desk": Calendar.always()}))
    assert "calendars" not in written  # type: ignore[operator]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("within: 1h", "within: 0s", "a target within `0:00:00` cannot be met"),
        (
            "within: 1h",
            "within: {business_days: 2}",
            "`anchor` is missing in this number of business days",
        ),
        ("warn: 50%", "warn: 100%", "a warning at `1` is not inside the target"),
        ("reopen: continue", "reopen: contine", "`contine` is not one of exclude, continue"),
        ("warn: 50%", "wran: 50%", "`wran` is not a key here"),
    ],
)
def test_what_is_no_policy_is_told(old: str, new: str, told: str) -> None:
    assert problems_of(POLICY.strip().replace(old, new))[0].startswith(told)


def problems_of(text: str) -> list[str]:
    from tests.documents.worlds import tree  # noqa: PLC0415 - used here only

    from entitlements.documents.shapes.read_context import ReadContext  # noqa: PLC0415 - used here only

    into = ReadContext()
    PolicyShape().read(tree(text), into)
    return [each.message for each in into.problems]
