"""Step functions: what holds when."""

from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.steps import BEGINNING, END, Steps

CHANGES = st.lists(st.tuples(st.integers(-20, 20), st.sampled_from("abc")), max_size=8)


def test_a_constant_never_changes() -> None:
    steps = Steps.constant("a")
    assert (steps.at(BEGINNING), steps.at(0), steps.next_change(0)) == ("a", "a", None)


@given(CHANGES, st.integers(-25, 25))
def test_what_holds_is_the_last_change_so_far(changes: list[tuple[int, str]], at: int) -> None:
    expected = "z"
    for start, value in sorted(changes, key=lambda change: change[0]):
        expected = value if start <= at else expected
    assert Steps.of("z", changes).at(at) == expected


@given(CHANGES, st.integers(-25, 25))
def test_nothing_changes_before_the_next_change(changes: list[tuple[int, str]], at: int) -> None:
    steps = Steps.of("z", changes)
    change = steps.next_change(at)
    until = 30 if change is None else change
    assert {steps.at(instant) for instant in range(at, until)} == {steps.at(at)}
    if change is not None:
        assert steps.at(change) != steps.at(at)


def test_a_change_at_the_end_of_time_never_happens() -> None:
    steps = Steps.of("active", [(10, "grace"), (END, "expired")])
    assert (steps.values, steps.next_change(10)) == (("active", "grace"), None)
