"""Ledger views: the grants of a ledger where a command takes effect, at its end or in its past.

At the end nothing can conflict. In the past a late command may only take what every later entry
leaves, so that earlier answers stay true.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, final

from entitlements.contracts.allowances.grants import plan_pool
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.ledger.entry_log import EntryLog
from entitlements.contracts.ledger.grants.effects import Effect, entry_effects, in_effective_order
from entitlements.contracts.ledger.grants.grant_state import GrantState
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import to_micros


class LedgerView(Protocol):
    """The grants of a ledger at one instant, and how much can be taken from them."""

    def state(self, grant: str) -> GrantState:
        """Return the state of a grant; the caller must not change it."""
        ...

    def max_amount(self, grant: str, wanted: int, effect: Callable[[int], Effect]) -> int:
        """Return the most units, up to `wanted`, that later entries leave for `effect`."""
        ...


@final
class CurrentView:
    """The grants after the last entry."""

    def __init__(self, states: Mapping[str, GrantState], at: int) -> None:
        self._states = states
        self._at = at

    def state(self, grant: str) -> GrantState:
        """Return the state of a grant; the caller must not change it."""
        state = self._states[grant]
        if state.next > self._at:  # time has changed nothing since
            return state
        state = state.copy()
        state.advance(self._at)
        return state

    def max_amount(self, grant: str, wanted: int, effect: Callable[[int], Effect]) -> int:  # noqa: ARG002 - there is no later entry
        """Return `wanted`: there is no later entry."""
        return wanted


@final
class HistoricView:
    """The grants at an instant before the last entry."""

    def __init__(
        self,
        entries: Iterable[Entry],
        log: EntryLog,
        states: Mapping[str, GrantState],
        at: int,
    ) -> None:
        self._steps: dict[str, list[tuple[int, Effect]]] = {each: [] for each in states}
        for entry in in_effective_order(entries):
            for grant, effect in entry_effects(entry, log).items():
                if grant in self._steps:  # others are of plans, and were not derived
                    self._steps[grant].append((to_micros(entry.at), effect))
        self._states = states
        self._at = at

    def state(self, grant: str) -> GrantState:
        """Return the state of a grant; the caller must not change it."""
        return _apply_all(GrantState.of(self._states[grant].grant), self._before(grant), self._at)

    def max_amount(self, grant: str, wanted: int, effect: Callable[[int], Effect]) -> int:
        """Return the most units, up to `wanted`, that leave every later entry what it took."""
        if self._states[grant].overdrawn:  # its plan was corrected and gives less than was taken
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
        """Return the state of a grant after its last entry, with one more effect at this time."""
        before, steps = self._before(grant), self._steps[grant]
        every = [*before, (self._at, effect), *steps[len(before) :]]
        return _apply_all(GrantState.of(self._states[grant].grant), every, every[-1][0])

    def _before(self, grant: str) -> list[tuple[int, Effect]]:
        steps = self._steps[grant]
        return steps[: bisect_right(steps, self._at, key=lambda step: step[0])]


def after_entry(
    entry: Entry, log: EntryLog, states: Mapping[str, GrantState], latest: int
) -> dict[str, GrantState] | None:
    """Return the grant states that an entry changes, or None if it takes from a later entry.

    Raises:
        UnknownIdError: The entry names a grant that is not there and is not a plan's.
    """
    at, changed = to_micros(entry.at), dict[str, GrantState]()
    steps = entry_effects(entry, log)
    historic = HistoricView(log, log, states, at) if steps and at < latest else None
    for grant, effect in steps.items():
        before = states.get(grant)
        if before is None:
            if plan_pool(grant) is None:
                raise UnknownIdError("grant", grant, known=states)
            continue  # it is a plan's, and the grants of plans were not derived
        if historic is None:
            after = before.copy()
            after.advance(at)
            effect(after)
        else:
            after = historic.after(grant, effect)
        if after.overdrawn and not before.overdrawn:
            return None
        changed[grant] = after
    return changed


def _apply_all(state: GrantState, steps: Iterable[tuple[int, Effect]], until: int) -> GrantState:
    for at, effect in steps:
        state.advance(at)
        effect(state)
    state.advance(until)
    return state
