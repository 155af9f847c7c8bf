"""What a request would cost, given the balance: prepaid while it lasts, then overage, or nothing.

Whether overage is admitted is asked of the ledger itself, by trying the reservation; what comes of
it is thrown away.
"""

from __future__ import annotations

from typing import Final

import attrs

from entitlements.access.cells import RightCell
from entitlements.access.decision import Charge, ChargeKind
from entitlements.contracts.allowances import OverUse
from entitlements.contracts.entries import Entry, Reserve
from entitlements.contracts.ledger import Ledger, Posted, Refused
from entitlements.kernel.instants import from_micros
from entitlements.kernel.requests import Request

CONSENT: Final = "overage-consent"
"""The condition by which a request declares that the customer agrees to overage."""


def charge_at(ledger: Ledger, cell: RightCell, request: Request, at: int) -> Charge | None:
    """Return the charge of a request under a right at `at`, or None if nothing is left for it.

    A request whose units are already held is charged as they are held, however often it is asked.
    """
    charge = cell.charge
    if cell.allowance is None or charge.unit is None or charge.pool is None:
        return charge
    held = ledger.find(request.id)
    if held is not None and held.refusal is None:
        return _overage(charge, request) if _is_overage(held) else charge
    pools = (charge.pool,)
    if ledger.meter(charge.unit, pools).available(at) >= charge.amount:
        return charge
    if cell.allowance.over_use is OverUse.REFUSE:
        return None
    attempt = Reserve(
        key=request.id, unit=charge.unit, amount=charge.amount, pools=pools, consent=True
    )
    if held is not None:
        attempt = attrs.evolve(attempt, key=f"{request.id[:190]} again")
    match ledger.post(attempt, from_micros(at)):
        case Posted():
            return _overage(charge, request)
        case Refused():
            return None


def _is_overage(entry: Entry) -> bool:
    return any(share.overage for share in entry.shares)


def _overage(charge: Charge, request: Request) -> Charge:
    needed = CONSENT not in request.conditions
    return attrs.evolve(charge, kind=ChargeKind.OVERAGE, consent_needed=needed)
