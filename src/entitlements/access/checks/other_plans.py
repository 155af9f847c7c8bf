"""Other plans of the customer: what an add-on needs, and what suspends a default plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias, final

from entitlements.access.checks.line import (
    coverage_failures,
    depends_on_assets,
    missing_facts_failures,
)
from entitlements.access.reasons import REASON_BIT, Reason
from entitlements.contracts.account import Account, AccountPart
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.dates.step_function import StepFunction
from entitlements.contracts.ledger.counted_cases import LineKey
from entitlements.contracts.lines.line_history import LineHistory, LineState, LineStatus
from entitlements.contracts.plans import Plan
from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME
from entitlements.kernel.periods.spans import Intervals, contains, union
from entitlements.kernel.requests import Request

PlanFailures: TypeAlias = Mapping[tuple[str, str], StepFunction[int]]
"""Failures over time, as bits, by the ids of plan and version; only of plans that may have some."""

_IN_FORCE: Final = frozenset({LineStatus.ACTIVE, LineStatus.SUSPENDED, LineStatus.GRACE})
"""The statuses of a line that pass the check `in_force`."""

_MISSING: Final = REASON_BIT[Reason.REQUIRED_PLAN_MISSING]
_SUSPENDED: Final = REASON_BIT[Reason.SUSPENDED_BY_PLAN]
_UNKNOWN: Final = REASON_BIT[Reason.FACTS_MISSING]


@final
class OtherPlans:
    """What the plans of an account depend on in the customer's lines of other plans.

    Args:
        histories: All lines of the account.
        missing: The lines whose terms the catalog does not have; they count as none.
        catalog: The plans, with the plans that they require or are suspended by.
        account: The customer's records.
    """

    __slots__ = ("_account", "_catalog", "_histories", "_needed", "_plans")

    def __init__(
        self,
        histories: Iterable[LineHistory],
        missing: AbstractSet[LineKey],
        catalog: Catalog,
        account: Account,
    ) -> None:
        self._account = account
        self._catalog = catalog
        self._plans = [each for each in catalog.plans if each.requires_plan or each.suspended_by]
        known = histories if self._plans else ()
        self._histories = [each for each in known if (each.contract.id, each.line) not in missing]
        wanted = {each.requires_plan for each in self._plans if each.requires_plan}
        self._needed = {each: self._times(each, _is_in_force) for each in wanted}

    def failures_over_time(self, request: Request) -> PlanFailures:
        """Return why plans give nothing, because of other plans, to requests like this one."""
        wanted = {each.suspended_by for each in self._plans if each.suspended_by}
        suspended = {each: self._suspended(each, request) for each in wanted}
        return {
            plan.key: self._failures(plan, suspended.get(plan.suspended_by, ()))
            for plan in self._plans
        }

    def _failures(
        self, plan: Plan, suspended: Iterable[tuple[int, Intervals]]
    ) -> StepFunction[int]:
        needed = self._needed.get(plan.requires_plan)

        def failures(at: int) -> int:
            found = 0 if needed is None or contains(needed, at) else _MISSING
            for bit, times in suspended:
                found |= bit if contains(times, at) else 0
            return found

        every = [needed or (), *(times for _, times in suspended)]
        edges = {edge for times in every for span in times for edge in span}
        return StepFunction.of(failures(START_OF_TIME), ((at, failures(at)) for at in edges))

    def _suspended(self, plans: frozenset[str], asked: Request) -> list[tuple[int, Intervals]]:
        """Return when a line of one of the plans is active and covers what is asked, or may."""
        product = self._catalog.product(asked.product)
        asset = next((each for each in self._account.assets if each.id == asked.asset), None)

        def covers(state: LineState) -> bool:
            active = state.status is LineStatus.ACTIVE
            return active and not coverage_failures(state, product, asset, asked)

        def may_cover(state: LineState) -> bool:
            needed = [AccountPart.ASSETS] if depends_on_assets(state, asked) else []
            missing = missing_facts_failures(self._account, needed)
            return state.status is LineStatus.ACTIVE and bool(missing)

        return [
            (_SUSPENDED, self._times(plans, covers)),
            (_UNKNOWN, self._times(plans, may_cover)),
        ]

    def _times(self, plans: frozenset[str], holds: Callable[[LineState], bool]) -> Intervals:
        """Return when a line of one of the plans has a state of which something holds."""
        times: list[tuple[int, int]] = []
        for history in self._histories:
            if plans.isdisjoint(plan.id for plan in history.plans):
                continue
            starts = history.states.starts
            ends = (*starts[1:], END_OF_TIME)
            for start, end, state in zip(starts, ends, history.states.values, strict=True):
                if state.plan.id in plans and holds(state):
                    times.append((start, end))
        return union(times)


def _is_in_force(state: LineState) -> bool:
    return state.status in _IN_FORCE
