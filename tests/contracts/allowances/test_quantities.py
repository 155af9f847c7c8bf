"""Whole numbers within 64 bits, and their rounding (L23)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.allowances.quantities import round_up_to_increment
from entitlements.kernel.errors import InvalidValueError, LimitExceededError


@pytest.mark.parametrize(
    ("actual", "increment", "minimum", "expected"),
    [
        pytest.param(0, 15, 30, 0, id="nothing for nothing"),
        pytest.param(1, 15, 0, 15, id="one minute is a whole increment"),
        pytest.param(15, 15, 0, 15, id="a whole increment"),
        pytest.param(16, 15, 0, 30, id="one minute more"),
        pytest.param(16, 15, 60, 60, id="the minimum"),
        pytest.param(16, 15, 50, 60, id="the minimum in whole increments"),
        pytest.param(7, 1, 0, 7, id="by the minute"),
    ],
)
def test_work_is_rounded_up(actual: int, increment: int, minimum: int, expected: int) -> None:
    assert round_up_to_increment(actual, increment, minimum=minimum) == expected


# L23
@given(st.integers(0, 10**6), st.integers(1, 10**4), st.integers(0, 10**4))
def test_rounding_is_idempotent_and_never_below_actual(
    actual: int, increment: int, minimum: int
) -> None:
    taken = round_up_to_increment(actual, increment, minimum=minimum)
    assert taken >= actual
    assert taken % increment == 0
    assert round_up_to_increment(taken, increment, minimum=minimum) == taken
    assert taken == 0 or taken - increment < max(actual, minimum)


def test_rounding_refuses_nonsense() -> None:
    for arguments in ((-1, 15), (1, 0)):
        with pytest.raises(InvalidValueError):
            round_up_to_increment(*arguments)
    with pytest.raises(LimitExceededError):
        round_up_to_increment(2**63 - 1, 1000)
