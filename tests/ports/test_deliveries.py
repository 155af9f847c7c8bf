from datetime import timedelta

import pytest

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.ports import Message
from entitlements.ports.deliveries import Delivery, deliveries, first_of_cases

NOW = utc("2026-03-02T09:00Z")
LATER = NOW + timedelta(seconds=1)


def delivery(number: int, case: str) -> Delivery:
    message = Message(number=number, topic="x", at=NOW, body="{}", case=case)
    return Delivery(message=message, fence=0)


def test_of_each_case_only_what_nothing_holds_back_is_claimed() -> None:
    waiting = [
        (delivery(1, "A"), LATER),
        (delivery(2, "A"), NOW),
        (delivery(3, "B"), None),
        (delivery(4, "B"), NOW),
        (delivery(5, ""), LATER),
        (delivery(6, ""), NOW),
        (delivery(7, "C"), NOW),
        (delivery(8, "C"), NOW),
    ]
    assert [each.number for each in first_of_cases(waiting, NOW, 3)] == [4, 6, 7]
    assert [each.number for each in first_of_cases(waiting, LATER, 9)] == [1, 2, 4, 5, 6, 7, 8]


def test_other_values_are_refused() -> None:
    with pytest.raises(InvalidValueError):
        deliveries([5])  # type: ignore[list-item]
    with pytest.raises(InvalidValueError):
        Delivery(message="x", fence=0)  # type: ignore[arg-type]
