"""Precedence of entitlements: a declared total order of the candidates, when several apply.

The catalog lists the criteria in their order; contract, line and the order of rights in the plan
decide last, so that no two candidates are equal and the order of records never matters. Most of a
key is the same as long as nothing dated changes; when a first response would be due, and what a
request would cost, depend on the instant.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, Protocol, TypeAlias, final

from entitlements.access.promise import Charge, ChargeKind, Entitlement
from entitlements.calendars.business_hours import BusinessHours
from entitlements.contracts.catalog import Precedence
from entitlements.contracts.lines.line_history import LineHistory, LineState
from entitlements.contracts.records.contract import LEVEL_SPECIFICITY
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
"""The cost of a right that gives nothing, after all charges."""


class FirstResponseTarget(Protocol):
    """When promises have their first response; `access` itself knows no SLA policies."""

    def due(self, promise: Entitlement, request: Request, at: int) -> int:
        """Return when the first response to a request accepted at `at` is due, in microseconds.

        `END_OF_TIME` where none is promised.
        """
        ...

    def moves(self, promise: Entitlement, request: Request, at: int) -> tuple[bool, int]:
        """Return whether the due instant moves with `at`, and the last instant up to which.

        Up to that instant it is either as much later as the request is, or the same. If that is not
        so for a microsecond, as where it jumps over closed time, the instant returned is `at`.
        """
        ...

    def hours(self, promise: Entitlement, request: Request) -> BusinessHours | None:
        """Return the hours that decide when the first response is due.

        None where it is due the same time after every request, or never.
        """
        ...

    def key(self, promise: Entitlement, request: Request) -> Hashable:
        """Return what is equal for promises that are due at the same instants."""
        ...


@final
class NoTarget:
    """No targets: all promises have their first response at the same instant."""

    def due(self, promise: Entitlement, request: Request, at: int) -> int:  # noqa: ARG002 - the names of the protocol
        """Return the same for every promise."""
        return 0

    def moves(self, promise: Entitlement, request: Request, at: int) -> tuple[bool, int]:  # noqa: ARG002 - the names of the protocol
        """Return that it never moves."""
        return False, END_OF_TIME

    def hours(self, promise: Entitlement, request: Request) -> BusinessHours | None:  # noqa: ARG002 - the names of the protocol
        """Return that no hours decide."""
        return None

    def key(self, promise: Entitlement, request: Request) -> Hashable:  # noqa: ARG002 - the names of the protocol
        """Return the same for every promise."""
        return None


NO_TARGET: Final = NoTarget()


def varying_criteria(
    precedence: tuple[Precedence, ...], response: FirstResponseTarget
) -> tuple[tuple[int, Precedence], ...]:
    """Return the criteria that depend on the instant, each with its place in the key."""
    found = {Precedence.CHEAPEST_USE}
    found |= set() if response is NO_TARGET else {Precedence.BEST_RESPONSE}
    return tuple((place, each) for place, each in enumerate(precedence) if each in found)


def precedence_key(
    precedence: tuple[Precedence, ...],
    history: LineHistory,
    state: LineState,
    charge: Charge | None,
    request: Request,
    at: int,
) -> PrecedenceKey:
    """Return where a candidate comes; the smallest key comes first.

    Criteria that vary with the instant have a constant in their place: the charge that the plan
    states, None for a plan without rights, and no response.
    """
    key: list[int | str] = []
    for criterion in precedence:
        match criterion:
            case Precedence.EXPLICIT:
                key.append(0 if request.contract == history.contract.id else 1)
            case Precedence.MOST_SPECIFIC:
                key.append(LEVEL_SPECIFICITY[state.line.coverage.level])
            case Precedence.BEST_RESPONSE:
                key.append(END_OF_TIME)
            case Precedence.CHEAPEST_USE:
                key.append(NOTHING_LEFT if charge is None else COST[charge.kind])
            case Precedence.FIRST_TO_EXPIRE:
                end = history.ends(at, in_grace=True)
                key.append(END_OF_TIME if end is None else end)
    return (*key, history.contract.id, history.line)
