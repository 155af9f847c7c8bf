"""Checks of the roles of contacts: who may open a severity, and who may use a right."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from entitlements.access.checks.line import missing_facts_failures
from entitlements.access.reasons import REASON_BIT, Reason
from entitlements.contracts.account import Account, AccountPart
from entitlements.contracts.plans import AccessRight, Plan


def severity_role_failures(
    plan: Plan, severity: str | None, roles: AbstractSet[str], account: Account
) -> int:
    """Return whether the plan leaves the severity to roles that the person does not have.

    Where delegations could not be loaded, one of them might have given the role.
    """
    wanted = None if severity is None else plan.opened_by.get(severity)
    if wanted is None or not wanted.isdisjoint(roles):
        return 0
    return REASON_BIT[Reason.ROLE_MAY_NOT_OPEN] | _unknown(account)


def right_role_failures(right: AccessRight, roles: AbstractSet[str], account: Account) -> int:
    """Return whether the right is for roles that the person does not have."""
    if not right.roles or not right.roles.isdisjoint(roles):
        return 0
    return REASON_BIT[Reason.ROLE_NOT_IN_RIGHT] | _unknown(account)


def _unknown(account: Account) -> int:
    return missing_facts_failures(account, [AccountPart.DELEGATIONS])
