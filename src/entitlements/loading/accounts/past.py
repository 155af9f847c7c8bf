"""Past of contract lines: what an account says of the time before an instant."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Final, TypeAlias

from entitlements.access.compiled.missing_terms import missing_plan
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.lines.line_history import LineHistory, LineStatus
from entitlements.contracts.lines.line_status import line_histories
from entitlements.kernel.instants import to_micros

_IN_FORCE: Final = frozenset({LineStatus.ACTIVE, LineStatus.GRACE, LineStatus.SUSPENDED})
LinePast: TypeAlias = dict[tuple[str, str], list[tuple[int, Hashable]]]
"""Of each line, by contract and id, the starts of its states before an instant."""


def past_of(account: Account, catalog: Catalog, at: datetime) -> LinePast:
    """Return what an account says of the time before an instant: status, plan, line and blocks.

    Only time in which a line was in force counts, because no right holds at any other.
    """
    end, found = to_micros(at), LinePast()
    for history in line_histories(account, catalog, missing_plan):
        if states := _states(history, end):
            found[history.contract.id, history.line] = states
    return found


def is_in_force_from(account: Account, contract: str, catalog: Catalog, at: datetime) -> bool:
    """Return whether a line of a contract is in force at an instant or later."""
    since = to_micros(at)
    return any(
        history.statuses.at(since) in _IN_FORCE
        or history.statuses.next_in(since, _IN_FORCE) is not None
        for history in line_histories(account, catalog, missing_plan)
        if history.contract.id == contract
    )


def _states(history: LineHistory, end: int) -> list[tuple[int, Hashable]]:
    found: list[tuple[int, Hashable]] = []
    last: Hashable = None
    for start, state in zip(history.states.starts, history.states.values, strict=True):
        if start >= end:
            break
        now: Hashable = None
        if state.status in _IN_FORCE:
            now = (state.status, state.line, state.plan, state.blocked, state.pauses_clocks)
        if now != last:
            found.append((start, now))
        last = now
    return found
