"""Open cases of a contract line, counted from the instants at which cases were closed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from entitlements.contracts.account import OpenCase
from entitlements.kernel.instants import to_micros

CaseTimes: TypeAlias = tuple[int, list[int]]
"""How many cases a line has, and when they were closed, sorted."""

Place: TypeAlias = tuple[str, str]
"""Ids of a contract and of one of its lines."""


def is_closed(case: OpenCase, at: int) -> bool:
    """Return whether a case is closed at `at`; one that is opened later is not."""
    return case.closed is not None and to_micros(case.closed) <= at


def count_cases(cases: Iterable[OpenCase]) -> dict[Place, CaseTimes]:
    """Return how many cases each line has, and when they were closed."""
    known: dict[Place, int] = {}
    closed: dict[Place, list[int]] = {}
    for case in cases:
        place = (case.contract, case.line)
        known[place] = known.get(place, 0) + 1
        ends = closed.setdefault(place, [])
        if case.closed is not None:
            ends.append(to_micros(case.closed))
    return {place: (count, sorted(closed[place])) for place, count in known.items()}
