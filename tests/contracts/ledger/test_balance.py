"""Sums over grants, and the meter's foresight."""

from __future__ import annotations

from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.balance import Balance, BalanceTimeline, balance_of
from entitlements.contracts.ledger.grant_state import GrantState
from entitlements.kernel.instants import HOUR, from_micros


def a_tally(id: str, begin: int, end: int, amount: int) -> GrantState:
    edges = {"effective": from_micros(begin * HOUR), "expires": from_micros(end * HOUR)}
    tally = GrantState(Grant(id=id, unit="minutes", amount=amount, **edges))
    tally.advance(0)
    return tally


def test_a_balance_is_the_sum_of_its_grants() -> None:
    one, other = a_tally("a", 0, 4, 7), a_tally("b", 0, 8, 5)
    one.hold("h", 2 * HOUR, 3, 0)
    other.adjust(-1)
    assert balance_of([one, other]) == Balance(granted=12, left=8, held=3, voided=1)
    assert balance_of([]) == Balance()


def test_a_meter_foresees_what_time_will_change() -> None:
    tallies = [a_tally("a", 0, 4, 7), a_tally("b", 3, 8, 5), a_tally("c", 4, 5, 7)]
    tallies[0].hold("h", 2 * HOUR, 3, 0)
    meter = BalanceTimeline(tallies, 0, lambda at: -at)
    steps = {0: 4, 1: 4, 2: 7, 3: 12, 4: 12, 5: 5, 7: 5, 8: 0, 99: 0}
    assert {hour: meter.available(hour * HOUR) for hour in steps} == steps
    assert meter.available(3 * HOUR - 1) == 7
    assert meter.available(-5) == 5, "instants before the last entry are replayed"


def test_a_meter_knows_when_it_changes_next() -> None:
    tallies = [a_tally("a", 0, 4, 7), a_tally("c", 4, 5, 7)]
    meter = BalanceTimeline(tallies, 0, lambda _: 0)
    # At hour 4 seven units end and seven begin, which changes nothing.
    assert meter.next_change(-9) == 5 * HOUR
    assert meter.next_change(5 * HOUR - 1) == 5 * HOUR
    assert meter.next_change(5 * HOUR) is None
