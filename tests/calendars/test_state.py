"""A state names the rule that decided."""

from __future__ import annotations

import pytest

from entitlements.calendars import Calendar, HoursCause, Open
from entitlements.calendars.state import HoursRule
from entitlements.kernel.instants import utc


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (HoursCause(HoursRule.WEEK), "weekly hours"),
        (
            HoursCause(HoursRule.DATED, "Christmas Eve", "desk"),
            "dated hours `Christmas Eve` in `desk`",
        ),
        (HoursCause(HoursRule.HOLIDAY, "Boxing Day"), "holiday `Boxing Day`"),
        (HoursCause("closure", "fire drill", "desk"), "closure `fire drill` in `desk`"),
    ],
)
def test_a_cause_has_a_short_text(cause: HoursCause, text: str) -> None:
    assert cause.text == text


def test_a_state_is_not_a_condition() -> None:
    state = Calendar.always().state(utc("2026-01-01T00:00Z"))
    assert state == Open(
        since=None, until=None, because=(HoursCause(HoursRule.WEEK, "", "always"),)
    )
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(state)
