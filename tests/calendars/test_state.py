"""A state names the rule that decided."""

from __future__ import annotations

import pytest

from entitlements.calendars import Calendar, Closure, DatedHours, HoursCause, Open
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


CHRISTMAS = Calendar(
    zone="UTC",
    week="Mo-Su 09:00-17:00",
    name="desk",
    dated=[DatedHours("2026-12-24", "22:00-30:00", name="Christmas night")],
    closures=[Closure("2026-12-28T10:00Z", "2026-12-28T11:00Z", name="fire drill")],
)
WEEKLY = HoursCause(HoursRule.WEEK, "", "desk")
NIGHT = HoursCause(HoursRule.DATED, "Christmas night", "desk")
DRILL = HoursCause(HoursRule.CLOSURE, "fire drill", "desk")


@pytest.mark.parametrize(
    ("at", "cause"),
    [
        pytest.param("2026-12-24T12:00Z", NIGHT, id="closed on the date itself"),
        pytest.param("2026-12-25T02:00Z", NIGHT, id="open after its midnight"),
        pytest.param("2026-12-25T05:59:59Z", NIGHT, id="until its end"),
        pytest.param("2026-12-25T06:00Z", WEEKLY, id="and no longer"),
        pytest.param("2026-12-28T09:59:59Z", WEEKLY, id="before a closure"),
        pytest.param("2026-12-28T10:00Z", DRILL, id="from its start"),
        pytest.param("2026-12-28T10:59:59Z", DRILL, id="to its end"),
        pytest.param("2026-12-28T11:00Z", WEEKLY, id="and no longer than that"),
    ],
)
def test_a_state_is_decided_by_the_rule_of_the_day_on_which_its_window_began(
    at: str, cause: HoursCause
) -> None:
    assert CHRISTMAS.state(utc(at)).because == (cause,)
