"""Severity of a request that states impact and urgency, by the priority matrices of its plans."""

from __future__ import annotations

from typing import Final

import attrs

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.reasons import CHECK_OF, REASON_BIT, Check, Reason
from entitlements.contracts.plan_terms.priority_matrix import PriorityMatrix
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.requests import Request

_ELSEWHERE: Final = {Check.CONTRACT, Check.IN_FORCE, Check.SERVICE, Check.COVERAGE}
_OUTSIDE: Final = sum(REASON_BIT[each] for each in Reason if CHECK_OF[each] in _ELSEWHERE)
"""Failures of a contract line that the request is not about."""


def with_severity(index: AccountIndex, request: Request, at: int) -> Request:
    """Return the request with the severity that follows from its impact and urgency.

    It follows from the plans of the contract lines that cover the request at `at`; from all plans
    of the customer if none does. A request that is about no plan at all stays as it is.

    Args:
        index: The account.
        request: A request that states impact and urgency.
        at: Microseconds since 1970.

    Raises:
        InvalidValueError: The plan has no matrix, several plans disagree, or the request states
            another severity.
        UnknownIdError: The matrix has no such impact or urgency.
    """
    tried = index.evaluate(request, at)
    covering = [each for each in tried if not each.failures & _OUTSIDE]
    matrices = {
        each.line.history.contract.id: each.period.plan.priority_matrix
        for each in covering or tried
        if each.period.plan.priority_matrix is not None
    }
    if not matrices:
        if not covering:
            return request
        raise InvalidValueError(
            f"no plan under which `{request.id}` is covered has a priority matrix",
            hint="state the severity, and neither impact nor urgency",
            path="impact",
        )
    severity = _severity(request, matrices)
    if request.severity not in {None, severity}:
        raise InvalidValueError(
            f"severity `{request.severity}` contradicts impact `{request.impact}` and urgency "
            f"`{request.urgency}`, from which `{severity}` follows",
            hint="leave out the severity, or both of these",
            path="severity",
        )
    return attrs.evolve(request, severity=severity)


def _severity(request: Request, matrices: dict[str, PriorityMatrix]) -> str:
    assert request.impact is not None  # noqa: S101 - both are stated
    assert request.urgency is not None  # noqa: S101 - as above
    found = {
        contract: matrix.priority(request.impact, request.urgency)
        for contract, matrix in sorted(matrices.items())
    }
    if len(set(found.values())) > 1:
        each = ", ".join(f"`{severity}` under `{contract}`" for contract, severity in found.items())
        raise InvalidValueError(
            f"impact `{request.impact}` and urgency `{request.urgency}` mean {each}",
            hint="name the contract",
            path="contract",
        )
    return next(iter(found.values()))
