from datetime import timedelta

import pytest

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.ports.deliveries import Delivery, Endpoint, deliveries, first_of_cases

NOW = utc("2026-03-02T09:00Z")
LATER = NOW + timedelta(seconds=1)


def test_of_each_case_only_what_nothing_holds_back_is_claimed() -> None:
    waiting = [
        (1, "A", LATER),
        (2, "A", NOW),
        (4, "B", NOW),
        (5, "", LATER),
        (6, "", NOW),
        (7, "C", NOW),
        (8, "C", NOW),
    ]
    assert first_of_cases(waiting, NOW, 3) == (4, 6, 7)
    assert first_of_cases(waiting, LATER, 9) == (1, 2, 4, 5, 6, 7, 8)
    assert first_of_cases(iter(waiting), NOW, 0) == ()


def test_other_values_are_refused() -> None:
    with pytest.raises(InvalidValueError):
        deliveries([5])  # type: ignore[list-item]
    with pytest.raises(InvalidValueError):
        Delivery(message="x", fence=0)  # type: ignore[arg-type]


def test_an_endpoint_receives_its_topics() -> None:
    some = Endpoint(id="crm", topics=["case.*", "queue.full"])
    assert [some.receives(each) for each in ("case.granted", "queue.full", "cases", "case")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert Endpoint(id="crm").receives("anything")
    assert Endpoint(id="crm", topics="*") != Endpoint(id="crm")
    assert Endpoint(id="crm", topics="*").receives("anything")


@pytest.mark.parametrize("topic", ["", "ca*", "*.granted", "case.*.x", "**", ".*.*"])
def test_a_topic_has_a_star_only_at_its_end(topic: str) -> None:
    with pytest.raises(InvalidValueError):
        Endpoint(id="crm", topics=[topic])
