from __future__ import annotations

import pytest
from tests.documents.examples import read

from entitlements.calendars import Calendar
from entitlements.documents.hours.business_hours import write_context
from entitlements.documents.sections.policies import PolicyShape
from entitlements.sla.options.clock_options import ReopenRule
from entitlements.sla.options.presets import CLOCK_PRESETS

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
            "business days do not say at which time of the last day they end",
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
