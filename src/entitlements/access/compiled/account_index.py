"""One account compiled for deciding: candidate rights of each class of requests, over time.

For each class of requests, and each period in which nothing dated changes, the index keeps the
rights that pass all checks that do not depend on the person, the hour or the balance. So the cost
of a decision depends on the rights that matter and on nothing else. The index is built from
immutable facts and only ever adds to its caches, so threads may share it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, Final, final

from entitlements.access.checks.line import missing_facts_failures
from entitlements.access.checks.other_plans import OtherPlans
from entitlements.access.compiled.balance_check import price, promise_with_balance, without_charge
from entitlements.access.compiled.case_index import CaseIndex
from entitlements.access.compiled.contact_index import ContactIndex
from entitlements.access.compiled.evaluation import Evaluation
from entitlements.access.compiled.lines import (
    CompiledLine,
    CompiledRight,
    LinePeriod,
    RequestClass,
    RequestClassKey,
    request_class_key,
)
from entitlements.access.compiled.missing_terms import lines_with_missing_terms, missing_plan
from entitlements.access.compiled.plan_grant_cache import PlanGrantCache
from entitlements.access.precedence import (
    COST,
    NO_TARGET,
    NOTHING_LEFT,
    FirstResponseTarget,
    PrecedenceKey,
    varying_criteria,
)
from entitlements.access.promise import Promise
from entitlements.access.reasons import REASON_BIT, Reason
from entitlements.contracts.account import Account, AccountPart
from entitlements.contracts.catalog import Catalog, Precedence
from entitlements.contracts.dates.step_function import StepFunction
from entitlements.contracts.ledger.counted_cases import LineKey
from entitlements.contracts.lines.line_history import LineHistory
from entitlements.contracts.lines.line_status import line_histories
from entitlements.contracts.plans import Plan
from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.errors import NotCoveredError
from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME
from entitlements.kernel.on_demand.memo import Memo
from entitlements.kernel.requests import Request

MAX_KEPT: Final = 1_024
"""How many request classes and candidate windows the index of one account keeps, of each.

A class counts its lines, and of an account with very many lines some classes are kept all the same.
"""

_CLASSES_KEPT: Final = 4

WINDOW_FAILURE: Final = REASON_BIT[Reason.WINDOW_CLOSED]
NEVER_OPEN_FAILURE: Final = REASON_BIT[Reason.NEVER_OPEN]
SPENT_FAILURE: Final = REASON_BIT[Reason.ALLOWANCE_SPENT]
ID_USED_FAILURE: Final = REASON_BIT[Reason.ID_USED]
CONCURRENCY_FAILURE: Final = REASON_BIT[Reason.TOO_MANY_OPEN_CASES]
MISSING_FAILURE: Final = REASON_BIT[Reason.FACTS_MISSING]


@final
class CandidateWindow:
    """The rights that one person has for one class of requests, while nothing dated changes.

    Attributes:
        start: First instant.
        end: First instant after it.
        rights: Rights that may give access, by precedence, each with its plan where that limits
            the open cases.
        is_ordered: Whether precedence is the same at every instant of the window.
    """

    __slots__ = ("end", "is_ordered", "rights", "start")

    def __init__(
        self,
        start: int,
        end: int,
        rights: list[tuple[CompiledRight, Plan | None]],
        *,
        is_ordered: bool,
    ) -> None:
        self.start = start
        self.end = end
        self.rights = rights
        self.is_ordered = is_ordered


@final
class AccountIndex:
    """One account under one catalog, compiled for deciding.

    A line whose plan, version or calendar is missing in the catalog gives no access.

    Args:
        account: The customer's records.
        catalog: Plans and calendars.
        response: When a promise has its first response, for the precedence `best_response`.
        within: The memo in whose bound everything that the index keeps counts.
    """

    __slots__ = (
        "_compares",
        "_key",
        "_other_plans",
        "_request_classes",
        "_varying",
        "_windows",
        "account",
        "cases",
        "catalog",
        "contacts",
        "histories",
        "limited_lines",
        "missing",
        "plan_grant_caches",
        "response",
    )

    def __init__(
        self,
        account: Account,
        catalog: Catalog,
        response: FirstResponseTarget = NO_TARGET,
        within: Memo[Any, Any] | None = None,
    ) -> None:
        self.account = account
        self.catalog = catalog
        self.response = response
        self._varying = varying_criteria(catalog.precedence, response)
        self._compares = {criterion for _, criterion in self._varying}
        self.missing = lines_with_missing_terms(account, catalog)
        self.histories: tuple[LineHistory, ...] = line_histories(account, catalog, missing_plan)
        self.limited_lines: frozenset[LineKey] = frozenset(
            (each.contract.id, each.line)
            for each in self.histories
            if any(plan.concurrency is not None for plan in each.plans)
        )
        self._other_plans = OtherPlans(self.histories, self.missing, catalog, account)
        self._key = request_class_key(self.histories, catalog)
        most = max(MAX_KEPT, _CLASSES_KEPT * (1 + len(self.histories)))
        self._request_classes: Memo[RequestClassKey, RequestClass] = Memo(
            most, within=within, weigh=_weight
        )
        self._windows: Memo[RequestClassKey, CandidateWindow] = Memo(MAX_KEPT, within=within)
        self.contacts = ContactIndex(account, catalog, within)
        self.cases = CaseIndex(account)
        self.plan_grant_caches = tuple(
            PlanGrantCache(account.ledger, each, within) for each in self.histories
        )

    def grown(self, account: Account, within: Memo[Any, Any] | None) -> AccountIndex:
        """Return the index of another state of the account with the same dated records.

        What was compiled from those is shared; what is kept of the ledger counts `within` a memo.
        """
        cases, caches = self.cases, self.plan_grant_caches
        if account.cases is not self.account.cases:
            cases = CaseIndex(account)
        if account.ledger is not self.account.ledger:
            caches = tuple(each.with_ledger(account.ledger, within) for each in caches)
        return copy_with(self, account=account, cases=cases, plan_grant_caches=caches)

    def grants_of(self, right: CompiledRight) -> PlanGrantCache:
        """Return the ledger as far as it matters to the line of a right."""
        return self.plan_grant_caches[right.line.number]

    @property
    def weight(self) -> int:
        """How many entries the index holds in all, for the memo in whose bound they count."""
        kept = self._request_classes.held + self._windows.held + self.contacts.kept.held
        grants = sum(each.kept.held for each in self.plan_grant_caches)
        return 1 + len(self.histories) + kept + grants

    @property
    def compares_charges(self) -> bool:
        """Whether precedence depends on what a request would cost."""
        return Precedence.CHEAPEST_USE in self._compares

    @property
    def compares_responses(self) -> bool:
        """Whether precedence depends on when a first response would be due."""
        return Precedence.BEST_RESPONSE in self._compares

    @property
    def settled_places(self) -> int | None:
        """How many places of a precedence key do not depend on the instant; None for all."""
        return self._varying[0][0] if self._varying else None

    def request_class(self, request: Request) -> RequestClass:
        """Return the lines compiled for requests like this one."""
        key = self._key(request)[1:]
        found = self._request_classes.get(key)
        if found is None:
            others = self._other_plans.failures_over_time(request)
            lines = tuple(
                CompiledLine(
                    history,
                    request,
                    self.catalog,
                    self.account,
                    number,
                    roles=self.contacts.roles_by_terms(history, request.contact),
                    others=others,
                    is_missing=(history.contract.id, history.line) in self.missing,
                )
                for number, history in enumerate(self.histories)
            )
            found = self._request_classes.put(key, RequestClass(lines))
        return found

    def candidate_window(self, request: Request, at: int) -> CandidateWindow:
        """Return the candidate window around `at`; that of the last such question is kept."""
        key = self._key(request)
        window = self._windows.get(key)
        if window is None or not window.start <= at < window.end:
            window = self._windows.put(key, self._window(request, at))
        return window

    def by_precedence(
        self, window: CandidateWindow, request: Request, at: int
    ) -> list[tuple[CompiledRight, Plan | None]]:
        """Return the rights of a window in the order that holds at `at`."""
        if window.is_ordered:
            return window.rights
        return sorted(window.rights, key=lambda pair: self.precedence(pair[0], request, at))

    def precedence(self, right: CompiledRight, request: Request, at: int) -> PrecedenceKey:
        """Return where a right comes at `at`; the smallest key comes first."""
        if not self._varying:
            return right.precedence
        key = list(right.precedence)
        for place, criterion in self._varying:
            if criterion is Precedence.BEST_RESPONSE:
                key[place] = self.response.due(right.promise.entitlement, request, at)
            elif right.allowance is not None and AccountPart.LEDGER not in self.account.unknown:
                promise = self.promise_with_balance(right, request, at)
                key[place] = NOTHING_LEFT if promise is None else COST[promise.charge.kind]
        return tuple(key)

    def evaluate(self, request: Request, at: int) -> list[Evaluation]:
        """Return every right of every line with all the reasons against it at `at`."""
        return [
            self._with_failures_of_the_instant(each, request, at)
            for each in self._evaluations(request, at)
        ]

    def fewest_failures(self, request: Request, at: int) -> int:
        """Return the failures of the candidate that has the fewest; 0 if there is none at all.

        Balances are looked at only where a right may have the fewest.
        """
        found = sorted(self._evaluations(request, at), key=lambda each: each.failures.bit_count())
        best: tuple[int, PrecedenceKey, int] | None = None
        for each in found:
            if best is not None and each.failures.bit_count() > best[0]:
                break
            whole = self._with_failures_of_the_instant(each, request, at)
            key = (whole.failures.bit_count(), whole.precedence, whole.failures)
            best = key if best is None else min(best, key)
        return 0 if best is None else best[2]

    def _evaluations(self, request: Request, at: int) -> Iterator[Evaluation]:
        """Yield every right with its failures, except those of hours and balance."""
        for line, period, contact in self._periods(request, at):
            shared = period.failures | contact.at(at)
            if period.plan.concurrency is not None:
                shared |= self.concurrency_failures(line, period.plan, request, at)
            for right in period.rights:
                yield Evaluation(line, period, right, shared | right.failures, right.precedence)
            if not period.rights:
                yield Evaluation(line, period, None, shared, period.precedence)

    def _with_failures_of_the_instant(
        self, evaluation: Evaluation, request: Request, at: int
    ) -> Evaluation:
        right = evaluation.right
        if right is not None:
            evaluation.failures |= window_failures(right, at)
            evaluation.failures |= self.balance_failures(right, request, at)
            evaluation.precedence = self.precedence(right, request, at)
        return evaluation

    def _window(self, request: Request, at: int) -> CandidateWindow:
        found: list[tuple[CompiledRight, Plan | None]] = []
        start, end = _interval_around(self.request_class(request).starts, at)
        for _, period, contact in self._periods(request, at):
            if period.failures or not period.rights:
                continue
            since, until = _interval_around(contact.starts, at)
            start, end = max(start, since), min(end, until)
            if not contact.at(at):
                plan = None if period.plan.concurrency is None else period.plan
                found += [(right, plan) for right in period.rights if not right.failures]
        found.sort(key=lambda pair: pair[0].precedence)
        is_ordered = self._is_ordered([right for right, _ in found], request)
        return CandidateWindow(start, end, found, is_ordered=is_ordered)

    def _is_ordered(self, rights: list[CompiledRight], request: Request) -> bool:
        """Return whether these rights are equal under every criterion that varies."""
        if len(rights) < 2 or not self._varying:  # noqa: PLR2004 - one right has no order
            return True
        if self.compares_charges and any(right.allowance is not None for right in rights):
            return False
        if not self.compares_responses:
            return True
        responses = {self.response.key(each.promise.entitlement, request) for each in rights}
        return len(responses) == 1

    def _periods(
        self, request: Request, at: int
    ) -> Iterator[tuple[CompiledLine, LinePeriod, StepFunction[int]]]:
        """Yield each line around `at`, with the failures of the person over time."""
        for line in self.request_class(request).lines:
            period = line.at(at)
            yield line, period, self.contact(line, period, request)

    def contact(self, line: CompiledLine, period: LinePeriod, asked: Request) -> StepFunction[int]:
        """Return why the person may not open cases under a line, over time."""
        terms = period.contact_terms
        return self.contacts.failures_over_time(line.history, terms, asked.contact)

    def concurrency_failures(
        self, line: CompiledLine, plan: Plan, request: Request, at: int
    ) -> int:
        """Return why not another case may be open at `at`, if the plan limits them."""
        if plan.concurrency is None:
            return 0
        failures = missing_facts_failures(self.account, [AccountPart.CASES])
        if self.cases.open_cases(line.place, request, at) >= plan.concurrency:
            failures |= CONCURRENCY_FAILURE
        return failures

    def balance_failures(self, right: CompiledRight, request: Request, at: int) -> int:
        """Return whether nothing is left of the allowance, or the request's id was used before."""
        if right.allowance is None or AccountPart.LEDGER in self.account.unknown:
            return 0
        if self.promise_with_balance(right, request, at) is not None:
            return 0
        priced = price(self.grants_of(right).at(at), right, request, at)
        return SPENT_FAILURE if priced is None else ID_USED_FAILURE

    def promise_with_balance(
        self, right: CompiledRight, request: Request, at: int
    ) -> Promise | None:
        """Return what a right gives at `at`: prepaid while it lasts, then overage, then nothing."""
        if right.allowance is None:
            return right.promise
        if request.follows is not None:
            warranty = self.warranty(right, request)
            if warranty is not None and warranty[0] <= at < warranty[1]:
                return without_charge(right.promise)
        return promise_with_balance(self.grants_of(right).at(at), right, request, at)

    def warranty(self, right: CompiledRight, request: Request) -> tuple[int, int] | None:
        """Return from when to when a follow-up is free; None where it never is."""
        if right.allowance is None:
            return None
        return self.cases.warranty(request, right.promise.entitlement, right.allowance.warranty)


def _weight(compiled: RequestClass) -> int:
    return 1 + len(compiled.lines)


def _interval_around(starts: Sequence[int], at: int) -> tuple[int, int]:
    """Return the last of `starts` at or before `at`, and the first after it."""
    index = bisect_right(starts, at)
    start = starts[index - 1] if index else START_OF_TIME
    return start, starts[index] if index < len(starts) else END_OF_TIME


def window_failures(right: CompiledRight, at: int) -> int:
    """Return whether the group is out of reach at `at`, for good, or for all that is known.

    The holidays of a calendar may say nothing about `at`, or about when it opens next.
    """
    if right.timeline is None:
        return 0
    failures = 0
    try:
        if right.timeline.is_open(at):
            return 0
        failures = WINDOW_FAILURE
        never = right.timeline.next_open(at) is None
    except NotCoveredError:
        return failures | MISSING_FAILURE
    return failures | (NEVER_OPEN_FAILURE if never else 0)
