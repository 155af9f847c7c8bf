"""The checks of one candidate, in the order of the guide; all failures are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from entitlements.access import ChargeKind, Reason
from entitlements.contracts.account import AccountPart
from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.contracts.products import Product
from entitlements.contracts.records.changes import BlockEffect
from entitlements.contracts.records.contract import Contract, ContractLine, CoverageLevel
from entitlements.kernel.requests import Request
from entitlements.testing.oracles.by_the_guide.asked import Asked, allowance_of, uncounted
from entitlements.testing.oracles.by_the_guide.contacts import (
    contact_reason,
    named_reason,
    role_reasons,
)
from entitlements.testing.oracles.by_the_guide.costs import cost
from entitlements.testing.oracles.by_the_guide.lines import (
    IN_FORCE,
    line_ids,
    status,
    text_near,
    texts,
)
from entitlements.testing.oracles.by_the_guide.records import (
    blocked_at,
    day_end,
    known,
    supported_at,
)

ASSET_LEVELS: Final = (CoverageLevel.ASSET, CoverageLevel.ASSET_GROUP, CoverageLevel.SITE)


def check(
    asked: Asked, contract: Contract, line: ContractLine, plan: Plan, right: AccessRight | None
) -> tuple[tuple[Reason, ...], ChargeKind | None, bool, datetime | None]:
    """Return all failures of a candidate in the order of the checks, its charge and its opening."""
    counted = allowance_of(asked, plan, right)
    roles = role_reasons(asked, contract, line, plan, right)
    why = customer_reasons(asked, contract, line, plan, counted, roles)
    if asked.request.contract not in (None, contract.id):
        why.append(Reason.OTHER_CONTRACT)
    contact = contact_reason(asked, contract, line, plan)
    why += [*([] if contact is None else [contact]), *roles]
    why += in_force_reasons(asked, contract, line, plan, right)
    why += required_reasons(asked, plan) + suspending_reasons(asked, plan)
    effects = blocked_at(asked.account, contract, line.id, asked.at)
    if BlockEffect.ACCESS in effects:
        why.append(Reason.ACCESS_BLOCKED)
    if BlockEffect.CONSUMPTION in effects and counted is not None:
        why.append(Reason.CONSUMPTION_BLOCKED)
    why += product_reasons(asked, contract, line, plan)
    why += plan_reasons(asked, plan, right)
    opens = None
    if right is not None and right.hours is not None:
        hours = asked.catalog.calendar(right.hours, line)
        if not hours.is_open(asked.at):
            opens = hours.next_open(asked.at)
            why += (
                [Reason.WINDOW_CLOSED]
                if opens is not None
                else [Reason.WINDOW_CLOSED, Reason.NEVER_OPEN]
            )
    if plan.concurrency is not None and open_cases(asked, contract, line) >= plan.concurrency:
        why.append(Reason.TOO_MANY_OPEN_CASES)
    if right is None:
        return tuple(why), None, False, opens
    if counted is None:
        return tuple(why), uncounted(plan), False, opens
    if AccountPart.LEDGER in asked.account.unknown:
        return tuple(why), ChargeKind.PREPAID, False, opens
    charge, consent, spent = cost(asked, contract, line, counted)
    return (*why, *([] if spent is None else [spent])), charge, consent, opens


def customer_reasons(
    asked: Asked,
    contract: Contract,
    line: ContractLine,
    plan: Plan,
    counted: Allowance | None,
    roles: list[Reason],
) -> list[Reason]:
    """Return `facts_missing` where the candidate depends on what could not be loaded."""
    unknown = asked.account.unknown
    missing = AccountPart.CONTRACTS in unknown or AccountPart.CHANGES in unknown
    levels = [each.coverage.level for each in (line, *suspending_lines(asked, plan))]
    if AccountPart.ASSETS in unknown and any(level in ASSET_LEVELS for level in levels):
        missing = missing or asked.request.asset is not None
    if AccountPart.CASES in unknown:
        missing = missing or plan.concurrency is not None
    if AccountPart.LEDGER in unknown:
        missing = missing or counted is not None
    if AccountPart.DELEGATIONS in unknown:
        missing = missing or bool(roles) or named_reason(asked, contract, line, plan) is not None
    return [Reason.FACTS_MISSING] if missing else []


def in_force_reasons(
    asked: Asked, contract: Contract, line: ContractLine, plan: Plan, right: AccessRight | None
) -> list[Reason]:
    """Return why the line is not in force, or why grace does not keep the right."""
    now = status(asked.catalog, asked.account, contract, line.id, asked.at)
    if now not in IN_FORCE:
        return [Reason(f"contract_{now}")]
    kept = plan.grace.rights if plan.grace is not None else frozenset()
    if now == "grace" and kept and (right is None or right.id not in kept):
        return [Reason.NOT_IN_GRACE]
    return []


def required_reasons(asked: Asked, plan: Plan) -> list[Reason]:
    """Return a reason unless a line of a required plan, of any contract, passes `in_force`."""
    if not plan.requires_plan:
        return []
    for contract in known(asked.account.contracts):
        for id in line_ids(asked.account, contract):
            versions = texts(asked.account, contract, id)
            if versions and text_near(versions, asked.at).line.plan in plan.requires_plan:
                now = status(asked.catalog, asked.account, contract, id, asked.at)
                if now in IN_FORCE:
                    return []
    return [Reason.REQUIRED_PLAN_MISSING]


def suspending_reasons(asked: Asked, plan: Plan) -> list[Reason]:
    """Return a reason if a line of a suspending plan is active and covers what is asked."""
    covering = [line for line in suspending_lines(asked, plan) if covers(asked, line)]
    return [Reason.SUSPENDED_BY_PLAN] if covering else []


def suspending_lines(asked: Asked, plan: Plan) -> list[ContractLine]:
    """Return the active lines of plans that suspend a plan, whatever they cover."""
    found = []
    for contract in known(asked.account.contracts):
        for id in line_ids(asked.account, contract):
            versions = texts(asked.account, contract, id)
            line = text_near(versions, asked.at).line if versions else None
            if line is None or line.plan not in plan.suspended_by:
                continue
            now = status(asked.catalog, asked.account, contract, id, asked.at)
            effects = blocked_at(asked.account, contract, id, asked.at)
            if now == "active" and BlockEffect.ACCESS not in effects:
                found.append(line)
    return found


def covers(asked: Asked, line: ContractLine) -> bool:
    """Return whether a line covers what is asked; nothing covers an unknown product."""
    products = [each.id for each in asked.catalog.products]
    return asked.request.product in products and coverage_reason(asked, line) is None


def product_reasons(
    asked: Asked, contract: Contract, line: ContractLine, plan: Plan
) -> list[Reason]:
    """Return the failures of the checks of service, coverage and support."""
    request, catalog, at, zone = asked.request, asked.catalog, asked.at, contract.zone
    why = []
    for service in catalog.services:
        if service.id == plan.service:
            begun, over = supported_at(service.life_cycle, at, zone)
            if over or not begun:
                why.append(Reason.SERVICE_ENDED)
    product = next((each for each in catalog.products if each.id == request.product), None)
    if product is None:
        return [*why, Reason.PRODUCT_UNKNOWN]
    covered = coverage_reason(asked, line)
    if covered is not None:
        why.append(covered)
    begun, over = supported_at(product.life_cycle, at, zone)
    if not begun:
        why.append(Reason.PRODUCT_NOT_RELEASED)
    if over:
        why.append(Reason.PRODUCT_OUT_OF_SUPPORT)
    return why + version_reasons(request, product, at, zone)


def version_reasons(request: Request, product: Product, at: datetime, zone: str) -> list[Reason]:
    """Return the failures of the version, for a product that has versions."""
    gone = {
        each.id: each.end_of_support is not None and day_end(each.end_of_support, zone) <= at
        for each in product.versions
    }
    if not gone:
        return []
    if request.version is None:
        return [Reason.VERSION_NOT_STATED] if any(gone.values()) else []
    if request.version not in gone:
        return [Reason.VERSION_UNKNOWN]
    return [Reason.VERSION_OUT_OF_SUPPORT] if gone[request.version] else []


def coverage_reason(asked: Asked, line: ContractLine) -> Reason | None:
    """Return why the line does not cover the request, by "What is covered" of the guide."""
    request, level, ids = asked.request, line.coverage.level, line.coverage.ids
    product = next(each for each in asked.catalog.products if each.id == request.product)
    asset = next((each for each in asked.account.assets if each.id == request.asset), None)
    if level in ASSET_LEVELS:
        if asset is None:
            return Reason.ASSET_UNKNOWN
        if asset.product != request.product:
            return Reason.NOT_COVERED
        if level is CoverageLevel.SITE and asset.site is None:
            return Reason.ASSET_UNKNOWN
    names: dict[CoverageLevel, set[str]] = {
        CoverageLevel.ACCOUNT: set(ids),
        CoverageLevel.PRODUCT: {product.id},
        CoverageLevel.PRODUCT_GROUP: set(product.groups),
        CoverageLevel.PARTY: {request.party} if request.party is not None else set(),
    }
    if asset is not None:
        names[CoverageLevel.ASSET] = {asset.id}
        names[CoverageLevel.ASSET_GROUP] = set(asset.groups)
        names[CoverageLevel.SITE] = {asset.site} if asset.site is not None else set()
    covered = level is CoverageLevel.ACCOUNT or any(name in ids for name in names[level])
    return None if covered else Reason.NOT_COVERED


def plan_reasons(asked: Asked, plan: Plan, right: AccessRight | None) -> list[Reason]:
    """Return the failures of the checks of group, channel, severity and conditions."""
    request = asked.request
    why = []
    if right is None or request.group not in (None, right.group):
        why.append(Reason.GROUP_NOT_IN_PLAN)
    if right is not None and right.only_when_named and request.group is None:
        why.append(Reason.GROUP_NOT_NAMED)
    if right is not None and right.products and request.product not in right.products:
        why.append(Reason.PRODUCT_NOT_IN_RIGHT)
    if request.channel not in plan.channels:
        why.append(Reason.CHANNEL_NOT_IN_PLAN)
    if right is not None and right.channels and request.channel not in right.channels:
        why.append(Reason.CHANNEL_NOT_IN_RIGHT)
    if request.severity is None and len(plan.severities) > 0:
        why.append(Reason.SEVERITY_NOT_STATED)
    if request.severity is not None and request.severity not in (
        plan.severities or [request.severity]
    ):
        why.append(Reason.SEVERITY_UNKNOWN)
    if request.severity in plan.may_not_open:
        why.append(Reason.SEVERITY_NOT_OPENABLE)
    if right is not None and right.severities and request.severity not in right.severities:
        why.append(Reason.SEVERITY_NOT_IN_RIGHT)
    why += kind_reasons(request, plan, right)
    if right is not None and right.languages:
        why += language_reasons(request, right)
    return why + condition_reasons(request, right)


def condition_reasons(request: Request, right: AccessRight | None) -> list[Reason]:
    """Return the failure of the check of conditions."""
    if right is not None and any(each not in request.conditions for each in right.conditions):
        return [Reason.CONDITION_NOT_MET]
    return []


def language_reasons(request: Request, right: AccessRight) -> list[Reason]:
    """Return the failure of the check of languages, for a right that lists some."""
    if request.language is None:
        return [Reason.LANGUAGE_NOT_STATED]
    return [] if request.language in right.languages else [Reason.LANGUAGE_NOT_IN_RIGHT]


def kind_reasons(request: Request, plan: Plan, right: AccessRight | None) -> list[Reason]:
    """Return the failures of the check of kinds."""
    if not plan.kinds:
        return []
    if request.kind is None:
        return [Reason.KIND_NOT_STATED]
    why = [] if request.kind in plan.kinds else [Reason.KIND_NOT_IN_PLAN]
    if right is not None and right.kinds and request.kind not in right.kinds:
        why.append(Reason.KIND_NOT_IN_RIGHT)
    return why


def open_cases(asked: Asked, contract: Contract, line: ContractLine) -> int:
    """Return how many cases of the line, other than the request's own, are not closed at `at`."""
    return sum(
        case.id != asked.request.id
        and (case.contract, case.line) == (contract.id, line.id)
        and (case.closed is None or case.closed > asked.at)
        for case in {case.id: case for case in asked.account.cases}.values()
    )
