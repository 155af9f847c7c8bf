"""The rule of each command, without a ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger import rules
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
    Entry,
    Expire,
    GiveBack,
    GrantShare,
    RefusalReason,
    Reserve,
    TransferUnits,
    Void,
    Withdraw,
)
from entitlements.contracts.ledger.entry_log import EntryLog
from entitlements.contracts.ledger.grants.grant_state import GrantState
from entitlements.contracts.ledger.grants.views import CurrentView
from entitlements.kernel.errors import TransitionError
from entitlements.kernel.instants import from_micros, to_micros

AT = from_micros(0)
HOUR = timedelta(hours=1)


def a_view(*grants: Grant, hours: int = 0) -> CurrentView:
    return CurrentView(
        {each.id: GrantState.of(each) for each in grants}, to_micros(AT + hours * HOUR)
    )


def a_grant(id: str, amount: int, **terms: Any) -> Grant:
    return Grant(id=id, unit="minutes", amount=amount, effective=AT, **terms)


def a_hold(*shares: GrantShare, until: timedelta | None = None) -> EntryLog:
    command = Reserve(key="h", unit="minutes", amount=1)
    end = None if until is None else AT + until
    return EntryLog().add(
        Entry(number=1, command=command, at=AT, recorded=AT, shares=shares, until=end)
    )


def added(log: EntryLog, command: Any, *shares: GrantShare) -> EntryLog:
    number = len(log) + 1
    return log.add(Entry(number=number, command=command, at=AT, recorded=AT, shares=shares))


def test_a_hold_that_outlasts_the_calendar_never_ends() -> None:
    command = Reserve(key="k", unit="minutes", amount=1, duration=timedelta.max)
    decision = rules.reserve(command, AT, ["a"], a_view(a_grant("a", 2)))
    assert (decision.until, decision.refusal) == (None, None)


def test_a_reservation_takes_in_the_order_it_is_given() -> None:
    grants = [a_grant("a", 2), a_grant("b", 3), a_grant("c", 4)]
    command = Reserve(key="k", unit="minutes", amount=4, duration=HOUR)
    decision = rules.reserve(command, AT, ["c", "a", "b"], a_view(*grants))
    assert decision == rules.LedgerDecision((GrantShare("c", 4),), AT + HOUR)
    decision = rules.reserve(command, AT, ["a", "b", "c"], a_view(*grants))
    assert decision.shares == (GrantShare("a", 2), GrantShare("b", 2))


def test_a_reservation_names_only_the_grants_of_which_it_takes() -> None:
    grants = [a_grant("spent", 0), a_grant("a", 2, over_use="allow_with_consent")]
    command = Reserve(key="k", unit="minutes", amount=3, consent=True)
    decision = rules.reserve(command, AT, ["spent", "a"], a_view(*grants))
    assert decision.shares == (GrantShare("a", 2, 1),)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=4), st.data())
def test_a_use_and_what_is_given_back_of_it_make_up_the_hold(
    sizes: list[tuple[int, int]], data: st.DataObject
) -> None:
    shares = [GrantShare(f"g{n}", amount, over) for n, (amount, over) in enumerate(sizes)]
    total = sum(each.amount + each.overage for each in shares)
    used = data.draw(st.integers(0, total))
    log = a_hold(*shares)
    commit = Commit(key="c", hold="h", amount=used)
    use = rules.commit(commit, AT, log).shares
    assert sum(each.amount + each.overage for each in use) == used
    included = sum(each.amount for each in shares)
    assert sum(each.overage for each in use) == max(0, used - included), "overage is used last"
    if used:
        log = added(log, commit, *use)
        first = data.draw(st.integers(1, used))
        back = GiveBack(key="x", commit="c", amount=first)
        given = rules.give_back(back, AT, log).shares
        over = sum(each.overage for each in use)
        assert sum(each.overage for each in given) == min(first, over), "and given back first"
        if first < used:
            log = added(log, back, *given)
            rest = rules.give_back(GiveBack(key="y", commit="c"), AT, log).shares
            for share in use:
                parts = [each for each in (*given, *rest) if each.grant == share.grant]
                assert sum(each.amount for each in parts) == share.amount
                assert sum(each.overage for each in parts) == share.overage


def test_a_hold_that_does_not_run_cannot_be_resolved() -> None:
    log = a_hold(GrantShare("g", 1), until=HOUR)
    for command in (Commit(key="k", hold="h"), Void(key="k", hold="h")):
        decide: Any = rules.commit if isinstance(command, Commit) else rules.void
        assert decide(command, AT, log).shares == (GrantShare("g", 1),)
        with pytest.raises(TransitionError, match="hold `h` begins after"):
            decide(command, AT - HOUR, log)
        with pytest.raises(TransitionError, match="hold `h` ended at"):
            decide(command, AT + HOUR, log)
        with pytest.raises(TransitionError, match="was resolved before, by `v`"):
            decide(command, AT, added(log, Void(key="v", hold="h")))


def test_the_end_of_a_hold_is_written_down_once_and_not_before() -> None:
    log = a_hold(GrantShare("g", 1), until=HOUR)
    command = Expire(key="k", hold="h")
    with pytest.raises(TransitionError, match="has not ended"):
        rules.expire(command, AT, log)
    assert rules.expire(command, AT + HOUR, log).shares == (GrantShare("g", 1),)
    with pytest.raises(TransitionError, match="recorded before"):
        rules.expire(command, AT + HOUR, added(log, Expire(key="e", hold="h")))
    with pytest.raises(TransitionError, match="was resolved before"):
        rules.expire(command, AT + HOUR, added(log, Void(key="v", hold="h")))


def test_nothing_is_given_back_before_it_was_used() -> None:
    log = added(a_hold(GrantShare("g", 1)), Commit(key="c", hold="h"), GrantShare("g", 1))
    with pytest.raises(TransitionError, match="commit `c` is later than"):
        rules.give_back(GiveBack(key="k", commit="c"), AT - HOUR, log)


def test_corrections_take_no_more_than_is_left() -> None:
    view = a_view(a_grant("g", 3))
    assert rules.adjust(Adjust(key="k", grant="g", amount=-3), view).shares == (
        GrantShare("g", -3),
    )
    refused = rules.LedgerDecision(refusal=RefusalReason.SPENT)
    assert rules.adjust(Adjust(key="k", grant="g", amount=-4), view) == refused
    move = TransferUnits(key="k", grant="g", to="t")
    assert rules.transfer_out(move, view).shares == (GrantShare("g", 3),)
    empty = a_view(a_grant("g", 0))
    assert rules.transfer_out(move, empty) == refused
    more = TransferUnits(key="k", grant="g", to="t", amount=4)
    assert rules.transfer_out(more, view) == refused


def test_a_grant_that_is_over_is_left_alone() -> None:
    view = a_view(a_grant("g", 3, expires=AT + HOUR), hours=1)
    with pytest.raises(TransitionError, match="grant `g` has ended or was withdrawn"):
        rules.withdraw(Withdraw(key="k", grant="g"), view)
    for decide, command in (
        (rules.adjust, Adjust(key="k", grant="g", amount=1)),
        (rules.transfer_out, TransferUnits(key="k", grant="g", to="t")),
    ):
        act: Any = decide
        with pytest.raises(TransitionError, match="grant `g` is not in force"):
            act(command, view)


def test_a_grant_to_come_can_be_withdrawn() -> None:
    view = a_view(a_grant("g", 3), hours=-1)
    assert rules.withdraw(Withdraw(key="k", grant="g"), view).shares == (GrantShare("g", 0),)
