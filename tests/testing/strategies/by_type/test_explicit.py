"""Values with their own strategy are of the class by whose name they are found."""

from __future__ import annotations

import pytest
from hypothesis import find, settings
from tests.testing.strategies.by_type.test_value_classes import anything, drawn

from entitlements.testing.strategies.by_type.explicit import EXPLICIT, hours, money, weeks

ONCE = settings(database=None, max_examples=300)


@pytest.mark.parametrize(
    "name", ["AdoptCase", "CreditSchedule", "PriorityMatrix", "RateCard", "WorkItem", "WorkLog"]
)
def test_a_value_is_of_the_class_of_its_name(name: str) -> None:
    assert {type(each).__name__ for each in drawn(EXPLICIT[name]())} == {name}


def test_hours_have_a_normal_form() -> None:
    assert all(each.normal_form for each in drawn(hours()))


def test_amounts_are_in_euros_and_in_other_currencies() -> None:
    assert find(money(), anything, settings=ONCE).currency == "EUR"
    assert find(money(), lambda each: each.currency == "JPY", settings=ONCE).amount == 100
    assert find(weeks(), anything, settings=ONCE) == "Mo-Fr 09:00-17:00"
