"""One account's contracts, compiled for deciding.

For each kind of request, and each stretch of time in which nothing dated changes, the index keeps
the rights that are left once all checks are made that do not depend on the person, the hour or the
balance. So the cost of a decision depends on the rights that matter and on nothing else. The index
is built from immutable facts and only ever adds to its caches, so threads may share it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final, TypeAlias, final

from entitlements.access.balances import free_of_charge, in_warranty, promise_at
from entitlements.access.cells import Key, LineCell, RightCell, Stretch, key_of
from entitlements.access.checks import known_bits
from entitlements.access.contacts import Contacts, delegations_by_contract
from entitlements.access.decision import Promise
from entitlements.access.order import OrderKey, ResponseTarget, no_target
from entitlements.access.reasons import BIT, Reason
from entitlements.access.stock import Stock
from entitlements.contracts.account import Account, OpenCase, Part
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.ledger import Ledger
from entitlements.contracts.plans import Plan
from entitlements.contracts.standing import LineHistory, standings
from entitlements.contracts.steps import BEGINNING, END, Steps
from entitlements.kernel.instants import to_micros
from entitlements.kernel.memo import Memo
from entitlements.kernel.requests import Request

MOST_KEPT: Final = 1_024
"""How many kinds, moments and contacts the index of one account keeps, of each."""

WINDOW: Final = BIT[Reason.WINDOW_CLOSED]
NEVER: Final = BIT[Reason.NEVER_OPEN]
SPENT: Final = BIT[Reason.ALLOWANCE_SPENT]
CROWDED: Final = BIT[Reason.TOO_MANY_OPEN_CASES]
_TOO_MANY: Final = len(Reason) + 1

ContactKey: TypeAlias = tuple[str, str, int | None]
"""A contract, a contact, and the limit of a plan on contacts."""

Counted: TypeAlias = tuple[list[int], list[int]]
"""When the cases of a line were opened, and when closed, each sorted."""


@final
class Tried:
    """A right of a line, tried for one request at one instant: all its bits."""

    __slots__ = ("bits", "cell", "line", "stretch")

    def __init__(self, line: LineCell, stretch: Stretch, cell: RightCell | None, bits: int) -> None:
        self.line = line
        self.stretch = stretch
        self.cell = cell
        self.bits = bits

    @property
    def order(self) -> OrderKey:
        """Where it stands among the others; the smallest comes first."""
        return self.cell.order if self.cell else self.stretch.order


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
        response: How soon a plan promises a first response, for the precedence `best_response`.
        within: The memo in whose bound everything that the index keeps counts.

    Raises:
        UnknownIdError: A line names a plan, version or calendar that the catalog does not have.
    """

    __slots__ = (
        "_contacts", "_counted", "_delegations", "_earlier",
        "_key", "_kinds", "_lists", "_moments", "_response",
        "account", "catalog", "histories", "stocks",
    )  # fmt: skip

    def __init__(
        self,
        account: Account,
        catalog: Catalog,
        response: ResponseTarget = no_target,
        within: Memo[Any, Any] | None = None,
    ) -> None:
        self.account = account
        self.catalog = catalog
        self._response = response
        self.histories: tuple[LineHistory, ...] = standings(account, catalog)
        _check_calendars(self.histories, catalog)
        self._key = key_of(self.histories, catalog)
        self._kinds: Memo[Key, Kind] = Memo(MOST_KEPT, within=within, weigh=_lines)
        self._moments: Memo[Key, Moment] = Memo(MOST_KEPT, within=within)
        self._contacts: Memo[ContactKey, Steps[int]] = Memo(MOST_KEPT, within=within)
        self._delegations = delegations_by_contract(account)
        self._lists: dict[tuple[str, int | None], Contacts] = {}
        self.stocks = tuple(Stock(account.ledger, each, within) for each in self.histories)
        self._counted: dict[tuple[str, str], Counted] | None = None
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
                LineCell(history, request, self.catalog, self.account, self._response, stock)
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
                found.append(Tried(line, stretch, cell, bits))
            if not stretch.rights:
                found.append(Tried(line, stretch, None, shared | BIT[Reason.GROUP_NOT_IN_PLAN]))
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
                    best = min(best, (bits.bit_count(), cell.order, bits))
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
        """Return why not another case may be open at `at`, if the plan limits them."""
        place = (line.history.contract.id, line.history.line)
        opened, closed = self.counted().get(place, ([], []))
        running = bisect_right(opened, at) - bisect_right(closed, at)
        own = self.earlier().get(request.id)
        if own is not None and (own.contract, own.line) == place and _is_open(own, at):
            running -= 1
        crowded = plan.concurrency is not None and running >= plan.concurrency
        return known_bits(self.account, [Part.CASES]) | (CROWDED if crowded else 0)

    def person_edges(self, line: LineCell, plan: Plan, request: Request, at: int) -> Iterator[int]:
        """Yield when `person_bits` can change next."""
        change = self._steps(line, plan, request).next_change(at)
        yield from [] if change is None else [change]
        if plan.concurrency is not None:
            for edges in self.counted().get((line.history.contract.id, line.history.line), ()):
                yield from edges[bisect_right(edges, at) :][:1]

    def earlier(self) -> dict[str, OpenCase]:
        """Return the cases by id; most questions ask for none, however many there were."""
        if self._earlier is None:
            self._earlier = {case.id: case for case in self.account.cases}
        return self._earlier

    def counted(self) -> dict[tuple[str, str], Counted]:
        """Return when the cases of each contract and line were opened, and when closed."""
        if self._counted is None:
            self._counted = _counted(self.earlier().values())
        return self._counted

    def balance_bits(self, cell: RightCell, request: Request, at: int) -> int:
        """Return whether nothing is left of the allowance, and nothing may be owed."""
        if cell.allowance is None or Part.LEDGER in self.account.unknown:
            return 0
        return SPENT if self.promised(cell, request, at) is None else 0

    def promised(self, cell: RightCell, request: Request, at: int) -> Promise | None:
        """Return what a right gives at `at`: prepaid while it lasts, then overage, then nothing."""
        allowance = cell.allowance
        if allowance is None:
            return cell.promise
        if request.follows is not None and self._in_warranty(request.follows, cell, at):
            return free_of_charge(cell.promise)
        return promise_at(cell.line.stock.at(at), cell, request, at)

    def _in_warranty(self, earlier: str, cell: RightCell, at: int) -> bool:
        known = Part.CASES not in self.account.unknown
        return known and in_warranty(self.earlier().get(earlier), cell, at)

    def ledger_edges(self, cell: RightCell, request: Request, at: int) -> Iterator[int]:
        """Yield when the balance of a right can change next without anybody using it."""
        charge, ledger = cell.promise.charge, cell.line.stock.at(at)
        if charge.unit is None or charge.pool is None:
            return
        yield cell.line.stock.until(at)
        change = ledger.meter(charge.unit, (charge.pool,)).next_change(at)
        yield from [] if change is None else [change]
        if ledger.tail is not None and at < to_micros(ledger.tail):
            yield from _told(ledger)
        earlier = None if request.follows is None else self.earlier().get(request.follows)
        if earlier is not None and earlier.closed is not None and cell.allowance is not None:
            closed = to_micros(earlier.closed)
            yield from (closed, closed + cell.allowance.warranty // timedelta(microseconds=1))


def _lines(kind: Kind) -> int:
    return 1 + len(kind.lines)


def _around(starts: Sequence[int], at: int) -> tuple[int, int]:
    """Return the last of `starts` at or before `at`, and the first after it."""
    index = bisect_right(starts, at)
    start = starts[index - 1] if index else BEGINNING
    return start, starts[index] if index < len(starts) else END


def _told(ledger: Ledger) -> Iterator[int]:
    """Yield all instants that the ledger tells of."""
    for entry in ledger.entries:
        yield to_micros(entry.at)
        yield from [] if entry.until is None else [to_micros(entry.until)]
    for grant in ledger.grants:
        for instant in (grant.effective, grant.resets, grant.expires):
            yield from [] if instant is None else [to_micros(instant)]


def window_bits(cell: RightCell, at: int) -> int:
    """Return whether the group is out of reach at `at`, and whether for ever."""
    if cell.timeline is None or cell.timeline.is_open(at):
        return 0
    return WINDOW if cell.timeline.next_open(at) is not None else WINDOW | NEVER


def _is_open(case: OpenCase, at: int) -> bool:
    return to_micros(case.opened) <= at and (case.closed is None or at < to_micros(case.closed))


def _counted(cases: Iterable[OpenCase]) -> dict[tuple[str, str], Counted]:
    found: dict[tuple[str, str], Counted] = {}
    for case in cases:
        opened, closed = found.setdefault((case.contract, case.line), ([], []))
        opened.append(to_micros(case.opened))
        if case.closed is not None:
            closed.append(to_micros(case.closed))
    for edges in found.values():
        for each in edges:
            each.sort()
    return found


def _check_calendars(histories: tuple[LineHistory, ...], catalog: Catalog) -> None:
    for history in histories:
        for line, plan in history.sold.values:
            names = {right.hours for right in plan.rights if right.hours is not None}
            for name in sorted(names | plan.line_calendars):
                catalog.calendar(name, line)
