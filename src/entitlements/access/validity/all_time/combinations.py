"""Combinations of states: the first instant at which a decision is another, however far away.

A decision depends on the segments of the lines, on hours and on what is left of pools. Few
combinations of these ever occur, and each is decided once. The search goes from week to week and
passes over weeks that are like an earlier one. After the time in which all of them repeat nothing
new can come, but for the end of the calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import lcm
from typing import Final

from entitlements.access.validity.all_time.weekly import WeeklyStates, WeekOfStates
from entitlements.calendars.timeline.zones import LAST_MICROS
from entitlements.contracts.allowances.grant_cycles import WEEK
from entitlements.kernel.instants import END_OF_TIME

MAX_LOOKED_AT: Final = 4_000_000
"""How many weeks of states are looked at: nine of them until the calendar ends."""

MAX_WEEKS_KEPT: Final = 100_000


def first_other(
    states: Sequence[WeeklyStates], at: int, until: int, is_other: Callable[[int], bool]
) -> int:
    """Return the first instant from `at` on at which an answer is another, or `until`.

    After `MAX_LOOKED_AT`, an instant is returned up to which it is the same.

    Args:
        states: All on which it depends, as long as it is not another.
        at: The first instant.
        until: The search ends here.
        is_other: Whether the answer is another at an instant.
    """
    known_weeks: set[tuple[WeekOfStates, ...]] = set()
    known: set[tuple[int, ...]] = set()
    last: tuple[WeekOfStates, ...] | None = None
    repeats_until = min((each.repeats_until for each in states), default=LAST_MICROS)
    repeated = max((each.repeats_from for each in states), default=at)
    repeated += WEEK * (1 + lcm(*(each.period for each in states)))
    weeks_left = MAX_LOOKED_AT // max(1, len(states))
    while at < until and weeks_left:
        if repeated <= at < repeats_until:
            at += (repeats_until - at) // WEEK * WEEK
            repeated = END_OF_TIME
        week = tuple(each.week(at) for each in states)
        if week != last and week not in known_weeks:
            for start, combination in _combinations(week):
                if combination not in known:
                    if at + start >= until:
                        return until
                    if is_other(at + start):
                        return at + start
                    known.add(combination)
            if len(known_weeks) < MAX_WEEKS_KEPT:
                known_weeks.add(week)
        at, last, weeks_left = at + WEEK, week, weeks_left - 1
    return min(at, until)


def _combinations(
    week: tuple[WeekOfStates, ...],
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield the combinations of states in a week, each with the time from its start."""
    now = [states[0][1] for states in week]
    yield 0, tuple(now)
    changes = sorted(
        (start, number, state) for number, states in enumerate(week) for start, state in states[1:]
    )
    for place, (start, number, state) in enumerate(changes, start=1):
        now[number] = state
        if place == len(changes) or changes[place][0] > start:
            yield start, tuple(now)
