"""First responses of promises, for the precedence `best_response`."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, final

from entitlements.access.promise import Entitlement
from entitlements.calendars.business_hours import BusinessHours
from entitlements.kernel.instants import END_OF_TIME
from entitlements.kernel.requests import Request
from entitlements.sla.clock.compiled_policy import CompiledTarget
from entitlements.sla.clock.due_movement import due_movement, due_or_never
from entitlements.sla.milestones import Milestone
from entitlements.sla.policy import SlaPolicy

BEST_EFFORT_DUE: Final = END_OF_TIME - 1
"""In place of the due instant of a first response by best effort."""


@final
class FirstResponses:
    """When promises have their first response, by the calendars that their line binds."""

    __slots__ = ("_policy_of",)

    def __init__(self, policy_of: Callable[[Entitlement], SlaPolicy]) -> None:
        self._policy_of = policy_of

    def due(self, promise: Entitlement, request: Request, at: int) -> int:
        """Return when the first response is due; `END_OF_TIME` where none is promised.

        Best effort has no due instant, and comes before no promise at all.
        """
        target = self._target(promise, request)
        if target is None or target.definition.is_nothing:
            return END_OF_TIME
        return BEST_EFFORT_DUE if target.definition.within is None else due_or_never(target, at)

    def moves(self, promise: Entitlement, request: Request, at: int) -> tuple[bool, int]:
        """Return whether the due instant moves with `at`, and the last instant up to which."""
        target = self._target(promise, request)
        if target is None or target.definition.within is None:
            return False, END_OF_TIME
        return due_movement(target, at)

    def hours(self, promise: Entitlement, request: Request) -> BusinessHours | None:
        """Return the hours that decide when it is due; None where none is promised at a time."""
        target = self._target(promise, request)
        return None if target is None or target.definition.within is None else target.hours

    def key(self, promise: Entitlement, request: Request) -> Hashable:
        """Return what is equal for promises that are due at the same instants."""
        target = self._target(promise, request)
        if target is None or target.definition.is_nothing:
            return None
        if target.definition.within is None:
            return BEST_EFFORT_DUE
        cut_off = target.definition.cut_off
        return target.limit, target.days, id(target.timeline), target.late_landing, cut_off

    def _target(self, promise: Entitlement, request: Request) -> CompiledTarget | None:
        compiled = self._policy_of(promise).compiled
        targets = compiled.find_targets(
            request.severity, request.channel, request.conditions, request.kind
        )
        return targets.by_milestone.get(Milestone.FIRST_RESPONSE.value)
