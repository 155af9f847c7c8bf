"""Current and historic view of a ledger."""

from __future__ import annotations

from functools import partial

from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import Entry, GrantShare, Issue, Reserve
from entitlements.contracts.ledger.entry_log import EntryLog
from entitlements.contracts.ledger.grants.effects import Effect, hold_effect
from entitlements.contracts.ledger.grants.grant_state import GrantState
from entitlements.contracts.ledger.grants.views import CurrentView, HistoricView
from entitlements.kernel.instants import END_OF_TIME, HOUR, from_micros

GRANT = Grant(id="g", unit="minutes", amount=10, effective=from_micros(0))


def entry(number: int, hours: int, amount: int) -> Entry:
    at = from_micros(hours * HOUR)
    command = Reserve(key=f"k{number}", unit="minutes", amount=amount)
    return Entry(
        number=number, command=command, at=at, recorded=at, shares=[GrantShare("g", amount)]
    )


ENTRIES = (
    Entry(number=1, command=Issue(grant=GRANT), at=from_micros(0), recorded=from_micros(0)),
    entry(2, 2, 3),
    entry(3, 4, 4),
)


def taking(until: int) -> partial[Effect]:
    return partial(lambda n, until: hold_effect("late", until, GrantShare("g", n)), until=until)


def test_a_current_view_advances_time_without_changing_the_ledger() -> None:
    states = {"g": GrantState.of(GRANT)}
    view = CurrentView(states, HOUR)
    assert view.state("g").unheld == 10
    assert states["g"].unheld == 0
    assert view.max_amount("g", 7, taking(END_OF_TIME)) == 7


def test_a_historic_view_has_what_was_free_then_and_what_later_entries_leave() -> None:
    log = EntryLog.of(ENTRIES)
    view = HistoricView(ENTRIES, log, {"g": GrantState.of(GRANT)}, 3 * HOUR)
    assert view.state("g").unheld == 7
    assert view.max_amount("g", 7, taking(END_OF_TIME)) == 3, "the entry at four o'clock took four"
    assert view.max_amount("g", 2, taking(END_OF_TIME)) == 2
    assert view.max_amount("g", 7, taking(4 * HOUR)) == 7, "gone again when the later one comes"
    assert view.after("g", taking(END_OF_TIME)(1)).unheld == 2
    assert view.after("g", taking(END_OF_TIME)(4)).overdrawn


def test_at_one_instant_a_late_entry_comes_last() -> None:
    view = HistoricView(ENTRIES, EntryLog.of(ENTRIES), {"g": GrantState.of(GRANT)}, 2 * HOUR)
    assert view.state("g").unheld == 7


def test_where_later_entries_leave_nothing_the_most_is_nothing() -> None:
    full = (*ENTRIES, entry(4, 5, 3))  # ten units are taken by five o'clock
    view = HistoricView(full, EntryLog.of(full), {"g": GrantState.of(GRANT)}, 3 * HOUR)
    assert view.max_amount("g", 7, taking(END_OF_TIME)) == 0
