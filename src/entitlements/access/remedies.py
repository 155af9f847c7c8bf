"""What would change the answer: typed ways out, each verified by deciding again.

Every remedy is a small change to the facts, to the request or to the instant. It is offered only
if the decision after the change is no denial, and it carries that decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final, Protocol, TypeAlias
from zoneinfo import ZoneInfo

import attrs

from entitlements.access.decision import Decision, Denied, Granted, Remedy, RemedyKind
from entitlements.access.index import Tried
from entitlements.access.reasons import BIT, CHECK_OF, Check, Reason, reasons_in
from entitlements.contracts.account import Account
from entitlements.contracts.changes import Block, Renewal, RenewalKind
from entitlements.contracts.contract import Contract, ContractLine
from entitlements.contracts.coverage import Coverage, CoveredLevel
from entitlements.contracts.entries import Issue
from entitlements.contracts.grants import Grant
from entitlements.contracts.parties import NamedContact
from entitlements.contracts.standing import Status
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import from_micros
from entitlements.kernel.requests import Request

MOST_STEPS: Final = 16
_PROPOSED: Final = "proposed"


class Decider(Protocol):
    """Terms, as far as remedies need them."""

    @property
    def account(self) -> Account:
        """The records decided from."""
        ...

    def decide_at(self, request: Request, at: int) -> Decision:
        """Return the decision at an instant in microseconds."""
        ...

    def tried(self, request: Request, at: int) -> list[Tried]:
        """Return every right that was tried."""
        ...

    def valid_until(self, request: Request, at: int) -> int | None:
        """Return when the answer can change."""
        ...


Trial: TypeAlias = tuple[RemedyKind, str, Callable[[], Account], Request]


def remedies(
    terms: Decider, request: Request, at: int, with_account: Callable[[Account], Decider]
) -> tuple[Remedy, ...]:
    """Return every remedy that works, each kind and target once."""
    now = terms.decide_at(request, at)
    found: dict[tuple[RemedyKind, str], Remedy] = {}
    for tried in sorted(terms.tried(request, at), key=lambda each: each.order):
        trials = (
            *_asked(terms.account, tried, request),
            *_changes(terms.account, tried, request, at),
        )
        for kind, target, change, asked in trials:
            if (kind, target) in found:
                continue
            try:
                account = change()
                decider = terms if account is terms.account else with_account(account)
                after = decider.decide_at(asked, at)
            except EntitlementsError:
                continue  # The change itself is not possible, so it is no way out.
            if _better(now, after) and not isinstance(after, Denied):
                found[kind, target] = Remedy(kind=kind, target=target, leads_to=after)
    wait = _wait(terms, request, at, now)
    return (*found.values(), *([wait] if wait else []))


def _better(now: Decision, after: Decision) -> bool:
    return isinstance(after, Granted) or (isinstance(now, Denied) and not isinstance(after, Denied))


def _wait(terms: Decider, request: Request, at: int, now: Decision) -> Remedy | None:
    """Return the first later instant at which the answer is better, within some steps."""
    later: int | None = at
    for _ in range(MOST_STEPS):
        later = None if later is None else terms.valid_until(request, later)
        if later is None:
            return None
        after = terms.decide_at(request, later)
        if _better(now, after) and not isinstance(after, Denied):
            when = from_micros(later)
            return Remedy(
                kind=RemedyKind.WAIT_UNTIL, target=when.isoformat(), at=when, leads_to=after
            )
    return None


def _asked(account: Account, tried: Tried, request: Request) -> Iterator[Trial]:
    """Yield what the customer could ask instead."""
    checks = _failed(tried)
    plan = tried.stretch.plan

    def ask(**changes: object) -> Request:
        return attrs.evolve(request, **changes)  # type: ignore[arg-type]

    def same() -> Account:
        return account

    if Check.CHANNEL in checks:
        for channel in sorted(plan.channels - {request.channel}):
            yield RemedyKind.USE_CHANNEL, channel, same, ask(channel=channel)
    if Check.SEVERITY in checks:
        for severity in _lower(plan.severities, request.severity):
            yield RemedyKind.LOWER_SEVERITY, severity, same, ask(severity=severity)
    if Check.GROUP in checks and request.group is not None:
        for group in sorted({right.group for right in plan.rights}):
            yield RemedyKind.ASK_GROUP, group, same, ask(group=group)
    if Check.CONDITIONS in checks and tried.cell is not None:
        missing = sorted(tried.cell.right.conditions - request.conditions)
        declared = ask(conditions=request.conditions | set(missing))
        yield RemedyKind.DECLARE_CONDITION, ", ".join(missing), same, declared
    if Check.CONTACT in checks:
        for contact in sorted({each.contact for each in tried.stretch.standing.contacts}):
            yield RemedyKind.ASK_CONTACT, contact, same, ask(contact=contact)


def _changes(account: Account, tried: Tried, request: Request, at: int) -> Iterator[Trial]:
    """Yield what could be changed in the records."""
    checks = _failed(tried)
    contract, standing = tried.line.history.contract, tried.stretch.standing
    if Check.CONTACT in checks:
        change = _with_contact(account, contract, request.contact)
        yield RemedyKind.ADD_CONTACT, contract.id, change, request
    today = from_micros(at).astimezone(ZoneInfo(contract.zone)).date()
    if Check.IN_FORCE in checks and standing.status in {Status.EXPIRED, Status.GRACE}:
        change = _renewed(account, contract, standing.status, today)
        yield RemedyKind.RENEW, contract.id, change, request
    if Check.NOT_BLOCKED in checks and standing.blocks:
        target = ", ".join(standing.blocks)
        yield RemedyKind.LIFT_BLOCK, target, _unblocked(account, standing.blocks), request
    if Check.COVERAGE in checks and not tried.bits & BIT[Reason.PRODUCT_UNKNOWN]:
        line = _line_for(standing.line, request)
        yield RemedyKind.ADD_LINE, contract.id, _with_line(account, contract, line), request
    if Check.ALLOWANCE in checks and tried.cell is not None:
        pool = str(tried.cell.charge.pool)
        yield RemedyKind.BUY_ALLOWANCE, pool, _with_grant(account, tried, at), request
    if Check.CONCURRENCY in checks:
        open_now = [case for case in account.cases if case.closed is None]
        for case in sorted(open_now, key=lambda each: each.id)[:1]:
            yield RemedyKind.CLOSE_CASE, case.id, _without_case(account, case.id, at), request
    if checks & {Check.GROUP, Check.CHANNEL, Check.SEVERITY, Check.CONDITIONS}:
        for plan in tried.line.other_plans(standing.plan):
            change = _with_plan(account, contract, standing.line, plan)
            yield RemedyKind.UPGRADE, plan, change, request


def _failed(tried: Tried) -> set[Check]:
    return {CHECK_OF[reason] for reason in reasons_in(tried.bits)}


def _lower(scale: tuple[str, ...], severity: str) -> tuple[str, ...]:
    return scale[scale.index(severity) + 1 :] if severity in scale else scale


def _evolved(account: Account, contract: Contract) -> Account:
    others = [each for each in account.contracts if each.id != contract.id]
    return attrs.evolve(account, contracts=(*others, contract))


def _with_contact(account: Account, contract: Contract, contact: str) -> Callable[[], Account]:
    kept = tuple(each for each in contract.contacts if each.contact != contact)
    named = (*kept, NamedContact(contact=contact))
    return lambda: _evolved(account, attrs.evolve(contract, contacts=named, recorded=None))


def _with_line(account: Account, contract: Contract, line: ContractLine) -> Callable[[], Account]:
    lines = (*contract.lines, line)
    return lambda: _evolved(account, attrs.evolve(contract, lines=lines))


def _with_plan(
    account: Account, contract: Contract, line: ContractLine, plan: str
) -> Callable[[], Account]:
    changed = attrs.evolve(line, plan=plan, plan_version=None)
    kept = tuple(changed if each.id == line.id else each for each in contract.lines)
    return lambda: _evolved(account, attrs.evolve(contract, lines=kept))


def _line_for(line: ContractLine, request: Request) -> ContractLine:
    coverage = Coverage(level=CoveredLevel.PRODUCT, ids=[request.product])
    return attrs.evolve(line, id=f"{line.id} {_PROPOSED}", coverage=coverage, start=None, end=None)


def _renewed(
    account: Account, contract: Contract, status: Status, today: date
) -> Callable[[], Account]:
    in_grace = status is Status.GRACE
    renewal = Renewal(
        id=_PROPOSED,
        contract=contract.id,
        kind=RenewalKind.CONTIGUOUS if in_grace else RenewalKind.FRESH,
        start=None if in_grace else today,
        months=12,
    )
    return lambda: attrs.evolve(account, changes=(*account.changes, renewal))


def _unblocked(account: Account, blocks: tuple[str, ...]) -> Callable[[], Account]:
    kept = [each for each in account.changes if not (isinstance(each, Block) and each.id in blocks)]
    return lambda: attrs.evolve(account, changes=kept)


def _without_case(account: Account, case: str, at: int) -> Callable[[], Account]:
    closed = from_micros(at)
    cases = [
        attrs.evolve(each, closed=closed) if each.id == case else each for each in account.cases
    ]
    return lambda: attrs.evolve(account, cases=cases)


def _with_grant(account: Account, tried: Tried, at: int) -> Callable[[], Account]:
    cell = tried.cell

    def change() -> Account:
        if cell is None or cell.allowance is None or cell.charge.unit is None:
            return account
        grant = Grant(
            id=f"{cell.charge.pool} {_PROPOSED}",
            unit=cell.charge.unit,
            amount=max(cell.allowance.amount, cell.charge.amount),
            effective=from_micros(at),
            pool=cell.charge.pool,
        )
        ledger = account.ledger.post(Issue(grant=grant), from_micros(at)).ledger
        return attrs.evolve(account, ledger=ledger)

    return change
