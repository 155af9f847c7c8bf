"""The state of one grant over time."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.allowances.allowance import OveragePolicy, Rollover
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.grants.grant_state import GrantState
from entitlements.kernel.instants import END_OF_TIME, HOUR, from_micros


def a_state(amount: int = 10, **terms: Any) -> GrantState:
    edges = {
        name: from_micros(terms.pop(name) * HOUR) for name in ("expires", "resets") & terms.keys()
    }
    return GrantState.of(
        Grant(id="g", unit="minutes", amount=amount, effective=from_micros(0), **edges, **terms)
    )


def totals(state: GrantState) -> tuple[int, ...]:
    return (
        state.granted,
        state.unheld,
        state.held,
        state.used,
        state.expired,
        state.voided,
        state.moved,
        state.overage,
    )


def test_a_grant_gives_nothing_before_it_begins() -> None:
    state = a_state()
    state.advance(-1)
    assert totals(state) == (0, 0, 0, 0, 0, 0, 0, 0)
    assert not state.in_force
    state.advance(0)
    assert totals(state) == (10, 10, 0, 0, 0, 0, 0, 0)
    assert state.in_force


def test_the_rest_is_cut_at_the_reset_and_expires_at_the_end() -> None:
    state = a_state(resets=2, expires=4, rollover=Rollover(at_most=3))
    state.advance(2 * HOUR - 1)
    assert state.available == 10
    state.advance(2 * HOUR)
    assert (state.available, state.expired) == (3, 7)
    state.advance(4 * HOUR)
    assert (state.available, state.expired, state.next) == (0, 10, END_OF_TIME)
    assert totals(state) == (10, 0, 0, 0, 10, 0, 0, 0)


def test_the_least_that_rolls_over_is_granted_again() -> None:
    state = a_state(amount=1, resets=2, expires=4, rollover=Rollover(at_least=3, at_most=5))
    state.advance(2 * HOUR)
    assert (state.granted, state.unheld, state.expired) == (3, 3, 0)


def test_a_withdrawn_grant_gives_nothing_and_does_not_roll_over() -> None:
    state = a_state(resets=2, expires=4, rollover=Rollover(at_least=3, at_most=5))
    state.withdraw()
    state.advance(3 * HOUR)
    assert totals(state) == (10, 0, 0, 0, 0, 10, 0, 0)
    state.adjust(1)
    assert state.overdrawn


def test_a_grant_is_overdrawn_if_more_is_taken_than_it_has() -> None:
    for take in (
        lambda state: state.hold("h", END_OF_TIME, 11, 0),
        lambda state: state.hold("h", END_OF_TIME, 1, 3),
        lambda state: state.adjust(-11),
        lambda state: state.move(11),
        lambda state: state.resolve("unknown", 1, 0),
    ):
        state = a_state(over_use=OveragePolicy.CAP, cap=2)
        state.advance(0)
        take(state)
        assert state.overdrawn


def test_overage_has_room_while_the_grant_is_in_force() -> None:
    state = a_state(over_use=OveragePolicy.CAP, cap=2, expires=4)
    state.advance(0)
    state.hold("h", HOUR, 10, 1)
    assert state.overage_room == 1
    state.advance(HOUR)
    assert state.overage_room == 2
    state.advance(4 * HOUR)
    assert state.overage_room == 0


@given(st.lists(st.integers(1, 6), max_size=4), st.lists(st.integers(0, 8), max_size=6))
def test_advancing_in_steps_gives_the_same_totals(holds: list[int], stops: list[int]) -> None:
    one = a_state(resets=3, expires=6, rollover=Rollover(at_most=3, at_least=1))
    one.advance(0)
    for number, hours in enumerate(holds):
        one.hold(f"h{number}", hours * HOUR, 2, 0)
    other = one.copy()
    for hours in sorted(stops):
        one.advance(hours * HOUR)
    one.advance(9 * HOUR)
    other.advance(9 * HOUR)
    assert totals(one) == totals(other)


def test_a_copy_is_independent() -> None:
    state = a_state()
    state.advance(0)
    other = state.copy()
    other.hold("h", END_OF_TIME, 4, 0)
    assert totals(state) == (10, 10, 0, 0, 0, 0, 0, 0)
    assert len(state.holds) == 0
