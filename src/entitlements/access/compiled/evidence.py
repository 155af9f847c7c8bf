"""Evidence: the check results of every candidate, citing the facts they read."""

from __future__ import annotations

from entitlements.access.compiled.evaluation import Evaluation
from entitlements.access.findings import Candidate, CheckOutcome, CheckResult
from entitlements.access.reasons import CHECK_OF, Check, Reason, reasons_of_bits
from entitlements.kernel.requests import Request


def candidate(evaluation: Evaluation, request: Request, *, chosen: bool) -> Candidate:
    """Return an evaluated right with one result for each check, in the fixed order."""
    history, right = evaluation.line.history, evaluation.right
    reasons = reasons_of_bits(evaluation.failures)
    return Candidate(
        contract=history.contract.id,
        line=history.line,
        plan=evaluation.period.plan.id,
        right=right.access_right.id if right else None,
        group=right.access_right.group if right else None,
        chosen=chosen,
        results=tuple(_result(check, evaluation, request, reasons) for check in Check),
    )


def _result(
    check: Check, evaluation: Evaluation, request: Request, reasons: tuple[Reason, ...]
) -> CheckResult:
    mine = tuple(reason for reason in reasons if CHECK_OF[reason] is check)
    cites = _cites(check, evaluation, request)
    if Reason.FACTS_MISSING in mine:
        outcome = CheckOutcome.UNKNOWN
    elif mine:
        outcome = CheckOutcome.FAIL
    elif _applies(check, evaluation):
        outcome = CheckOutcome.PASS
    else:
        outcome, cites = CheckOutcome.NOT_APPLICABLE, ()
    return CheckResult(check=check, outcome=outcome, reasons=mine, cites=cites)


def _applies(check: Check, evaluation: Evaluation) -> bool:  # noqa: PLR0911 - one line for each check
    plan, right = evaluation.period.plan, evaluation.right
    match check:
        case Check.SERVICE:
            return plan.service is not None
        case Check.CONCURRENCY:
            return plan.concurrency is not None
        case Check.REQUIRED_PLAN:
            return bool(plan.requires_plan)
        case Check.SUSPENDING_PLAN:
            return bool(plan.suspended_by)
        case Check.LANGUAGE:
            return right is not None and bool(right.access_right.languages)
        case Check.KIND:
            return bool(plan.kinds)
        case Check.ROLE:
            return bool(plan.opened_by) or (right is not None and bool(right.access_right.roles))
        case Check.CONDITIONS:
            return right is not None and bool(right.access_right.conditions)
        case Check.WINDOW:
            return right is not None and right.timeline is not None
        case Check.ALLOWANCE:
            return right is not None and right.allowance is not None
        case _:
            return True


def _cites(check: Check, evaluation: Evaluation, request: Request) -> tuple[str, ...]:  # noqa: PLR0911 - one line for each check
    history, right, period = evaluation.line.history, evaluation.right, evaluation.period
    plan = f"{period.plan.id}@{period.plan.version}"
    match check:
        case Check.CUSTOMER:
            return (request.customer,)
        case Check.CONTRACT | Check.IN_FORCE:
            return (history.contract.id,)
        case Check.CONTACT | Check.ROLE:
            return (history.contract.id, request.contact)
        case Check.NOT_BLOCKED:
            return period.state.blocks
        case Check.SERVICE:
            return (str(period.plan.service),)
        case Check.COVERAGE:
            return (f"{history.contract.id}/{history.line}", request.product)
        case Check.SUPPORT:
            return (request.product, *([request.version] if request.version else []))
        case Check.GROUP | Check.LANGUAGE | Check.CONDITIONS:
            return (f"{plan}/{right.access_right.id}",) if right else (plan,)
        case Check.WINDOW:
            return (str(right.access_right.hours),) if right else ()
        case Check.ALLOWANCE:
            return (str(right.promise.charge.pool),) if right else ()
        case _:
            return (plan,)
