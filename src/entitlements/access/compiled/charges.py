"""Charges as a plan states them, before the balance is looked at."""

from __future__ import annotations

from entitlements.access.promise import Charge, ChargeKind
from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.contracts.plans import ChargeBasis, Plan


def charge_of(plan: Plan, allowance: Allowance | None, contract: str, line: str) -> Charge:
    """Return how a plan charges a request, before the balance is looked at."""
    if allowance is None:
        return charge_without_allowance(plan)
    return Charge(
        kind=ChargeKind.PREPAID,
        allowance=allowance.id,
        pool=pool_id(contract, line, allowance.id),
        unit=allowance.unit,
        amount=allowance.cost,
        consumption=allowance.consumption,
    )


def charge_without_allowance(plan: Plan) -> Charge:
    """Return how a plan charges what draws on no allowance."""
    if plan.charge is ChargeBasis.TIME_AND_MATERIALS:
        return Charge(kind=ChargeKind.TIME_AND_MATERIALS)
    return Charge(kind=ChargeKind.INCLUDED)
