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

from entitlements.access.validity.weekly import WeeklyStates, WeekOfStates
from entitlements.calendars.timeline.zones import LAST_MICROS
from entitlements.contracts.allowances.grant_cycles import WEEK
from entitlements.kernel.instants import END_OF_TIME

MAX_WEEKS_KEPT: Final = 100_000


def first_other(
    states: Sequence[WeeklyStates], at: int, until: int, is_other: Callable[[int], bool]
) -> int:
    """Return the first instant from `at` on at which an answer is another, or `until`.

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
    while at < until:
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
        at, last = at + WEEK, week
    return until


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
