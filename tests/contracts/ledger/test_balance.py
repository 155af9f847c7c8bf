"""Sums over grants, now and at later instants."""

from __future__ import annotations

from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.balance import Balance, BalanceTimeline, balance_of
from entitlements.contracts.ledger.grants.grant_state import GrantState
from entitlements.kernel.instants import HOUR, from_micros


def a_state(id: str, begin: int, end: int, amount: int) -> GrantState:
    edges = {"effective": from_micros(begin * HOUR), "expires": from_micros(end * HOUR)}
    state = GrantState.of(Grant(id=id, unit="minutes", amount=amount, **edges))
    state.advance(0)
    return state


def test_a_balance_is_the_sum_of_its_grants() -> None:
    one, other = a_state("a", 0, 4, 7), a_state("b", 0, 8, 5)
    one.hold("h", 2 * HOUR, 3, 0)
    other.adjust(-1)
    assert balance_of([one, other]) == Balance(granted=12, left=8, held=3, voided=1)
    assert balance_of([]) == Balance()


def test_a_timeline_knows_what_is_available_later() -> None:
    states = [a_state("a", 0, 4, 7), a_state("b", 3, 8, 5), a_state("c", 4, 5, 7)]
    states[0].hold("h", 2 * HOUR, 3, 0)
    timeline = BalanceTimeline(states, 0, lambda at: -at)
    steps = {0: 4, 1: 4, 2: 7, 3: 12, 4: 12, 5: 5, 7: 5, 8: 0, 99: 0}
    assert {hour: timeline.available(hour * HOUR) for hour in steps} == steps
    assert timeline.available(3 * HOUR - 1) == 7
    assert timeline.available(-5) == 5, "instants before the last entry are replayed"


def test_a_timeline_knows_the_next_change_of_any_grant() -> None:
    states = [a_state("a", 0, 4, 7), a_state("c", 4, 5, 7)]
    timeline = BalanceTimeline(states, 0, lambda _: 0)
    # At hour 4 seven units end and seven begin: the sum is the same, and each grant has changed.
    assert timeline.next_change(-9) == 4 * HOUR
    assert timeline.next_change(4 * HOUR) == 5 * HOUR
    assert timeline.next_change(5 * HOUR - 1) == 5 * HOUR
    assert timeline.next_change(5 * HOUR) is None
