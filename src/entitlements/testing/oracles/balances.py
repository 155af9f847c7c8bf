"""The slow, obvious price of a request: the whole ledger is told again for every one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final, TypeAlias, final
from zoneinfo import ZoneInfo

from entitlements.contracts.account import Account, OpenCase, Part
from entitlements.contracts.allowances import Allowance, OverUse
from entitlements.contracts.contract import Contract
from entitlements.contracts.entries import Issue, Refusal, Reserve
from entitlements.contracts.grants import Grant
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.kernel.ids import key
from entitlements.kernel.requests import Request
from entitlements.testing.oracles.contracts import DUSK, NaiveContracts, latest, months_after
from entitlements.testing.oracles.ledger import NaiveLedger

Charged: TypeAlias = tuple[str, str | None, bool]
HORIZON: Final = date(2028, 1, 1)


@final
class NaiveBalances:
    """What is left of the allowances of one account."""

    def __init__(self, says: NaiveContracts) -> None:
        self.says = says
        self.account: Account = says.account
        self.ledger = NaiveLedger()
        for entry in self.account.ledger.entries:
            self.ledger.post(entry.command, entry.at)
        for grant in self._plan_grants():
            self.ledger.post(Issue(grant=grant), grant.effective)

    def charge(
        self, plan: Plan, right: AccessRight, place: tuple[str, str], request: Request, at: datetime
    ) -> Charged | None:
        """Return kind, allowance and whether consent is missing; None where nothing is left."""
        allowance = allowance_of(plan, right, request)
        if allowance is None:
            return basis(plan), None, False
        if Part.CASES not in self.account.unknown and any(
            _follows(case, request, place, allowance, at) for case in self.account.cases
        ):
            return "included", None, False
        pools = (key("pool", *place, allowance.id),)
        over = ("overage", allowance.id, "overage-consent" not in request.conditions)
        for note in self.ledger.notes:
            mine = isinstance(note.command, Reserve) and note.command.pools == pools
            if mine and note.command.key == request.id and not isinstance(note.answer, Refusal):
                borrowed = any(share.overage for share in note.shares)
                return over if borrowed else ("prepaid", allowance.id, False)
        if self.ledger.available(allowance.unit, at, pools) >= allowance.cost:
            return "prepaid", allowance.id, False
        if allowance.over_use is OverUse.REFUSE:
            return None
        attempt = NaiveLedger()
        attempt.notes = list(self.ledger.notes)
        command = Reserve(
            key="an attempt", unit=allowance.unit, amount=allowance.cost, pools=pools, consent=True
        )
        return None if isinstance(attempt.post(command, at), Refusal) else over

    def _plan_grants(self) -> Iterator[Grant]:
        for contract in latest(self.account.contracts):
            for id in self.says.line_ids(contract):
                for (start, end), allowance in self.says.promised(contract, id):
                    yield from _cycles(contract, id, allowance, start, end)


def basis(plan: Plan) -> str:
    """Return how a plan charges what draws on no allowance."""
    return plan.charge.value


def allowance_of(plan: Plan, right: AccessRight, request: Request) -> Allowance | None:
    """Return what a request under a right draws on."""
    for each in plan.allowances:
        if each.id == right.allowance:
            severity = not each.severities or request.severity in each.severities
            group = not each.groups or right.group in each.groups
            return each if severity and group else None
    return None


def _follows(
    case: OpenCase, request: Request, place: tuple[str, str], allowance: Allowance, at: datetime
) -> bool:
    mine = case.id == request.follows and (case.contract, case.line) == place
    return mine and case.closed is not None and case.closed <= at < case.closed + allowance.warranty


def _cycles(
    contract: Contract, id: str, allowance: Allowance, start: datetime, end: datetime
) -> Iterator[Grant]:
    """Yield a term's grants: one, or one for each cycle of months from its first day."""
    zone, cycle = ZoneInfo(contract.zone), allowance.recurrence
    local = start.astimezone(zone)
    starts, pool = [start], key("pool", contract.id, id, allowance.id)
    while cycle is not None and starts[-1] < end and starts[-1].date() < HORIZON:
        day = months_after(local.date(), cycle.months * len(starts))
        starts.append(datetime.combine(day, local.time(), zone).astimezone(UTC))
    for begin, following in zip(starts, [*starts[1:], DUSK], strict=True):
        if begin < end:
            expires = min(following, end)
            yield Grant(
                id=key("grant", pool, str(begin.astimezone(zone).date())),
                unit=allowance.unit,
                amount=allowance.amount,
                effective=begin,
                expires=None if expires >= DUSK else expires,
                pool=pool,
                priority=allowance.priority,
                over_use=allowance.over_use,
                cap=allowance.cap,
            )
