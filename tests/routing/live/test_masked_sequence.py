"""A masked sequence equals a sorted list, whatever is added and removed."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.routing.live.invariants import check_sequence

from entitlements.routing.live.masked_sequence import MaskedSequence


class Item:
    """An item with a bit."""

    def __init__(self, slot: int) -> None:
        self.slot = slot
        self.bit = 1 << slot


class Counted:
    """A number that counts its comparisons."""

    comparisons = 0

    def __init__(self, value: int) -> None:
        self.value = value

    def __lt__(self, other: Counted) -> bool:
        Counted.comparisons += 1
        return self.value < other.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Counted) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]


def entries(seed: int, size: int, keys: int) -> list[tuple[object, ...]]:
    chance = Random(seed)  # noqa: S311 - reproducible on purpose
    return [(chance.randrange(keys), n, Item(n)) for n in range(size)]


def first_of(kept: dict[int, tuple[object, ...]], want: int) -> object:
    return min((each for slot, each in kept.items() if want >> slot & 1), default=(None,))[-1]


@pytest.mark.parametrize(("size", "keys"), [(4, 3), (60, 9), (120, 9), (2_500, 60), (2_500, 10**6)])
def test_it_equals_a_sorted_list_while_it_grows_and_shrinks(size: int, keys: int) -> None:
    chance = Random(size + keys)  # noqa: S311 - reproducible on purpose
    items = [Item(n) for n in range(size)]
    kept: dict[int, tuple[object, ...]] = {}
    sequence = MaskedSequence()
    for step in range(9_000):
        shrinks = step % 4_500 > 2_500
        slot, odds = chance.randrange(size), chance.random()
        new = (chance.randrange(keys), slot, items[slot])
        if slot not in kept:
            if not shrinks or odds < 0.1:
                sequence.add(new)
                kept[slot] = new
        elif odds < (0.8 if shrinks else 0.2):
            sequence.discard(kept.pop(slot))
        else:
            sequence.swap(kept[slot], new)
            kept[slot] = new
        if step % 40 == 0:
            want = chance.getrandbits(size) & chance.getrandbits(size)
            assert sequence.first(want) is first_of(kept, want)
        if step % 900 == 0:
            check_sequence(sequence)
            assert list(sequence) == sorted(kept.values())
    assert len(sequence) == len(kept)


@given(st.lists(st.integers(0, 9), max_size=200), st.integers(0, 2**200))
def test_a_walk_yields_the_wanted_entries_in_order(keys: list[int], want: int) -> None:
    made = [(key, n, Item(n)) for n, key in enumerate(keys)]
    sequence = MaskedSequence(made)
    check_sequence(sequence)
    assert list(sequence.walk(want)) == sorted(e for e in made if e[-1].bit & want)


def test_a_leaf_that_is_joined_with_a_full_one_is_divided_again() -> None:
    items = [Item(n) for n in range(49)]
    made = [(n, n, each) for n, each in enumerate(items)]
    sequence = MaskedSequence(made)
    for entry in made[1:24]:
        sequence.discard(entry)
    full = [(n + 0.5, n + 48, Item(n + 48)) for n in range(24, 47)]
    for entry in full:
        sequence.add(entry)
    sequence.swap(made[0], (99, 0, items[0]))
    check_sequence(sequence)
    assert list(sequence) == sorted([*made[24:], *full, (99, 0, items[0])])


def test_an_empty_one_has_no_first() -> None:
    assert MaskedSequence().first(-1) is None
    assert list(MaskedSequence().walk(-1)) == []


@pytest.mark.parametrize("size", [300, 3_000, 30_000])
def test_a_move_costs_a_logarithm_of_comparisons_and_a_search_none(size: int) -> None:
    made = [(Counted(n), n, Item(n)) for n in range(size)]
    sequence = MaskedSequence(made)
    bound = 6 * (size.bit_length() + 4)
    for slot in (0, size // 2, size - 1):
        Counted.comparisons = 0
        new = (Counted(size - slot), slot, made[slot][-1])
        sequence.swap(made[slot], new)
        assert Counted.comparisons <= bound
        made[slot] = new
    Counted.comparisons = 0
    assert sequence.first(1 << size // 3) is made[size // 3][-1]
    assert Counted.comparisons == 0


@pytest.mark.parametrize("size", [2, 400])
def test_a_comparison_that_fails_changes_nothing(size: int) -> None:
    made: list[tuple[object, ...]] = [(n, n, Item(n)) for n in range(size)]
    sequence = MaskedSequence(made)
    for change in (
        lambda: sequence.add(("x", size, Item(size))),
        lambda: sequence.swap(made[1], ("x", 1, made[1][-1])),
    ):
        with pytest.raises(TypeError):
            change()
        check_sequence(sequence)
        assert list(sequence) == made
