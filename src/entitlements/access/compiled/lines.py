"""Contract lines and rights, compiled for one class of requests.

Requests that agree in product, severity, channel and the like have the same rights. A line period
keeps the failures of all checks that are the same throughout it, computed when first needed; what
is left for the instant is the group's hours, the balance, the person and the number of open cases.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Final, TypeAlias, final

from entitlements.access.checks.contacts import contact_terms
from entitlements.access.checks.line import (
    contract_failures,
    coverage_failures,
    depends_on_assets,
    missing_facts_failures,
    status_failures,
)
from entitlements.access.checks.other_plans import PlanFailures
from entitlements.access.checks.plan import plan_failures, right_failures
from entitlements.access.checks.roles import right_role_failures, severity_role_failures
from entitlements.access.checks.support import service_failures, support_edges, support_failures
from entitlements.access.compiled.contact_index import RolesByTerms
from entitlements.access.precedence import PrecedenceKey, precedence_key
from entitlements.access.promise import (
    OVERAGE_CONSENT,
    Charge,
    ChargeKind,
    Entitlement,
    Obligation,
    ObligationKind,
    Promise,
)
from entitlements.access.reasons import REASON_BIT, Reason
from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.contracts.account import Account, AccountPart
from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.lines.line_history import LineHistory, LineState
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.contracts.plans import AccessRight, ChargeBasis, Plan
from entitlements.contracts.records.contract import ASSET_LEVELS, ConstraintKind, CoverageLevel
from entitlements.kernel.requests import Request

RequestClassKey: TypeAlias = tuple[object, ...]
_OBLIGATION: Final = {
    ConstraintKind.RESIDENCY: ObligationKind.RESIDENCY,
    ConstraintKind.CLEARANCE: ObligationKind.CLEARANCE,
}


def request_class_key(
    histories: Iterable[LineHistory], catalog: Catalog
) -> Callable[[Request], RequestClassKey]:
    """Return a function that gives the contact of a request, and then the key of its class.

    Assets, sites, parties, versions, kinds, languages and roles are part of the key only where
    something depends on them.
    """
    names = ["contact", "product", "severity", "channel", "group", "conditions", "contract"]
    levels = {
        sold.line.coverage.level for history in histories for sold in history.line_terms.values
    }
    if any(product.versions for product in catalog.products):
        names.append("version")
    if any(plan.kinds for plan in catalog.plans):
        names.append("kind")
    if any(right.languages for plan in catalog.plans for right in plan.rights):
        names.append("language")
    if any(plan.roles for plan in catalog.plans):
        names.append("contact")  # again, as a part of the class: contacts have roles
    if levels & ASSET_LEVELS:
        names += ["asset", "site"]
    if CoverageLevel.PARTY in levels:
        names.append("party")
    return attrgetter(*names)


@final
class CompiledRight:
    """One right of one version of a plan, compiled for one class of requests.

    Attributes:
        line: The line that it is a right of.
        access_right: The right as the plan states it.
        failures: The reasons against it that depend neither on the instant nor on its line.
        promise: What it gives, charged as the plan states before the balance is looked at.
        general: What the general group gives in its place; None without one.
        allowance: What the request draws on, if anything.
        hours: When the group is reachable; None for always.
        timeline: The same hours in microseconds.
        precedence: Where it comes among the rights of the account, as far as that does not depend
            on the instant; the smallest comes first.
    """

    __slots__ = (
        "access_right",
        "allowance",
        "failures",
        "general",
        "hours",
        "line",
        "precedence",
        "promise",
        "timeline",
    )

    def __init__(
        self,
        *,
        line: CompiledLine,
        access_right: AccessRight,
        failures: int,
        promise: Promise,
        general: Promise | None,
        allowance: Allowance | None,
        hours: BusinessHours | None,
        precedence: PrecedenceKey,
    ) -> None:
        self.line = line
        self.access_right = access_right
        self.failures = failures
        self.promise = promise
        self.general = general
        self.allowance = allowance
        self.hours = hours
        self.timeline: Timeline | None = None if hours is None else hours.timeline
        self.precedence = precedence


@final
class LinePeriod:
    """A line over a period in which nothing dated changes.

    Attributes:
        state: The line's status, terms and contacts.
        plan: The plan, with the limit on contacts that the line bought.
        contact_terms: What the plan says of the contacts of the contract.
        failures: The reasons against all rights of the line.
        precedence: Where the line comes if it has no rights.
    """

    __slots__ = (
        "_make_rights",
        "_rights",
        "contact_terms",
        "failures",
        "plan",
        "precedence",
        "state",
    )

    def __init__(
        self,
        state: LineState,
        failures: int,
        precedence: PrecedenceKey,
        make_rights: Callable[[], tuple[CompiledRight, ...]],
    ) -> None:
        self.state = state
        self.plan = state.plan_as_bought
        self.contact_terms = contact_terms(state)
        self.failures = failures
        self.precedence = precedence
        self._make_rights = make_rights
        self._rights: tuple[CompiledRight, ...] | None = None

    @property
    def rights(self) -> tuple[CompiledRight, ...]:
        """The rights of the plan, in its order; none where the plan has none or is missing.

        They are compiled when they are first needed: most lines of a large account never do.
        """
        if self._rights is None:
            self._rights = self._make_rights()
        return self._rights


@final
class CompiledLine:
    """One contract line over all time, compiled for one class of requests.

    Attributes:
        history: The line over all time.
        place: Ids of contract and line.
        number: Its place among the lines of the account, from 0, for what is kept beside it.
        edges: When something dated changes: the line; the support of what is asked about, the
            roles of the contact or other plans of the customer.
    """

    __slots__ = (
        "_account",
        "_catalog",
        "_is_missing",
        "_others",
        "_periods",
        "_request",
        "_roles",
        "edges",
        "history",
        "number",
        "place",
    )

    def __init__(
        self,
        history: LineHistory,
        request: Request,
        catalog: Catalog,
        account: Account,
        number: int,
        *,
        roles: RolesByTerms | None = None,
        others: PlanFailures | None = None,
        is_missing: bool = False,
    ) -> None:
        self.history = history
        self.place = (history.contract.id, history.line)
        self.number = number
        self._request = request
        self._catalog = catalog
        self._account = account
        self._is_missing = is_missing
        product = catalog.product(request.product)
        support = support_edges(product, history.plans, request, catalog, history.contract.zone)
        self._roles = roles or {}
        mine = {plan.key for plan in history.plans} if others else set()
        self._others = {key: some for key, some in (others or {}).items() if key in mine}
        own = [each.starts for each in self._roles.values()]
        own += [each.starts for each in self._others.values()]
        changes = support.union(*own)
        self.edges = (history.states.starts, tuple(sorted(changes)))
        self._periods: dict[tuple[int, int], LinePeriod] = {}

    def at(self, at: int) -> LinePeriod:
        """Return the period around `at`."""
        dated, support = self.edges
        place = (bisect_right(dated, at), bisect_right(support, at))
        found = self._periods.get(place)
        if found is None:
            start = max(each[n - 1] for each, n in zip(self.edges, place, strict=True) if n)
            found = self._periods[place] = self._period(start)
        return found

    def other_plans(self, plan: Plan) -> tuple[str, ...]:
        """Return the ids of the catalog's other plans of the same service product, sorted."""
        alike = {each.id for each in self._catalog.plans if each.service == plan.service}
        return tuple(sorted(alike - {plan.id}))

    def _period(self, at: int) -> LinePeriod:
        state = self.history.states.at(at)
        failures = self._failures(state, at)
        precedence = (*self._precedence(state, None, at), -1)
        if self._is_missing:
            missing = REASON_BIT[Reason.FACTS_MISSING]
            return LinePeriod(state, failures | missing, precedence, tuple)
        failures |= service_failures(state.plan, self._catalog, self.history.contract.zone, at)
        failures |= plan_failures(state.plan, self._request)
        others = self._others.get(state.plan.key)
        failures |= 0 if others is None else others.at(at)
        roles = self._roles_at(state, at)
        failures |= severity_role_failures(state.plan, self._request.severity, roles, self._account)
        if not state.plan.rights:
            failures |= REASON_BIT[Reason.GROUP_NOT_IN_PLAN]
        return LinePeriod(state, failures, precedence, lambda: self._rights(state, at))

    def _rights(self, state: LineState, at: int) -> tuple[CompiledRight, ...]:
        general = self._general(state)
        return tuple(
            self._right(right, rank, state, general, at)
            for rank, right in enumerate(state.plan.rights)
        )

    def _roles_at(self, state: LineState, at: int) -> frozenset[str]:
        roles = self._roles.get(contact_terms(state))
        return frozenset() if roles is None else roles.at(at)

    def _failures(self, state: LineState, at: int) -> int:
        """Return the reasons against the line that do not depend on its plan."""
        request, contract = self._request, self.history.contract
        product = self._catalog.product(request.product)
        asset = next((each for each in self._account.assets if each.id == request.asset), None)
        needed = [AccountPart.CONTRACTS, AccountPart.CHANGES]
        needed += [AccountPart.ASSETS] if depends_on_assets(state, request) else []
        return (
            missing_facts_failures(self._account, needed)
            | contract_failures(contract.id, request)
            | status_failures(state)
            | coverage_failures(state, product, asset, request)
            | support_failures(product, request, contract.zone, at)
        )

    def _precedence(self, state: LineState, charge: Charge | None, at: int) -> PrecedenceKey:
        criteria, request = self._catalog.precedence, self._request
        return precedence_key(criteria, self.history, state, charge, request, at)

    def _general(self, state: LineState) -> Promise | None:
        """Return what the general group of the plan gives, which is the same for all its rights."""
        group = state.plan.general_group
        if group is None or not state.plan.rights:
            return None
        return self._promise(state, None, group, charge_without_allowance(state.plan))

    def _right(
        self, right: AccessRight, rank: int, state: LineState, general: Promise | None, at: int
    ) -> CompiledRight:
        plan, line, request = state.plan, state.line, self._request
        allowance = None if right.allowance is None else plan.allowance(right.allowance)
        if allowance is not None and not allowance.applies_to(request.severity, right.group):
            allowance = None
        failures = right_failures(right, state, request, counted=allowance is not None)
        failures |= right_role_failures(right, self._roles_at(state, at), self._account)
        if allowance is not None:
            failures |= missing_facts_failures(self._account, [AccountPart.LEDGER])
        hours = None if right.hours is None else self._catalog.calendar(right.hours, line)
        charge = charge_of(plan, allowance, self.history.contract.id, line.id)
        return CompiledRight(
            line=self,
            access_right=right,
            failures=failures,
            promise=self._promise(state, right, right.group, charge),
            general=None if right.only_when_named else general,
            allowance=allowance,
            hours=hours,
            precedence=(*self._precedence(state, charge, at), rank),
        )

    def _promise(
        self, state: LineState, right: AccessRight | None, group: str, charge: Charge
    ) -> Promise:
        plan, line, contract = state.plan, state.line, self.history.contract
        entitlement = Entitlement(
            contract=contract.id,
            line=line.id,
            plan=plan.id,
            plan_version=plan.version,
            policy=plan.policy,
            right=right.id if right else None,
            calendars=tuple(sorted(line.calendars.items())),
            experts=(line.experts or right.experts) if right else (),
        )
        obligations = [
            Obligation(kind=_OBLIGATION[each.kind], values=tuple(sorted(each.values)))
            for each in contract.constraints
        ]
        declared = tuple(sorted(self._request.conditions - {OVERAGE_CONSENT}))
        if declared:
            obligations.append(Obligation(kind=ObligationKind.CONDITION, values=declared))
        return Promise(
            entitlement=entitlement,
            group=group,
            immediate=right.immediate if right else False,
            charge=charge,
            obligations=tuple(obligations),
            language=self._request.language if right and right.languages else None,
        )


@final
class RequestClass:
    """All lines of the account, compiled for one class of requests."""

    __slots__ = ("lines", "starts")

    def __init__(self, lines: tuple[CompiledLine, ...]) -> None:
        self.lines = lines
        # Lines of a contract share most of their edges, and often all.
        edges = {id(each): each for line in lines for each in line.edges}
        self.starts = sorted(set[int]().union(*edges.values()))


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
