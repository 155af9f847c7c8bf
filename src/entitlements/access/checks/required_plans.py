"""Required plans: an add-on gives its rights only while a plan that it needs is in force."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

from entitlements.access.checks.open_cases import Place
from entitlements.access.reasons import REASON_BIT, Reason
from entitlements.contracts.dates.step_function import StepFunction
from entitlements.contracts.lines.line_history import LineHistory, LineStatus
from entitlements.contracts.plans import Plan
from entitlements.kernel.instants import END_OF_TIME
from entitlements.kernel.spans import union

IN_FORCE: Final = frozenset({LineStatus.ACTIVE, LineStatus.SUSPENDED, LineStatus.GRACE})
"""The statuses of a line that pass the check `in_force`."""

_MISSING: Final = REASON_BIT[Reason.REQUIRED_PLAN_MISSING]


def required_plan_failures(
    histories: Iterable[LineHistory], missing: AbstractSet[Place], plans: Iterable[Plan]
) -> dict[frozenset[str], StepFunction[int]]:
    """Return when no line of a required plan is in force, as failures that change with time.

    Args:
        histories: All lines of the account.
        missing: The lines whose terms the catalog does not have; they count as none.
        plans: The plans of the catalog, with the plans that they require.
    """
    known = [each for each in histories if (each.contract.id, each.line) not in missing]
    wanted = {plan.requires_plan for plan in plans if plan.requires_plan}
    return {each: _failures(known, each) for each in wanted}


def _failures(histories: Iterable[LineHistory], wanted: frozenset[str]) -> StepFunction[int]:
    times: list[tuple[int, int]] = []
    for history in histories:
        if wanted.isdisjoint(plan.id for plan in history.plans):
            continue
        starts = history.states.starts
        ends = (*starts[1:], END_OF_TIME)
        for start, end, state in zip(starts, ends, history.states.values, strict=True):
            if state.status in IN_FORCE and state.plan.id in wanted:
                times.append((start, end))
    changes: list[tuple[int, int]] = []
    for start, end in union(times):
        changes += [(start, 0), (end, _MISSING)]
    return StepFunction.of(_MISSING, changes)
