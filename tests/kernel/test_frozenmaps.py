from __future__ import annotations

import copy
import pickle
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import FrozenMap
from entitlements.kernel.frozenmaps import short_repr

dictionaries = st.dictionaries(st.text(max_size=4), st.integers(), max_size=6)


@given(dictionaries)
def test_it_reads_like_the_dictionary_it_was_made_of(plain: dict[str, int]) -> None:
    frozen = FrozenMap(plain)
    assert dict(frozen) == plain
    assert list(frozen) == list(plain)
    assert len(frozen) == len(plain)
    assert frozen == plain
    assert all(key in frozen and frozen[key] == value for key, value in plain.items())


@given(dictionaries)
def test_equality_and_hash_ignore_the_order(plain: dict[str, int]) -> None:
    turned = FrozenMap(reversed(plain.items()))
    assert FrozenMap(plain) == turned
    assert hash(FrozenMap(plain)) == hash(turned)


@given(dictionaries, dictionaries)
def test_different_content_is_different(one: dict[str, int], other: dict[str, int]) -> None:
    assert (FrozenMap(one) == FrozenMap(other)) == (one == other)


def test_it_does_not_change_with_its_source() -> None:
    plain = {"dana": 7}
    frozen = FrozenMap(plain)
    plain["dana"] = 8
    assert frozen["dana"] == 7


def test_it_cannot_be_changed() -> None:
    frozen = FrozenMap({"dana": 7})
    with pytest.raises(TypeError, match="does not support item assignment"):
        frozen["dana"] = 8  # type: ignore[index]
    with pytest.raises(TypeError, match="does not support item deletion"):
        del frozen["dana"]  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        frozen.update(dana=8)  # type: ignore[attr-defined]


def test_a_missing_key_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        FrozenMap({"dana": 7})["dan"]
    assert FrozenMap({"dana": 7}).get("dan") is None


def test_it_equals_other_mappings_and_nothing_else() -> None:
    assert FrozenMap({"a": 1}) == MappingProxyType({"a": 1})
    assert FrozenMap({"a": 1}) != [("a", 1)]
    assert FrozenMap({"a": 1}) != {"a": 2}


def test_it_can_be_a_key_and_an_element_of_a_set() -> None:
    assert len({FrozenMap({"a": 1}), FrozenMap([("a", 1)]), FrozenMap({"a": 2})}) == 2


def test_it_is_hashable_only_if_its_values_are() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(FrozenMap({"a": [1]}))


def test_its_representation_builds_it_again() -> None:
    frozen = FrozenMap({"a": 1})
    assert repr(frozen) == "FrozenMap({'a': 1})"


@given(dictionaries)
def test_it_survives_copies_and_pickles(plain: dict[str, int]) -> None:
    frozen = FrozenMap(plain)
    hash(frozen)
    back = pickle.loads(pickle.dumps(frozen))  # noqa: S301 - written in the same line
    assert back == copy.copy(frozen) == copy.deepcopy(frozen) == frozen
    assert hash(back) == hash(frozen)


def test_the_hash_is_not_pickled() -> None:
    frozen = FrozenMap({"a": 1})
    cold = pickle.dumps(frozen)
    hash(frozen)
    assert pickle.dumps(frozen) == cold


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param((), "()", id="empty"),
        pytest.param(("a",), "('a',)", id="one"),
        pytest.param({"a": 1}, "{'a': 1}", id="a mapping"),
        pytest.param(tuple(range(20)), repr(tuple(range(20))), id="20 elements"),
        pytest.param(tuple(range(21)), "<21 elements>", id="21 elements"),
        pytest.param(("x" * 395,), f"('{'x' * 395}',)", id="400 characters"),
        pytest.param(("x" * 396,), "<1 elements>", id="401 characters"),
    ],
)
def test_a_collection_is_shown_if_it_is_short(value: tuple[object, ...], text: str) -> None:
    assert short_repr(value) == text
