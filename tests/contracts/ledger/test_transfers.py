"""Units that move between ledgers are neither lost nor made (L24)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.allowances.allowance import Rollover, Unit
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.balance import Balance
from entitlements.contracts.ledger.entries import Adjust, Commit, Issue, Reserve, TransferUnits
from entitlements.contracts.ledger.ledger import Ledger, PostRefused
from entitlements.contracts.ledger.transfers import UnitsTransferred, transfer_units
from entitlements.kernel.errors import ConflictError, TransitionError, UnknownIdError
from entitlements.kernel.ids import key
from entitlements.testing.strategies.ledger import HOUR, START, ledgers


def a_ledger(amount: int = 10, *, resets: int | None = None) -> Ledger:
    grant = Grant(
        id="g",
        unit=Unit.MINUTES,
        amount=amount,
        effective=START,
        expires=START + 48 * HOUR,
        pool="old",
        resets=None if resets is None else START + resets * HOUR,
        rollover=None if resets is None else Rollover(at_most=4),
    )
    return Ledger().post(Issue(grant=grant), START).ledger


def moved(outcome: UnitsTransferred | PostRefused) -> UnitsTransferred:
    assert isinstance(outcome, UnitsTransferred), outcome
    return outcome


# L24
@given(ledgers(), ledgers(), st.none() | st.integers(1, 5))
def test_a_transfer_conserves(giver: Ledger, taker: Ledger, amount: int | None) -> None:
    at = max(giver.latest_instant or START, taker.latest_instant or START)
    command = TransferUnits(key="move", grant="g0", to="taker", amount=amount)
    try:
        outcome = transfer_units(giver, taker, command, at)
    except TransitionError:
        return
    before = [ledger.balance(Unit.MINUTES, at) for ledger in (giver, taker)]
    match outcome:
        case PostRefused(ledger=after):
            assert after.balance(Unit.MINUTES, at) == before[0]
        case UnitsTransferred(source=one, destination=other, given=given, taken=taken):
            count = given.total
            assert taken.total == count
            after_ = [ledger.balance(Unit.MINUTES, at) for ledger in (one, other)]
            assert after_[0].moved == before[0].moved + count
            assert after_[1].granted == before[1].granted + count
            assert sum(b.left for b in after_) == sum(b.left for b in before)
            for place in ("held", "used", "expired", "voided", "overage"):
                assert [getattr(b, place) for b in after_] == [getattr(b, place) for b in before]


def test_units_keep_their_end_and_open_holds_stay_where_they_began() -> None:
    giver = a_ledger().post(Reserve(key="h", unit=Unit.MINUTES, amount=4), START).ledger
    at = START + HOUR
    command = TransferUnits(key="move", grant="g", to="beta")
    result = moved(transfer_units(giver, Ledger(), command, at, pool="new"))
    (grant,) = result.destination.grants
    assert (grant.id, grant.amount, grant.pool) == ("move", 6, "new")
    assert (grant.effective, grant.expires) == (at, START + 48 * HOUR)
    assert result.source.balance(Unit.MINUTES, at) == Balance(granted=10, held=4, moved=6)
    used = result.source.post(Commit(key="c", hold="h"), at).ledger
    assert used.balance(Unit.MINUTES, at).used == 4
    assert result.destination.available(Unit.MINUTES, at - timedelta(microseconds=1)) == 0


def test_of_several_grants_the_one_that_is_named_moves() -> None:
    other = Grant(id="other", unit=Unit.MINUTES, amount=7, effective=START, priority=1)
    giver = a_ledger().post(Issue(grant=other), START).ledger
    command = TransferUnits(key="move", grant="other", to="beta")
    (grant,) = moved(transfer_units(giver, Ledger(), command, START)).destination.grants
    assert (grant.id, grant.amount, grant.priority) == ("move", 7, 1)
    assert (grant.expires, grant.resets) == (None, None)


def test_a_retry_finds_both_entries_and_adds_none() -> None:
    command = TransferUnits(key="move", grant="g", to="beta", amount=3)
    first = moved(transfer_units(a_ledger(), Ledger(), command, START))
    again = moved(transfer_units(first.source, first.destination, command, START + HOUR))
    assert (again.source, again.destination) == (first.source, first.destination)
    half = moved(transfer_units(first.source, Ledger(), command, START + HOUR))
    assert half.destination == first.destination, "after a crash between the two"


def test_a_reset_to_come_moves_along_and_one_that_was_does_not() -> None:
    command = TransferUnits(key="move", grant="g", to="beta")
    early = moved(transfer_units(a_ledger(resets=5), Ledger(), command, START))
    assert early.destination.grants[0].resets == START + 5 * HOUR
    late = moved(transfer_units(a_ledger(resets=5), Ledger(), command, START + 5 * HOUR))
    assert late.destination.grants[0].resets is None
    assert late.given.total == 4


def test_a_transfer_of_nothing_is_refused_and_of_nonsense_an_error() -> None:
    command = TransferUnits(key="move", grant="g", to="beta", amount=11)
    outcome = transfer_units(a_ledger(), Ledger(), command, START)
    assert isinstance(outcome, PostRefused)
    unknown = TransferUnits(key="move", grant="x", to="beta")
    with pytest.raises(UnknownIdError, match="no grant has the id `x`"):
        transfer_units(a_ledger(), Ledger(), unknown, START)
    other = TransferUnits(key=key("issue", "g"), grant="g", to="beta", amount=1)
    with pytest.raises(ConflictError, match="another `kind`"):
        transfer_units(a_ledger(), a_ledger(), other, START)


def test_a_key_that_was_refused_over_there_is_a_conflict() -> None:
    command = TransferUnits(key="move", grant="g", to="beta", amount=1)
    taken = a_ledger().post(Adjust(key="move", grant="g", amount=1), START).ledger
    with pytest.raises(ConflictError, match="key `move` was used before"):
        transfer_units(a_ledger(), taken, command, START)
