"""Plan grants of one contract line, put into the ledger range by range.

Grants follow from a plan without end. They are derived for one line, since no other line uses
them, and for a limited range of time, when a question falls into it.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from typing import Any, Final, final

from entitlements.calendars.timeline.zones import FIRST_MICROS
from entitlements.contracts.ledger.grants.derived_grants import PlanGrants
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.line_history import LineHistory
from entitlements.contracts.lines.plan_grants import derived_grants
from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.instants import (
    DAY,
    END_OF_TIME,
    LATEST,
    START_OF_TIME,
    from_micros,
    to_micros,
)
from entitlements.kernel.on_demand.memo import Memo

MAX_RANGE: Final = 366 * DAY
"""Longest range, in microseconds."""

MAX_RANGES: Final = 16
"""How many ranges of one line are kept."""

_CYCLES: Final = 4
_LAST: Final = to_micros(LATEST - timedelta(days=2))


@final
class PlanGrantCache:
    """The ledger of an account with the grants of one line's plan, for ranges of time.

    A range is as long as a few cycles of the shortest allowance, and a year at most, so that each
    has a handful of grants. The last ranges that were asked for are kept.
    """

    __slots__ = ("_grants", "_last", "_width", "history", "kept", "ledger")

    def __init__(
        self, ledger: Ledger, history: LineHistory, within: Memo[Any, Any] | None = None
    ) -> None:
        self.ledger = ledger
        self.history = history
        self._width = _width(history)
        self._last = _last_grant(history)
        self._grants: Memo[int, PlanGrants] = Memo(MAX_RANGES, within=within)
        self.kept: Memo[int, Ledger] = Memo(MAX_RANGES, within=within)

    def with_ledger(self, ledger: Ledger, within: Memo[Any, Any] | None) -> PlanGrantCache:
        """Return the cache for another state of the ledger; the grants of the plan are shared."""
        return copy_with(self, ledger=ledger, kept=Memo(MAX_RANGES, within=within))

    def at(self, at: int) -> Ledger:
        """Return a ledger with all grants that matter to the line at `at`."""
        number = at // self._width
        found = self.kept.get(number)
        return self._with_grants(number) if found is None else found

    def until(self, at: int) -> int:
        """Return the first instant after `at` that falls into another range."""
        return (at // self._width + 1) * self._width

    def complete_until(self, at: int) -> int:
        """Return the first instant at which a grant may begin that the ledger of `at` lacks.

        No grant begins outside of the terms. `END_OF_TIME` stands for never.
        """
        end = self.until(at)
        if at >= self._last:
            return END_OF_TIME
        terms = self.history.terms
        following = bisect_right(terms, (end, END_OF_TIME))
        if following and end < terms[following - 1][1]:
            return end
        return terms[following][0] if following < len(terms) else END_OF_TIME

    def _with_grants(self, number: int) -> Ledger:
        plan = self._grants.get(number)
        if plan is None:
            since = from_micros(max(number * self._width, FIRST_MICROS))
            until = from_micros(min((number + 1) * self._width, _LAST))
            plan = self._grants.put(number, derived_grants([self.history], until, since=since))
        return self.kept.put(number, self.ledger.deriving(plan))


def _last_grant(history: LineHistory) -> int:
    """Return an instant after which no grant of the plan begins."""
    if any(each.recurrence for plan in history.plans for each in plan.allowances):
        return max((end for _, end in history.terms), default=START_OF_TIME)
    return max(
        [*(start for start, _ in history.terms), *history.line_terms.starts], default=START_OF_TIME
    )


def _width(history: LineHistory) -> int:
    allowances = {each for plan in history.plans for each in plan.allowances}
    cycles = [each.recurrence.least_days for each in allowances if each.recurrence is not None]
    return min([MAX_RANGE, *(_CYCLES * days * DAY for days in cycles)])
