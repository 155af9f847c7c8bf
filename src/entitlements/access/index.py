"""One account's contracts, compiled for deciding.

The index keeps, for each kind of request, the cells of all lines, so that the cost of a decision
depends on the rights that matter and on nothing else. It is built from immutable facts and only
ever adds to its caches, so threads may share it.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final, final

from entitlements.access.balances import charge_at
from entitlements.access.cells import Key, LineCell, RightCell, Stretch, key_of
from entitlements.access.checks import contact_steps, known_bits
from entitlements.access.decision import Charge
from entitlements.access.order import OrderKey, ResponseTarget, no_target
from entitlements.access.reasons import BIT, Reason
from entitlements.contracts.account import Account, Part, latest
from entitlements.contracts.allotment import with_plan_grants
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.ledger import Ledger
from entitlements.contracts.parties import DEEPEST_DELEGATION, Delegation, NamedContact
from entitlements.contracts.plans import Plan
from entitlements.contracts.standing import LineHistory, standings
from entitlements.contracts.steps import Steps
from entitlements.kernel.instants import DAY, from_micros, to_micros
from entitlements.kernel.requests import Request

MOST_CELLS: Final = 4096
HORIZON: Final = 366 * DAY
_CONTACT: Final = BIT[Reason.CONTACT_NOT_NAMED] | BIT[Reason.CONTACT_OUT_OF_DATES]
WINDOW: Final = BIT[Reason.WINDOW_CLOSED]
NEVER: Final = BIT[Reason.NEVER_OPEN]
SPENT: Final = BIT[Reason.ALLOWANCE_SPENT]


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
        history = self.line.history
        return self.cell.order if self.cell else (history.contract.id, history.line)


@final
class Index:
    """One account of one catalog, ready to be asked.

    Args:
        account: The customer's records.
        catalog: What plans and calendars say.
        response: How soon a plan promises a first response, for the precedence `best_response`.

    Raises:
        UnknownIdError: A line names a plan, version or calendar that the catalog does not have.
        ConflictError: Terms of a contract overlap.
    """

    __slots__ = (
        "_cases", "_cells", "_contacts", "_delegations", "_ledgers", "_response", "account",
        "catalog", "histories",
    )  # fmt: skip

    def __init__(
        self, account: Account, catalog: Catalog, response: ResponseTarget = no_target
    ) -> None:
        self.account = account
        self.catalog = catalog
        self._response = response
        self.histories: tuple[LineHistory, ...] = standings(account, catalog)
        _check_calendars(self.histories, catalog)
        self._delegations = latest(account.delegations, None)
        self._cells: dict[Key, tuple[LineCell, ...]] = {}
        self._contacts: dict[tuple[str, str, int | None], Steps[int]] = {}
        self._ledgers: dict[int, Ledger] = {}
        self._cases: dict[tuple[str, str], tuple[list[int], list[int]]] = _open_cases(account)

    def cells(self, request: Request) -> tuple[LineCell, ...]:
        """Return the cells of all lines for this kind of request."""
        key = key_of(request)
        found = self._cells.get(key)
        if found is None:
            if len(self._cells) >= MOST_CELLS:
                self._cells = {}
            found = tuple(
                LineCell(history, request, self.catalog, self.account, self._response)
                for history in self.histories
            )
            self._cells[key] = found
        return found

    def tried(self, request: Request, at: int) -> list[Tried]:
        """Return every right of every line with all the reasons against it at `at`."""
        found = []
        for line in self.cells(request):
            stretch = line.at(at)
            shared = stretch.bits | self.contact_bits(line, stretch.plan, request.contact, at)
            shared |= self.case_bits(line, stretch.plan, request, at)
            for cell in stretch.rights:
                bits = shared | cell.bits | window_bits(cell, at)
                bits |= self.balance_bits(cell, request, at)
                found.append(Tried(line, stretch, cell, bits))
            if not stretch.rights:
                found.append(Tried(line, stretch, None, shared | BIT[Reason.GROUP_NOT_IN_PLAN]))
        return found

    def contact_bits(self, line: LineCell, plan: Plan, contact: str, at: int) -> int:
        """Return why the contact may not open cases under the line at `at`."""
        contract = line.history.contract
        if contract.any_contact and not line.history.steps.at(at).contacts:
            return 0
        key = (contract.id, contact, plan.contact_limit)
        steps = self._contacts.get(key)
        if steps is None:
            if len(self._contacts) >= MOST_CELLS:
                self._contacts = {}
            steps = self._contact(line.history, contact, plan.contact_limit)
            self._contacts[key] = steps
        return steps.at(at)

    def contact_edge(self, line: LineCell, plan: Plan, contact: str, at: int) -> int | None:
        """Return when `contact_bits` can change next."""
        self.contact_bits(line, plan, contact, at)
        steps = self._contacts.get((line.history.contract.id, contact, plan.contact_limit))
        return None if steps is None else steps.next_change(at)

    def _contact(self, history: LineHistory, contact: str, limit: int | None) -> Steps[int]:
        contract = history.contract
        people = {contact, *(each.giver for each in self._delegations)}
        texts = {standing.contacts for standing in history.steps.values}
        named = {
            (text, person): contact_steps(text, person, limit, contract.zone)
            for text in texts
            for person in people
        }
        mine = [each for each in self._delegations if each.contract == contract.id]
        edges = set(history.steps.starts)
        for steps in named.values():
            edges |= set(steps.starts)
        for each in mine:
            edges |= {to_micros(each.start), *([to_micros(each.end)] if each.end else [])}

        def bits(at: int) -> int:
            text = history.steps.at(at).contacts
            own = named[text, contact].at(at)
            if own == 0:
                return 0
            running = [each for each in mine if _runs(each, at)]
            in_force = {who for who in people if named[text, who].at(at) == 0}
            if _delegated(contact, running, text, in_force, 0):
                return 0
            return own | known_bits(self.account, [Part.DELEGATIONS])

        starts = sorted(edges)
        return Steps.of(bits(starts[0]), ((start, bits(start)) for start in starts))

    def case_bits(self, line: LineCell, plan: Plan, request: Request, at: int) -> int:
        """Return whether as many cases are open as the plan allows."""
        if plan.concurrency is None:
            return 0
        missing = known_bits(self.account, [Part.CASES])
        opened, closed = self._cases.get((line.history.contract.id, line.history.line), ([], []))
        running = bisect_right(opened, at) - bisect_right(closed, at)
        running -= any(case.id == request.id for case in self.account.cases)
        return missing | (BIT[Reason.TOO_MANY_OPEN_CASES] if running >= plan.concurrency else 0)

    def case_edge(self, line: LineCell, at: int) -> int | None:
        """Return when the number of open cases changes next by what is already known."""
        opened, closed = self._cases.get((line.history.contract.id, line.history.line), ([], []))
        later = [*opened[bisect_right(opened, at) :][:1], *closed[bisect_right(closed, at) :][:1]]
        return min(later, default=None)

    def balance_bits(self, cell: RightCell, request: Request, at: int) -> int:
        """Return whether nothing is left of the allowance, and nothing may be owed."""
        if cell.allowance is None or Part.LEDGER in self.account.unknown:
            return 0
        return SPENT if self.charged(cell, request, at) is None else 0

    def charged(self, cell: RightCell, request: Request, at: int) -> Charge | None:
        """Return the charge at `at`: prepaid while it lasts, then overage; None if refused."""
        return charge_at(self.ledger(at), cell, request, at)

    def ledger(self, at: int) -> Ledger:
        """Return the ledger with the grants that plans themselves give up to `at` and beyond."""
        horizon = at // HORIZON + 1
        found = self._ledgers.get(horizon)
        if found is None:
            until = from_micros((horizon + 1) * HORIZON)
            found = with_plan_grants(self.account.ledger, self.histories, until)
            self._ledgers = {**dict(list(self._ledgers.items())[-3:]), horizon: found}
        return found


def window_bits(cell: RightCell, at: int) -> int:
    """Return whether the group is out of reach at `at`, and whether for ever."""
    if cell.timeline is None or cell.timeline.is_open(at):
        return 0
    return WINDOW if cell.timeline.next_open(at) is not None else WINDOW | NEVER


def _runs(delegation: Delegation, at: int) -> bool:
    start = to_micros(delegation.start)
    return start <= at and (delegation.end is None or at < to_micros(delegation.end))


def _delegated(
    person: str,
    running: list[Delegation],
    named: tuple[NamedContact, ...],
    in_force: set[str],
    further: int,
) -> bool:
    """Return whether `person` was given the right, to be passed on `further` more times."""
    if further >= DEEPEST_DELEGATION:
        return False
    passes_on = {each.contact for each in named if each.may_delegate}
    for each in running:
        if each.receiver != person or each.depth < further:
            continue
        if each.giver in passes_on & in_force:
            return True
        if _delegated(each.giver, running, named, in_force, further + 1):
            return True
    return False


def _open_cases(account: Account) -> dict[tuple[str, str], tuple[list[int], list[int]]]:
    found: dict[tuple[str, str], tuple[list[int], list[int]]] = {}
    for case in account.cases:
        opened, closed = found.setdefault((case.contract, case.line), ([], []))
        opened.append(to_micros(case.opened))
        if case.closed is not None:
            closed.append(to_micros(case.closed))
    for opened, closed in found.values():
        opened.sort()
        closed.sort()
    return found


def _check_calendars(histories: tuple[LineHistory, ...], catalog: Catalog) -> None:
    for history in histories:
        for standing in history.steps.values:
            names = {right.hours for right in standing.plan.rights if right.hours is not None}
            for name in sorted(names | standing.plan.line_calendars):
                catalog.calendar(name, standing.line)
