"""Scalars are valid, and biased to where code breaks."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from tests.testing.strategies.by_type.test_value_classes import anything

from entitlements.calendars import Calendar
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import text_of
from entitlements.testing.strategies.by_type import (
    HOSTILE_IDS,
    dates,
    durations,
    ids,
    instants,
    zones,
)
from entitlements.testing.strategies.by_type.scalars import ZONES, decimals

ONCE = settings(database=None, max_examples=300)


@pytest.mark.parametrize("name", HOSTILE_IDS)
def test_hostile_ids_are_ids(name: str) -> None:
    assert identifier(name) == name


@pytest.mark.parametrize("zone", ZONES)
def test_zones_exist(zone: str) -> None:
    assert Calendar(zone=zone, week="24/7").zone == zone


@pytest.mark.parametrize(
    ("strategy", "smallest"),
    [
        (ids(), "a"),
        (zones(), "UTC"),
        (instants().map(text_of), "2026-01-01T00:00:00Z"),
        (dates().map(str), "2026-01-01"),
        (durations().map(str), "1:00:00"),
    ],
)
def test_a_scalar_shrinks_to_what_a_person_would_write(
    strategy: st.SearchStrategy[str], smallest: str
) -> None:
    assert find(strategy, anything, settings=ONCE) == smallest


def test_instants_of_clock_changes_are_common() -> None:
    change = "2026-03-29T01:00:00Z"
    assert find(instants().map(text_of), lambda each: each == change, settings=ONCE) == change


def test_a_failing_example_shows_what_can_be_pasted() -> None:
    @settings(database=None, max_examples=1, phases=[Phase.generate])
    @given(st.tuples(instants(), dates(), durations(), decimals()))
    def fails(drawn: tuple[object, ...]) -> None:
        raise ValueError(len(drawn))

    with pytest.raises(ValueError, match="4") as caught:
        fails()
    shown = "".join(line.strip() for line in caught.value.__notes__[0].splitlines())
    call = shown[shown.index("fails(") :]
    names = {"fails": lambda drawn: drawn, "datetime": dt, "Decimal": Decimal}
    drawn = eval(call, names)  # noqa: S307 - our own text
    assert [*map(type, drawn)] == [dt.datetime, dt.date, dt.timedelta, Decimal]
