"""An answer names the rule that decided."""

from __future__ import annotations

import pytest

from entitlements.calendars import Calendar, Cause, Open, Rule
from entitlements.kernel.instants import utc


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (Cause(Rule.WEEK), "weekly hours"),
        (Cause(Rule.DATED, "Christmas Eve", "desk"), "dated hours `Christmas Eve` in `desk`"),
        (Cause(Rule.HOLIDAY, "Boxing Day"), "holiday `Boxing Day`"),
        (Cause("closure", "fire drill", "desk"), "closure `fire drill` in `desk`"),
    ],
)
def test_a_cause_is_said_in_a_few_words(cause: Cause, text: str) -> None:
    assert cause.text == text


def test_a_state_is_not_a_condition() -> None:
    state = Calendar.always().state(utc("2026-01-01T00:00Z"))
    assert state == Open(since=None, until=None, because=(Cause(Rule.WEEK, "", "always"),))
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(state)
