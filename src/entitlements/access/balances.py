"""What a request costs, given the balance: prepaid while it lasts, then overage, or nothing.

Whether overage is admitted is asked of the ledger itself, by trying the reservation; what comes of
it is thrown away.
"""

from __future__ import annotations

from typing import Final

import attrs

from entitlements.access.cells import CONSENT, RightCell
from entitlements.access.decision import Charge, ChargeKind, Obligation, ObligationKind, Promise
from entitlements.contracts.account import OpenCase
from entitlements.contracts.allowances import OverUse
from entitlements.contracts.entries import Command, Reserve
from entitlements.contracts.ledger import Ledger, Posted
from entitlements.kernel.errors import LimitExceededError
from entitlements.kernel.ids import key
from entitlements.kernel.instants import from_micros
from entitlements.kernel.requests import Request

_INCLUDED: Final = Charge(kind=ChargeKind.INCLUDED)


def promise_at(ledger: Ledger, cell: RightCell, request: Request, at: int) -> Promise | None:
    """Return what a counted right gives at `at`, or None if nothing is left for it.

    A request whose units are already held is charged as they are held, however often it is asked.
    """
    charge, allowance = cell.promise.charge, cell.allowance
    if allowance is None or charge.unit is None or charge.pool is None:
        return cell.promise
    held = ledger.find(request.id)
    if held is not None and held.refusal is None and _is_hold(held.command, charge.pool):
        overage = any(share.overage for share in held.shares)
        return _over(cell.promise, request) if overage else cell.promise
    if ledger.meter(charge.unit, (charge.pool,)).available(at) >= charge.amount:
        return cell.promise
    if allowance.over_use is OverUse.REFUSE:
        return None
    attempt = Reserve(
        key=key("attempt"),
        unit=charge.unit,
        amount=charge.amount,
        pools=(charge.pool,),
        consent=True,
    )
    return _over(cell.promise, request) if _is_admitted(ledger, attempt, at) else None


def _is_admitted(ledger: Ledger, attempt: Reserve, at: int) -> bool:
    try:
        outcome = ledger.post(attempt, from_micros(at))
    except LimitExceededError:  # more is owed already than can be counted
        return False
    return isinstance(outcome, Posted)


def _is_hold(command: Command, pool: str) -> bool:
    return isinstance(command, Reserve) and command.pools == (pool,)


def in_warranty(earlier: OpenCase | None, cell: RightCell, at: int) -> bool:
    """Return whether a request at `at` continues a case of the same line resolved just before."""
    if earlier is None or earlier.closed is None or cell.allowance is None:
        return False
    promise = cell.promise.entitlement
    same = (earlier.contract, earlier.line) == (promise.contract, promise.line)
    return same and cell.allowance.is_follow_up(earlier.closed, from_micros(at))


def free_of_charge(promise: Promise) -> Promise:
    """Return the promise for a follow-up inside the warranty: nothing is taken."""
    return attrs.evolve(promise, charge=_INCLUDED)


def _over(promise: Promise, request: Request) -> Promise:
    needed = CONSENT not in request.conditions
    charge = attrs.evolve(promise.charge, kind=ChargeKind.OVERAGE, consent_needed=needed)
    asked = Obligation(kind=ObligationKind.CONSENT, values=(str(charge.allowance),))
    obligations = (*promise.obligations, *([asked] if needed else []))
    return attrs.evolve(promise, charge=charge, obligations=obligations)
