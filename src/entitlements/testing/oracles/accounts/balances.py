"""Balance oracle: the charge of a request, computed by a replay of the ledger for each request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeAlias, final
from zoneinfo import ZoneInfo

from entitlements.contracts.account import Account, AccountPart, OpenCase
from entitlements.contracts.allowances.allowance import Allowance, OveragePolicy
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import (
    Commit,
    Expire,
    GrantShare,
    Issue,
    RefusalReason,
    Reserve,
    Void,
)
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.contracts.records.contract import Contract
from entitlements.kernel.ids import key
from entitlements.kernel.requests import Request
from entitlements.testing.oracles.accounts.contracts import NaiveContracts, latest
from entitlements.testing.oracles.ledger import NaiveLedger, Note
from entitlements.testing.oracles.sold.terms import DUSK, months_after

Charged: TypeAlias = tuple[str, str | None, bool]
HORIZON: Final = date(2028, 1, 1)


@final
class NaiveBalances:
    """The balances of the allowances of one account."""

    def __init__(self, contracts: NaiveContracts) -> None:
        self.contracts = contracts
        self.account: Account = contracts.account
        self.ledger = NaiveLedger()
        for entry in self.account.ledger.entries:
            self.ledger.post(entry.command, entry.at)
        for grant in self._plan_grants():
            self.ledger.post(Issue(grant=grant), grant.effective)

    def charge(
        self, plan: Plan, right: AccessRight, place: tuple[str, str], request: Request, at: datetime
    ) -> Charged | None:
        """Return kind, allowance and whether consent is missing; None if no units are left."""
        allowance = allowance_of(plan, right, request)
        if allowance is None:
            return basis(plan), None, False
        if AccountPart.CASES not in self.account.unknown and self._is_follow_up(
            request, place, allowance.warranty, at
        ):
            return "included", None, False
        for note in self.ledger.notes:
            if note.command.key == request.id:
                return self._as_held(note, allowance, place, at)
        return self.price(plan, right, place, request, at)

    def price(
        self, plan: Plan, right: AccessRight, place: tuple[str, str], request: Request, at: datetime
    ) -> Charged | None:
        """Return the same for a request without an entry in the ledger."""
        allowance = allowance_of(plan, right, request)
        if allowance is None:
            return basis(plan), None, False
        pools = (key("pool", *place, allowance.id),)
        if self.ledger.available(allowance.unit, at, pools) >= allowance.cost:
            return "prepaid", allowance.id, False
        if allowance.over_use is OveragePolicy.REFUSE:
            return None
        agreed = "overage-consent" in request.conditions
        for consent in (False, True):
            attempt = NaiveLedger()
            attempt.notes = list(self.ledger.notes)
            command = Reserve(
                key="an attempt",
                unit=allowance.unit,
                amount=allowance.cost,
                pools=pools,
                consent=consent,
            )
            if not isinstance(attempt.post(command, at), RefusalReason):
                return "overage", allowance.id, consent and not agreed
        return None

    def _as_held(
        self, note: Note, allowance: Allowance, place: tuple[str, str], at: datetime
    ) -> Charged | None:
        """Return the charge of a request whose id the ledger knows: that of its active hold."""
        command, pools = note.command, (key("pool", *place, allowance.id),)
        if not isinstance(command, Reserve):
            return None
        if (command.unit, command.pools) != (allowance.unit, pools):
            return None
        live = self._live(note, at)
        if sum(each.amount + each.overage for each in live) < allowance.cost:
            return None
        return "overage" if any(each.overage for each in live) else "prepaid", allowance.id, False

    def _live(self, hold: Note, at: datetime) -> tuple[GrantShare, ...]:
        """Return the units of a hold: none if it was voided, given back, or has ended."""
        use = None
        for note in self.ledger.notes:
            about = getattr(note.command, "hold", None) == hold.command.key
            if isinstance(note.answer, RefusalReason):
                continue
            if isinstance(note.command, Void | Expire) and about:
                return ()
            if isinstance(note.command, Commit) and about:
                use = note
            if use is not None and getattr(note.command, "commit", None) == use.command.key:
                return ()
        if use is not None:
            return use.shares
        return () if hold.until is not None and hold.until <= at else hold.shares

    def _is_follow_up(
        self, request: Request, place: tuple[str, str], warranty: timedelta, at: datetime
    ) -> bool:
        """Return whether a request follows a case whose chain is under warranty at `at`."""
        case = self._named(request.follows)
        if case is None or case.id == request.id or not _is_of(case, place, request.product):
            return False
        first = self._first(case, warranty, ())
        if first is None or first.resolved is None:
            return False
        return timedelta() <= at - first.resolved < warranty

    def _first(self, case: OpenCase, warranty: timedelta, seen: tuple[str, ...]) -> OpenCase | None:
        """Return the first case of the chain that a case belongs to; None if it is not known."""
        if case.follows is None:
            return case
        earlier = self._named(case.follows)
        if earlier is None or earlier.id in (*seen, case.id):
            return None
        if not _is_of(earlier, (case.contract, case.line), case.product):
            return case
        first = self._first(earlier, warranty, (*seen, case.id))
        if first is None or first.resolved is None:
            return first
        return case if case.opened - first.resolved >= warranty else first

    def _named(self, id: str | None) -> OpenCase | None:
        return next((case for case in self.account.cases if case.id == id), None)

    def _plan_grants(self) -> Iterator[Grant]:
        for contract in latest(self.account.contracts):
            for id in self.contracts.line_ids(contract):
                for (start, end), allowance in self.contracts.promised(contract, id):
                    grace_end = self.contracts.grace_end(contract, id, end)
                    yield from _cycles(contract, id, allowance, start, end, grace_end)


def basis(plan: Plan) -> str:
    """Return the charge of a request without an allowance."""
    return plan.charge.value


def allowance_of(plan: Plan, right: AccessRight, request: Request) -> Allowance | None:
    """Return the allowance from which a request under a right takes units."""
    for each in plan.allowances:
        if each.id == right.allowance:
            severity = not each.severities or request.severity in each.severities
            group = not each.groups or right.group in each.groups
            return each if severity and group else None
    return None


def _is_of(case: OpenCase, place: tuple[str, str], product: str | None) -> bool:
    return (case.contract, case.line) == place and case.product == product is not None


def _cycles(
    contract: Contract,
    id: str,
    allowance: Allowance,
    start: datetime,
    end: datetime,
    grace_end: datetime,
) -> Iterator[Grant]:
    """Yield a term's grants: one, or one for each cycle of months from its first day.

    A grant that ends with the term can be used until the grace after it is over.
    """
    zone, cycle = ZoneInfo(contract.zone), allowance.recurrence
    local = start.astimezone(zone)
    starts, pool = [start], key("pool", contract.id, id, allowance.id)
    while cycle is not None and starts[-1] < end and starts[-1].date() < HORIZON:
        day = months_after(local.date(), cycle.months * len(starts))
        starts.append(datetime.combine(day, local.time(), zone).astimezone(UTC))
    for begin, following in zip(starts, [*starts[1:], DUSK], strict=True):
        if begin < end:
            expires = following if following < end else grace_end
            yield Grant(
                id=key("plan", pool, str(begin.astimezone(zone).date())),
                unit=allowance.unit,
                amount=allowance.amount,
                effective=begin,
                expires=None if expires >= DUSK else expires,
                pool=pool,
                priority=allowance.priority,
                over_use=allowance.over_use,
                cap=allowance.cap,
            )
