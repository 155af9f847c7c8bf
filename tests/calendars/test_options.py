"""Options say which instant is meant."""

from __future__ import annotations

import pytest

from entitlements.calendars import Anchor, BusinessDays, Landing
from entitlements.calendars.options import SetOperator
from entitlements.kernel.errors import InvalidValueError, LimitExceededError


def test_business_days_say_which_instant() -> None:
    days = BusinessDays(2, anchor="end")
    assert (days.count, days.anchor) == (2, Anchor.END)
    with pytest.raises(TypeError):
        BusinessDays(2)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="noon"):
        BusinessDays(2, anchor="noon")


@pytest.mark.parametrize("count", [2.0, True, "2", None])
def test_business_days_are_counted_in_whole_numbers(count: object) -> None:
    with pytest.raises(InvalidValueError, match="must be a whole number"):
        BusinessDays(count, anchor=Anchor.START)  # type: ignore[arg-type]


def test_business_days_are_limited() -> None:
    assert BusinessDays(-100_000, anchor=Anchor.END).count == -100_000
    with pytest.raises(LimitExceededError, match="business days must be at most 100000"):
        BusinessDays(100_001, anchor=Anchor.END)


def test_options_can_be_given_as_text() -> None:
    assert [str(each) for each in Anchor] == ["same_time", "start", "end"]
    assert [str(each) for each in Landing] == ["closing", "next_opening", "previous_closing"]
    assert [str(each) for each in SetOperator] == ["any", "all", "except", "not"]
