"""Deadlines that change places, and those that never do."""

from collections.abc import Callable

import attrs
from hypothesis import given
from hypothesis import strategies as st

from entitlements.access.validity.crossings import first_crossing
from entitlements.kernel.instants import END_OF_TIME


@attrs.frozen
class Pieces:
    """A due instant that moves or stays, piece by piece: where each begins, and what is due."""

    pieces: tuple[tuple[int, int, bool], ...]

    def _piece(self, at: int) -> tuple[int, int, bool]:
        return max(each for each in self.pieces if each[0] <= at)

    def due(self, at: int) -> int:
        """Return the due instant."""
        start, due, moves = self._piece(at)
        return due + (at - start if moves else 0)

    def moves(self, at: int) -> tuple[bool, int]:
        """Return whether it moves, and up to the last instant of the piece."""
        later = [start for start, _, _ in self.pieces if start > at]
        return self._piece(at)[2], min(later, default=END_OF_TIME) - 1


def pieces() -> st.SearchStrategy[Pieces]:
    """Pieces of some instants each; the first begins at 0."""
    one = st.tuples(st.integers(1, 40), st.integers(0, 60), st.booleans())
    first = st.tuples(st.just(0), st.integers(0, 60), st.booleans())
    return st.builds(
        lambda start, others: Pieces((start, *others)),
        first,
        st.lists(one, max_size=5, unique_by=lambda each: each[0]),
    )


def slowly(one: Callable[[int], int], other: Callable[[int], int], at: int, until: int) -> int:
    """Return the first crossing, by looking at every instant."""

    def order(when: int) -> int:
        return (one(when) > other(when)) - (one(when) < other(when))

    return next((each for each in range(at + 1, until) if order(each) != order(at)), until)


@given(pieces(), pieces(), st.integers(0, 50), st.integers(0, 80))
def test_the_first_crossing_is_the_one_found_by_looking_at_every_instant(
    one: Pieces, other: Pieces, at: int, length: int
) -> None:
    until = at + length
    assert first_crossing(one, other, at, until) == slowly(one.due, other.due, at, until)


def test_deadlines_change_places_where_the_slower_begins_to_wait() -> None:
    moving, waiting = Pieces(((0, 5, True),)), Pieces(((0, 9, False), (9, 9, True)))
    assert first_crossing(moving, waiting, 0, 99) == 4
    assert first_crossing(moving, waiting, 0, 3) == 3
    assert first_crossing(moving, waiting, 5, 99) == 99


def test_equal_deadlines_stay_equal() -> None:
    always = Pieces(((0, 5, True),))
    assert first_crossing(always, always, 0, END_OF_TIME) == END_OF_TIME
