"""Collections as data: order where it means something, and the place of every error."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from entitlements.kernel.data.collections import Entries, Items, Row
from entitlements.kernel.data.forms import TEXT, WHOLE, Form
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap

CASES = [
    (Items(TEXT, tuple), ("b", "a", "b"), ["b", "a", "b"]),
    (Items(TEXT, frozenset), frozenset({"b", "a"}), ["a", "b"]),
    (Row((TEXT, WHOLE)), ("a", 1), ["a", 1]),
    (Entries(TEXT, WHOLE), FrozenMap({"b": 1, "a": 2}), {"a": 2, "b": 1}),
]


@pytest.mark.parametrize(("form", "value", "plain"), CASES)
def test_a_collection_is_written_and_read_back(form: Form, value: Any, plain: Any) -> None:
    assert form.write(value) == plain
    assert form.read(plain, "") == value
    Draft202012Validator(form.schema({})).validate(plain)


def test_values_by_key_are_written_in_the_order_of_their_keys() -> None:
    assert [*Entries(TEXT, WHOLE).write({"b": 1, "a": 2})] == ["a", "b"]


@pytest.mark.parametrize(
    ("form", "plain", "place"),
    [
        (Items(TEXT, tuple), "ab", "at"),
        (Items(TEXT, tuple), ["a", 1], "at[1]"),
        (Items(TEXT, frozenset), ["b", "a"], "at"),
        (Items(TEXT, frozenset), ["a", "a"], "at"),
        (Row((TEXT, WHOLE)), ["a"], "at"),
        (Row((TEXT, WHOLE)), ["a", "b"], "at[1]"),
        (Entries(TEXT, WHOLE), [], "at"),
        (Entries(TEXT, WHOLE), {"a": "b"}, "at.a"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(form: Form, plain: Any, place: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        form.read(plain, "at")
    assert caught.value.path == place
