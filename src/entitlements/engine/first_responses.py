"""First responses of promises, for the precedence `best_response`."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import final

from entitlements.access.promise import Entitlement
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import END_OF_TIME
from entitlements.kernel.requests import Request
from entitlements.sla.clock.compiled_policy import CompiledTarget
from entitlements.sla.milestones import Milestone
from entitlements.sla.policy import SlaPolicy


@final
class FirstResponses:
    """When promises have their first response, by the calendars that their line binds."""

    __slots__ = ("_policy_of",)

    def __init__(self, policy_of: Callable[[Entitlement], SlaPolicy]) -> None:
        self._policy_of = policy_of

    def due(self, promise: Entitlement, request: Request, at: int) -> int:
        """Return when the first response is due; `END_OF_TIME` where none is promised."""
        target = self._target(promise, request)
        if target is None:
            return END_OF_TIME
        try:
            return target.due(at)
        except EntitlementsError:  # the calendar never has that much open time
            return END_OF_TIME

    def key(self, promise: Entitlement, request: Request) -> Hashable:
        """Return what is equal for promises that are due at the same instants."""
        target = self._target(promise, request)
        if target is None:
            return None
        cut_off = target.definition.cut_off
        return target.limit, target.days, id(target.timeline), target.late_landing, cut_off

    def _target(self, promise: Entitlement, request: Request) -> CompiledTarget | None:
        compiled = self._policy_of(promise).compiled
        targets = compiled.find_targets(request.severity, request.channel, request.conditions)
        target = targets.by_milestone.get(Milestone.FIRST_RESPONSE.value)
        return None if target is None or target.definition.within is None else target
