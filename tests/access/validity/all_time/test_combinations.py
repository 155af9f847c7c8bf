"""Combinations of states: the first one that makes an answer another, and the proof of none."""

from __future__ import annotations

from itertools import count

import pytest

from entitlements.access.validity.all_time import combinations
from entitlements.access.validity.all_time.combinations import first_other
from entitlements.access.validity.all_time.weekly import DatedStates, WeekOfStates
from entitlements.calendars.timeline.zones import LAST_MICROS
from entitlements.contracts.allowances.grant_cycles import WEEK
from entitlements.kernel.instants import DAY, to_micros, utc

AT = to_micros(utc("2026-03-02T10:00Z"))
NEVER = LAST_MICROS + 1


class EveryFewWeeks:
    """State 1 for one day of one week of several, else 0."""

    def __init__(self, period: int, phase: int, day: int) -> None:
        self.period, self._phase, self._day = period, phase, day
        self.repeats_from, self.repeats_until = AT, LAST_MICROS
        self.asked = 0

    def is_on(self, at: int) -> bool:
        """Return whether an instant is in that day."""
        week, rest = divmod(at - AT, WEEK)
        return week % self.period == self._phase and rest // DAY == self._day

    def week(self, start: int) -> WeekOfStates:
        """Return the states of a week."""
        self.asked += 1
        if not self.is_on(start + self._day * DAY):
            return ((0, 0),)
        first = ((0, 1),) if not self._day else ((0, 0), (self._day * DAY, 1))
        return *first, ((self._day + 1) * DAY, 0)


@pytest.mark.parametrize(("one", "other"), [(5, 7), (11, 13), (20_871, 5)])
def test_cycles_meet_in_the_week_in_which_both_have_come_round(one: int, other: int) -> None:
    states = [EveryFewWeeks(one, 3, 2), EveryFewWeeks(other, 1, 2)]
    week = next(each for each in count() if each % one == 3 and each % other == 1)
    found = first_other(states, AT, NEVER, lambda at: all(each.is_on(at) for each in states))
    assert found == AT + week * WEEK + 2 * DAY


def test_cycles_on_different_days_never_meet_which_one_common_period_shows() -> None:
    states = [EveryFewWeeks(5, 3, 2), EveryFewWeeks(7, 1, 3)]
    found = first_other(states, AT, NEVER, lambda at: all(each.is_on(at) for each in states))
    assert found == NEVER
    assert states[0].asked < 50


def test_each_combination_is_decided_once() -> None:
    states, asked = [EveryFewWeeks(5, 3, 2), EveryFewWeeks(7, 1, 3)], list[int]()

    def is_other(at: int) -> bool:
        asked.append(at)
        return False

    assert first_other(states, AT, NEVER, is_other) == NEVER
    assert len(asked) == 3  # neither, one and the other


def test_a_search_ends_where_it_is_told_to() -> None:
    states = [DatedStates([(AT, "before"), (AT + 9 * DAY, "after")])]
    assert first_other(states, AT, AT + 9 * DAY, lambda at: at > AT) == AT + 9 * DAY
    assert first_other(states, AT, AT + 8 * DAY, lambda at: at > AT) == AT + 8 * DAY
    assert first_other([], AT, NEVER, lambda at: at > AT) == NEVER


def test_the_end_of_the_calendar_is_looked_at_though_all_else_repeats() -> None:
    last = LAST_MICROS - 3 * DAY
    state, late = EveryFewWeeks(5, 3, 2), DatedStates([(AT, "usual"), (last, "cut short")])
    state.repeats_until = LAST_MICROS - 30 * DAY
    late.repeats_from = AT
    assert first_other([state, late], AT, NEVER, lambda at: at >= last) == last
    assert state.asked < 50


def test_too_much_to_look_at_ends_a_search_where_all_was_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(combinations, "MAX_LOOKED_AT", 2_000)
    states = [EveryFewWeeks(1_009, 3, 2), EveryFewWeeks(1_013, 1, 2)]
    found = first_other(states, AT, NEVER, lambda at: all(each.is_on(at) for each in states))
    assert found == AT + 1_000 * WEEK
