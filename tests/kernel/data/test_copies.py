from __future__ import annotations

import attrs
import pytest
from hypothesis import given

from entitlements.kernel.data.copies import copy_with
from entitlements.ports import WorkItem
from entitlements.testing.strategies import ports


@given(ports.work_items(), ports.work_items())
def test_a_copy_equals_the_value_that_is_built_again(one: WorkItem, other: WorkItem) -> None:
    state = attrs.evolve(other.state, work=one.id)
    before = hash(one)
    copied = copy_with(one, state=state, next_due_at=None)
    assert copied == attrs.evolve(one, state=state, next_due_at=None)
    assert hash(one) == before
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        copied.group = "other"  # type: ignore[misc]


def test_a_field_that_does_not_exist_is_refused() -> None:
    value = attrs.make_class("Point", ["x", "y"], frozen=True, slots=True)(1, 2)
    assert copy_with(value, y=3) == type(value)(1, 3)
    with pytest.raises(TypeError, match="z"):
        copy_with(value, z=4)


def test_an_object_with_slots_is_copied_with_what_it_holds() -> None:
    class Pair:
        __slots__ = ("_first", "value")

    pair = Pair()
    pair._first, pair.value = [1], "changes"  # noqa: SLF001 - of the test
    copied = copy_with(pair, value="made")
    assert (copied._first, copied.value) == ([1], "made")  # noqa: SLF001 - as above
    assert copied._first is pair._first  # noqa: SLF001 - as above
    assert pair.value == "changes"
