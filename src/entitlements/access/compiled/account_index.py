"""One account's contracts, compiled for deciding.

For each kind of request, and each stretch of time in which nothing dated changes, the index keeps
the rights that are left once all checks are made that do not depend on the person, the hour or the
balance. So the cost of a decision depends on the rights that matter and on nothing else. The index
is built from immutable facts and only ever adds to its caches, so threads may share it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias, final

from entitlements.access.checks.contacts import ContactRights, delegations_by_contract
from entitlements.access.checks.follow_ups import first_case, followed
from entitlements.access.checks.line import missing_facts_failures
from entitlements.access.checks.open_cases import CaseTimes, Place, count_cases, is_closed
from entitlements.access.compiled.balance_check import price, promise_with_balance, without_charge
from entitlements.access.compiled.evaluation import Evaluation
from entitlements.access.compiled.lines import (
    CompiledLine,
    CompiledRight,
    RequestClassKey,
    request_class_key,
)
from entitlements.access.compiled.plan_grant_cache import PlanGrantCache
from entitlements.access.decision import Entitlement, Promise
from entitlements.access.precedence import (
    COST,
    NO_TARGET,
    NOTHING_LEFT,
    FirstResponseTarget,
    PrecedenceKey,
    moving,
)
from entitlements.access.reasons import REASON_BIT, Reason
from entitlements.contracts.account import Account, AccountPart, OpenCase
from entitlements.contracts.catalog import Catalog, Precedence
from entitlements.contracts.dates.step_function import StepFunction
from entitlements.contracts.lines.line_history import LineHistory, check_line_calendars
from entitlements.contracts.lines.line_status import line_histories
from entitlements.contracts.plans import Plan
from entitlements.kernel.instants import END_OF_TIME, MICROSECOND, START_OF_TIME, to_micros
from entitlements.kernel.memo import Memo
from entitlements.kernel.requests import Request

MAX_KEPT: Final = 1_024
"""How many kinds, moments and contacts the index of one account keeps, of each."""

WINDOW_FAILURE: Final = REASON_BIT[Reason.WINDOW_CLOSED]
NEVER_OPEN_FAILURE: Final = REASON_BIT[Reason.NEVER_OPEN]
SPENT_FAILURE: Final = REASON_BIT[Reason.ALLOWANCE_SPENT]
USED: Final = REASON_BIT[Reason.ID_USED]
CONCURRENCY_FAILURE: Final = REASON_BIT[Reason.TOO_MANY_OPEN_CASES]
_TOO_MANY: Final = len(Reason) + 1

ContactKey: TypeAlias = tuple[str, str, int | None]
"""A contract, a contact, and the limit of a plan on contacts."""


@final
class CandidateWindow:
    """One kind of request by one person, while nothing dated changes.

    Attributes:
        start: First instant.
        end: First instant after it.
        rights: Rights that may give access, in the declared order, each with the plan it is of
            where that limits the open cases.
    """

    __slots__ = ("end", "rights", "start")

    def __init__(
        self, start: int, end: int, rights: list[tuple[CompiledRight, Plan | None]]
    ) -> None:
        self.start = start
        self.end = end
        self.rights = rights


@final
class RequestClass:
    """One kind of request against all lines of the account."""

    __slots__ = ("lines", "starts")

    def __init__(self, lines: tuple[CompiledLine, ...]) -> None:
        self.lines = lines
        # Lines of a contract share most of their edges, and often all.
        edges = {id(each): each for line in lines for each in line.edges}
        self.starts = sorted(set[int]().union(*edges.values()))


@final
class AccountIndex:
    """One account of one catalog, ready to be asked.

    Args:
        account: The customer's records.
        catalog: What plans and calendars say.
        response: By when a promise has a first response, for the precedence `best_response`.
        within: The memo in whose bound everything that the index keeps counts.

    Raises:
        UnknownIdError: A line names a plan, version or calendar that the catalog does not have.
    """

    __slots__ = (
        "_contacts",
        "_counted",
        "_delegations",
        "_earlier",
        "_key",
        "_kinds",
        "_lists",
        "_moments",
        "_moving",
        "account",
        "catalog",
        "histories",
        "plan_grant_caches",
        "response",
    )  # fmt: skip

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
        self._moving = moving(catalog.precedence, response)
        self.histories: tuple[LineHistory, ...] = line_histories(account, catalog)
        check_line_calendars(self.histories, catalog)
        self._key = request_class_key(self.histories, catalog)
        self._kinds: Memo[RequestClassKey, RequestClass] = Memo(
            MAX_KEPT, within=within, weigh=_lines
        )
        self._moments: Memo[RequestClassKey, CandidateWindow] = Memo(MAX_KEPT, within=within)
        self._contacts: Memo[ContactKey, StepFunction[int]] = Memo(MAX_KEPT, within=within)
        self._delegations = delegations_by_contract(account)
        self._lists: dict[tuple[str, int | None], ContactRights] = {}
        self.plan_grant_caches = tuple(
            PlanGrantCache(account.ledger, each, within) for each in self.histories
        )
        self._counted: dict[Place, CaseTimes] | None = None
        self._earlier: dict[str, OpenCase] | None = None

    @property
    def weight(self) -> int:
        """How many entries the index holds in all, for the memo in whose bound they count."""
        kept = self._kinds.held + self._moments.held + self._contacts.held
        return (
            1 + len(self.histories) + kept + sum(each.kept.held for each in self.plan_grant_caches)
        )

    def candidate_window(self, request: Request, at: int) -> CandidateWindow:
        """Return the moment around `at`; that of the last such question is kept."""
        key = self._key(request)
        moment = self._moments.get(key)
        if moment is None or not moment.start <= at < moment.end:
            moment = self._moments.put(key, self._moment(request, at))
        return moment

    def ordered(self, request: Request, at: int) -> list[tuple[CompiledRight, Plan | None]]:
        """Return the rights that may give access at `at`, in the declared order."""
        rights = self.candidate_window(request, at).rights
        if not self._moving or len(rights) < 2:  # noqa: PLR2004 - one right has no order
            return rights
        return sorted(rights, key=lambda pair: self.order(pair[0], request, at))

    def order(self, cell: CompiledRight, request: Request, at: int) -> PrecedenceKey:
        """Return where a right stands at `at`; the smallest key comes first."""
        if not self._moving:
            return cell.order
        key = list(cell.order)
        for place, criterion in self._moving:
            if criterion is Precedence.BEST_RESPONSE:
                key[place] = self.response.due(cell.promise.entitlement, request, at)
            elif cell.allowance is not None and AccountPart.LEDGER not in self.account.unknown:
                promise = self.promise_with_balance(cell, request, at)
                key[place] = NOTHING_LEFT if promise is None else COST[promise.charge.kind]
        return tuple(key)

    @property
    def compares_charges(self) -> bool:
        """Whether the order of rights depends on what a request would cost."""
        return any(each is Precedence.CHEAPEST_USE for _, each in self._moving)

    @property
    def compares_responses(self) -> bool:
        """Whether the order of rights depends on when a first response would be due."""
        return any(each is Precedence.BEST_RESPONSE for _, each in self._moving)

    def _moment(self, request: Request, at: int) -> CandidateWindow:
        kind = self.request_class(request)
        found: list[tuple[CompiledRight, Plan | None]] = []
        start, end = _interval_around(kind.starts, at)
        for line in kind.lines:
            stretch = line.at(at)
            if stretch.failures or not stretch.rights:
                continue
            person = self._steps(line, stretch.plan, request)
            since, until = _interval_around(person.starts, at)
            start, end = max(start, since), min(end, until)
            if not person.at(at):
                plan = None if stretch.plan.concurrency is None else stretch.plan
                found += [(cell, plan) for cell in stretch.rights if not cell.failures]
        found.sort(key=lambda pair: pair[0].order)
        return CandidateWindow(start, end, found)

    def request_class(self, request: Request) -> RequestClass:
        """Return what all requests of this kind have in common."""
        key = self._key(request)[1:]
        found = self._kinds.get(key)
        if found is None:
            lines = tuple(
                CompiledLine(history, request, self.catalog, self.account, stock)
                for history, stock in zip(self.histories, self.plan_grant_caches, strict=True)
            )
            found = self._kinds.put(key, RequestClass(lines))
        return found

    def evaluate(self, request: Request, at: int) -> list[Evaluation]:
        """Return every right of every line with all the reasons against it at `at`."""
        found = []
        for line in self.request_class(request).lines:
            stretch = line.at(at)
            shared = stretch.failures | self.contact_failures(line, stretch.plan, request, at)
            for cell in stretch.rights:
                bits = shared | cell.failures | window_failures(cell, at)
                bits |= self.balance_failures(cell, request, at)
                found.append(Evaluation(line, stretch, cell, bits, self.order(cell, request, at)))
            if not stretch.rights:
                bits = shared | REASON_BIT[Reason.GROUP_NOT_IN_PLAN]
                found.append(Evaluation(line, stretch, None, bits, stretch.order))
        return found

    def fewest_failures(self, request: Request, at: int) -> int:
        """Return the bits of the candidate with the fewest; 0 if there is none at all."""
        best: tuple[int, PrecedenceKey, int] = (_TOO_MANY, (), 0)
        for line in self.request_class(request).lines:
            stretch = line.at(at)
            shared = stretch.failures | self.contact_failures(line, stretch.plan, request, at)
            for cell in stretch.rights:
                bits = shared | cell.failures
                if bits.bit_count() <= best[0]:
                    bits |= window_failures(cell, at) | self.balance_failures(cell, request, at)
                    if bits.bit_count() <= best[0]:
                        order = self.order(cell, request, at)
                        best = min(best, (bits.bit_count(), order, bits))
            if not stretch.rights:
                bits = shared | REASON_BIT[Reason.GROUP_NOT_IN_PLAN]
                best = min(best, (bits.bit_count(), stretch.order, bits))
        return best[2]

    def contact_failures(self, line: CompiledLine, plan: Plan, request: Request, at: int) -> int:
        """Return why the person may not open a case, or not another one, at `at`."""
        bits = self._steps(line, plan, request).at(at)
        return (
            bits
            if plan.concurrency is None
            else bits | self.concurrency_failures(line, plan, request, at)
        )

    def _steps(self, line: CompiledLine, plan: Plan, request: Request) -> StepFunction[int]:
        """Return why the person may not open cases, over all time."""
        key = (line.history.contract.id, request.contact, plan.contact_limit)
        steps = self._contacts.get(key)
        if steps is None:
            contacts = self._people(line.history, plan.contact_limit)
            steps = self._contacts.put(key, contacts.failures_over_time(request.contact))
        return steps

    def _people(self, history: LineHistory, limit: int | None) -> ContactRights:
        key = (history.contract.id, limit)
        found = self._lists.get(key)
        if found is None:
            delegations = self._delegations.get(history.contract.id, ())
            found = self._lists[key] = ContactRights(self.account, delegations, history, limit)
        return found

    def concurrency_failures(
        self, line: CompiledLine, plan: Plan, request: Request, at: int
    ) -> int:
        """Return why not another case may be open at `at`, if the plan limits them.

        Every case that is not closed at `at` counts, also one that was opened later: whoever comes
        second is second, whatever the clocks say.
        """
        place = (line.history.contract.id, line.history.line)
        known, closed = self.counted().get(place, (0, []))
        running = known - bisect_right(closed, at)
        own = self.earlier().get(request.id)
        if own is not None and (own.contract, own.line) == place and not is_closed(own, at):
            running -= 1
        crowded = plan.concurrency is not None and running >= plan.concurrency
        return missing_facts_failures(self.account, [AccountPart.CASES]) | (
            CONCURRENCY_FAILURE if crowded else 0
        )

    def person_edges(
        self, line: CompiledLine, plan: Plan, request: Request, at: int
    ) -> Iterator[int]:
        """Yield when `person_bits` can change next."""
        change = self._steps(line, plan, request).next_change(at)
        yield from [] if change is None else [change]
        if plan.concurrency is not None:
            place = (line.history.contract.id, line.history.line)
            _, closed = self.counted().get(place, (0, []))
            yield from closed[bisect_right(closed, at) :][:1]

    def earlier(self) -> dict[str, OpenCase]:
        """Return the cases by id; most questions ask for none, however many there were."""
        if self._earlier is None:
            self._earlier = {case.id: case for case in self.account.cases}
        return self._earlier

    def counted(self) -> dict[Place, CaseTimes]:
        """Return how many cases each contract and line has, and when they were closed."""
        if self._counted is None:
            self._counted = count_cases(self.earlier().values())
        return self._counted

    def balance_failures(self, cell: CompiledRight, request: Request, at: int) -> int:
        """Return whether nothing is left of the allowance, or the request's id was used before."""
        if cell.allowance is None or AccountPart.LEDGER in self.account.unknown:
            return 0
        if self.promise_with_balance(cell, request, at) is not None:
            return 0
        return SPENT_FAILURE if price(cell.line.stock.at(at), cell, request, at) is None else USED

    def promise_with_balance(
        self, cell: CompiledRight, request: Request, at: int
    ) -> Promise | None:
        """Return what a right gives at `at`: prepaid while it lasts, then overage, then nothing."""
        if cell.allowance is None:
            return cell.promise
        if request.follows is not None and self._is_free(cell, request, at):
            return without_charge(cell.promise)
        return promise_with_balance(cell.line.stock.at(at), cell, request, at)

    def followed(self, request: Request, promise: Entitlement) -> OpenCase | None:
        """Return the case of the same line and product that a request follows, or None."""
        known = AccountPart.CASES not in self.account.unknown
        return followed(self.earlier(), request, promise) if known else None

    def _is_free(self, cell: CompiledRight, request: Request, at: int) -> bool:
        warranty = self.warranty(cell, request)
        return warranty is not None and warranty[0] <= at < warranty[1]

    def warranty(self, cell: CompiledRight, request: Request) -> tuple[int, int] | None:
        """Return from when to when a follow-up is free; None where it never is."""
        case = self.followed(request, cell.promise.entitlement)
        if case is None or cell.allowance is None:
            return None
        first = first_case(self.earlier(), case, cell.allowance.warranty)
        if first is None or first.resolved is None:
            return None
        resolved = to_micros(first.resolved)
        return resolved, resolved + cell.allowance.warranty // MICROSECOND


def _lines(kind: RequestClass) -> int:
    return 1 + len(kind.lines)


def _interval_around(starts: Sequence[int], at: int) -> tuple[int, int]:
    """Return the last of `starts` at or before `at`, and the first after it."""
    index = bisect_right(starts, at)
    start = starts[index - 1] if index else START_OF_TIME
    return start, starts[index] if index < len(starts) else END_OF_TIME


def window_failures(cell: CompiledRight, at: int) -> int:
    """Return whether the group is out of reach at `at`, and whether for ever."""
    if cell.timeline is None or cell.timeline.is_open(at):
        return 0
    return (
        WINDOW_FAILURE
        if cell.timeline.next_open(at) is not None
        else WINDOW_FAILURE | NEVER_OPEN_FAILURE
    )
