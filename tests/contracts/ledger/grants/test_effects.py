"""What entries do to grants, in the order in which they count."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from hypothesis import given

from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.ledger.balance import balance_of
from entitlements.contracts.ledger.entries import (
    Commit,
    Entry,
    GiveBack,
    GrantShare,
    RefusalReason,
    Reserve,
)
from entitlements.contracts.ledger.entry_log import EntryLog
from entitlements.contracts.ledger.grants.effects import (
    entry_effects,
    grant_states_at,
    held_since,
    in_effective_order,
)
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import to_micros, utc
from entitlements.testing.strategies.ledger import ledgers

AT = utc("2026-01-01T00:00Z")


def an_entry(number: int, hours: int = 0) -> Entry:
    command = Reserve(key=f"k{number}", unit=Unit.MINUTES, amount=1)
    at = AT + timedelta(hours=hours)
    return Entry(number=number, command=command, at=at, recorded=at, shares=[GrantShare("g", 1)])


def test_entries_count_by_instant_and_then_by_number() -> None:
    late, first, second = an_entry(3, -1), an_entry(1), an_entry(2)
    assert in_effective_order([second, late, first]) == [late, first, second]


def test_a_refused_entry_has_no_effect() -> None:
    assert entry_effects(attrs.evolve(an_entry(1), refusal=RefusalReason.SPENT), EntryLog()) == {}
    assert list(entry_effects(an_entry(1), EntryLog())) == ["g"]


def test_an_entry_that_refers_to_nothing_is_refused() -> None:
    log = EntryLog().add(an_entry(1))
    entry = attrs.evolve(an_entry(2), command=Commit(key="c", hold="unknown"))
    with pytest.raises(UnknownIdError, match="no hold has the id `unknown`"):
        entry_effects(entry, log)
    entry = attrs.evolve(an_entry(2), command=GiveBack(key="c", commit="k1"))
    with pytest.raises(UnknownIdError, match="no commit has the id `k1`"):
        entry_effects(entry, log)
    with pytest.raises(UnknownIdError, match="no grant has the id `g`"):
        grant_states_at(log, log, to_micros(AT))


def test_a_use_was_taken_when_it_was_held() -> None:
    commit = attrs.evolve(an_entry(2, 5), command=Commit(key="c", hold="k1"))
    assert held_since(EntryLog().add(an_entry(1)).add(commit), "c") == to_micros(AT)


@given(ledgers())
def test_folding_all_entries_gives_what_the_ledger_kept(ledger: Ledger) -> None:
    if ledger.latest_instant is not None:
        states = grant_states_at(
            ledger.entries, EntryLog.of(ledger.entries), to_micros(ledger.latest_instant)
        )
        assert balance_of(states.values()) == ledger.balance(Unit.MINUTES, ledger.latest_instant)
