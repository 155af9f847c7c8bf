"""One account's contracts, compiled for deciding.

For each kind of request, and each stretch of time in which nothing dated changes, the index keeps
the rights that are left once all checks are made that do not depend on the person, the hour or the
balance. So the cost of a decision depends on the rights that matter and on nothing else. The index
is built from immutable facts and only ever adds to its caches, so threads may share it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final, TypeAlias, final

from entitlements.access.checks.contacts import Contacts, delegations_by_contract
from entitlements.access.checks.follow_ups import first_case, followed
from entitlements.access.checks.line import known_bits
from entitlements.access.checks.open_cases import Counted, Place, count_cases, is_closed
from entitlements.access.compiled.balance_check import free_of_charge, price, promise_at
from entitlements.access.compiled.evaluation import Tried
from entitlements.access.compiled.lines import Key, LineCell, RightCell, key_of
from entitlements.access.compiled.plan_grant_cache import Stock
from entitlements.access.decision import Entitlement, Promise
from entitlements.access.precedence import (
    COST,
    NO_TARGET,
    NOTHING_LEFT,
    OrderKey,
    ResponseTarget,
    moving,
)
from entitlements.access.reasons import BIT, Reason
from entitlements.contracts.account import Account, OpenCase, Part
from entitlements.contracts.catalog import Catalog, Precedence
from entitlements.contracts.dates.step_function import BEGINNING, END, Steps
from entitlements.contracts.lines.line_status import LineHistory, standings
from entitlements.contracts.plans import Plan
from entitlements.kernel.instants import to_micros
from entitlements.kernel.memo import Memo
from entitlements.kernel.requests import Request

MOST_KEPT: Final = 1_024
"""How many kinds, moments and contacts the index of one account keeps, of each."""

WINDOW: Final = BIT[Reason.WINDOW_CLOSED]
NEVER: Final = BIT[Reason.NEVER_OPEN]
SPENT: Final = BIT[Reason.ALLOWANCE_SPENT]
USED: Final = BIT[Reason.ID_USED]
CROWDED: Final = BIT[Reason.TOO_MANY_OPEN_CASES]
_TOO_MANY: Final = len(Reason) + 1

ContactKey: TypeAlias = tuple[str, str, int | None]
"""A contract, a contact, and the limit of a plan on contacts."""


@final
class Moment:
    """One kind of request by one person, while nothing dated changes.

    Attributes:
        start: First instant.
        end: First instant after it.
        rights: Rights that may give access, in the declared order, each with the plan it is of
            where that limits the open cases.
    """

    __slots__ = ("end", "rights", "start")

    def __init__(self, start: int, end: int, rights: list[tuple[RightCell, Plan | None]]) -> None:
        self.start = start
        self.end = end
        self.rights = rights


@final
class Kind:
    """One kind of request against all lines of the account."""

    __slots__ = ("lines", "starts")

    def __init__(self, lines: tuple[LineCell, ...]) -> None:
        self.lines = lines
        # Lines of a contract share most of their edges, and often all.
        edges = {id(each): each for line in lines for each in line.edges}
        self.starts = sorted(set[int]().union(*edges.values()))


@final
class Index:
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
        "response",
        "stocks",
    )  # fmt: skip

    def __init__(
        self,
        account: Account,
        catalog: Catalog,
        response: ResponseTarget = NO_TARGET,
        within: Memo[Any, Any] | None = None,
    ) -> None:
        self.account = account
        self.catalog = catalog
        self.response = response
        self._moving = moving(catalog.precedence, response)
        self.histories: tuple[LineHistory, ...] = standings(account, catalog)
        _check_calendars(self.histories, catalog)
        self._key = key_of(self.histories, catalog)
        self._kinds: Memo[Key, Kind] = Memo(MOST_KEPT, within=within, weigh=_lines)
        self._moments: Memo[Key, Moment] = Memo(MOST_KEPT, within=within)
        self._contacts: Memo[ContactKey, Steps[int]] = Memo(MOST_KEPT, within=within)
        self._delegations = delegations_by_contract(account)
        self._lists: dict[tuple[str, int | None], Contacts] = {}
        self.stocks = tuple(Stock(account.ledger, each, within) for each in self.histories)
        self._counted: dict[Place, Counted] | None = None
        self._earlier: dict[str, OpenCase] | None = None

    @property
    def weight(self) -> int:
        """How many entries the index holds in all, for the memo in whose bound they count."""
        kept = self._kinds.held + self._moments.held + self._contacts.held
        return 1 + len(self.histories) + kept + sum(each.kept.held for each in self.stocks)

    def moment(self, request: Request, at: int) -> Moment:
        """Return the moment around `at`; that of the last such question is kept."""
        key = self._key(request)
        moment = self._moments.get(key)
        if moment is None or not moment.start <= at < moment.end:
            moment = self._moments.put(key, self._moment(request, at))
        return moment

    def ordered(self, request: Request, at: int) -> list[tuple[RightCell, Plan | None]]:
        """Return the rights that may give access at `at`, in the declared order."""
        rights = self.moment(request, at).rights
        if not self._moving or len(rights) < 2:  # noqa: PLR2004 - one right has no order
            return rights
        return sorted(rights, key=lambda pair: self.order(pair[0], request, at))

    def order(self, cell: RightCell, request: Request, at: int) -> OrderKey:
        """Return where a right stands at `at`; the smallest key comes first."""
        if not self._moving:
            return cell.order
        key = list(cell.order)
        for place, criterion in self._moving:
            if criterion is Precedence.BEST_RESPONSE:
                key[place] = self.response.due(cell.promise.entitlement, request, at)
            elif cell.allowance is not None and Part.LEDGER not in self.account.unknown:
                promise = self.promised(cell, request, at)
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

    def _moment(self, request: Request, at: int) -> Moment:
        kind = self.kind(request)
        found: list[tuple[RightCell, Plan | None]] = []
        start, end = _around(kind.starts, at)
        for line in kind.lines:
            stretch = line.at(at)
            if stretch.bits or not stretch.rights:
                continue
            person = self._steps(line, stretch.plan, request)
            since, until = _around(person.starts, at)
            start, end = max(start, since), min(end, until)
            if not person.at(at):
                plan = None if stretch.plan.concurrency is None else stretch.plan
                found += [(cell, plan) for cell in stretch.rights if not cell.bits]
        found.sort(key=lambda pair: pair[0].order)
        return Moment(start, end, found)

    def kind(self, request: Request) -> Kind:
        """Return what all requests of this kind have in common."""
        key = self._key(request)[1:]
        found = self._kinds.get(key)
        if found is None:
            lines = tuple(
                LineCell(history, request, self.catalog, self.account, stock)
                for history, stock in zip(self.histories, self.stocks, strict=True)
            )
            found = self._kinds.put(key, Kind(lines))
        return found

    def tried(self, request: Request, at: int) -> list[Tried]:
        """Return every right of every line with all the reasons against it at `at`."""
        found = []
        for line in self.kind(request).lines:
            stretch = line.at(at)
            shared = stretch.bits | self.person_bits(line, stretch.plan, request, at)
            for cell in stretch.rights:
                bits = shared | cell.bits | window_bits(cell, at)
                bits |= self.balance_bits(cell, request, at)
                found.append(Tried(line, stretch, cell, bits, self.order(cell, request, at)))
            if not stretch.rights:
                bits = shared | BIT[Reason.GROUP_NOT_IN_PLAN]
                found.append(Tried(line, stretch, None, bits, stretch.order))
        return found

    def closest(self, request: Request, at: int) -> int:
        """Return the bits of the candidate with the fewest; 0 if there is none at all."""
        best: tuple[int, OrderKey, int] = (_TOO_MANY, (), 0)
        for line in self.kind(request).lines:
            stretch = line.at(at)
            shared = stretch.bits | self.person_bits(line, stretch.plan, request, at)
            for cell in stretch.rights:
                bits = shared | cell.bits
                if bits.bit_count() <= best[0]:
                    bits |= window_bits(cell, at) | self.balance_bits(cell, request, at)
                    if bits.bit_count() <= best[0]:
                        order = self.order(cell, request, at)
                        best = min(best, (bits.bit_count(), order, bits))
            if not stretch.rights:
                bits = shared | BIT[Reason.GROUP_NOT_IN_PLAN]
                best = min(best, (bits.bit_count(), stretch.order, bits))
        return best[2]

    def person_bits(self, line: LineCell, plan: Plan, request: Request, at: int) -> int:
        """Return why the person may not open a case, or not another one, at `at`."""
        bits = self._steps(line, plan, request).at(at)
        return bits if plan.concurrency is None else bits | self.case_bits(line, plan, request, at)

    def _steps(self, line: LineCell, plan: Plan, request: Request) -> Steps[int]:
        """Return why the person may not open cases, over all time."""
        key = (line.history.contract.id, request.contact, plan.contact_limit)
        steps = self._contacts.get(key)
        if steps is None:
            contacts = self._people(line.history, plan.contact_limit)
            steps = self._contacts.put(key, contacts.steps(request.contact))
        return steps

    def _people(self, history: LineHistory, limit: int | None) -> Contacts:
        key = (history.contract.id, limit)
        found = self._lists.get(key)
        if found is None:
            delegations = self._delegations.get(history.contract.id, ())
            found = self._lists[key] = Contacts(self.account, delegations, history, limit)
        return found

    def case_bits(self, line: LineCell, plan: Plan, request: Request, at: int) -> int:
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
        return known_bits(self.account, [Part.CASES]) | (CROWDED if crowded else 0)

    def person_edges(self, line: LineCell, plan: Plan, request: Request, at: int) -> Iterator[int]:
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

    def counted(self) -> dict[Place, Counted]:
        """Return how many cases each contract and line has, and when they were closed."""
        if self._counted is None:
            self._counted = count_cases(self.earlier().values())
        return self._counted

    def balance_bits(self, cell: RightCell, request: Request, at: int) -> int:
        """Return whether nothing is left of the allowance, or the request's id was used before."""
        if cell.allowance is None or Part.LEDGER in self.account.unknown:
            return 0
        if self.promised(cell, request, at) is not None:
            return 0
        return SPENT if price(cell.line.stock.at(at), cell, request, at) is None else USED

    def promised(self, cell: RightCell, request: Request, at: int) -> Promise | None:
        """Return what a right gives at `at`: prepaid while it lasts, then overage, then nothing."""
        if cell.allowance is None:
            return cell.promise
        if request.follows is not None and self._is_free(cell, request, at):
            return free_of_charge(cell.promise)
        return promise_at(cell.line.stock.at(at), cell, request, at)

    def followed(self, request: Request, promise: Entitlement) -> OpenCase | None:
        """Return the case of the same line and product that a request follows, or None."""
        known = Part.CASES not in self.account.unknown
        return followed(self.earlier(), request, promise) if known else None

    def _is_free(self, cell: RightCell, request: Request, at: int) -> bool:
        warranty = self.warranty(cell, request)
        return warranty is not None and warranty[0] <= at < warranty[1]

    def warranty(self, cell: RightCell, request: Request) -> tuple[int, int] | None:
        """Return from when to when a follow-up is free; None where it never is."""
        case = self.followed(request, cell.promise.entitlement)
        if case is None or cell.allowance is None:
            return None
        first = first_case(self.earlier(), case, cell.allowance.warranty)
        if first is None or first.resolved is None:
            return None
        resolved = to_micros(first.resolved)
        return resolved, resolved + cell.allowance.warranty // timedelta(microseconds=1)


def _lines(kind: Kind) -> int:
    return 1 + len(kind.lines)


def _around(starts: Sequence[int], at: int) -> tuple[int, int]:
    """Return the last of `starts` at or before `at`, and the first after it."""
    index = bisect_right(starts, at)
    start = starts[index - 1] if index else BEGINNING
    return start, starts[index] if index < len(starts) else END


def window_bits(cell: RightCell, at: int) -> int:
    """Return whether the group is out of reach at `at`, and whether for ever."""
    if cell.timeline is None or cell.timeline.is_open(at):
        return 0
    return WINDOW if cell.timeline.next_open(at) is not None else WINDOW | NEVER


def _check_calendars(histories: tuple[LineHistory, ...], catalog: Catalog) -> None:
    for history in histories:
        for line, plan in history.sold.values:
            names = {right.hours for right in plan.rights if right.hours is not None}
            for name in sorted(names | plan.line_calendars):
                catalog.calendar(name, line)
