"""Requirements are keys, and refuse nonsense."""

from __future__ import annotations

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.routing import Requirement, RoutingObligations


def test_equal_requirements_are_one_key() -> None:
    one = Requirement(groups=["a", "b"], skills={"x": 1, "y": 2}, weights={"p": 1, "q": 2})
    two = Requirement(groups=["b", "a"], skills={"y": 2, "x": 1}, weights={"q": 2, "p": 1})
    assert (one, hash(one)) == (two, hash(two))
    assert one.drawn == (("p", 1), ("q", 2))


def test_plain_work_draws_on_one_pool_with_weight_one() -> None:
    assert Requirement().drawn == (("work", 1),)
    assert Requirement(weights=3).weights == {"work": 3}


def test_obligations_are_floors_and_regions() -> None:
    duties = RoutingObligations(clearances=["sc"], residency="eu")
    assert (duties.clearances, duties.residency) == ({"sc": 1}, {"eu"})


@pytest.mark.parametrize("fields", [{"weights": -1}, {"weights": {"": 1}}, {"channel": ""}])
def test_nonsense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        Requirement(**fields)  # type: ignore[arg-type]
