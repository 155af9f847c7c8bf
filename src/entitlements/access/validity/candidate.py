"""Rivals: candidates that may decide instead of the one that does, and until when they cannot.

A rival is kept out by something: its hours are closed, its allowance is spent, or it comes later in
the order. Of several things the one that lasts longest counts, so that hours which open every
morning are not looked at while nothing is left of the allowance.
"""

from __future__ import annotations

from typing import NamedTuple, final

from entitlements.access.compiled.account_index import (
    MISSING_FAILURE,
    NEVER_OPEN_FAILURE,
    AccountIndex,
    window_failures,
)
from entitlements.access.compiled.evaluation import Evaluation
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.precedence import PrecedenceKey
from entitlements.access.validity.balances import next_balance_change
from entitlements.access.validity.crossings import next_crossing
from entitlements.access.validity.hours import next_hours_change
from entitlements.kernel.instants import END_OF_TIME
from entitlements.kernel.requests import Request

_NEVER_OPENS = NEVER_OPEN_FAILURE | MISSING_FAILURE


class DecisionInput(NamedTuple):
    """What is asked of which facts, and when."""

    account: AccountIndex
    request: Request
    at: int


@final
class CandidateState:
    """A candidate at one instant: its failures of hours and balance, and when they change next."""

    __slots__ = ("_given", "balance", "evaluation", "hours", "static")

    def __init__(self, evaluation: Evaluation, given: DecisionInput) -> None:
        right = evaluation.right
        self.evaluation = evaluation
        self._given = given
        self.static = evaluation.failures
        self.hours = 0 if right is None else window_failures(right, given.at)
        self.balance = 0
        if right is not None:
            self.balance = given.account.balance_failures(right, given.request, given.at)

    @property
    def failures(self) -> int:
        """All failures."""
        return self.static | self.hours | self.balance

    @property
    def right(self) -> CompiledRight | None:
        """The right; None for a line without rights."""
        return self.evaluation.right

    @property
    def opens_later(self) -> bool:
        """Whether it is closed, and known to open again."""
        return bool(self.hours) and not self.hours & _NEVER_OPENS

    def precedence(self) -> PrecedenceKey:
        """Return where it comes now."""
        index, request, at = self._given
        right = self.evaluation.right
        if right is None:
            return self.evaluation.precedence
        return index.precedence(right, request, at)

    def hours_change(self) -> int:
        """Return when the failures of its hours change next."""
        right = self.evaluation.right
        return END_OF_TIME if right is None else next_hours_change(right, self._given.at)

    def balance_change(self, until: int) -> int:
        """Return when its charge or the failure of its balance changes next."""
        right = self.evaluation.right
        if right is None:
            return END_OF_TIME
        index, request, at = self._given
        return next_balance_change(index, right, request, at, until)

    def crossing(self, other: CandidateState, until: int) -> int:
        """Return when the order of its first response and that of another one changes next."""
        index, request, at = self._given
        mine, theirs = self.evaluation.right, other.evaluation.right
        return next_crossing(index, mine, theirs, request, at, until)

    def access_change(self, until: int) -> int:
        """Return the earliest instant at which it may be granted or deferred, if only they fail."""
        ends = [self.hours_change()] if self.hours & _NEVER_OPENS else []
        if self.balance:
            ends.append(self.balance_change(until))
        return max(ends, default=END_OF_TIME)

    def grant_change(self, until: int) -> int:
        """Return the earliest instant at which it may be granted, if only they fail."""
        ends = [self.hours_change()] if self.hours else []
        if self.balance and max(ends, default=0) < until:
            ends.append(self.balance_change(until))
        return max(ends, default=END_OF_TIME)
