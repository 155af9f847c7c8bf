"""What a line bought by the guide: limits and units by quantity, and lead times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import attrs

from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plan_terms.quantity_steps import QuantityStep
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.contract import ContractLine
from entitlements.testing.oracles.by_the_guide.records import MOMENT, NEVER, day_end, day_start


def with_numbers(plan: Plan, quantity: int) -> Plan:
    """Return the plan in which each number is that of the last step up to the quantity."""

    def number(stated_by: Callable[[QuantityStep], int | None]) -> int | None:
        for step in reversed(plan.quantity_steps):
            stated = stated_by(step)
            if step.quantity <= quantity and stated is not None:
                return stated * (quantity // step.per if step.per is not None else 1)
        return None

    def amount(allowance: Allowance) -> int:
        found = number(lambda step: step.amounts.get(allowance.id))
        return allowance.amount if found is None else found

    return attrs.evolve(
        plan,
        contact_limit=number(lambda step: step.contact_limit) or plan.contact_limit,
        concurrency=number(lambda step: step.concurrency) or plan.concurrency,
        allowances=[attrs.evolve(each, amount=amount(each)) for each in plan.allowances],
    )


def lead_time_over(
    catalog: Catalog, plan: Plan, line: ContractLine, day: date, zone: str
) -> datetime:
    """Return when a change of a day counts: elapsed time, or the opening of a business day."""
    lead = plan.lead_time
    if lead is None:
        return day_start(day, zone)
    if lead.time is not None:
        return day_start(day, zone) + lead.time
    name = str(lead.calendar)
    hours = catalog.calendars.get(line.calendars.get(name, name))
    left = lead.business_days or 0
    while hours is not None:
        day += timedelta(days=1)
        at = day_start(day, hours.zone)
        while at < day_end(day, hours.zone):
            if hours.is_open(at) and not hours.is_open(at - MOMENT):
                left -= 1
                if left == 0:
                    return at
                break
            at += timedelta(minutes=30)
    return NEVER
