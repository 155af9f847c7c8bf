"""Checks of severity, channel, group and conditions of a plan."""

from __future__ import annotations

from entitlements.access.reasons import REASON_BIT, Reason
from entitlements.contracts.changes import BlockEffect
from entitlements.contracts.lines.line_history import LineState, LineStatus
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.kernel.requests import Request


def plan_failures(plan: Plan, request: Request) -> int:
    """Return whether the plan takes such a request at all."""
    bits = 0
    if request.channel not in plan.channels:
        bits |= REASON_BIT[Reason.CHANNEL_NOT_IN_PLAN]
    if request.severity not in plan.severities:
        bits |= REASON_BIT[Reason.SEVERITY_UNKNOWN]
    elif request.severity in plan.may_not_open:
        bits |= REASON_BIT[Reason.SEVERITY_NOT_OPENABLE]
    return bits


def right_failures(
    right: AccessRight, standing: LineState, request: Request, *, counted: bool
) -> int:
    """Return whether the right is to the group asked for, and holds for such a request.

    `counted` says whether the request draws on an allowance under it.
    """
    bits = 0
    if request.group is not None and request.group != right.group:
        bits |= REASON_BIT[Reason.GROUP_NOT_IN_PLAN]
    if right.products and request.product not in right.products:
        bits |= REASON_BIT[Reason.PRODUCT_NOT_IN_RIGHT]
    if right.channels and request.channel not in right.channels:
        bits |= REASON_BIT[Reason.CHANNEL_NOT_IN_RIGHT]
    if right.severities and request.severity not in right.severities:
        bits |= REASON_BIT[Reason.SEVERITY_NOT_IN_RIGHT]
    if not right.conditions <= request.conditions:
        bits |= REASON_BIT[Reason.CONDITION_NOT_MET]
    grace = standing.plan.grace
    if (
        standing.status is LineStatus.GRACE
        and grace
        and grace.rights
        and right.id not in grace.rights
    ):
        bits |= REASON_BIT[Reason.NOT_IN_GRACE]
    if counted and BlockEffect.CONSUMPTION in standing.blocked:
        bits |= REASON_BIT[Reason.CONSUMPTION_BLOCKED]
    return bits
