"""Access decision by the guide: granted, deferred or denied, of one request at one instant.

No SLA policies are known here, so that `best_response` ranks all candidates equal.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import attrs

from entitlements.access import ChargeKind, Reason
from entitlements.contracts.account import Account, AccountPart
from entitlements.contracts.catalog import Catalog, Precedence
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.kernel.requests import Request
from entitlements.testing.oracles.by_the_guide.asked import Asked, uncounted
from entitlements.testing.oracles.by_the_guide.checks import check
from entitlements.testing.oracles.by_the_guide.lines import (
    line_ids,
    out_of_force,
    plan_of,
    text_near,
    texts,
)
from entitlements.testing.oracles.by_the_guide.records import NEVER, known

LEVELS: Final = ("asset", "asset_group", "product", "product_group", "site", "party", "account")
COSTS: Final = (
    ChargeKind.INCLUDED,
    ChargeKind.PREPAID,
    ChargeKind.OVERAGE,
    ChargeKind.TIME_AND_MATERIALS,
    None,
)
CLOSED_OR_SPENT: Final = {
    Reason.WINDOW_CLOSED,
    Reason.NEVER_OPEN,
    Reason.ALLOWANCE_SPENT,
    Reason.ID_USED,
}


class Tried(NamedTuple):
    """One candidate: a right of a line, or a line whose plan has none."""

    contract: Contract
    line: ContractLine
    plan: Plan
    right: AccessRight | None
    rank: int
    ends: datetime
    reasons: tuple[Reason, ...]
    charge: ChargeKind | None
    consent_needed: bool
    opens_at: datetime | None


@attrs.frozen(kw_only=True)
class GuideDecision:
    """The decision of the guide, in the terms of the library."""

    kind: str
    reasons: tuple[Reason, ...] = ()
    group: str | None = None
    line: tuple[str, str, str, str, str | None] | None = None
    immediate: bool = False
    opens_at: datetime | None = None
    charge: ChargeKind | None = None
    consent_needed: bool = False
    experts: tuple[str, ...] = ()
    language: str | None = None


def decision_by_the_guide(
    request: Request, catalog: Catalog, account: Account | None, at: datetime
) -> GuideDecision:
    """Return whether the request reaches an expert group at `at`, by "The answer" of the guide."""
    if account is None or account.customer != request.customer:
        return GuideDecision(kind="denied", reasons=(Reason.CUSTOMER_UNKNOWN,))
    asked = Asked(request, catalog, account, at)
    tried = in_order(asked, candidates(asked))
    if not tried:
        why = (
            Reason.FACTS_MISSING if AccountPart.CONTRACTS in account.unknown else Reason.NO_CONTRACT
        )
        return GuideDecision(kind="denied", reasons=(why,))
    for each in tried:
        if each.right is not None and not each.reasons:
            return _accepted("granted", each, request)
    for each in tried:
        if each.right is None or each.right.only_when_named:
            continue
        if each.plan.general_group is not None and CLOSED_OR_SPENT.issuperset(each.reasons):
            return GuideDecision(
                kind="granted",
                group=each.plan.general_group,
                line=_line(each, None),
                charge=uncounted(each.plan),
            )
    closed = [each for each in tried if each.reasons == (Reason.WINDOW_CLOSED,)]
    if closed:
        first = min(closed, key=lambda each: each.opens_at or NEVER)
        return _accepted("deferred", first, request)
    return GuideDecision(
        kind="denied", reasons=min(tried, key=lambda each: len(each.reasons)).reasons
    )


def _accepted(kind: str, tried: Tried, request: Request) -> GuideDecision:
    right = tried.right
    if right is None:
        raise AssertionError(tried)
    return GuideDecision(
        kind=kind,
        group=right.group,
        line=_line(tried, right.id),
        immediate=kind == "granted" and right.immediate,
        opens_at=tried.opens_at if kind == "deferred" else None,
        charge=tried.charge,
        consent_needed=tried.consent_needed,
        experts=tried.line.experts or right.experts,
        language=request.language if right.languages else None,
    )


def _line(tried: Tried, right: str | None) -> tuple[str, str, str, str, str | None]:
    return tried.contract.id, tried.line.id, tried.plan.id, tried.plan.version, right


def candidates(asked: Asked) -> list[Tried]:
    """Return one candidate for each right of each line of each contract."""
    found = []
    for contract in known(asked.account.contracts):
        for id in line_ids(asked.account, contract):
            versions = texts(asked.account, contract, id)
            if not versions:
                continue
            text = text_near(versions, asked.at)
            plan = plan_of(asked.catalog, text, contract.zone, asked.at)
            ends = NEVER
            if Precedence.FIRST_TO_EXPIRE in asked.catalog.precedence:
                ends = out_of_force(asked.catalog, asked.account, contract, id, asked.at)
            for rank, right in enumerate(plan.rights or (None,)):
                reasons, charge, consent, opens = check(asked, contract, text.line, plan, right)
                found.append(
                    Tried(
                        contract,
                        text.line,
                        plan,
                        right,
                        rank,
                        ends,
                        reasons,
                        charge,
                        consent,
                        opens,
                    )
                )
    return found


def in_order(asked: Asked, tried: list[Tried]) -> list[Tried]:
    """Return the candidates in the order of the catalog's precedence."""

    def place(each: Tried) -> tuple[object, ...]:
        values: list[object] = []
        for criterion in asked.catalog.precedence:
            match criterion:
                case Precedence.EXPLICIT:
                    values.append(each.contract.id != asked.request.contract)
                case Precedence.MOST_SPECIFIC:
                    values.append(LEVELS.index(each.line.coverage.level.value))
                case Precedence.CHEAPEST_USE:
                    values.append(COSTS.index(each.charge))
                case Precedence.FIRST_TO_EXPIRE:
                    values.append(each.ends)
                case Precedence.BEST_RESPONSE:
                    pass
        return (*values, each.contract.id, each.line.id, each.rank)

    return sorted(tried, key=place)
