"""Checks of severity, channel, kind of request, language, group and conditions of a plan."""

from __future__ import annotations

from entitlements.access.reasons import REASON_BIT, Reason
from entitlements.contracts.lines.line_history import LineState, LineStatus
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.contracts.records.changes import BlockEffect
from entitlements.kernel.requests import Request


def plan_failures(plan: Plan, request: Request) -> int:
    """Return whether the plan takes the request's channel, severity and kind."""
    failures = 0
    if request.channel not in plan.channels:
        failures |= REASON_BIT[Reason.CHANNEL_NOT_IN_PLAN]
    if plan.severities and request.severity is None:
        failures |= REASON_BIT[Reason.SEVERITY_NOT_STATED]
    elif plan.severities and request.severity not in plan.severities:
        failures |= REASON_BIT[Reason.SEVERITY_UNKNOWN]
    elif request.severity in plan.may_not_open:
        failures |= REASON_BIT[Reason.SEVERITY_NOT_OPENABLE]
    if plan.kinds and request.kind is None:
        failures |= REASON_BIT[Reason.KIND_NOT_STATED]
    elif plan.kinds and request.kind not in plan.kinds:
        failures |= REASON_BIT[Reason.KIND_NOT_IN_PLAN]
    return failures


def right_failures(right: AccessRight, state: LineState, request: Request, *, counted: bool) -> int:
    """Return whether the right is to the group asked for, and applies to the request.

    `counted` states whether the request uses an allowance under it.
    """
    failures = 0
    if request.group is not None and request.group != right.group:
        failures |= REASON_BIT[Reason.GROUP_NOT_IN_PLAN]
    if right.only_when_named and request.group is None:
        failures |= REASON_BIT[Reason.GROUP_NOT_NAMED]
    if right.products and request.product not in right.products:
        failures |= REASON_BIT[Reason.PRODUCT_NOT_IN_RIGHT]
    if right.channels and request.channel not in right.channels:
        failures |= REASON_BIT[Reason.CHANNEL_NOT_IN_RIGHT]
    if right.severities and request.severity not in right.severities:
        failures |= REASON_BIT[Reason.SEVERITY_NOT_IN_RIGHT]
    if right.kinds and request.kind is not None and request.kind not in right.kinds:
        failures |= REASON_BIT[Reason.KIND_NOT_IN_RIGHT]
    failures |= _language_failures(right, request)
    if not right.conditions <= request.conditions:
        failures |= REASON_BIT[Reason.CONDITION_NOT_MET]
    grace = state.plan.grace
    if state.status is LineStatus.GRACE and grace and grace.rights and right.id not in grace.rights:
        failures |= REASON_BIT[Reason.NOT_IN_GRACE]
    if counted and BlockEffect.CONSUMPTION in state.blocked:
        failures |= REASON_BIT[Reason.CONSUMPTION_BLOCKED]
    return failures


def _language_failures(right: AccessRight, request: Request) -> int:
    if not right.languages or request.language in right.languages:
        return 0
    stated = request.language is not None
    return REASON_BIT[Reason.LANGUAGE_NOT_IN_RIGHT if stated else Reason.LANGUAGE_NOT_STATED]
