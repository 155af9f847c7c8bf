"""Clauses: the terms of plans and contracts, beside targets, by which an answer can be decided.

A term that refuses is exercised by a denial for its reason, a term that gives by an answer under
it. Where access is given, the rights of the same contract line that are closed count too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from entitlements.access.decision import Deferred, Denied
from entitlements.access.explanation import AdvisoryKind
from entitlements.access.findings import Candidate
from entitlements.access.promise import ObligationKind
from entitlements.access.reasons import Check, Reason
from entitlements.contracts.account import Account
from entitlements.contracts.lines.line_status import line_histories
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.contracts.records.changes import Block, BlockEffect, Cancellation
from entitlements.contracts.records.contract import Contract, ContractLine, CoverageLevel
from entitlements.engine.assessment import Assessment
from entitlements.engine.facts import Facts
from entitlements.kernel.instants import to_micros
from entitlements.testing.promises.check import PromiseResult

_OF_PLAN: Final[Mapping[Reason, str]] = {
    Reason.CONTACT_OVER_LIMIT: "contact_limit",
    Reason.CONTACT_IN_LEAD_TIME: "lead_time",
    Reason.ROLE_MAY_NOT_OPEN: "opened_by",
    Reason.NOT_IN_GRACE: "grace",
    Reason.REQUIRED_PLAN_MISSING: "requires_plan",
    Reason.SUSPENDED_BY_PLAN: "suspended_by",
    Reason.SEVERITY_NOT_OPENABLE: "may_not_open",
    Reason.KIND_NOT_IN_PLAN: "kinds",
    Reason.TOO_MANY_OPEN_CASES: "concurrency",
}
_OF_RIGHT: Final[Mapping[Reason, str]] = {
    Reason.ROLE_NOT_IN_RIGHT: "roles",
    Reason.GROUP_NOT_NAMED: "only_when_named",
    Reason.PRODUCT_NOT_IN_RIGHT: "products",
    Reason.CHANNEL_NOT_IN_RIGHT: "channels",
    Reason.SEVERITY_NOT_IN_RIGHT: "severities",
    Reason.KIND_NOT_IN_RIGHT: "kinds",
    Reason.LANGUAGE_NOT_STATED: "languages",
    Reason.LANGUAGE_NOT_IN_RIGHT: "languages",
    Reason.CONDITION_NOT_MET: "conditions",
    Reason.WINDOW_CLOSED: "hours",
    Reason.NEVER_OPEN: "hours",
}
_OF_CONTRACT: Final[Mapping[Reason, str]] = {
    Reason.CONTACT_NOT_NAMED: "contacts",
    Reason.CONTRACT_PENDING: "start",
    Reason.CONTRACT_EXPIRED: "end",
    Reason.CONTRACT_CANCELLED: "cancellation",
}
_LIMITS: Final = ("contact_limit", "concurrency")
_BLOCKED: Final = frozenset({Reason.ACCESS_BLOCKED, Reason.CONSUMPTION_BLOCKED})
_NO_TERM: Final = frozenset(
    {Reason.CONTRACT_PENDING, Reason.CONTRACT_EXPIRED, Reason.CONTRACT_CANCELLED}
)
"""Reasons beside which others do not matter: outside its term, a line has no units left."""

_DENIES: Final = frozenset({BlockEffect.ACCESS, BlockEffect.CONSUMPTION})

Clause = tuple[str, ...]


def all_clauses(facts: Facts) -> Iterator[Clause]:
    """Yield the clauses of all plans and contracts, each as the words that name it."""
    for plan in facts.catalog.plans:
        yield from (("plan", plan.id, name) for name in _plan_terms(plan))
        yield from (("plan", plan.id, "allowance", each.id) for each in plan.allowances)
        for right in plan.rights:
            yield from (("right", plan.id, right.id, name) for name in _right_terms(right))
    for account in facts.accounts.values():
        yield from _account_clauses(account)


def _plan_terms(plan: Plan) -> Iterator[str]:
    stepped = [name for name in _LIMITS if any(getattr(s, name) for s in plan.quantity_steps)]
    names = dict.fromkeys((*_OF_PLAN.values(), "general_group"))
    yield from (name for name in names if name in stepped or getattr(plan, name))


def _right_terms(right: AccessRight) -> Iterator[str]:
    yield from (name for name in dict.fromkeys(_OF_RIGHT.values()) if getattr(right, name))


def _account_clauses(account: Account) -> Iterator[Clause]:
    for contract in account.contracts:
        if contract.retracted:
            continue
        yield from (("contract", contract.id, name) for name in _contract_terms(contract))
        for line in contract.lines:
            yield from (("line", contract.id, line.id, name) for name in _line_terms(line))
    for change in account.changes:
        if isinstance(change, Block) and change.effects & _DENIES and not change.retracted:
            yield ("block", change.id)
        elif isinstance(change, Cancellation) and not change.retracted:
            yield ("contract", change.contract, "cancellation")


def _contract_terms(contract: Contract) -> Iterator[str]:
    yield "start"
    if contract.renewal is not None:
        yield "renewal"
    elif contract.last_day is not None:
        yield "end"
    if not contract.any_contact:
        yield "contacts"
    yield from (each.kind.value for each in contract.constraints)


def _line_terms(line: ContractLine) -> Iterator[str]:
    if line.coverage.level is not CoverageLevel.ACCOUNT:
        yield "coverage"
    if line.contact_limit is not None:
        yield "contact_limit"


def exercised_clauses(facts: Facts, result: PromiseResult) -> Iterator[Clause]:
    """Yield the names of clauses that a case exercises, and of some that are not there."""
    answer = result.answer
    if answer is None:
        return
    for candidate, reasons in _refusals(answer):
        yield from _refused_by(candidate, reasons, facts)
    decision = answer.decision
    if isinstance(decision, Denied):
        return
    promised = decision.entitlement
    plan, contract = ("plan", promised.plan), ("contract", promised.contract)
    if decision.charge.allowance is not None:
        yield (*plan, "allowance", decision.charge.allowance)
    if promised.right is None:
        yield (*plan, "general_group")
    elif isinstance(decision, Deferred):
        yield ("right", promised.plan, promised.right, "hours")
    if any(each.kind is AdvisoryKind.IN_GRACE for each in decision.warnings):
        yield (*plan, "grace")
    if _is_tacit(facts, answer):
        yield (*contract, "renewal")
    if result.case.expected.agent is not None:
        demands = {ObligationKind.RESIDENCY, ObligationKind.CLEARANCE}
        yield from ((*contract, o.kind.value) for o in decision.obligations if o.kind in demands)


def _refusals(answer: Assessment) -> Iterator[tuple[Candidate, frozenset[Reason]]]:
    """Yield the candidates that gave no access, with those of their reasons that mattered."""
    decision = answer.decision
    if isinstance(decision, Denied):
        for each in decision.candidates:
            reasons = frozenset(each.reasons).intersection(decision.reasons)
            if Reason.OTHER_CONTRACT not in each.reasons:
                yield each, reasons & _NO_TERM or reasons
    else:
        line = (decision.entitlement.contract, decision.entitlement.line)
        for each in decision.candidates:
            if (each.contract, each.line) == line:
                yield each, frozenset(each.reasons)


def _refused_by(candidate: Candidate, reasons: frozenset[Reason], facts: Facts) -> Iterator[Clause]:
    """Yield the clauses by which a candidate gave no access."""
    contract, line = ("contract", candidate.contract), ("line", candidate.contract, candidate.line)
    for reason in reasons:
        if reason in _OF_PLAN:
            yield ("plan", candidate.plan, _OF_PLAN[reason])
        elif reason in _OF_RIGHT and candidate.right is not None:
            yield ("right", candidate.plan, candidate.right, _OF_RIGHT[reason])
        elif reason in _OF_CONTRACT:
            yield (*contract, _OF_CONTRACT[reason])
        elif reason is Reason.NOT_COVERED:
            yield (*line, "coverage")
        elif reason is Reason.ALLOWANCE_SPENT:
            yield from _spent(candidate, facts)
        elif reason in _BLOCKED:
            blocks = next(e.cites for e in candidate.results if e.check is Check.NOT_BLOCKED)
            yield from (("block", id) for id in blocks)
    if Reason.CONTACT_OVER_LIMIT in reasons:
        yield (*line, "contact_limit")


def _spent(candidate: Candidate, facts: Facts) -> Iterator[Clause]:
    for plan in facts.catalog.plans:
        for right in plan.rights:
            named = (plan.id, right.id) == (candidate.plan, candidate.right)
            if named and right.allowance is not None:
                yield ("plan", plan.id, "allowance", right.allowance)


def _is_tacit(facts: Facts, answer: Assessment) -> bool:
    """Return whether access is given in a term that began without a signature."""
    if isinstance(answer.decision, Denied):
        return False
    promised = answer.decision.entitlement
    account = facts.accounts[answer.request.customer]
    if not any(each.id == promised.contract and each.renewal for each in account.contracts):
        return False
    return any(
        each.tacit_from <= to_micros(answer.at)
        for each in line_histories(account, facts.catalog)
        if (each.contract.id, each.line) == (promised.contract, promised.line)
    )
