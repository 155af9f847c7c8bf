"""Request, account, catalog and instant of one question, and its allowance."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from entitlements.access import ChargeKind
from entitlements.contracts.account import Account
from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plans import AccessRight, ChargeBasis, Plan
from entitlements.kernel.requests import Request


class Asked(NamedTuple):
    """One question: a request, the account, the catalog and the instant."""

    request: Request
    catalog: Catalog
    account: Account
    at: datetime


def allowance_of(asked: Asked, plan: Plan, right: AccessRight | None) -> Allowance | None:
    """Return the allowance that a request under a right counts against, if it counts."""
    if right is None or right.allowance is None:
        return None
    found = next(each for each in plan.allowances if each.id == right.allowance)
    if found.severities and asked.request.severity not in found.severities:
        return None
    return None if found.groups and right.group not in found.groups else found


def uncounted(plan: Plan) -> ChargeKind:
    """Return the charge of a request that counts against no allowance."""
    if plan.charge is ChargeBasis.INCLUDED:
        return ChargeKind.INCLUDED
    return ChargeKind.TIME_AND_MATERIALS
