"""Charges as a plan states them."""

from __future__ import annotations

import attrs
from tests.access.small import CASES, PLAN

from entitlements.access.compiled.charges import charge_of, charge_without_allowance
from entitlements.access.promise import ChargeKind
from entitlements.contracts.lines.plan_grants import pool_id


def test_charges_follow_from_the_plan() -> None:
    assert charge_of(PLAN, None, "C", "1").kind is ChargeKind.INCLUDED
    by_hand = attrs.evolve(PLAN, charge="time_and_materials")
    assert charge_without_allowance(by_hand).kind is ChargeKind.TIME_AND_MATERIALS
    charge = charge_of(by_hand, CASES, "C", "1")
    assert (charge.kind, charge.pool, charge.amount) == (
        ChargeKind.PREPAID,
        pool_id("C", "1", "cases"),
        1,
    )
