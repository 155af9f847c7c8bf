"""Follow-ups: the earlier case that a request continues, and the first case of its chain.

Only a resolution opens a warranty, and it counts from the first case: a follow-up of a follow-up
belongs to the case that the first of them followed, so a chain is free as long as that case's own
warranty and no longer.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from entitlements.access.promise import Entitlement
from entitlements.contracts.account import OpenCase
from entitlements.kernel.requests import Request


class CasesById(Protocol):
    """Cases, found by id."""

    def get(self, id: str, /) -> OpenCase | None:
        """Return the case with an id, or None."""
        ...


def followed(cases: CasesById, request: Request, promise: Entitlement) -> OpenCase | None:
    """Return the case that a request follows, if it is of the same line and the same product.

    A case of an unknown product, and the request's own case, are not.
    """
    if request.follows is None or request.follows == request.id:
        return None
    earlier = cases.get(request.follows)
    if earlier is None or earlier.product != request.product:
        return None
    same = (earlier.contract, earlier.line) == (promise.contract, promise.line)
    return earlier if same else None


def first_case(cases: CasesById, case: OpenCase, warranty: timedelta) -> OpenCase | None:
    """Return the case that a case belongs to: itself, or the first of the chain it follows.

    A case that follows one of another line or product, or was opened when the warranty of the
    chain was over, was paid for and is a first case itself. None where a case of the chain is not
    known, or where the chain leads back into itself.
    """
    chain, seen = [case], {case.id}
    while (id := chain[-1].follows) is not None:
        earlier = cases.get(id)
        if earlier is None or id in seen:
            return None
        if _place(earlier) != _place(case):
            break
        chain.append(earlier)
        seen.add(id)
    first = chain.pop()
    for later in reversed(chain):
        if first.resolved is not None and later.opened - first.resolved >= warranty:
            first = later
    return first


def _place(case: OpenCase) -> tuple[str, str, str | None]:
    return case.contract, case.line, case.product
