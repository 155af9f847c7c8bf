"""Memos are bounded, alone and together; dropped entries can be computed again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.on_demand.memo import Memo

KEYS = st.lists(st.integers(min_value=0, max_value=60), max_size=200)


@given(KEYS, st.integers(min_value=2, max_value=20))
def test_a_memo_never_passes_its_bound_and_holds_what_was_put_last(
    keys: list[int], most: int
) -> None:
    memo: Memo[int, str] = Memo(most)
    for key in keys:
        assert memo.put(key, str(key)) == str(key)
        assert memo[key] == str(key)
        assert len(memo) == memo.held <= most


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=200))
def test_memos_within_another_share_its_bound(puts: list[tuple[int, int]]) -> None:
    room: Memo[int, Memo[int, int]] = Memo(30, weigh=lambda inner: 1 + inner.held)
    for owner, key in puts:
        inner = room.get(owner)
        if inner is None:
            inner = room.put(owner, Memo(12, within=room))
        inner.put(key, key)
        assert room.held == sum(1 + each.held for each in room.values()) <= 30


def test_the_oldest_entries_go_first_until_half_is_left() -> None:
    memo: Memo[int, int] = Memo(6)
    for number in range(7):
        memo.put(number, number)
    assert list(memo) == [4, 5, 6]


def test_an_entry_put_again_counts_once() -> None:
    memo: Memo[str, int] = Memo(4)
    for number in range(100):
        memo.put("same", number)
    assert (memo.held, memo["same"]) == (1, 99)


def test_a_memo_of_fewer_than_two_entries_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="holds nothing"):
        Memo(1)


def test_threads_may_share_a_memo() -> None:
    memo: Memo[int, int] = Memo(50)

    def fill(start: int) -> None:
        for number in range(start, start + 2_000):
            memo.put(number % 300, number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fill, range(8)))
    memo.put(-1, -1)
    assert len(memo) <= 51 + 8
