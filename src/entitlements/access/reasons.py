"""Reasons for a denial, the checks they belong to in their fixed order, and their sentences.

Codes are stable and meant for programs; sentences are meant for people and may change.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from entitlements.kernel.converters import enum_member
from entitlements.kernel.mixins.text_enum import TextEnum


class Check(TextEnum):
    """The checks of every candidate, in their order."""

    CUSTOMER = "customer"
    CONTRACT = "contract"
    CONTACT = "contact"
    ROLE = "role"
    IN_FORCE = "in_force"
    REQUIRED_PLAN = "required_plan"
    SUSPENDING_PLAN = "suspending_plan"
    NOT_BLOCKED = "not_blocked"
    SERVICE = "service"
    COVERAGE = "coverage"
    SUPPORT = "support"
    GROUP = "group"
    CHANNEL = "channel"
    SEVERITY = "severity"
    KIND = "kind"
    LANGUAGE = "language"
    CONDITIONS = "conditions"
    WINDOW = "window"
    CONCURRENCY = "concurrency"
    ALLOWANCE = "allowance"


def as_check(value: Check | str) -> Check:
    """Return the member that `value` is or names; used as a converter."""
    return enum_member(Check, value)


class Reason(TextEnum):
    """Why a candidate gives no access; a decision may have several reasons."""

    FACTS_MISSING = "facts_missing"
    CUSTOMER_UNKNOWN = "customer_unknown"
    NO_CONTRACT = "no_contract"
    OTHER_CONTRACT = "other_contract"
    CONTACT_NOT_NAMED = "contact_not_named"
    CONTACT_OUT_OF_DATES = "contact_out_of_dates"
    CONTACT_IN_LEAD_TIME = "contact_in_lead_time"
    CONTACT_OVER_LIMIT = "contact_over_limit"
    ROLE_MAY_NOT_OPEN = "role_may_not_open"
    ROLE_NOT_IN_RIGHT = "role_not_in_right"
    CONTRACT_SUPERSEDED = "contract_superseded"
    CONTRACT_CANCELLED = "contract_cancelled"
    CONTRACT_EXPIRED = "contract_expired"
    CONTRACT_PENDING = "contract_pending"
    NOT_IN_GRACE = "not_in_grace"
    REQUIRED_PLAN_MISSING = "required_plan_missing"
    SUSPENDED_BY_PLAN = "suspended_by_plan"
    ACCESS_BLOCKED = "access_blocked"
    CONSUMPTION_BLOCKED = "consumption_blocked"
    SERVICE_ENDED = "service_ended"
    PRODUCT_UNKNOWN = "product_unknown"
    ASSET_UNKNOWN = "asset_unknown"
    NOT_COVERED = "not_covered"
    PRODUCT_NOT_RELEASED = "product_not_released"
    PRODUCT_OUT_OF_SUPPORT = "product_out_of_support"
    VERSION_NOT_STATED = "version_not_stated"
    VERSION_UNKNOWN = "version_unknown"
    VERSION_OUT_OF_SUPPORT = "version_out_of_support"
    GROUP_NOT_IN_PLAN = "group_not_in_plan"
    GROUP_NOT_NAMED = "group_not_named"
    PRODUCT_NOT_IN_RIGHT = "product_not_in_right"
    CHANNEL_NOT_IN_PLAN = "channel_not_in_plan"
    CHANNEL_NOT_IN_RIGHT = "channel_not_in_right"
    SEVERITY_NOT_STATED = "severity_not_stated"
    SEVERITY_UNKNOWN = "severity_unknown"
    SEVERITY_NOT_OPENABLE = "severity_not_openable"
    SEVERITY_NOT_IN_RIGHT = "severity_not_in_right"
    KIND_NOT_STATED = "kind_not_stated"
    KIND_NOT_IN_PLAN = "kind_not_in_plan"
    KIND_NOT_IN_RIGHT = "kind_not_in_right"
    LANGUAGE_NOT_STATED = "language_not_stated"
    LANGUAGE_NOT_IN_RIGHT = "language_not_in_right"
    CONDITION_NOT_MET = "condition_not_met"
    WINDOW_CLOSED = "window_closed"
    NEVER_OPEN = "never_open"
    TOO_MANY_OPEN_CASES = "too_many_open_cases"
    ALLOWANCE_SPENT = "allowance_spent"
    ID_USED = "id_used"


CHECK_OF: Final[dict[Reason, Check]] = {
    Reason.FACTS_MISSING: Check.CUSTOMER,
    Reason.CUSTOMER_UNKNOWN: Check.CUSTOMER,
    Reason.NO_CONTRACT: Check.CONTRACT,
    Reason.OTHER_CONTRACT: Check.CONTRACT,
    Reason.CONTACT_NOT_NAMED: Check.CONTACT,
    Reason.CONTACT_OUT_OF_DATES: Check.CONTACT,
    Reason.CONTACT_IN_LEAD_TIME: Check.CONTACT,
    Reason.CONTACT_OVER_LIMIT: Check.CONTACT,
    Reason.ROLE_MAY_NOT_OPEN: Check.ROLE,
    Reason.ROLE_NOT_IN_RIGHT: Check.ROLE,
    Reason.CONTRACT_SUPERSEDED: Check.IN_FORCE,
    Reason.CONTRACT_CANCELLED: Check.IN_FORCE,
    Reason.CONTRACT_EXPIRED: Check.IN_FORCE,
    Reason.CONTRACT_PENDING: Check.IN_FORCE,
    Reason.NOT_IN_GRACE: Check.IN_FORCE,
    Reason.REQUIRED_PLAN_MISSING: Check.REQUIRED_PLAN,
    Reason.SUSPENDED_BY_PLAN: Check.SUSPENDING_PLAN,
    Reason.ACCESS_BLOCKED: Check.NOT_BLOCKED,
    Reason.CONSUMPTION_BLOCKED: Check.NOT_BLOCKED,
    Reason.SERVICE_ENDED: Check.SERVICE,
    Reason.PRODUCT_UNKNOWN: Check.COVERAGE,
    Reason.ASSET_UNKNOWN: Check.COVERAGE,
    Reason.NOT_COVERED: Check.COVERAGE,
    Reason.PRODUCT_NOT_RELEASED: Check.SUPPORT,
    Reason.PRODUCT_OUT_OF_SUPPORT: Check.SUPPORT,
    Reason.VERSION_NOT_STATED: Check.SUPPORT,
    Reason.VERSION_UNKNOWN: Check.SUPPORT,
    Reason.VERSION_OUT_OF_SUPPORT: Check.SUPPORT,
    Reason.GROUP_NOT_IN_PLAN: Check.GROUP,
    Reason.GROUP_NOT_NAMED: Check.GROUP,
    Reason.PRODUCT_NOT_IN_RIGHT: Check.GROUP,
    Reason.CHANNEL_NOT_IN_PLAN: Check.CHANNEL,
    Reason.CHANNEL_NOT_IN_RIGHT: Check.CHANNEL,
    Reason.SEVERITY_NOT_STATED: Check.SEVERITY,
    Reason.SEVERITY_UNKNOWN: Check.SEVERITY,
    Reason.SEVERITY_NOT_OPENABLE: Check.SEVERITY,
    Reason.SEVERITY_NOT_IN_RIGHT: Check.SEVERITY,
    Reason.KIND_NOT_STATED: Check.KIND,
    Reason.KIND_NOT_IN_PLAN: Check.KIND,
    Reason.KIND_NOT_IN_RIGHT: Check.KIND,
    Reason.LANGUAGE_NOT_STATED: Check.LANGUAGE,
    Reason.LANGUAGE_NOT_IN_RIGHT: Check.LANGUAGE,
    Reason.CONDITION_NOT_MET: Check.CONDITIONS,
    Reason.WINDOW_CLOSED: Check.WINDOW,
    Reason.NEVER_OPEN: Check.WINDOW,
    Reason.TOO_MANY_OPEN_CASES: Check.CONCURRENCY,
    Reason.ALLOWANCE_SPENT: Check.ALLOWANCE,
    Reason.ID_USED: Check.ALLOWANCE,
}

_SENTENCES: Final[dict[Reason, str]] = {
    Reason.FACTS_MISSING: "some facts could not be loaded, and what is not known is not granted",
    Reason.CUSTOMER_UNKNOWN: "nothing is known of this customer",
    Reason.NO_CONTRACT: "the customer has no contract",
    Reason.OTHER_CONTRACT: "the request insists on another contract",
    Reason.CONTACT_NOT_NAMED: "the person is not a named contact",
    Reason.CONTACT_OUT_OF_DATES: "the person is a named contact on other dates",
    Reason.CONTACT_IN_LEAD_TIME: "the person was added, and the plan's lead time is not over",
    Reason.CONTACT_OVER_LIMIT: "the contract has more contacts than its plan allows",
    Reason.ROLE_MAY_NOT_OPEN: "this severity is for contacts of another role",
    Reason.ROLE_NOT_IN_RIGHT: "the right to this group is for contacts of another role",
    Reason.CONTRACT_SUPERSEDED: "the contract was superseded, amended away or transferred",
    Reason.CONTRACT_CANCELLED: "the contract is cancelled",
    Reason.CONTRACT_EXPIRED: "the contract has expired",
    Reason.CONTRACT_PENDING: "the contract has not begun",
    Reason.NOT_IN_GRACE: "the contract is in its grace period, which does not keep this right",
    Reason.REQUIRED_PLAN_MISSING: "the plan is an add-on, and no plan that it needs is in force",
    Reason.SUSPENDED_BY_PLAN: "the plan is a default, and a better plan that covers it is active",
    Reason.ACCESS_BLOCKED: "access is blocked",
    Reason.CONSUMPTION_BLOCKED: "using the allowance is blocked",
    Reason.SERVICE_ENDED: "the service product is not offered at this time",
    Reason.PRODUCT_UNKNOWN: "the catalog has no such product",
    Reason.ASSET_UNKNOWN: "cover depends on an asset, and none that is known is stated",
    Reason.NOT_COVERED: "the contract line does not cover it",
    Reason.PRODUCT_NOT_RELEASED: "the product is not released yet",
    Reason.PRODUCT_OUT_OF_SUPPORT: "the product has reached its end of support",
    Reason.VERSION_NOT_STATED: "some versions are out of support, and the version is not stated",
    Reason.VERSION_UNKNOWN: "the product has no such version",
    Reason.VERSION_OUT_OF_SUPPORT: "this version has reached its end of support",
    Reason.GROUP_NOT_IN_PLAN: "the plan gives no right to this expert group",
    Reason.GROUP_NOT_NAMED: "the group is reached only by a request that names it",
    Reason.PRODUCT_NOT_IN_RIGHT: "the right to this group is for other products",
    Reason.CHANNEL_NOT_IN_PLAN: "the plan does not take requests through this channel",
    Reason.CHANNEL_NOT_IN_RIGHT: "the right to this group is for other channels",
    Reason.SEVERITY_NOT_STATED: "the plan has severities, and the request states none",
    Reason.SEVERITY_UNKNOWN: "the plan's severity scale has no such severity",
    Reason.SEVERITY_NOT_OPENABLE: "the plan does not let customers open this severity",
    Reason.SEVERITY_NOT_IN_RIGHT: "the right to this group is for other severities",
    Reason.KIND_NOT_STATED: "the plan depends on the kind of request, which is not stated",
    Reason.KIND_NOT_IN_PLAN: "the plan does not take this kind of request",
    Reason.KIND_NOT_IN_RIGHT: "the right to this group is for other kinds of requests",
    Reason.LANGUAGE_NOT_STATED: "help is given in some languages only, and none is stated",
    Reason.LANGUAGE_NOT_IN_RIGHT: "the right to this group is for other languages",
    Reason.CONDITION_NOT_MET: "a condition of the promise is not declared",
    Reason.WINDOW_CLOSED: "the group is not reachable at this hour",
    Reason.NEVER_OPEN: "the group's hours never open again",
    Reason.TOO_MANY_OPEN_CASES: "as many cases are open as the plan allows",
    Reason.ALLOWANCE_SPENT: "nothing is left of the allowance",
    Reason.ID_USED: "the ledger has used the id before, and the request needs another one",
}

REASONS: Final = tuple(Reason)
REASON_BIT: Final[dict[Reason, int]] = {reason: 1 << rank for rank, reason in enumerate(REASONS)}


def reason_sentence(reason: Reason) -> str:
    """Return the reason as a sentence without a full stop, fit for a ticket note.

    >>> reason_sentence(Reason.NO_CONTRACT)
    'the customer has no contract'
    """
    return _SENTENCES[enum_member(Reason, reason)]


@lru_cache(maxsize=4096)
def reasons_of_bits(bits: int) -> tuple[Reason, ...]:
    """Return the reasons whose bits are set, in the order of the checks."""
    return tuple(reason for rank, reason in enumerate(REASONS) if bits >> rank & 1)
