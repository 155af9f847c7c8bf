"""What was tried, check by check: the bits of a candidate as findings that cite their facts."""

from __future__ import annotations

from entitlements.access.compiled.evaluation import Evaluation
from entitlements.access.findings import Candidate, CheckOutcome, CheckResult
from entitlements.access.reasons import CHECK_OF, Check, Reason, reasons_of_bits
from entitlements.kernel.requests import Request


def candidate(tried: Evaluation, request: Request, *, chosen: bool) -> Candidate:
    """Return a tried right with one finding for each check, in the fixed order."""
    history, cell = tried.line.history, tried.cell
    reasons = reasons_of_bits(tried.bits)
    return Candidate(
        contract=history.contract.id,
        line=history.line,
        plan=tried.stretch.plan.id,
        right=cell.right.id if cell else None,
        group=cell.right.group if cell else None,
        chosen=chosen,
        findings=tuple(_finding(check, tried, request, reasons) for check in Check),
    )


def _finding(
    check: Check, tried: Evaluation, request: Request, reasons: tuple[Reason, ...]
) -> CheckResult:
    mine = tuple(reason for reason in reasons if CHECK_OF[reason] is check)
    cites = _cites(check, tried, request)
    if Reason.FACTS_MISSING in mine:
        outcome = CheckOutcome.UNKNOWN
    elif mine:
        outcome = CheckOutcome.FAIL
    elif _applies(check, tried):
        outcome = CheckOutcome.PASS
    else:
        outcome, cites = CheckOutcome.NOT_APPLICABLE, ()
    return CheckResult(check=check, outcome=outcome, reasons=mine, cites=cites)


def _applies(check: Check, tried: Evaluation) -> bool:
    plan, cell = tried.stretch.plan, tried.cell
    match check:
        case Check.SERVICE:
            return plan.service is not None
        case Check.CONCURRENCY:
            return plan.concurrency is not None
        case Check.CONDITIONS:
            return cell is not None and bool(cell.right.conditions)
        case Check.WINDOW:
            return cell is not None and cell.timeline is not None
        case Check.ALLOWANCE:
            return cell is not None and cell.allowance is not None
        case _:
            return True


def _cites(check: Check, tried: Evaluation, request: Request) -> tuple[str, ...]:  # noqa: PLR0911 - a line a check
    history, cell, standing = tried.line.history, tried.cell, tried.stretch.standing
    plan = f"{tried.stretch.plan.id}@{tried.stretch.plan.version}"
    match check:
        case Check.CUSTOMER:
            return (request.customer,)
        case Check.CONTRACT | Check.IN_FORCE:
            return (history.contract.id,)
        case Check.CONTACT:
            return (history.contract.id, request.contact)
        case Check.NOT_BLOCKED:
            return standing.blocks
        case Check.SERVICE:
            return (str(tried.stretch.plan.service),)
        case Check.COVERAGE:
            return (f"{history.contract.id}/{history.line}", request.product)
        case Check.SUPPORT:
            return (request.product, *([request.version] if request.version else []))
        case Check.CHANNEL | Check.SEVERITY | Check.CONCURRENCY:
            return (plan,)
        case Check.GROUP | Check.CONDITIONS:
            return (f"{plan}/{cell.right.id}",) if cell else (plan,)
        case Check.WINDOW:
            return (str(cell.right.hours),) if cell else ()
        case Check.ALLOWANCE:
            return (str(cell.promise.charge.pool),) if cell else ()
