"""Levels held and required."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import FrozenMap, InvalidValueError
from entitlements.routing.work.skills import levels, meets_levels, missing_levels

maps = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3)).map(levels)


@given(maps, maps)
def test_a_level_is_met_by_the_same_or_a_higher_one_of_that_skill(
    held: FrozenMap[str, int], wanted: FrozenMap[str, int]
) -> None:
    short = [skill for skill in "abc" if skill in wanted and held.get(skill, -1) < wanted[skill]]
    assert meets_levels(held, wanted) == (short == [])
    assert missing_levels(held, wanted) == tuple(
        (skill, held.get(skill), wanted[skill]) for skill in short
    )


def test_missing_levels_name_what_is_held_and_required() -> None:
    held = levels({"spanish": 2, "oracle": 0})
    wanted = levels({"spanish": 3, "oracle": 0, "net": 1})
    assert missing_levels(held, wanted) == (("net", None, 1), ("spanish", 2, 3))


def test_a_bare_name_is_level_one_and_a_lone_text_is_one_name() -> None:
    assert levels("spanish") == levels(["spanish"]) == {"spanish": 1}


@given(st.dictionaries(st.sampled_from(["ab", "b", "é"]), st.integers(0, 3)))
def test_levels_are_in_order_of_name_and_are_not_copied_again(found: dict[str, int]) -> None:
    frozen = levels(FrozenMap(found))
    assert list(frozen.items()) == sorted(found.items())
    assert frozen == levels(found)
    assert levels(frozen) is frozen


@pytest.mark.parametrize("bad", [{"a": -1}, {"a": 1.5}, {"a": True}, {" a": 1}, {1: 1}])
def test_nonsense_in_a_frozen_map_is_refused(bad: dict[str, int]) -> None:
    with pytest.raises(InvalidValueError):
        levels(FrozenMap(bad))


@pytest.mark.parametrize("bad", [{"": 1}, {"a": -1}, {"a": 1.5}, {"a": True}, [" a"]])
def test_nonsense_is_refused(bad: object) -> None:
    with pytest.raises(InvalidValueError):
        levels(bad)  # type: ignore[arg-type]
