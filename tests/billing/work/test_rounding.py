from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.billing import Rounding
from entitlements.billing.presets import autotask, connectwise, kimai
from entitlements.billing.work.rounding import RoundingDirection, RoundingScope, RoundingTie
from entitlements.kernel import InvalidValueError

times = st.timedeltas(timedelta(), timedelta(days=3))
increments = st.timedeltas(timedelta(), timedelta(hours=2))
minimums = st.integers(0, 4)


@st.composite
def roundings(draw: st.DrawFn) -> Rounding:
    increment = draw(increments)
    return Rounding(
        increment=increment,
        minimum=increment * draw(minimums),
        direction=draw(st.sampled_from(RoundingDirection)),
        tie=draw(st.sampled_from(RoundingTie)),
        per=draw(st.sampled_from(RoundingScope)),
    )


def minutes(amount: float) -> timedelta:
    return timedelta(minutes=amount)


@pytest.mark.parametrize(
    ("rounding", "worked", "billed"),
    [
        pytest.param(Rounding(increment=minutes(15)), 1, 15, id="up is the default"),
        pytest.param(Rounding(increment=minutes(15)), 15, 15, id="a whole increment stays"),
        pytest.param(
            Rounding(increment=minutes(15), direction="down"), 15, 15, id="also downwards"
        ),
        pytest.param(
            Rounding(increment=minutes(15), direction="down"), 14, 0, id="less is cut off"
        ),
        pytest.param(Rounding(increment=minutes(6), minimum=minutes(30)), 7, 30, id="a minimum"),
        pytest.param(Rounding(increment=minutes(25), minimum=minutes(30)), 7, 50, id="then steps"),
        pytest.param(Rounding(minimum=minutes(30)), 31, 31, id="a minimum alone"),
        pytest.param(Rounding(increment=minutes(60), minimum=minutes(60)), 0, 0, id="nothing"),
        pytest.param(Rounding(), 7, 7, id="the exact time"),
        # Kimai: `diff > seconds / 2` goes up, so that exactly half goes down
        pytest.param(kimai(10, "nearest"), 5, 0, id="Kimai: half goes down"),
        pytest.param(kimai(10, "nearest"), 5.01, 10, id="Kimai: more than half goes up"),
        pytest.param(kimai(10, "down"), 19, 10, id="Kimai: floor"),
        pytest.param(kimai(10), 11, 20, id="Kimai: ceil"),
        # FileMaker's RoundTime
        pytest.param(
            Rounding(increment=minutes(10), direction="nearest"), 5, 10, id="half goes up"
        ),
        pytest.param(connectwise(15, 30), 31, 45, id="ConnectWise"),
        pytest.param(autotask(6), 1, 6, id="Autotask: tenths of an hour"),
    ],
)
def test_time_is_rounded_by_the_named_rule(
    rounding: Rounding, worked: float, billed: float
) -> None:
    assert rounding.billed(minutes(worked)) == minutes(billed)


@given(roundings(), times)
def test_rounding_up_is_never_below_the_actual_time(rounding: Rounding, worked: timedelta) -> None:
    if rounding.direction is RoundingDirection.UP:
        assert rounding.billed(worked) >= worked


@given(roundings(), times)
def test_rounding_again_changes_nothing(rounding: Rounding, worked: timedelta) -> None:
    billed = rounding.billed(worked)
    assert rounding.billed(billed) == billed


@given(roundings(), times, times)
def test_more_work_is_never_billed_as_less(
    rounding: Rounding, one: timedelta, more: timedelta
) -> None:
    assert rounding.billed(one) <= rounding.billed(one + more)


@given(roundings(), st.lists(times, min_size=1, max_size=5))
def test_rounding_up_a_case_bills_at_most_what_its_entries_would(
    rounding: Rounding, entries: list[timedelta]
) -> None:
    up = attrs.evolve(rounding, direction="up")
    by_entry = sum((up.billed(each) for each in entries), timedelta())
    assert up.billed(sum(entries, timedelta())) <= by_entry


@given(roundings(), times)
def test_rounded_time_is_a_whole_number_of_increments_near_the_actual_time(
    rounding: Rounding, worked: timedelta
) -> None:
    billed = rounding.billed(worked)
    least = max(worked, rounding.minimum) if worked else worked
    if rounding.increment:
        assert billed % rounding.increment == timedelta()
        limit = 2 if rounding.direction is RoundingDirection.NEAREST else 1
        assert abs(billed - least) * limit <= rounding.increment
    else:
        assert billed == least


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"increment": minutes(-1)}, "increment .* is negative"),
        ({"minimum": minutes(-1)}, "minimum .* is negative"),
        ({"increment": 15}, "is not a timedelta"),
        ({"direction": "upwards"}, "is not a known rounding direction"),
        ({"tie": "even"}, "is not a known rounding tie"),
        ({"per": "month"}, "is not a known rounding scope"),
        (
            {"increment": minutes(25), "minimum": minutes(30), "direction": "down"},
            "no whole number of increments",
        ),
    ],
)
def test_an_impossible_rounding_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Rounding(**arguments)  # type: ignore[arg-type]


def test_negative_time_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="is negative"):
        Rounding().billed(minutes(-1))
