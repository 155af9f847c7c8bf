from __future__ import annotations

from datetime import timedelta

from entitlements.kernel.instants import utc
from entitlements.routing import Agent, OfferPolicy, Roster, Router, Work
from entitlements.routing.live.book.offered_work import MAX_COMMANDS, OfferedWork
from entitlements.routing.offers.command_events import apply_command
from entitlements.routing.offers.lifecycle import Decline, Enqueue, Offer

NINE = utc("2026-03-02T09:00Z")
POLICY = OfferPolicy(declines=None, agent_declines=None, cool_down=timedelta(minutes=1))


def test_only_one_room_has_the_id_of_the_work() -> None:
    router = Router(Roster(agents=[Agent(id=id) for id in "abc"]))
    work = Work(id="R-1", opened=NINE)
    piece = OfferedWork(work)
    for fence, agent in enumerate("abc", start=1):
        piece.take_room(router, work, agent, fence, NINE)
    assert list(piece.rooms.values()).count("R-1") == 1
    assert router.holder("R-1") == "a"
    assert [len(router.state(agent).held) for agent in "abc"] == [1, 1, 1]


def test_a_piece_that_is_declined_for_ever_keeps_few_commands() -> None:
    piece = OfferedWork(Work(id="R-1", opened=NINE))
    state = piece.state
    state, _ = apply_command(state, Enqueue("q"), NINE, POLICY)
    for n in range(1, 100):
        for command in (Offer(f"o{n}", ["ada"]), Decline(f"d{n}", "ada", n)):
            state, _ = apply_command(state, command, NINE, POLICY)
            piece.set_state(state, NINE, POLICY)
            state = piece.state
    assert len(state.executed_commands) <= MAX_COMMANDS


def test_a_piece_is_due_when_a_cool_down_ends() -> None:
    piece = OfferedWork(Work(id="R-1", opened=NINE))
    state = piece.state
    for command in (Enqueue("q"), Offer("o", ["ada"]), Decline("d", "ada", 1)):
        state, _ = apply_command(state, command, NINE, POLICY)
    piece.set_state(state, NINE, POLICY)
    assert piece.due == NINE + timedelta(minutes=1)
    piece.set_state(state, NINE + timedelta(minutes=1), POLICY)
    assert piece.due is None
