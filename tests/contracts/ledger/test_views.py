"""How a ledger stands at its end and in its past."""

from __future__ import annotations

from functools import partial

from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.effects import Effect, held
from entitlements.contracts.ledger.entries import Entry, Issue, Reserve, Share
from entitlements.contracts.ledger.entry_log import Journal
from entitlements.contracts.ledger.grant_state import NEVER, Tally
from entitlements.contracts.ledger.views import Past, Present
from entitlements.kernel.instants import HOUR, from_micros

GRANT = Grant(id="g", unit="minutes", amount=10, effective=from_micros(0))


def entry(number: int, hours: int, amount: int) -> Entry:
    at = from_micros(hours * HOUR)
    command = Reserve(key=f"k{number}", unit="minutes", amount=amount)
    return Entry(number=number, command=command, at=at, recorded=at, shares=[Share("g", amount)])


ENTRIES = (
    Entry(number=1, command=Issue(grant=GRANT), at=from_micros(0), recorded=from_micros(0)),
    entry(2, 2, 3),
    entry(3, 4, 4),
)


def taking(until: int) -> partial[Effect]:
    return partial(lambda n, until: held("late", until, Share("g", n)), until=until)


def test_the_present_lets_time_pass_without_touching_the_ledger() -> None:
    tallies = {"g": Tally(GRANT)}
    view = Present(tallies, HOUR)
    assert view.tally("g").free == 10
    assert tallies["g"].free == 0
    assert view.most("g", 7, taking(NEVER)) == 7


def test_the_past_tells_what_was_free_then_and_what_later_entries_leave() -> None:
    journal = Journal(ENTRIES)
    view = Past(ENTRIES, journal, {"g": Tally(GRANT)}, 3 * HOUR)
    assert view.tally("g").free == 7
    assert view.most("g", 7, taking(NEVER)) == 3, "the entry at four o'clock took four"
    assert view.most("g", 2, taking(NEVER)) == 2
    assert view.most("g", 7, taking(4 * HOUR)) == 7, "gone again when the later one comes"
    assert view.after("g", taking(NEVER)(1)).free == 2
    assert view.after("g", taking(NEVER)(4)).short


def test_at_one_instant_a_late_entry_comes_last() -> None:
    view = Past(ENTRIES, Journal(ENTRIES), {"g": Tally(GRANT)}, 2 * HOUR)
    assert view.tally("g").free == 7
