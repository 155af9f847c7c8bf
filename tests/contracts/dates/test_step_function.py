"""Step functions: the value at an instant, and the next change."""

import pickle

from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.dates.step_function import StepFunction
from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME

CHANGES = st.lists(st.tuples(st.integers(-20, 20), st.sampled_from("abc")), max_size=8)


def test_a_constant_never_changes() -> None:
    steps = StepFunction.constant("a")
    assert (steps.at(START_OF_TIME), steps.at(0), steps.next_change(0)) == ("a", "a", None)


@given(CHANGES, st.integers(-25, 25))
def test_what_holds_is_the_last_change_so_far(changes: list[tuple[int, str]], at: int) -> None:
    expected = "z"
    for start, value in sorted(changes, key=lambda change: change[0]):
        expected = value if start <= at else expected
    assert StepFunction.of("z", changes).at(at) == expected


@given(CHANGES, st.integers(-25, 25))
def test_nothing_changes_before_the_next_change(changes: list[tuple[int, str]], at: int) -> None:
    steps = StepFunction.of("z", changes)
    change = steps.next_change(at)
    until = 30 if change is None else change
    assert {steps.at(instant) for instant in range(at, until)} == {steps.at(at)}
    if change is not None:
        assert steps.at(change) != steps.at(at)


def test_a_change_at_the_end_of_time_never_happens() -> None:
    steps = StepFunction.of("active", [(10, "grace"), (END_OF_TIME, "expired")])
    assert (steps.values, steps.next_change(10)) == (("active", "grace"), None)


def test_derived_values_are_worked_out_when_looked_at() -> None:
    looked: list[int] = []

    def value(at: int) -> str:
        looked.append(at)
        return f"from {at}"

    steps = StepFunction.derived([START_OF_TIME, 10, 20], value)
    assert (steps.at(15), steps.at(12), looked) == ("from 10", "from 10", [10])
    assert steps.values[1:] == ("from 10", "from 20")
    assert steps == StepFunction.of(f"from {START_OF_TIME}", [(10, "from 10"), (20, "from 20")])
    assert hash(steps) == hash(StepFunction(steps.starts, tuple(steps.values)))
    assert pickle.loads(pickle.dumps(steps)) == steps  # noqa: S301 - our own bytes
    assert repr(steps.values) == repr(tuple(steps.values))
