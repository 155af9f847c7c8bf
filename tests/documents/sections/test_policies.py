from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from tests.documents.examples import read

from entitlements.calendars import Anchor, BusinessDays, Calendar
from entitlements.documents.sections.business_hours import write_context
from entitlements.documents.sections.policies import WARNING, PolicyShape, WithinShape
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
def test_the_time_of_a_target_is_read(text: str, value: object) -> None:
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
def test_warnings_are_read_and_written(text: str, value: object, written: str) -> None:
    assert read(WARNING, text) == value
    assert WARNING.write(value, WriteContext()) == written


@pytest.mark.parametrize(
    ("text", "expected"), [("1/0", "`1/0` is not a share"), ("often", "`often` is")]
)
def test_an_invalid_warning_is_a_problem(text: str, expected: str) -> None:
    assert read(WARNING, text)[0].startswith(expected)


POLICY = """
{id: p, clock: {reopen: continue, paused_by: {update: []}}, calendars: {desk: always},
 targets: [{milestone: update, within: 1h, calendar: desk, warn: 50%}]}
"""


def test_a_policy_may_define_calendars() -> None:
    policy = read(PolicyShape(), POLICY.strip())
    assert policy.calendars["desk"] == Calendar.always()
    assert policy.options.reopen is ReopenRule.CONTINUE
    assert policy.options.paused_by["update"] == frozenset()
    written = PolicyShape().write(policy, write_context({}))
    assert written["calendars"] == {"desk": "always"}  # type: ignore[index, call-overload]


def test_a_clock_may_be_a_preset() -> None:
    preset = read(
        PolicyShape(), "{id: p, clock: zendesk, targets: {milestone: update, within: 1h}}"
    )
    assert preset.options == CLOCK_PRESETS["zendesk"]
    found = problems_of("{id: p, clock: zendsk, targets: {milestone: update, within: 1h}}")
    assert found == ["no preset has the name `zendsk`"]


def test_calendars_that_the_document_has_are_not_written_again() -> None:
    policy = read(PolicyShape(), POLICY.strip())
    written = PolicyShape().write(policy, write_context({"desk": Calendar.always()}))
    assert "calendars" not in written  # type: ignore[operator]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("within: 1h", "within: 0s", "the amount of a target is `0:00:00`; it must"),
        (
            "within: 1h",
            "within: {business_days: 2}",
            "`anchor` is missing in this number of business days",
        ),
        ("warn: 50%", "warn: 100%", "a warning at `1` of the target must"),
        ("reopen: continue", "reopen: contine", "`contine` is not one of exclude, continue"),
        ("warn: 50%", "wran: 50%", "`wran` is not a key here"),
    ],
)
def test_an_invalid_policy_is_a_problem(old: str, new: str, expected: str) -> None:
    assert problems_of(POLICY.strip().replace(old, new))[0].startswith(expected)


def problems_of(text: str) -> list[str]:
    from tests.documents.examples import tree  # noqa: PLC0415 - used here only

    from entitlements.documents.shapes.read_context import ReadContext  # noqa: PLC0415 - used here only

    into = ReadContext()
    PolicyShape().read(tree(text), into)
    return [each.message for each in into.problems]
