"""Lint of plans: rights that are never used, and promises that the hours make impossible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Final, TypeGuard

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.calendars.cut_offs import cut_off_seconds
from entitlements.calendars.week import format_time
from entitlements.contracts.analysis import PlanFindingKind, analyse_plan
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plans import Plan
from entitlements.documents.shapes.key_words import joined_names
from entitlements.kernel.errors import LimitExceededError, NotCoveredError
from entitlements.kernel.periods.durations import format_duration
from entitlements.sla.milestones import Milestone
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.targets import Commitment, Target

_JOINED: Final = re.compile(r"[,/;|&+]|\b(?:and|or)\b")
_CHANNEL_WORDS: Final = frozenset({"phone", "web", "email", "portal", "chat", "mail", "ticket"})
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
    for severity in plan.scale:
        if severity in plan.may_not_open:
            continue
        for channel in sorted(plan.channels):
            target = _first_target(policy, severity, channel)
            if target is not None:
                yield from _impossible(plan, policy, catalog, at, (severity, channel, target))


def unused_severities(plan: Plan) -> Iterator[str]:
    """Yield a sentence for what the matrix of a plan makes impossible, or cannot reach."""
    if plan.priority_matrix is None:
        return
    for (impact, urgency), severity in plan.priority_matrix.cells.items():
        if severity in plan.may_not_open:
            yield (
                f"impact `{impact}` and urgency `{urgency}` lead to severity `{severity}`, "
                "with which a customer cannot open a case"
            )
    reached = {*plan.priority_matrix.priorities, *plan.may_not_open}
    for severity in plan.severities:
        if severity not in reached:
            yield f"no impact and urgency lead to severity `{severity}`"


def mutual_suspensions(plan: Plan, catalog: Catalog) -> Iterator[str]:
    """Yield a sentence for each plan that suspends this one, and is suspended by it."""
    for other in sorted(plan.suspended_by):
        if any(plan.id in each.suspended_by for each in catalog.plan_versions(other)):
            yield f"it and `{other}` suspend each other; a customer who has both has neither"


def suspensions_with_grace(plan: Plan, catalog: Catalog) -> Iterator[str]:
    """Yield a sentence for each plan that suspends this one in its term, and not in its grace."""
    for other in sorted(plan.suspended_by):
        if any(each.grace is not None for each in catalog.plan_versions(other)):
            yield f"`{other}` suspends it only in its term; in the grace after it both give rights"


def joined_channels(plan: Plan) -> Iterator[str]:
    """Yield a sentence for each channel that reads like several, such as `phone/web`."""
    for channel in sorted(plan.channels):
        names = joined_names(channel)
        if len(names) > 1 and (_JOINED.search(channel) or {*names} <= _CHANNEL_WORDS):
            yield f"`{channel}` is one channel; for several, write a list: `[{', '.join(names)}]`"


def unused_targets(policy: SlaPolicy) -> Iterator[str]:
    """Yield a sentence for each target that never counts, because an earlier one always fits."""
    for place, target in enumerate(policy.targets):
        if any(_always_fits(each, target) for each in policy.targets[:place]):
            name = target.milestone.replace("_", " ")
            yield (
                f"a {name} of `{_amount(target)}` never counts, because an earlier one fits "
                "every such case; write a table for amounts by severity: `{S1: 1h, S2: 4h}`"
            )


def _always_fits(earlier: Target, later: Target) -> bool:
    severities, channels = frozenset(earlier.severities), earlier.channels
    return (
        earlier.milestone == later.milestone
        and (not severities or (bool(later.severities) and severities.issuperset(later.severities)))
        and (not channels or (bool(later.channels) and channels >= later.channels))
        and (not earlier.kinds or (bool(later.kinds) and earlier.kinds >= later.kinds))
        and earlier.conditions <= later.conditions
    )


def _amount(target: Target) -> str:
    within = target.within
    if within is None:
        return "best effort" if target.commitment is Commitment.BEST_EFFORT else "none"
    return format_duration(within) if isinstance(within, timedelta) else str(within)


def ineffective_cut_offs(policy: SlaPolicy) -> Iterator[str]:
    """Yield a sentence for each cut-off that is never before the closing, or before any opening."""
    cut = {(each.calendar, each.cut_off): None for each in policy.targets if each.cut_off}
    for name, cut_off in cut:
        hours = None if name is None else policy.calendars[name]
        windows = [each for day in hours.week.windows for each in day] if _is_plain(hours) else []
        if not windows or cut_off is None:
            continue
        closing, at = max(end for _, end in windows), cut_off_seconds(cut_off)
        if at >= closing:
            yield (
                f"the cut-off at {cut_off} changes nothing, because `{name}` closes at "
                f"{format_time(closing)} at the latest"
            )
        elif at <= min(start for start, _ in windows):
            yield f"the cut-off at {cut_off} is not after the opening of `{name}` on any day"


def _is_plain(hours: BusinessHours | None) -> TypeGuard[Calendar]:
    return isinstance(hours, Calendar) and not (hours.changes or hours.dated)


def _first_target(policy: SlaPolicy, severity: str | None, channel: str) -> Target | None:
    for target in policy.targets:
        if target.milestone == Milestone.FIRST_RESPONSE and target.fits(severity, channel, ()):
            return target
    return None


def _impossible(
    plan: Plan,
    policy: SlaPolicy,
    catalog: Catalog,
    at: datetime,
    case: tuple[str | None, str, Target],
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
                of = "" if severity is None else f" of `{severity}`"
                yield (
                    f"first response{of} by `{channel}` is promised within "
                    f"{format_duration(within)} ({name or 'around the clock'}), but no group is "
                    f"reached for {length} from {start}"
                )
                return
    except NotCoveredError:
        return  # the holidays are not known for the whole range, which is reported elsewhere


def _reached(
    plan: Plan, catalog: Catalog, severity: str | None, channel: str
) -> BusinessHours | None:
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
