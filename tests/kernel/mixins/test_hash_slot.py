"""Values that keep their hash are equal, and are copied and pickled, as if they did not."""

from __future__ import annotations

import copy
import pickle

import pytest

from entitlements.routing import Requirement, RoutingObligations, Work

VALUES = [
    Requirement(groups="db", skills={"oracle": 2}, obligations=RoutingObligations(residency="eu")),
    RoutingObligations(clearances=["sc"]),
]


@pytest.mark.parametrize("value", VALUES)
def test_the_hash_is_neither_copied_nor_pickled(value: object) -> None:
    cold = pickle.dumps(value)
    number = hash(value)
    assert hash(value) == number
    assert pickle.dumps(value) == cold
    for again in (copy.copy(value), copy.deepcopy(value), pickle.loads(cold)):  # noqa: S301 - written above
        assert not hasattr(again, "_hash")
        assert (again, hash(again)) == (value, number)


def test_it_is_no_field() -> None:
    one = Requirement(skills="x")
    hash(one)
    assert "hash" not in repr(one)
    with pytest.raises(AttributeError):
        one._hash = 5  # noqa: SLF001 - what is refused is the point
    assert Work(id="R-1", opened="2026-03-02T09:00Z", requires=one).requires is one
