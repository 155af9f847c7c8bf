"""One kind of request against one contract line: everything that does not depend on the instant.

Requests that agree in product, severity, channel and the like meet the same rights; what is left
for the instant is a bisection, the group's hours, the balance and the number of open cases. A cell
keeps the bits of all other checks, computed when first needed.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TypeAlias, final

import attrs

from entitlements.access.checks import (
    contract_bits,
    coverage_bits,
    known_bits,
    needs_assets,
    plan_bits,
    right_bits,
    service_bits,
    status_bits,
    support_bits,
    support_edges,
)
from entitlements.access.decision import Charge, ChargeKind, Entitlement
from entitlements.access.order import OrderKey, ResponseTarget, order_key
from entitlements.calendars.timeline import Timeline
from entitlements.contracts.account import Account, Part
from entitlements.contracts.allotment import pool_of
from entitlements.contracts.allowances import Allowance
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plans import AccessRight, ChargeBasis, Plan
from entitlements.contracts.standing import LineHistory, Standing
from entitlements.kernel.requests import Request

Key: TypeAlias = tuple[object, ...]


def key_of(request: Request) -> Key:
    """Return what makes two requests meet the same rights."""
    return (
        request.product,
        request.severity,
        request.channel,
        request.group,
        request.conditions,
        request.version,
        request.asset,
        request.site,
        request.party,
        request.contract,
    )


@final
class RightCell:
    """One right of one version of a plan, judged for one kind of request."""

    __slots__ = (
        "allowance",
        "bits",
        "charge",
        "entitlement",
        "general",
        "order",
        "right",
        "timeline",
    )

    def __init__(
        self,
        *,
        right: AccessRight,
        bits: int,
        entitlement: Entitlement,
        charge: Charge,
        allowance: Allowance | None,
        timeline: Timeline | None,
        order: OrderKey,
    ) -> None:
        self.right = right
        self.bits = bits
        self.entitlement = entitlement
        self.general = attrs.evolve(entitlement, right=None, experts=())
        self.charge = charge
        self.allowance = allowance
        self.timeline = timeline
        self.order = order


@final
class Stretch:
    """A line over a stretch of time in which nothing dated changes."""

    __slots__ = ("bits", "plan", "rights", "standing")

    def __init__(self, standing: Standing, bits: int, rights: tuple[RightCell, ...]) -> None:
        self.standing = standing
        self.plan = standing.plan
        self.bits = bits
        self.rights = rights


@final
class LineCell:
    """One contract line, for one kind of request, over all time."""

    __slots__ = ("_account", "_catalog", "_request", "_response", "_stretches", "history", "starts")

    def __init__(
        self,
        history: LineHistory,
        request: Request,
        catalog: Catalog,
        account: Account,
        response: ResponseTarget,
    ) -> None:
        self.history = history
        self._request = request
        self._catalog = catalog
        self._account = account
        self._response = response
        product = catalog.product(request.product)
        plans = [standing.plan for standing in history.steps.values]
        edges = support_edges(product, plans, request, catalog, history.contract.zone)
        self.starts = tuple(sorted({*history.steps.starts, *edges}))
        self._stretches: dict[int, Stretch] = {}

    def at(self, at: int) -> Stretch:
        """Return the stretch around `at`."""
        index = bisect_right(self.starts, at) - 1
        found = self._stretches.get(index)
        if found is None:
            found = self._stretch(self.starts[index])
            self._stretches[index] = found
        return found

    def next_edge(self, at: int) -> int | None:
        """Return the first dated change after `at`, or None."""
        index = bisect_right(self.starts, at)
        return self.starts[index] if index < len(self.starts) else None

    def other_plans(self, plan: Plan) -> tuple[str, ...]:
        """Return the ids of the catalog's other plans, sorted."""
        return tuple(sorted({each.id for each in self._catalog.plans} - {plan.id}))

    def _stretch(self, at: int) -> Stretch:
        standing, request = self.history.steps.at(at), self._request
        contract = self.history.contract
        product = self._catalog.product(request.product)
        asset = next((each for each in self._account.assets if each.id == request.asset), None)
        needed = [Part.CONTRACTS, Part.CHANGES]
        needed += [Part.ASSETS] if needs_assets(standing, request) else []
        bits = (
            known_bits(self._account, needed)
            | contract_bits(contract.id, request)
            | status_bits(standing)
            | service_bits(standing.plan, self._catalog, contract.zone, at)
            | coverage_bits(standing, product, asset, request)
            | support_bits(product, request, contract.zone, at)
            | plan_bits(standing.plan, request)
        )
        rights = enumerate(standing.plan.rights)
        return Stretch(
            standing, bits, tuple(self._right(right, rank, standing, at) for rank, right in rights)
        )

    def _right(self, right: AccessRight, rank: int, standing: Standing, at: int) -> RightCell:
        plan, line, contract = standing.plan, standing.line, self.history.contract
        bits = right_bits(right, standing, self._request)
        timeline = None
        if right.hours is not None:
            timeline = self._catalog.calendar(right.hours, line).timeline
        allowance = None if right.allowance is None else plan.allowance(right.allowance)
        if allowance is not None:
            bits |= known_bits(self._account, [Part.LEDGER])
        charge = charge_of(plan, allowance, contract.id, line.id)
        key = order_key(
            self._catalog.precedence,
            self._response,
            self.history,
            standing,
            charge,
            self._request,
            at,
        )
        entitlement = Entitlement(
            contract=contract.id,
            line=line.id,
            plan=plan.id,
            plan_version=plan.version,
            policy=plan.policy,
            right=right.id,
            calendars=tuple(sorted(line.calendars.items())),
            experts=right.experts,
        )
        return RightCell(
            right=right,
            bits=bits,
            entitlement=entitlement,
            charge=charge,
            allowance=allowance,
            timeline=timeline,
            order=(*key, rank),
        )


def charge_of(plan: Plan, allowance: Allowance | None, contract: str, line: str) -> Charge:
    """Return how a plan charges a request, before the balance is looked at."""
    if allowance is not None:
        return Charge(
            kind=ChargeKind.PREPAID,
            allowance=allowance.id,
            pool=pool_of(contract, line, allowance.id),
            unit=allowance.unit,
            amount=allowance.cost,
        )
    if plan.charge is ChargeBasis.TIME_AND_MATERIALS:
        return Charge(kind=ChargeKind.TIME_AND_MATERIALS)
    return Charge(kind=ChargeKind.INCLUDED)
