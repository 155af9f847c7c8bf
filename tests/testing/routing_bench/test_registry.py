from __future__ import annotations

import pytest

from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.testing.routing_bench import contender_maker
from entitlements.testing.routing_bench.contenders.sorted_lists import SortedLists

HERE = "entitlements.testing.routing_bench.contenders"


def test_a_contender_of_your_own_is_named_by_module_and_class() -> None:
    assert contender_maker(f"{HERE}.sorted_lists:SortedLists") is SortedLists


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_such_module:Router", "`no_such_module` cannot be imported"),
        (f"{HERE}.sorted_lists:Nobody", "has no class `Nobody`"),
        ("pathlib:Path", "it lacks `load`, `arrive`, `complete`, `change`, `advance`"),
    ],
)
def test_a_class_that_is_no_contender_is_refused_with_what_it_lacks(name: str, words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        contender_maker(name)


def test_an_unknown_contender_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UnknownIdError, match="linear_scan"):
        contender_maker("linear_scam")
