"""What does a case take from its customer's ledger, and when? Holds, use, and giving back.

Units are held when the case is admitted and taken for good at the plan's moment of consumption. A
cancelled case gives back what it held or took. Every step has a key of its own, made of the
step and the case's id, so that none happens twice and no case takes the key of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import final

import attrs

from entitlements.contracts.ledger.entries import Commit, Entry, Expire, GiveBack, Reserve, Void
from entitlements.contracts.ledger.ledger import Ledger, Posted, PostRefused
from entitlements.contracts.lines.line_history import LineHistory
from entitlements.contracts.lines.plan_grants import ledger_with_plan_grants, pool_id
from entitlements.kernel.errors import TransitionError
from entitlements.kernel.ids import key
from entitlements.kernel.instants import MICROSECOND, text_of


@final
@attrs.frozen(eq=False)
class ConsumptionResult:
    """A ledger after units were taken, and how many could not be, because nothing was left."""

    ledger: Ledger
    unpaid: int = 0


def reserve_units(
    ledger: Ledger, histories: Iterable[LineHistory], wanted: Reserve, at: datetime
) -> Ledger:
    """Return the ledger in which the units are held, of grants or of what the plans give then.

    Raises:
        TransitionError: Entries that count later have used up what was left at `at`.
    """
    match _stocked(ledger, histories, wanted, at).post(wanted, at):
        case Posted(ledger=after):
            return after
        case PostRefused(reason=reason):
            raise TransitionError(
                f"units for `{wanted.key}` cannot be held at `{text_of(at)}`: {reason}",
                hint="they were taken meanwhile; ask as of now",
            )


def _stocked(
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
    """Return the ledger in which the held units are taken for good; nothing happens twice.

    What is used beyond the hold, or after the hold has ended, is reserved and taken at once; what
    is not there any more stays unpaid, because the work is done all the same.

    Args:
        ledger: The customer's ledger.
        case: The case that holds the units.
        at: When they are taken.
        used: How many; None for as many as were held.
        histories: The customer's lines, asked for where more is used than was held.
    """
    held = _held(ledger, case)
    if held is None or _is_settled(ledger, case):
        return ConsumptionResult(ledger)
    amount = held.total if used is None else used
    running = held.until is None or at < held.until
    from_hold = min(amount, held.total) if running else 0
    if running:
        commit = Commit(key=key("commit", case), hold=case, amount=from_hold)
        ledger = ledger.post(commit, at).ledger
    rest = amount - from_hold
    if not rest:
        return ConsumptionResult(ledger)
    return _take_rest(ledger, histories(), case, held, rest, at)


def _take_rest(
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
    more = attrs.evolve(first, key=name, amount=rest, lasts=None)
    match _stocked(ledger, histories, more, at).post(more, at):
        case Posted(ledger=after):
            commit = Commit(key=key("commit-rest", case), hold=name)
            return ConsumptionResult(after.post(commit, at).ledger)
        case PostRefused(ledger=after):
            return ConsumptionResult(after, unpaid=rest)


def return_units(ledger: Ledger, case: str, at: datetime) -> Ledger:
    """Return the ledger in which everything that the case held or took is given back."""
    held = _held(ledger, case)
    if held is None or ledger.find(key("void", case)) is not None:
        return ledger
    for step in ("commit", "commit-rest"):
        entry = ledger.find(key(step, case))
        if entry is not None and entry.refusal is None and entry.total:
            back = GiveBack(key=key(f"back-{step}", case), commit=entry.key)
            ledger = ledger.post(back, at).ledger
    running = held.until is None or at < held.until
    if running and not _is_settled(ledger, case):
        ledger = ledger.post(Void(key=key("void", case), hold=case), at).ledger
    return ledger


def record_expiry(ledger: Ledger, case: str, at: datetime) -> Ledger:
    """Return the ledger in which it is written down that the case's hold has ended, if it has."""
    if not ledger.has_ended(case, at):
        return ledger
    return ledger.post(Expire(key=key("expire", case), hold=case), at).ledger


def hold_end(ledger: Ledger, case: str) -> datetime | None:
    """Return when the case's hold ends though nothing happens; None if it never does."""
    held = _held(ledger, case)
    if held is None or _is_settled(ledger, case):
        return None
    written = ledger.find(key("expire", case)) is not None
    return None if written else held.until


def _held(ledger: Ledger, case: str) -> Entry | None:
    entry = ledger.find(case)
    if entry is None or entry.refusal is not None or not isinstance(entry.command, Reserve):
        return None
    return entry


def _is_settled(ledger: Ledger, case: str) -> bool:
    steps = ("commit", "rest", "void")
    return any(ledger.find(key(step, case)) is not None for step in steps)
