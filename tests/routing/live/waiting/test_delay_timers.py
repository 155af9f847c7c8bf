"""Timers of an order that keeps work back: the next end of a delay, and bounded memory."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.instants import utc
from entitlements.routing import Agent, Backlog, OfferBook, Roster, Router, RoutingPolicy, Work
from entitlements.routing.work.rank_orders import RankPlusDelay

NINE = utc("2026-03-02T09:00Z")
MINUTE = timedelta(minutes=1)
ORDER = RankPlusDelay({1: 5 * MINUTE, 2: 20 * MINUTE})


def work(id: str, minute: int = 0, rank: int = 0) -> Work:
    return Work(id=id, opened=NINE + minute * MINUTE, rank=rank)


def test_work_of_a_lower_rank_is_served_at_the_end_of_its_delay_and_the_instant_is_known() -> None:
    router, backlog = Router(Roster(agents=[Agent(id="ada", capacity=1)])), Backlog(ORDER)
    backlog.add(work("R-1", rank=1))
    assert backlog.drain(router, NINE) == ()
    assert backlog.next_change_at(NINE) == NINE + 5 * MINUTE
    assert backlog.drain(router, NINE + 4 * MINUTE) == ()
    assert [each.work for each in backlog.drain(router, NINE + 5 * MINUTE)] == ["R-1"]
    assert backlog.next_change_at(NINE + 5 * MINUTE) is None


def test_an_offer_book_asks_to_be_called_at_the_end_of_a_delay() -> None:
    book = OfferBook(Roster(agents=[Agent(id="ada")]), RoutingPolicy(order=ORDER))
    book.add(work("R-1", rank=2), NINE)
    assert (book.offer(NINE), book.next_change_at(NINE)) == ((), NINE + 20 * MINUTE)
    assert [each.agent for each in book.offer(NINE + 20 * MINUTE)] == ["ada"]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), max_size=12),
    st.sets(st.integers(0, 11)),
    st.lists(st.integers(0, 60), min_size=1, max_size=6),
)
def test_the_next_end_is_the_first_one_of_the_work_that_still_waits(
    opened: list[tuple[int, int]], removed: set[int], asked: list[int]
) -> None:
    backlog, delays = Backlog(ORDER), (0, 5, 20)
    for n, (minute, rank) in enumerate(opened):
        backlog.add(work(f"R-{n}", minute, rank))
    for n in removed:
        if f"R-{n}" in backlog:
            backlog.remove(f"R-{n}")
    ends = [minute + delays[rank] for n, (minute, rank) in enumerate(opened) if n not in removed]
    for at in asked:
        expected = min((end for end in ends if end > at), default=None)
        found = backlog.next_change_at(NINE + at * MINUTE)
        assert found == (None if expected is None else NINE + expected * MINUTE)


def test_ten_thousand_new_ranks_of_one_piece_leave_few_timers() -> None:
    backlog, piece = Backlog(ORDER), work("R-1", rank=1)
    backlog.add(piece)
    for n in range(10_000):
        backlog.replace(attrs.evolve(piece, rank=n % 3))
    timers = backlog._delays  # noqa: SLF001 - what is kept is the point
    assert timers is not None
    assert timers.entries < 100


@pytest.mark.parametrize("rank", [0, 7])
def test_a_rank_without_a_delay_is_served_at_once(rank: int) -> None:
    assert ORDER.served_from(work("R-1", rank=rank)) == NINE
