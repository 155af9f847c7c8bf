"""One grant, moved through time."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.allowances.allowance import OveragePolicy, Rollover
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.grant_state import GrantState
from entitlements.kernel.instants import END_OF_TIME, HOUR, from_micros


def a_tally(amount: int = 10, **terms: Any) -> GrantState:
    edges = {
        name: from_micros(terms.pop(name) * HOUR) for name in ("expires", "resets") & terms.keys()
    }
    return GrantState(
        Grant(id="g", unit="minutes", amount=amount, effective=from_micros(0), **edges, **terms)
    )


def totals(tally: GrantState) -> tuple[int, ...]:
    return (
        tally.granted,
        tally.unheld,
        tally.held,
        tally.used,
        tally.expired,
        tally.voided,
        tally.moved,
        tally.overage,
    )


def test_nothing_is_there_before_the_grant_begins() -> None:
    tally = a_tally()
    tally.advance(-1)
    assert totals(tally) == (0, 0, 0, 0, 0, 0, 0, 0)
    assert not tally.in_force
    tally.advance(0)
    assert totals(tally) == (10, 10, 0, 0, 0, 0, 0, 0)
    assert tally.in_force


def test_the_rest_is_cut_at_the_reset_and_lost_at_the_end() -> None:
    tally = a_tally(resets=2, expires=4, rollover=Rollover(most=3))
    tally.advance(2 * HOUR - 1)
    assert tally.available == 10
    tally.advance(2 * HOUR)
    assert (tally.available, tally.expired) == (3, 7)
    tally.advance(4 * HOUR)
    assert (tally.available, tally.expired, tally.next) == (0, 10, END_OF_TIME)


def test_the_least_that_rolls_over_is_granted_anew() -> None:
    tally = a_tally(amount=1, resets=2, expires=4, rollover=Rollover(least=3, most=5))
    tally.advance(2 * HOUR)
    assert (tally.granted, tally.unheld) == (3, 3)


def test_a_withdrawn_grant_neither_begins_nor_rolls_over_nor_takes_back() -> None:
    tally = a_tally(resets=2, expires=4, rollover=Rollover(least=3, most=5))
    tally.withdraw()
    tally.advance(3 * HOUR)
    assert totals(tally) == (10, 0, 0, 0, 0, 10, 0, 0)
    tally.adjust(1)
    assert tally.overdrawn


def test_taking_more_than_there_is_is_noticed() -> None:
    for take in (
        lambda tally: tally.hold("h", END_OF_TIME, 11, 0),
        lambda tally: tally.hold("h", END_OF_TIME, 1, 3),
        lambda tally: tally.adjust(-11),
        lambda tally: tally.move(11),
        lambda tally: tally.settle("nobody", 1, 0),
    ):
        tally = a_tally(over_use=OveragePolicy.CAP, cap=2)
        tally.advance(0)
        take(tally)
        assert tally.overdrawn


def test_overage_has_room_while_the_grant_is_in_force() -> None:
    tally = a_tally(over_use=OveragePolicy.CAP, cap=2, expires=4)
    tally.advance(0)
    tally.hold("h", HOUR, 10, 1)
    assert tally.overage_room == 1
    tally.advance(HOUR)
    assert tally.overage_room == 2
    tally.advance(4 * HOUR)
    assert tally.overage_room == 0


@given(st.lists(st.integers(1, 6), max_size=4), st.lists(st.integers(0, 8), max_size=6))
def test_stopping_on_the_way_changes_nothing(holds: list[int], stops: list[int]) -> None:
    one = a_tally(resets=3, expires=6, rollover=Rollover(most=3, least=1))
    one.advance(0)
    for number, hours in enumerate(holds):
        one.hold(f"h{number}", hours * HOUR, 2, 0)
    other = one.copy()
    for hours in sorted(stops):
        one.advance(hours * HOUR)
    one.advance(9 * HOUR)
    other.advance(9 * HOUR)
    assert totals(one) == totals(other)


def test_a_copy_moves_on_its_own() -> None:
    tally = a_tally()
    tally.advance(0)
    other = tally.copy()
    other.hold("h", END_OF_TIME, 4, 0)
    assert totals(tally) == (10, 10, 0, 0, 0, 0, 0, 0)
    assert tally.holds == {}
