from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.hints import (
    MAX_EFFORT_OF_ALL,
    MAX_EFFORT_OF_ONE,
    MAX_WORD,
    bounded,
    closest,
    closest_match_hint,
)

WORDS = st.text(max_size=MAX_WORD)


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        pytest.param("boton", ["berlin", "boston"], "did you mean `boston`?", id="close"),
        pytest.param("tokyo", ["berlin", "boston"], None, id="far"),
        pytest.param("x", [], None, id="nothing known"),
        pytest.param("bostn", ["boston", "bostan"], "did you mean `boston`?", id="equally close"),
        pytest.param("bostn", ["bostan", "boston"], "did you mean `boston`?", id="in any order"),
        pytest.param("", ["", "a"], None, id="empty"),
    ],
)
def test_a_hint_names_the_closest_word(word: str, known: list[str], hint: str | None) -> None:
    assert closest_match_hint(word, known) == hint


@given(st.text(min_size=1, max_size=MAX_WORD))
def test_a_word_is_closest_to_itself(word: str) -> None:
    assert closest(word, [word]) == word


def test_long_words_get_no_hint() -> None:
    word = "a" * MAX_WORD
    assert closest(word, [word]) == word
    assert closest(word + "a", [word]) is None


def test_among_too_many_names_there_is_no_hint() -> None:
    names = [f"name {number:06}" for number in range(MAX_EFFORT_OF_ONE // 100)]
    assert closest("name 000001x", names) is None
    assert closest("name 000001x", names[:100]) is not None


@given(st.lists(WORDS, max_size=20), st.lists(WORDS, max_size=20), st.integers(0, 5_000))
def test_all_hints_inside_share_one_budget(words: list[str], names: list[str], most: int) -> None:
    with bounded(most) as effort:
        left = effort.left
        for word in words:
            guess = closest(word, names)
            assert guess is None or guess == closest_alone(word, names)
            assert 0 <= effort.left <= left
            left = effort.left


def closest_alone(word: str, names: list[str]) -> str | None:
    with bounded(MAX_EFFORT_OF_ALL):
        return closest(word, names)


def test_no_name_is_compared_when_the_budget_is_spent() -> None:
    taken = []
    with bounded(0):
        assert closest("boton", (taken.append(name) or name for name in ["boston"] * 9)) is None  # type: ignore[func-returns-value]
    assert len(taken) <= 1


def test_the_shared_budget_ends_with_its_block() -> None:
    with bounded(0):
        assert closest("boton", ["boston"]) is None
    assert closest("boton", ["boston"]) == "boston"
