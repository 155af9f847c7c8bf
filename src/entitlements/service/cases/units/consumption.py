"""Units of a case in the customer's ledger: reserved, consumed and returned.

Units are reserved when the case is admitted and consumed at the plan's moment of consumption. A
cancelled case returns what it reserved or consumed. Each step has its own key, made of the step and
the case's id, so that no step happens twice and no case uses the key of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

import attrs

from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.ledger.entries import Commit, Entry, Expire, GiveBack, Reserve, Void
from entitlements.contracts.ledger.ledger import Ledger, Posted, PostRefused
from entitlements.contracts.lines.line_history import LineHistory
from entitlements.contracts.lines.plan_grants import ledger_with_plan_grants, pool_id
from entitlements.kernel.errors import TransitionError
from entitlements.kernel.ids import key
from entitlements.kernel.instants import MICROSECOND, text_of


class ConsumptionResult(NamedTuple):
    """A ledger after units were consumed, and how many could not be, because none were left."""

    ledger: Ledger
    unpaid: int = 0


def reserve_units(ledger: Ledger, wanted: Reserve, at: datetime) -> Ledger:
    """Return the ledger with units reserved at `at`.

    Args:
        ledger: The customer's ledger, with the plan grants from which it may take.
        wanted: The units.
        at: The instant.

    Raises:
        TransitionError: Entries that are dated later have used up what was left at `at`.
    """
    match ledger.post(wanted, at):
        case Posted(ledger=after):
            return after
        case PostRefused(reason=reason):
            raise TransitionError(
                f"units for `{wanted.key}` cannot be reserved at `{text_of(at)}`: {reason}",
                hint="they were consumed in the meantime; ask with the present instant",
            )


def _with_plan_grants(
    ledger: Ledger, histories: Iterable[LineHistory], wanted: Reserve, at: datetime
) -> Ledger:
    """Return the ledger with the plan grants from which `wanted` may take at `at`."""
    lines = (each for each in histories if not wanted.pools or _pools(each) & {*wanted.pools})
    return ledger_with_plan_grants(ledger, lines, at + MICROSECOND, since=at)


def _pools(history: LineHistory) -> set[str]:
    allowances = {each.id for plan in history.plans for each in plan.allowances}
    return {pool_id(history.contract.id, history.line, each) for each in allowances}


def consume_units(
    ledger: Ledger,
    case: str,
    at: datetime,
    used: int | None = None,
    histories: Callable[[], Iterable[LineHistory]] = tuple,
) -> ConsumptionResult:
    """Return the ledger with the units of a case consumed; a second call changes nothing.

    Use beyond the hold, or after the hold has ended, is reserved and consumed at once; what is no
    longer left stays unpaid, because the work has been done.

    Args:
        ledger: The customer's ledger.
        case: Id of the case that reserved the units.
        at: Instant of the consumption.
        used: How many units; None for as many as were reserved.
        histories: Returns the customer's lines; called only if more is used than was reserved.
    """
    held = _held(ledger, case)
    if held is None or _is_settled(ledger, case):
        return ConsumptionResult(ledger)
    begun = held.at if _counts_minutes(held) else at
    amount = held.total if used is None else used
    running = held.until is None or at < held.until
    from_hold = min(amount, held.total) if running else 0
    if running:
        commit = Commit(key=key("commit", case), hold=case, amount=from_hold)
        ledger = ledger.post(commit, begun, recorded=known_from(ledger, at)).ledger
    rest = amount - from_hold
    if not rest:
        return ConsumptionResult(ledger)
    return _consume_rest(ledger, histories(), case, held, rest, at)


def _consume_rest(
    ledger: Ledger,
    histories: Iterable[LineHistory],
    case: str,
    held: Entry,
    rest: int,
    at: datetime,
) -> ConsumptionResult:
    first = held.command
    assert isinstance(first, Reserve)  # noqa: S101 - `_held` returns nothing else
    name = key("rest", case)
    more = attrs.evolve(first, key=name, amount=rest, duration=None)
    match _with_plan_grants(ledger, histories, more, at).post(more, at):
        case Posted(ledger=after):
            commit = Commit(key=key("commit-rest", case), hold=name)
            return ConsumptionResult(after.post(commit, at).ledger)
        case PostRefused(ledger=after):
            return ConsumptionResult(after, unpaid=rest)


def return_units(ledger: Ledger, case: str, at: datetime) -> Ledger:
    """Return the ledger with everything returned that the case reserved or consumed."""
    held = _held(ledger, case)
    if held is None:
        return ledger
    for step in ("commit", "commit-rest"):
        entry = ledger.find(key(step, case))
        if entry is not None and entry.refusal is None and _is_used(ledger, entry):
            back = GiveBack(key=key(f"back-{step}", case), commit=entry.key)
            since = entry.at if _counts_minutes(held) else at
            ledger = ledger.post(back, since, recorded=known_from(ledger, at)).ledger
    running = held.until is None or at < held.until
    if running and not _is_settled(ledger, case):
        since = held.at if _counts_minutes(held) else at
        void = Void(key=key("void", case), hold=case)
        ledger = ledger.post(void, since, recorded=known_from(ledger, at)).ledger
    return ledger


def record_expiry(ledger: Ledger, case: str, at: datetime) -> Ledger:
    """Return the ledger with an entry for the end of the case's hold, if it has ended."""
    if not ledger.has_ended(case, at):
        return ledger
    return ledger.post(Expire(key=key("expire", case), hold=case), at).ledger


def hold_end(ledger: Ledger, case: str) -> datetime | None:
    """Return when the case's hold ends by itself; None if it does not."""
    held = _held(ledger, case)
    if held is None or _is_settled(ledger, case):
        return None
    recorded = ledger.find(key("expire", case)) is not None
    return None if recorded else held.until


def _counts_minutes(hold: Entry) -> bool:
    """Return whether a hold is of minutes.

    Minutes are used or returned as of the instant at which they were held: work that is logged
    later, and begun since, finds none on hold.
    """
    return isinstance(hold.command, Reserve) and hold.command.unit is Unit.MINUTES


def _held(ledger: Ledger, case: str) -> Entry | None:
    entry = ledger.find(case)
    if entry is None or entry.refusal is not None or not isinstance(entry.command, Reserve):
        return None
    return entry


def _is_used(ledger: Ledger, commit: Entry) -> bool:
    """Return whether something of a commit was not given back."""
    return sum(each.total for each in ledger.entries_about(commit.key)) < commit.total


def known_from(ledger: Ledger, at: datetime) -> datetime:
    """Return when an entry becomes known: now, or when the last one was recorded, if later."""
    last = ledger.entries_after(len(ledger) - 1) if len(ledger) else ()
    return max([at, *(each.recorded for each in last)])


def _is_settled(ledger: Ledger, case: str) -> bool:
    steps = ("commit", "rest", "void")
    return any(ledger.find(key(step, case)) is not None for step in steps)
