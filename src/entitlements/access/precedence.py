"""Which entitlement, when several apply: a declared total order.

The catalog lists what counts and in which order; contract, line and the order of rights in the plan
decide last, so that no two candidates are equal and the order of records never matters. Most of a
key is the same for as long as nothing dated changes; when a first response would be due, and what a
request would cost, are looked at for the instant asked about.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, Protocol, TypeAlias, final

from entitlements.access.decision import Charge, ChargeKind, Entitlement
from entitlements.contracts.catalog import Precedence
from entitlements.contracts.contract import LEVEL_SPECIFICITY
from entitlements.contracts.lines.line_history import LineHistory, LineState
from entitlements.kernel.instants import END_OF_TIME
from entitlements.kernel.requests import Request

PrecedenceKey: TypeAlias = tuple[int | str, ...]

COST: Final = {
    ChargeKind.INCLUDED: 0,
    ChargeKind.PREPAID: 1,
    ChargeKind.OVERAGE: 2,
    ChargeKind.TIME_AND_MATERIALS: 3,
}
NOTHING_LEFT: Final = 4
"""The place of a right that gives nothing, behind all charges."""


class FirstResponseTarget(Protocol):
    """By when a promise has a first response; given by whoever knows the SLA policies."""

    def due(self, promise: Entitlement, request: Request, at: int) -> int:
        """Return when a request accepted at `at` is due to be answered; `END` for no promise."""
        ...

    def key(self, promise: Entitlement, request: Request) -> Hashable:
        """Return what is equal for promises that are due at the same instants."""
        ...


@final
class NoTarget:
    """Nothing is known of targets: all promises are alike."""

    def due(self, promise: Entitlement, request: Request, at: int) -> int:  # noqa: ARG002 - the protocol's words
        """Return the same for every promise."""
        return 0

    def key(self, promise: Entitlement, request: Request) -> Hashable:  # noqa: ARG002 - the protocol's words
        """Return the same for every promise."""
        return None


NO_TARGET: Final = NoTarget()


def moving(
    precedence: tuple[Precedence, ...], response: FirstResponseTarget
) -> tuple[tuple[int, Precedence], ...]:
    """Return the places in an order key that depend on the instant, each with its criterion."""
    found = {Precedence.CHEAPEST_USE}
    found |= set() if response is NO_TARGET else {Precedence.BEST_RESPONSE}
    return tuple((place, each) for place, each in enumerate(precedence) if each in found)


def precedence_key(
    precedence: tuple[Precedence, ...],
    history: LineHistory,
    standing: LineState,
    charge: Charge,
    request: Request,
    at: int,
) -> PrecedenceKey:
    """Return where a candidate stands; the smallest key comes first.

    Charges are those that the plan says, and no response is due: see `moving`.
    """
    key: list[int | str] = []
    for criterion in precedence:
        match criterion:
            case Precedence.EXPLICIT:
                key.append(0 if request.contract == history.contract.id else 1)
            case Precedence.MOST_SPECIFIC:
                key.append(LEVEL_SPECIFICITY[standing.line.coverage.level])
            case Precedence.BEST_RESPONSE:
                key.append(END_OF_TIME)
            case Precedence.CHEAPEST_USE:
                key.append(COST[charge.kind])
            case Precedence.FIRST_TO_EXPIRE:
                end = history.ends(at, in_grace=True)
                key.append(END_OF_TIME if end is None else end)
    return (*key, history.contract.id, history.line)
