"""How does a ledger stand where a command counts: at its end, or in its past?

At the end there is nothing to disturb. In the past there is: a late command may only do what
every later entry leaves room for, so that no answer once given becomes untrue.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, final

from entitlements.contracts.allowances.grants import plan_pool
from entitlements.contracts.ledger.effects import Effect, entry_effects, in_effective_order
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.ledger.entry_log import EntryLog
from entitlements.contracts.ledger.grant_state import GrantState
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import to_micros


class LedgerView(Protocol):
    """Grants at one instant, and how much of them can still be used."""

    def tally(self, grant: str) -> GrantState:
        """Return the grant's totals, not to be changed."""
        ...

    def max_amount(self, grant: str, wanted: int, effect: Callable[[int], Effect]) -> int:
        """Return the most of `wanted` that `effect` can take without leaving a later one short."""
        ...


@final
class CurrentView:
    """The end of a ledger."""

    def __init__(self, tallies: Mapping[str, GrantState], at: int) -> None:
        self._tallies = tallies
        self._at = at

    def tally(self, grant: str) -> GrantState:
        """Return the grant's totals, not to be changed."""
        tally = self._tallies[grant]
        if tally.next > self._at:  # time has changed nothing since
            return tally
        tally = tally.copy()
        tally.advance(self._at)
        return tally

    def max_amount(self, grant: str, wanted: int, effect: Callable[[int], Effect]) -> int:  # noqa: ARG002 - nothing comes later
        """Return `wanted`: there is no later entry."""
        return wanted


@final
class HistoricView:
    """An instant before the last entry."""

    def __init__(
        self,
        entries: Iterable[Entry],
        journal: EntryLog,
        tallies: Mapping[str, GrantState],
        at: int,
    ) -> None:
        self._steps: dict[str, list[tuple[int, Effect]]] = {each: [] for each in tallies}
        for entry in in_effective_order(entries):
            for grant, effect in entry_effects(entry, journal).items():
                if grant in self._steps:  # others are of plans, and nobody has derived them
                    self._steps[grant].append((to_micros(entry.at), effect))
        self._tallies = tallies
        self._at = at

    def tally(self, grant: str) -> GrantState:
        """Return the grant's totals, not to be changed."""
        return _run(GrantState(self._tallies[grant].grant), self._before(grant), self._at)

    def max_amount(self, grant: str, wanted: int, effect: Callable[[int], Effect]) -> int:
        """Return the most of `wanted` that leaves every later entry what it took."""
        if self._tallies[grant].overdrawn:  # its plan was corrected: more is taken than it gives
            return 0
        low, high = 0, wanted
        while low < high:
            middle = (low + high + 1) // 2
            if self.after(grant, effect(middle)).overdrawn:
                high = middle - 1
            else:
                low = middle
        return low

    def after(self, grant: str, effect: Effect) -> GrantState:
        """Return the grant's totals after its last entry, with one more effect in its place."""
        before, steps = self._before(grant), self._steps[grant]
        every = [*before, (self._at, effect), *steps[len(before) :]]
        return _run(GrantState(self._tallies[grant].grant), every, every[-1][0])

    def _before(self, grant: str) -> list[tuple[int, Effect]]:
        steps = self._steps[grant]
        return steps[: bisect_right(steps, self._at, key=lambda step: step[0])]


def after_entry(
    entry: Entry, journal: EntryLog, tallies: Mapping[str, GrantState], tail: int
) -> dict[str, GrantState] | None:
    """Return the tallies that an entry moves, or None if it leaves a later entry short.

    Raises:
        UnknownIdError: The entry is about a grant that is not there, and is no plan's.
    """
    at, moved = to_micros(entry.at), dict[str, GrantState]()
    steps = entry_effects(entry, journal)
    past = HistoricView(journal, journal, tallies, at) if steps and at < tail else None
    for grant, effect in steps.items():
        before = tallies.get(grant)
        if before is None:
            if plan_pool(grant) is None:
                raise UnknownIdError("grant", grant, known=tallies)
            continue  # it was given by a plan, and nobody has asked what plans give
        if past is None:
            after = before.copy()
            after.advance(at)
            effect(after)
        else:
            after = past.after(grant, effect)
        if after.overdrawn and not before.overdrawn:
            return None
        moved[grant] = after
    return moved


def _run(tally: GrantState, steps: Iterable[tuple[int, Effect]], until: int) -> GrantState:
    for at, effect in steps:
        tally.advance(at)
        effect(tally)
    tally.advance(until)
    return tally
