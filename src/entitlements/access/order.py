"""Which entitlement, when several apply: a declared total order.

The catalog lists what counts and in which order; contract, line and the order of rights in the plan
decide last, so that no two candidates are equal and the order of records never matters.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

from entitlements.access.decision import Charge, ChargeKind
from entitlements.contracts.catalog import Precedence
from entitlements.contracts.coverage import SPECIFICITY
from entitlements.contracts.plans import Plan
from entitlements.contracts.standing import LineHistory, Standing
from entitlements.contracts.steps import END
from entitlements.kernel.requests import Request

OrderKey: TypeAlias = tuple[int | str, ...]

_COST = {
    ChargeKind.INCLUDED: 0,
    ChargeKind.PREPAID: 1,
    ChargeKind.OVERAGE: 2,
    ChargeKind.TIME_AND_MATERIALS: 3,
}


class ResponseTarget(Protocol):
    """How soon a plan promises a first response; given by whoever knows the SLA policies."""

    def __call__(self, plan: Plan, request: Request) -> int:
        """Return the target in microseconds of its own clock; more for none."""
        ...


def no_target(plan: Plan, request: Request) -> int:  # noqa: ARG001 - the protocol's words
    """Return the same for every plan: nothing is known of targets."""
    return 0


def order_key(
    precedence: tuple[Precedence, ...],
    response: ResponseTarget,
    history: LineHistory,
    standing: Standing,
    charge: Charge,
    request: Request,
    at: int,
) -> OrderKey:
    """Return where a candidate stands; the smallest key comes first.

    Charges are compared as the plan says them, before the balance is looked at.
    """
    key: list[int | str] = []
    for criterion in precedence:
        match criterion:
            case Precedence.EXPLICIT:
                key.append(0 if request.contract == history.contract.id else 1)
            case Precedence.MOST_SPECIFIC:
                key.append(SPECIFICITY[standing.line.coverage.level])
            case Precedence.BEST_RESPONSE:
                key.append(response(standing.plan, request))
            case Precedence.CHEAPEST_USE:
                key.append(_COST[charge.kind])
            case Precedence.FIRST_TO_EXPIRE:
                end = history.ends(at, in_grace=True)
                key.append(END if end is None else end)
    return (*key, history.contract.id, history.line)
