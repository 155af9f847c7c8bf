"""Access oracle: the decision on a request, computed from all records with lists, dates and loops.

Everything is recomputed for every instant. `entitlements.access` is compared with it; they share
the records and the codes of the reasons, and no rule. Open hours have a separate oracle: here they
come from the calendars themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, TypeAlias, final

import attrs

from entitlements.access.reasons import Reason
from entitlements.contracts.account import Account, AccountPart
from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.catalog import Catalog, Precedence
from entitlements.contracts.lines.line_history import LineStatus
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.contracts.records.changes import BlockEffect
from entitlements.contracts.records.contract import Contract, ContractLine, CoverageLevel
from entitlements.kernel.requests import Request
from entitlements.testing.oracles.accounts.balances import (
    Charged,
    NaiveBalances,
    allowance_of,
    basis,
)
from entitlements.testing.oracles.accounts.contracts import NaiveContracts, latest
from entitlements.testing.oracles.accounts.people import NaivePeople
from entitlements.testing.oracles.accounts.products import about_product
from entitlements.testing.oracles.sold.terms import DUSK, after, midnight

Name: TypeAlias = tuple[str, str, str | None]
_FOR_NOW: Final = {
    Reason.WINDOW_CLOSED,
    Reason.NEVER_OPEN,
    Reason.ALLOWANCE_SPENT,
    Reason.ID_USED,
}


@final
@attrs.frozen(kw_only=True)
class Verdict:
    """A decision: the outcome with what a comparison needs.

    Attributes:
        outcome: granted, deferred or denied.
        reasons: Reasons of a denial; empty otherwise.
        name: Contract, line and right that give access.
        group: Id of the expert group.
        immediate: Whether the right is for immediate work.
        opens: First open instant of a deferred request.
        charge: Kind, allowance and whether consent is missing.
        experts: The designated experts.
        language: The language that agents need.
        tried: All reasons of each candidate.
    """

    outcome: str
    reasons: frozenset[Reason] = frozenset()
    name: Name | None = None
    group: str | None = None
    immediate: bool = False
    opens: datetime | None = None
    charge: tuple[str, str | None, bool] | None = None
    experts: tuple[str, ...] = ()
    language: str | None = None
    tried: dict[Name, frozenset[Reason]] = attrs.field(factory=dict, eq=False)


@final
@attrs.frozen
class _Tried:
    """One candidate: a right of a line, with all its reasons for refusal."""

    contract: Contract
    line: str
    text: ContractLine
    plan: Plan
    rank: int
    right: AccessRight | None
    reasons: frozenset[Reason]
    ends: datetime

    @property
    def name(self) -> Name:
        return self.contract.id, self.line, self.right.id if self.right else None


@final
class NaiveAccess:
    """One account under one catalog."""

    def __init__(self, catalog: Catalog, account: Account) -> None:
        self.catalog = catalog
        self.account = account
        self.contracts = NaiveContracts(catalog, account)
        self.balances = NaiveBalances(self.contracts)
        self.people = NaivePeople(self.contracts, account)

    # The decision

    def decide(self, request: Request, at: datetime) -> Verdict:
        """Return the verdict on `request` at `at`."""
        if request.customer != self.account.customer:
            return Verdict(outcome="denied", reasons=frozenset({Reason.CUSTOMER_UNKNOWN}))
        found = [self._try(*each, request, at) for each in self._candidates(at)]
        tried = {each.name: each.reasons for each in found}
        found.sort(key=lambda each: self._order(each, request, at))
        if not found:
            missing = AccountPart.CONTRACTS in self.account.unknown
            why = Reason.FACTS_MISSING if missing else Reason.NO_CONTRACT
            return Verdict(outcome="denied", reasons=frozenset({why}))
        for each in found:
            if each.right is not None and not each.reasons:
                return Verdict(
                    outcome="granted",
                    name=each.name,
                    group=each.right.group,
                    immediate=each.right.immediate,
                    charge=self._charge(each, request, at),
                    experts=each.text.experts or each.right.experts,
                    language=request.language if each.right.languages else None,
                    tried=tried,
                )
        return self._otherwise(found, tried, request, at)

    def _otherwise(
        self,
        found: list[_Tried],
        tried: dict[Name, frozenset[Reason]],
        request: Request,
        at: datetime,
    ) -> Verdict:
        for each in found:
            takes_over = each.right is not None and not each.right.only_when_named
            if takes_over and each.plan.general_group and each.reasons <= _FOR_NOW:
                return Verdict(
                    outcome="granted",
                    name=(each.contract.id, each.line, None),
                    group=each.plan.general_group,
                    charge=(basis(each.plan), None, False),
                    tried=tried,
                )
        later = [
            (opens, place, each)
            for place, each in enumerate(found)
            if each.right is not None
            and each.reasons == {Reason.WINDOW_CLOSED}
            and (opens := self._hours(each).next_open(at)) is not None
        ]
        if later:
            opens, _, each = min(later, key=lambda one: one[:2])
            return Verdict(
                outcome="deferred",
                name=each.name,
                group=each.right.group if each.right else None,
                opens=opens,
                charge=self._charge(each, request, at),
                experts=each.text.experts or (each.right.experts if each.right else ()),
                language=request.language if each.right and each.right.languages else None,
                tried=tried,
            )
        closest = min(found, key=lambda each: len(each.reasons))
        return Verdict(outcome="denied", reasons=closest.reasons, tried=tried)

    def _candidates(self, at: datetime) -> Iterator[tuple[Contract, str, int, AccessRight | None]]:
        for contract in latest(self.account.contracts):
            for id in self.contracts.line_ids(contract):
                plan = self.contracts.plan(contract, self.contracts.text(contract, id, at)[0], at)
                for rank, right in enumerate(plan.rights):
                    yield contract, id, rank, right
                if not plan.rights:
                    yield contract, id, -1, None

    def _try(
        self,
        contract: Contract,
        id: str,
        rank: int,
        right: AccessRight | None,
        request: Request,
        at: datetime,
    ) -> _Tried:
        text, there = self.contracts.text(contract, id, at)
        plan = self.contracts.plan(contract, text, at)
        status = self.contracts.status(contract, id, text, there, at)
        reasons = {
            *self._missing(text, plan, right, request),
            *self._about_contract(contract, id, status, request, at),
            *self.people.about_person(contract, text, plan, request, at),
            *about_product(self.catalog, self.account, contract.zone, text, request, at),
            *self._about_plan(contract, plan, request, at),
            *self._about_cases(contract, id, plan, request, at),
            *self._about_other_plans(plan, request, at),
        }
        found = _Tried(
            contract, id, text, plan, rank, right, frozenset(), self._ends(contract, id, at)
        )
        reasons |= {*self.people.about_roles(contract, text, plan, right, request, at)}
        if right is None:
            reasons.add(Reason.GROUP_NOT_IN_PLAN)
        else:
            reasons |= {*self._about_right(found, status, request, at)}
        return attrs.evolve(found, reasons=frozenset(reasons))

    def _order(self, each: _Tried, request: Request, at: datetime) -> tuple[Any, ...]:
        key: list[Any] = []
        for word in self.catalog.precedence:
            match word:
                case Precedence.EXPLICIT:
                    key.append(request.contract != each.contract.id)
                case Precedence.MOST_SPECIFIC:
                    key.append(list(CoverageLevel).index(each.text.coverage.level))
                case Precedence.BEST_RESPONSE:
                    key.append(0)
                case Precedence.CHEAPEST_USE:
                    key.append(self._cost(each, request, at))
                case Precedence.FIRST_TO_EXPIRE:
                    key.append(each.ends)
        return (*key, each.contract.id, each.line, each.rank)

    def _cost(self, each: _Tried, request: Request, at: datetime) -> int:
        """Return the rank of a right by its charge at `at`; a right that gives no units is last."""
        kinds = ["included", "prepaid", "overage", "time_and_materials"]
        if each.right is None:
            return len(kinds)
        if (
            self._allowance(each, request) is not None
            and AccountPart.LEDGER in self.account.unknown
        ):
            return kinds.index("prepaid")
        charge = self._charge(each, request, at)
        return len(kinds) if charge is None else kinds.index(charge[0])

    def _ends(self, contract: Contract, id: str, at: datetime) -> datetime:
        asked = Precedence.FIRST_TO_EXPIRE in self.catalog.precedence
        return self.contracts.ends(contract, id, at) if asked else DUSK

    # The checks

    def _missing(
        self, text: ContractLine, plan: Plan, right: AccessRight | None, request: Request
    ) -> Iterator[Reason]:
        needed = {AccountPart.CONTRACTS, AccountPart.CHANGES}
        by_asset = {CoverageLevel.ASSET, CoverageLevel.ASSET_GROUP, CoverageLevel.SITE}
        if request.asset is not None and text.coverage.level in by_asset:
            needed.add(AccountPart.ASSETS)
        if plan.concurrency is not None:
            needed.add(AccountPart.CASES)
        if right is not None and allowance_of(plan, right, request) is not None:
            needed.add(AccountPart.LEDGER)
        if needed & set(self.account.unknown):
            yield Reason.FACTS_MISSING

    def _about_contract(
        self, contract: Contract, id: str, status: LineStatus, request: Request, at: datetime
    ) -> Iterator[Reason]:
        if request.contract not in {None, contract.id}:
            yield Reason.OTHER_CONTRACT
        reason_of = {
            LineStatus.SUPERSEDED: Reason.CONTRACT_SUPERSEDED,
            LineStatus.CANCELLED: Reason.CONTRACT_CANCELLED,
            LineStatus.EXPIRED: Reason.CONTRACT_EXPIRED,
            LineStatus.PENDING: Reason.CONTRACT_PENDING,
        }
        if status in reason_of:
            yield reason_of[status]
        if BlockEffect.ACCESS in self.contracts.blocked(contract, id, at):
            yield Reason.ACCESS_BLOCKED

    def _about_other_plans(self, plan: Plan, request: Request, at: datetime) -> Iterator[Reason]:
        """Yield the reasons in the customer's other lines, whichever contact asks under them."""
        others = plan.requires_plan | plan.suspended_by
        passes = {LineStatus.ACTIVE, LineStatus.SUSPENDED, LineStatus.GRACE}
        found = set()
        for contract, id, _, _ in self._candidates(at) if others else ():
            text, there = self.contracts.text(contract, id, at)
            status = self.contracts.status(contract, id, text, there, at)
            if status in passes:
                found.add(text.plan)
            if status is not LineStatus.ACTIVE or text.plan not in plan.suspended_by:
                continue
            about = {*about_product(self.catalog, self.account, contract.zone, text, request, at)}
            if not about & {Reason.PRODUCT_UNKNOWN, Reason.ASSET_UNKNOWN, Reason.NOT_COVERED}:
                yield Reason.SUSPENDED_BY_PLAN
            by_asset = text.coverage.level.value in {"asset", "asset_group", "site"}
            if by_asset and request.asset and AccountPart.ASSETS in self.account.unknown:
                yield Reason.FACTS_MISSING
        if plan.requires_plan and not found & plan.requires_plan:
            yield Reason.REQUIRED_PLAN_MISSING

    def _about_plan(
        self, contract: Contract, plan: Plan, request: Request, at: datetime
    ) -> Iterator[Reason]:
        for service in self.catalog.services:
            life, zone = service.life_cycle, contract.zone
            if service.id == plan.service:
                early = life.general_availability
                ends = [life.end_of_support, life.end_of_life]
                if (early and at < midnight(early, zone)) or any(
                    last and at >= after(last, zone) for last in ends
                ):
                    yield Reason.SERVICE_ENDED
        if request.channel not in plan.channels:
            yield Reason.CHANNEL_NOT_IN_PLAN
        if plan.severities and request.severity is None:
            yield Reason.SEVERITY_NOT_STATED
        elif plan.severities and request.severity not in plan.severities:
            yield Reason.SEVERITY_UNKNOWN
        elif request.severity in plan.may_not_open:
            yield Reason.SEVERITY_NOT_OPENABLE
        if plan.kinds and request.kind not in plan.kinds:
            yield Reason.KIND_NOT_IN_PLAN if request.kind else Reason.KIND_NOT_STATED

    def _about_cases(
        self, contract: Contract, id: str, plan: Plan, request: Request, at: datetime
    ) -> Iterator[Reason]:
        others = [
            case
            for case in self.account.cases
            if (case.contract, case.line) == (contract.id, id)
            and case.id != request.id
            and at < (case.closed or DUSK)
        ]
        if plan.concurrency is not None and len(others) >= plan.concurrency:
            yield Reason.TOO_MANY_OPEN_CASES

    def _about_right(
        self, each: _Tried, status: LineStatus, request: Request, at: datetime
    ) -> Iterator[Reason]:
        right, grace = each.right, each.plan.grace
        if right is None:
            return
        if request.group is not None and request.group != right.group:
            yield Reason.GROUP_NOT_IN_PLAN
        if right.only_when_named and not request.group:
            yield Reason.GROUP_NOT_NAMED
        if right.products and request.product not in right.products:
            yield Reason.PRODUCT_NOT_IN_RIGHT
        if right.channels and request.channel not in right.channels:
            yield Reason.CHANNEL_NOT_IN_RIGHT
        if right.severities and request.severity not in right.severities:
            yield Reason.SEVERITY_NOT_IN_RIGHT
        if right.kinds and request.kind not in {None, *right.kinds}:
            yield Reason.KIND_NOT_IN_RIGHT
        yield from _about_language(right, request)
        if any(wanted not in request.conditions for wanted in right.conditions):
            yield Reason.CONDITION_NOT_MET
        if status is LineStatus.GRACE and grace and grace.rights and right.id not in grace.rights:
            yield Reason.NOT_IN_GRACE
        if right.hours is not None and not self._hours(each).is_open(at):
            yield Reason.WINDOW_CLOSED
            if self._hours(each).next_open(at) is None:
                yield Reason.NEVER_OPEN
        yield from self._about_balance(each, request, at)

    def _about_balance(self, each: _Tried, request: Request, at: datetime) -> Iterator[Reason]:
        if self._allowance(each, request) is None:
            return
        if BlockEffect.CONSUMPTION in self.contracts.blocked(each.contract, each.line, at):
            yield Reason.CONSUMPTION_BLOCKED
        known = AccountPart.LEDGER not in self.account.unknown
        if not known or self._charge(each, request, at) is not None:
            return
        place = (each.contract.id, each.line)
        assert each.right is not None  # noqa: S101 - a plan without rights has no balance
        left = self.balances.price(each.plan, each.right, place, request, at)
        yield Reason.ALLOWANCE_SPENT if left is None else Reason.ID_USED

    def _allowance(self, each: _Tried, request: Request) -> Allowance | None:
        return None if each.right is None else allowance_of(each.plan, each.right, request)

    def _charge(self, each: _Tried, request: Request, at: datetime) -> Charged | None:
        place = (each.contract.id, each.line)
        if each.right is None:
            return None
        return self.balances.charge(each.plan, each.right, place, request, at)

    def _hours(self, each: _Tried) -> Any:
        name = each.right.hours if each.right and each.right.hours else ""
        return self.catalog.calendars[each.text.calendars.get(name, name)]


def _about_language(right: AccessRight, request: Request) -> Iterator[Reason]:
    if right.languages and request.language not in right.languages:
        stated = request.language is not None
        yield Reason.LANGUAGE_NOT_IN_RIGHT if stated else Reason.LANGUAGE_NOT_STATED
