from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.kernel import UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.routing import Agent, OfferPolicy, Roster, Router, RoutingPolicy, Work
from entitlements.routing.live.book.offer_core import OfferCore
from entitlements.routing.live.book.offered_work import OfferedWork
from entitlements.routing.offers.lifecycle import Decline, Enqueue

NINE = utc("2026-03-02T09:00Z")
SECOND = timedelta(seconds=1)
POLICY = RoutingPolicy(offers=OfferPolicy(declines=None, agent_declines=None))


def core_with(*works: str) -> OfferCore:
    core = OfferCore(Router(Roster(agents=[Agent(id="ada"), Agent(id="bob")])), POLICY)
    for id in works:
        piece = OfferedWork(Work(id=id, opened=NINE))
        core.apply(piece, [Enqueue(core.command_id())], NINE)
    return core


def test_timers_of_a_piece_that_is_offered_for_ever_are_bounded() -> None:
    core = core_with("R-1")
    for n in range(1, 500):
        found = core.backlog.first(core.router, NINE)
        assert found is not None
        core.offer(*found, NINE + n * SECOND, 1)
        decline = Decline(core.command_id(), found[1], n)
        core.apply(core.pieces["R-1"], [decline], NINE + n * SECOND)
    assert core.timers <= 2 * len(core.pieces) + 65
    assert core.due(NINE + timedelta(days=1)) == ()


def test_a_piece_is_due_once_however_many_timers_it_has() -> None:
    core = core_with("R-1", "R-2")
    while (found := core.backlog.first(core.router, NINE)) is not None:
        core.offer(*found, NINE, 1)
    until = NINE + timedelta(seconds=30)
    assert core.next_due(NINE) == until
    assert core.next_due(until) is None
    assert core.due(until - SECOND) == ()
    assert {each.work.id for each in core.due(until)} == {"R-1", "R-2"}
    assert core.due(until) == ()


def test_a_piece_that_is_not_in_the_book_is_unknown() -> None:
    with pytest.raises(UnknownIdError, match="no work has the id `R-9`"):
        core_with().piece("R-9")
