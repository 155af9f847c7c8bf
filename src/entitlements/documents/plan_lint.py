"""Lint of plans: rights that are never used, and promises that the hours make impossible."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Final

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.contracts.analysis import PlanFindingKind, analyse_plan
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plans import Plan
from entitlements.kernel.durations import format_duration
from entitlements.kernel.errors import LimitExceededError, NotCoveredError
from entitlements.sla.milestones import Milestone
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.targets import Commitment, Target

_RANGE: Final = timedelta(days=731)
_REPORTED: Final = {
    PlanFindingKind.UNREACHABLE_RIGHT,
    PlanFindingKind.UNUSED_ALLOWANCE,
    PlanFindingKind.FALLING_STEP,
}


def unused_parts(plan: Plan, catalog: Catalog) -> Iterator[str]:
    """Yield a sentence for each right and allowance that no request can use, and falling steps."""
    try:
        findings = analyse_plan(plan, catalog)
    except LimitExceededError:
        return  # too many kinds of requests to ask them all
    yield from (each.message for each in findings if each.kind in _REPORTED)


def impossible_promises(
    plan: Plan, policy: SlaPolicy, catalog: Catalog, at: datetime
) -> Iterator[str]:
    """Yield a sentence for each first response that falls due while no group is reached.

    A target of 30 minutes around the clock cannot be met at night by a group with business hours.
    Plans with a general group are left out, since that takes over where the others are closed, and
    so are hours that a contract line binds.

    Args:
        plan: The plan.
        policy: Its SLA policy.
        catalog: The calendars of its rights.
        at: Two years from this instant are looked at.
    """
    if plan.general_group is not None:
        return
    for severity in plan.severities:
        if severity in plan.may_not_open:
            continue
        for channel in sorted(plan.channels):
            target = _first_target(policy, severity, channel)
            if target is not None:
                yield from _impossible(plan, policy, catalog, at, (severity, channel, target))


def _first_target(policy: SlaPolicy, severity: str, channel: str) -> Target | None:
    for target in policy.targets:
        if target.milestone == Milestone.FIRST_RESPONSE and target.fits(severity, channel, ()):
            return target
    return None


def _impossible(
    plan: Plan,
    policy: SlaPolicy,
    catalog: Catalog,
    at: datetime,
    case: tuple[str, str, Target],
) -> Iterator[str]:
    severity, channel, target = case
    within, name = target.within, target.calendar
    if not isinstance(within, timedelta) or target.commitment is not Commitment.GUARANTEE:
        return
    if name in plan.line_calendars:
        return
    reached = _reached(plan, catalog, severity, channel)
    counted = Calendar.always() if name is None else policy.calendars[name]
    if reached is None or reached == counted:
        return
    try:
        for span in (counted - reached).periods(at, at + _RANGE):
            if span.length >= within:
                length, start = format_duration(span.length), f"{span.start:%Y-%m-%d %H:%M} UTC"
                yield (
                    f"first response of `{severity}` by `{channel}` is promised within "
                    f"{format_duration(within)} ({name or 'around the clock'}), but no group is "
                    f"reached for {length} from {start}"
                )
                return
    except NotCoveredError:
        return  # the holidays are not known for the whole range, which is reported elsewhere


def _reached(plan: Plan, catalog: Catalog, severity: str, channel: str) -> BusinessHours | None:
    """Return when any group is reached; None if that is always, never, or not known."""
    found: list[BusinessHours] = []
    for right in plan.rights:
        if (
            right.conditions
            or right.roles
            or right.only_when_named
            or right.kinds
            or right.languages
            or (right.severities and severity not in right.severities)
            or (right.channels and channel not in right.channels)
        ):
            continue
        hours = None if right.hours is None else catalog.calendars.get(right.hours)
        if hours is None or right.hours in plan.line_calendars:
            return None
        found.append(hours)
    return reduce(or_, found) if found else None
