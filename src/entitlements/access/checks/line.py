"""Checks of a contract line: contract, status, coverage, facts that could not be loaded.

Each check is a pure function from facts to reasons, as bits; 0 is a pass. The hours, the balance
and the number of open cases depend on the instant: `compiled/account_index.py` checks them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from entitlements.access.reasons import REASON_BIT, Reason
from entitlements.contracts.account import Account, AccountPart
from entitlements.contracts.lines.line_history import LineState, LineStatus
from entitlements.contracts.products import Product
from entitlements.contracts.records.changes import BlockEffect
from entitlements.contracts.records.contract import ASSET_LEVELS, CoverageLevel
from entitlements.contracts.records.parties import Asset
from entitlements.kernel.requests import Request

_STATUS_FAILURES: Final = {
    LineStatus.SUPERSEDED: REASON_BIT[Reason.CONTRACT_SUPERSEDED],
    LineStatus.CANCELLED: REASON_BIT[Reason.CONTRACT_CANCELLED],
    LineStatus.EXPIRED: REASON_BIT[Reason.CONTRACT_EXPIRED],
    LineStatus.GRACE: 0,
    LineStatus.PENDING: REASON_BIT[Reason.CONTRACT_PENDING],
    LineStatus.SUSPENDED: 0,
    LineStatus.ACTIVE: 0,
}


def missing_facts_failures(account: Account, needed: Iterable[AccountPart]) -> int:
    """Return whether a part of the account that is needed could not be loaded."""
    return (
        REASON_BIT[Reason.FACTS_MISSING] if any(part in account.unknown for part in needed) else 0
    )


def status_failures(state: LineState) -> int:
    """Return whether the line is out of force, or access is blocked."""
    blocked = REASON_BIT[Reason.ACCESS_BLOCKED] if BlockEffect.ACCESS in state.blocked else 0
    return _STATUS_FAILURES[state.status] | blocked


def contract_failures(contract: str, request: Request) -> int:
    """Return whether the request names another contract."""
    if request.contract is None or request.contract == contract:
        return 0
    return REASON_BIT[Reason.OTHER_CONTRACT]


def coverage_failures(
    state: LineState, product: Product | None, asset: Asset | None, request: Request
) -> int:
    """Return whether the line covers what the request is about.

    Coverage by asset takes an asset that is among the account's, and coverage by site one whose
    site the account states: what a request only declares proves nothing.
    """
    if product is None:
        return REASON_BIT[Reason.PRODUCT_UNKNOWN]
    coverage = state.line.coverage
    if coverage.level in ASSET_LEVELS:
        if asset is None:
            return REASON_BIT[Reason.ASSET_UNKNOWN]
        without_site = coverage.level is CoverageLevel.SITE and asset.site is None
        if without_site and asset.product == product.id:
            return REASON_BIT[Reason.ASSET_UNKNOWN]
    if not coverage.covers(request, product, asset):
        return REASON_BIT[Reason.NOT_COVERED]
    return 0


def depends_on_assets(state: LineState, request: Request) -> bool:
    """Return whether coverage here depends on what is known of the customer's assets."""
    return request.asset is not None and state.line.coverage.level in ASSET_LEVELS
