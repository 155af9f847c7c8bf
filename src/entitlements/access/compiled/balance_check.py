"""Charge of a request given the balance: prepaid while it lasts, then overage, then nothing.

Whether the ledger accepts overage is found by posting the reservation to it and discarding the
result.
"""

from __future__ import annotations

from typing import Final

import attrs

from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.promise import (
    OVERAGE_CONSENT,
    Charge,
    ChargeKind,
    Obligation,
    ObligationKind,
    Promise,
)
from entitlements.contracts.allowances.allowance import OveragePolicy
from entitlements.contracts.ledger.entries import Commit, Entry, GiveBack, Reserve
from entitlements.contracts.ledger.ledger import Ledger, Posted
from entitlements.kernel.errors import LimitExceededError
from entitlements.kernel.ids import key
from entitlements.kernel.instants import from_micros, to_micros
from entitlements.kernel.requests import Request

_INCLUDED: Final = Charge(kind=ChargeKind.INCLUDED)


def promise_with_balance(
    ledger: Ledger, right: CompiledRight, request: Request, at: int
) -> Promise | None:
    """Return what a counted right gives at `at`, or None if it gives nothing.

    A request whose units are already held is charged as they are held, however often it is
    repeated. Where the ledger has used the request's id for anything else, the right gives nothing,
    because what the decision proposes could not be posted.
    """
    entry = ledger.find(request.id)
    if entry is None:
        return price(ledger, right, request, at)
    live = live_hold(ledger, entry, at)
    if live is None or not _covers(live, entry, right):
        return None
    overage = any(share.overage for share in live.shares)
    return _over(right.promise, consent_needed=False) if overage else right.promise


def price(ledger: Ledger, right: CompiledRight, request: Request, at: int) -> Promise | None:
    """Return what a counted right gives to a new request, or None if nothing is left."""
    charge, allowance = right.promise.charge, right.allowance
    if allowance is None or charge.unit is None or charge.pool is None:
        return right.promise
    if ledger.available_at(charge.unit, (charge.pool,), at) >= charge.amount:
        return right.promise
    if allowance.over_use is OveragePolicy.REFUSE:
        return None
    agreed = OVERAGE_CONSENT in request.conditions
    if _is_admitted(ledger, charge, at, consent=agreed):
        return _over(right.promise, consent_needed=False)
    if not agreed and _is_admitted(ledger, charge, at, consent=True):
        return _over(right.promise, consent_needed=True)
    return None


def live_hold(ledger: Ledger, entry: Entry, at: int) -> Entry | None:
    """Return the entry with the units that a hold still has: itself or its commit; None if ended.

    A hold that was voided, or whose use was given back, has ended whenever that was recorded; a
    question about an earlier instant is a question to the ledger as it was known then.
    """
    if not isinstance(entry.command, Reserve) or entry.refusal is not None:
        return None
    for each in ledger.entries_about(entry.key):
        if not isinstance(each.command, Commit):  # voided, or its end was recorded
            return None
        given = (back.command for back in ledger.entries_about(each.key))
        return None if any(isinstance(back, GiveBack) for back in given) else each
    if entry.until is not None and to_micros(entry.until) <= at:
        return None
    return entry


def _covers(live: Entry, hold: Entry, right: CompiledRight) -> bool:
    charge, command = right.promise.charge, hold.command
    return (
        isinstance(command, Reserve)
        and command.unit is charge.unit
        and command.pools == (charge.pool,)
        and live.total >= charge.amount
    )


def _is_admitted(ledger: Ledger, charge: Charge, at: int, *, consent: bool) -> bool:
    assert charge.unit is not None and charge.pool is not None  # noqa: S101, PT018 - `price` has checked
    attempt = Reserve(
        key=key("attempt"),
        unit=charge.unit,
        amount=charge.amount,
        pools=(charge.pool,),
        consent=consent,
    )
    try:
        outcome = ledger.post(attempt, from_micros(at))
    except LimitExceededError:  # more is owed already than can be counted
        return False
    return isinstance(outcome, Posted)


def without_charge(promise: Promise) -> Promise:
    """Return the promise for a follow-up inside the warranty: nothing is taken."""
    return attrs.evolve(promise, charge=_INCLUDED)


def _over(promise: Promise, *, consent_needed: bool) -> Promise:
    charge = attrs.evolve(promise.charge, kind=ChargeKind.OVERAGE, consent_needed=consent_needed)
    asked = Obligation(kind=ObligationKind.CONSENT, values=(str(charge.allowance),))
    obligations = (*promise.obligations, *([asked] if consent_needed else []))
    return attrs.evolve(promise, charge=charge, obligations=obligations)
