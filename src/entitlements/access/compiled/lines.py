"""One kind of request against one contract line: everything that does not depend on the instant.

Requests that agree in product, severity, channel and the like meet the same rights; what is left
for the instant is the group's hours, the balance and the number of open cases. A stretch keeps the
bits of all other checks, computed when first needed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Final, TypeAlias, final

from entitlements.access.checks.line import (
    contract_failures,
    coverage_failures,
    depends_on_assets,
    missing_facts_failures,
    status_failures,
)
from entitlements.access.checks.plan import plan_failures, right_failures
from entitlements.access.checks.support import service_failures, support_edges, support_failures
from entitlements.access.compiled.plan_grant_cache import PlanGrantCache
from entitlements.access.decision import (
    CONSENT,
    Charge,
    ChargeKind,
    Entitlement,
    Obligation,
    ObligationKind,
    Promise,
)
from entitlements.access.precedence import PrecedenceKey, precedence_key
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.contracts.account import Account, AccountPart
from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.contract import ASSET_LEVELS, ConstraintKind, CoverageLevel
from entitlements.contracts.lines.line_history import LineHistory, LineState
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.contracts.plans import AccessRight, ChargeBasis, Plan
from entitlements.kernel.instants import END_OF_TIME
from entitlements.kernel.requests import Request

RequestClassKey: TypeAlias = tuple[object, ...]
_OBLIGATION: Final = {
    ConstraintKind.RESIDENCY: ObligationKind.RESIDENCY,
    ConstraintKind.CLEARANCE: ObligationKind.CLEARANCE,
}


def request_class_key(
    histories: Iterable[LineHistory], catalog: Catalog
) -> Callable[[Request], RequestClassKey]:
    """Return what tells who asks, first, and in what requests agree that meet the same rights.

    Assets, sites, parties and versions count only where something depends on them.
    """
    names = ["contact", "product", "severity", "channel", "group", "conditions", "contract"]
    levels = {
        sold.line.coverage.level for history in histories for sold in history.line_terms.values
    }
    if any(product.versions for product in catalog.products):
        names.append("version")
    if levels & ASSET_LEVELS:
        names += ["asset", "site"]
    if CoverageLevel.PARTY in levels:
        names.append("party")
    return attrgetter(*names)


@final
class CompiledRight:
    """One right of one version of a plan, judged for one kind of request.

    Attributes:
        bits: Everything against it that does not depend on the instant, nor on its line.
        promise: What it gives, charged as the plan says.
        general: What the general group gives in its place; None without one.
        allowance: What the request draws on, if anything.
        timeline: When the group is reachable; None for always.
        order: Where it stands among the rights of the account, as far as the instant does not
            matter; the smallest comes first.
    """

    __slots__ = (
        "allowance",
        "failures",
        "general",
        "line",
        "order",
        "promise",
        "right",
        "timeline",
    )

    def __init__(
        self,
        *,
        line: CompiledLine,
        right: AccessRight,
        bits: int,
        promise: Promise,
        general: Promise | None,
        allowance: Allowance | None,
        timeline: Timeline | None,
        order: PrecedenceKey,
    ) -> None:
        self.line = line
        self.right = right
        self.failures = bits
        self.promise = promise
        self.general = general
        self.allowance = allowance
        self.timeline = timeline
        self.order = order


@final
class LinePeriod:
    """A line over a stretch of time in which nothing dated changes."""

    __slots__ = ("failures", "order", "plan", "rights", "standing")

    def __init__(
        self,
        standing: LineState,
        bits: int,
        order: PrecedenceKey,
        rights: tuple[CompiledRight, ...],
    ) -> None:
        self.standing = standing
        self.plan = standing.plan_as_bought
        self.failures = bits
        self.order = order
        self.rights = rights


@final
class CompiledLine:
    """One contract line, for one kind of request, over all time."""

    __slots__ = (
        "_account", "_catalog", "_request", "_stretches",
        "edges", "history", "stock",
    )  # fmt: skip

    def __init__(
        self,
        history: LineHistory,
        request: Request,
        catalog: Catalog,
        account: Account,
        stock: PlanGrantCache,
    ) -> None:
        self.history = history
        self.stock = stock
        self._request = request
        self._catalog = catalog
        self._account = account
        product = catalog.product(request.product)
        support = support_edges(product, history.plans, request, catalog, history.contract.zone)
        self.edges = (history.states.starts, tuple(sorted(support)))
        self._stretches: dict[tuple[int, int], LinePeriod] = {}

    def at(self, at: int) -> LinePeriod:
        """Return the stretch around `at`."""
        dated, support = self.edges
        place = (bisect_right(dated, at), bisect_right(support, at))
        found = self._stretches.get(place)
        if found is None:
            start = max(each[n - 1] for each, n in zip(self.edges, place, strict=True) if n)
            found = self._stretches[place] = self._stretch(start)
        return found

    def next_edge(self, at: int) -> int:
        """Return the first dated change after `at`; `END` if there is none."""
        places = [(each, bisect_right(each, at)) for each in self.edges]
        return min(
            (each[place] for each, place in places if place < len(each)), default=END_OF_TIME
        )

    def other_plans(self, plan: Plan) -> tuple[str, ...]:
        """Return the ids of the catalog's other plans of the same service product, sorted."""
        alike = {each.id for each in self._catalog.plans if each.service == plan.service}
        return tuple(sorted(alike - {plan.id}))

    def _stretch(self, at: int) -> LinePeriod:
        standing, request = self.history.states.at(at), self._request
        contract = self.history.contract
        product = self._catalog.product(request.product)
        asset = next((each for each in self._account.assets if each.id == request.asset), None)
        needed = [AccountPart.CONTRACTS, AccountPart.CHANGES]
        needed += [AccountPart.ASSETS] if depends_on_assets(standing, request) else []
        bits = (
            missing_facts_failures(self._account, needed)
            | contract_failures(contract.id, request)
            | status_failures(standing)
            | service_failures(standing.plan, self._catalog, contract.zone, at)
            | coverage_failures(standing, product, asset, request)
            | support_failures(product, request, contract.zone, at)
            | plan_failures(standing.plan, request)
        )
        order = self._order(standing, charge_without_allowance(standing.plan), at)
        rights = enumerate(standing.plan.rights)
        cells = tuple(self._right(right, rank, standing, at) for rank, right in rights)
        return LinePeriod(standing, bits, (*order, -1), cells)

    def _order(self, standing: LineState, charge: Charge, at: int) -> PrecedenceKey:
        precedence, request = self._catalog.precedence, self._request
        return precedence_key(precedence, self.history, standing, charge, request, at)

    def _right(self, right: AccessRight, rank: int, standing: LineState, at: int) -> CompiledRight:
        plan, line, request = standing.plan, standing.line, self._request
        allowance = None if right.allowance is None else plan.allowance(right.allowance)
        if allowance is not None and not allowance.applies_to(request.severity, right.group):
            allowance = None
        bits = right_failures(right, standing, request, counted=allowance is not None)
        if allowance is not None:
            bits |= missing_facts_failures(self._account, [AccountPart.LEDGER])
        hours = None if right.hours is None else self._catalog.calendar(right.hours, line)
        general = plan.general_group
        charge = charge_of(plan, allowance, self.history.contract.id, line.id)
        return CompiledRight(
            line=self,
            right=right,
            bits=bits,
            promise=self._promise(standing, right, right.group, charge),
            general=None
            if general is None
            else self._promise(standing, None, general, charge_without_allowance(plan)),
            allowance=allowance,
            timeline=None if hours is None else hours.timeline,
            order=(*self._order(standing, charge, at), rank),
        )

    def _promise(
        self, standing: LineState, right: AccessRight | None, group: str, charge: Charge
    ) -> Promise:
        plan, line, contract = standing.plan, standing.line, self.history.contract
        entitlement = Entitlement(
            contract=contract.id,
            line=line.id,
            plan=plan.id,
            plan_version=plan.version,
            policy=plan.policy,
            right=right.id if right else None,
            calendars=tuple(sorted(line.calendars.items())),
            experts=right.experts if right else (),
        )
        obligations = [
            Obligation(kind=_OBLIGATION[each.kind], values=tuple(sorted(each.values)))
            for each in contract.constraints
        ]
        declared = tuple(sorted(self._request.conditions - {CONSENT}))
        if declared:
            obligations.append(Obligation(kind=ObligationKind.CONDITION, values=declared))
        return Promise(
            entitlement=entitlement,
            group=group,
            immediate=right.immediate if right else False,
            charge=charge,
            obligations=tuple(obligations),
        )


def charge_of(plan: Plan, allowance: Allowance | None, contract: str, line: str) -> Charge:
    """Return how a plan charges a request, before the balance is looked at."""
    if allowance is None:
        return charge_without_allowance(plan)
    return Charge(
        kind=ChargeKind.PREPAID,
        allowance=allowance.id,
        pool=pool_id(contract, line, allowance.id),
        unit=allowance.unit,
        amount=allowance.cost,
        consumption=allowance.consumption,
    )


def charge_without_allowance(plan: Plan) -> Charge:
    """Return how a plan charges what draws on no allowance."""
    if plan.charge is ChargeBasis.TIME_AND_MATERIALS:
        return Charge(kind=ChargeKind.TIME_AND_MATERIALS)
    return Charge(kind=ChargeKind.INCLUDED)
