"""Changes of the balance of a right: when what it gives is another next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, final

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.promise import ChargeKind, Promise
from entitlements.access.validity.pools import PoolStates
from entitlements.calendars.timeline.zones import LAST_MICROS
from entitlements.contracts.account import AccountPart
from entitlements.contracts.allowances.allowance import Allowance, CycleAlignment, OveragePolicy
from entitlements.contracts.allowances.grant_cycles import in_force_at_once
from entitlements.contracts.lines.plan_grants import LAST_GRANT_EXPIRY, allowances_of_term
from entitlements.contracts.validity.terms import Term
from entitlements.kernel.instants import DAY, END_OF_TIME, to_micros
from entitlements.kernel.requests import Request

MAX_WITHOUT_CHANGE: Final = 1_096 * DAY
"""Three years: how far grants that overlap unevenly are followed while they change nothing."""

_CONSENT: Final = OveragePolicy.ALLOW_WITH_CONSENT


def next_balance_change(
    index: AccountIndex, right: CompiledRight, request: Request, at: int, until: int
) -> int:
    """Return an instant up to which the charge of a right, or why it gives nothing, is the same.

    That is the next change, if it comes within three years and before `until`; a later change is
    not looked for. `END_OF_TIME` stands for never.
    """
    if not counts(index, right):
        return END_OF_TIME
    states = PoolStates(index, right, request, at)
    now, cycles = states.given(), LastCycles(right)
    until = min(until, LAST_MICROS + 1)
    while True:
        if states.fresh_from <= states.at and cycles.cannot_change(
            now[0], states.at, by_hand=states.has_grants_by_hand
        ):
            return END_OF_TIME
        change = states.next_change()
        if change >= until or change - at >= MAX_WITHOUT_CHANGE:
            return change
        states.go_to(change)
        if states.given() != now:
            return change


def counts(index: AccountIndex, right: CompiledRight) -> bool:
    """Return whether what a right gives depends on the ledger."""
    return right.allowance is not None and AccountPart.LEDGER not in index.account.unknown


@final
class LastCycles:
    """Cycles of grants in a term without an end, and in the terms that lead up to it without a gap.

    If each of them gives the same, none has to be looked at until the calendar ends.

    Attributes:
        allowance: What gives grants in cycles for ever; None if nothing does.
        since: First instant of the first of these terms.
        settled: From when on only cycles of the last term are in force; without such cycles, from
            when on the same grants are.
        end: The last cycles, whose grants are shorter.
    """

    __slots__ = ("_cost", "allowance", "end", "settled", "since")

    def __init__(self, right: CompiledRight) -> None:
        history, self._cost = right.line.history, right.promise.charge.amount
        self.since, last = _granted_last(right, history.terms[-1:])
        span = 0 if last is None else span_of(last)
        self.end = to_micros(LAST_GRANT_EXPIRY) - span
        self.settled = min(self.since, self.end) + span
        self.allowance = None if last is None or last.recurrence is None else last
        if not history.terms or history.terms[-1][1] < END_OF_TIME:
            self.settled = max((history.grace_end(end) for _, end in history.terms), default=0)
            self.allowance = None
        if self.allowance is not None:
            self.since, _ = _granted_last(right, history.terms)

    def cannot_change(self, promise: Promise | None, at: int, *, by_hand: bool) -> bool:
        """Return whether what new grants give at `at` is given for ever.

        Where the calendar ends, so do cycles; the last grants are cut short and never expire.

        Args:
            promise: What they give; None for nothing.
            at: An instant at which only grants are in force from which nothing was taken.
            by_hand: Whether others were granted by hand.
        """
        allowance = self.allowance
        if allowance is None or not self.since <= at < self.end:
            return False
        if allowance.amount == 0 and not allowance.cap and allowance.over_use is not _CONSENT:
            return True
        is_settled = at >= self.settled
        least, most = in_force_at_once(allowance)
        if least == most and (is_settled or _is_plain(allowance)):
            return True
        if promise is None:
            if not is_settled:
                most += int(_begins_between(allowance))
            too_few = most * _most_units(allowance) < self._cost
            return too_few and allowance.over_use is not _CONSENT and not by_hand
        if promise.charge.kind is not ChargeKind.PREPAID:
            return False
        return (least if is_settled else min(least, 1)) * allowance.amount >= self._cost


def _granted_last(right: CompiledRight, terms: Sequence[Term]) -> tuple[int, Allowance | None]:
    """Return the allowance of the last term, and since when terms without a gap have given it."""
    since, found = END_OF_TIME, None
    last_version = right.line.history.line_terms.starts[-1]
    for start, end in reversed(terms):
        if found is not None and end != since:
            break
        begun, each = start, found
        if found is None or start < last_version:
            granted = allowances_of_term(right.line.history, start, end)
            begun, each = next((pair for pair in granted if _is_of(right, pair[1])), (since, None))
        if each is None or (found is not None and each != found):
            break
        since, found = begun, each
        if begun > start:
            break
    return since, found


def _is_of(right: CompiledRight, allowance: Allowance) -> bool:
    return right.allowance is not None and right.allowance.id == allowance.id


def _is_plain(allowance: Allowance) -> bool:
    """Return whether each grant ends where the next one begins, also that of another term."""
    return allowance.lifetime is None and allowance.rollover is None


def _begins_between(allowance: Allowance) -> bool:
    """Return whether the first grant of a term may overlap one grant more than all others do.

    It begins with the term, the second one where a week, month or year of the calendar does.
    """
    return allowance.lifetime is not None and allowance.aligned is CycleAlignment.CALENDAR


def _most_units(allowance: Allowance) -> int:
    """Return the most units that one grant gives, overage included."""
    rolled_over = 0 if allowance.rollover is None else allowance.rollover.at_least
    return max(allowance.amount, rolled_over) + (allowance.cap or 0)


def span_of(allowance: Allowance) -> int:
    """Return a time in which every grant that began before it has ended."""
    days = 2 * allowance.recurrence.most_days if allowance.recurrence else 0
    return DAY * (days + (allowance.lifetime.most_days if allowance.lifetime else 0))
