"""Remedies of a denial or deferral: what would lead to access, each verified by deciding again.

Every remedy is a record to add to the account, another request, or a later instant. It is offered
only if the decision after it is better, and it carries that decision.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any, Final, Protocol, TypeAlias
from zoneinfo import ZoneInfo

import attrs

from entitlements.access.compiled.evaluation import Evaluation
from entitlements.access.decision import Decision, Deferred, Denied, Granted
from entitlements.access.reasons import CHECK_OF, REASON_BIT, Check, Reason, reasons_of_bits
from entitlements.access.remedies.remedy import ProposedFact, Remedy, RemedyKind
from entitlements.contracts.account import Account, records_as_known
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import Issue
from entitlements.contracts.lines.line_history import LineStatus
from entitlements.contracts.plan_terms.quantity_steps import larger_quantities
from entitlements.contracts.records.changes import Amendment, Block, Renewal, RenewalKind
from entitlements.contracts.records.contract import Contract, ContractLine, Coverage, CoverageLevel
from entitlements.contracts.records.parties import NamedContact
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import EARLIEST, LATEST, from_micros, text_of
from entitlements.kernel.requests import Request

MAX_TRIALS: Final = 64
"""How many changes to an account are tried; each of them compiles the account again."""

TERM_MONTHS: Final = 12

_OF_THE_PLAN: Final = {
    Check.ROLE,
    Check.GROUP,
    Check.CHANNEL,
    Check.SEVERITY,
    Check.KIND,
    Check.LANGUAGE,
    Check.CONDITIONS,
}
"""The checks that another plan may pass."""


class RemedyDecider(Protocol):
    """A decider, as far as remedies need it."""

    @property
    def account(self) -> Account:
        """The account from whose records the decision was made."""
        ...

    def decide_at(self, request: Request, at: int) -> Decision:
        """Return the decision at an instant in microseconds."""
        ...

    def evaluate(self, request: Request, at: int) -> list[Evaluation]:
        """Return every right that was tried."""
        ...

    def first_better(self, request: Request, at: int) -> Granted | Deferred | None:
        """Return the first later decision that is better, or None."""
        ...

    def with_account(self, account: Account) -> RemedyDecider:
        """Return a decider for another state of the account."""
        ...


RemedyTrial: TypeAlias = tuple[RemedyKind, str, Request, tuple[ProposedFact, ...]]


def remedies(decider: RemedyDecider, request: Request, at: int) -> tuple[Remedy, ...]:
    """Return every remedy that works, each kind and target once.

    Of an account with very many lines, the first `MAX_TRIALS` changes are tried, by precedence of
    the lines.
    """
    now = decider.decide_at(request, at)
    found: dict[tuple[RemedyKind, str], Remedy] = {}
    for trial in _trials(decider, request, at, found):
        kind, target, ask, adds = trial
        after = _decision_after(decider, trial, at)
        if after is not None and not isinstance(after, Denied) and _is_better(now, after):
            found[kind, target] = Remedy(
                kind=kind, target=target, ask=ask, at=from_micros(at), adds=adds, leads_to=after
            )
    wait = _wait(decider, request, at)
    return (*found.values(), *([wait] if wait else []))


def _trials(
    decider: RemedyDecider, request: Request, at: int, found: Container[tuple[RemedyKind, str]]
) -> Iterator[RemedyTrial]:
    """Yield each trial once, of what has not been found yet: lines often propose the same."""
    seen: set[RemedyTrial] = set()
    changes = 0
    for evaluation in sorted(decider.evaluate(request, at), key=lambda each: each.precedence):
        for trial in (
            *_requests(evaluation, request),
            *_changes(decider.account, evaluation, request, at),
        ):
            kind, target, _, adds = trial
            if (kind, target) in found or trial in seen:
                continue
            seen.add(trial)
            changes += bool(adds)
            if not adds or changes <= MAX_TRIALS:
                yield trial


def _decision_after(decider: RemedyDecider, trial: RemedyTrial, at: int) -> Decision | None:
    """Return the decision after a trial; None if the change itself is not possible."""
    _, _, ask, adds = trial
    try:
        account = decider.account
        for added in adds:
            account = account.record(added, from_micros(at))
        other = decider.with_account(account) if adds else decider
        return other.decide_at(ask, at)
    except EntitlementsError:
        return None


def _is_better(now: Decision, after: Granted | Deferred) -> bool:
    match now, after:
        case Deferred(), Deferred():
            return after.opens_at < now.opens_at
        case Deferred(), Granted():
            return True
        case _:
            return isinstance(now, Denied)


def _wait(decider: RemedyDecider, request: Request, at: int) -> Remedy | None:
    """Return the first later instant at which the answer is better."""
    after = decider.first_better(request, at)
    if after is None:
        return None
    return Remedy(
        kind=RemedyKind.WAIT_UNTIL,
        target=text_of(after.at),
        ask=request,
        at=after.at,
        leads_to=after,
    )


def _requests(evaluation: Evaluation, request: Request) -> Iterator[RemedyTrial]:
    """Yield what the customer could ask for instead."""
    checks = _failed(evaluation)
    plan = evaluation.period.plan

    def ask(**changes: Any) -> Request:
        return attrs.evolve(request, **changes)

    if Check.CHANNEL in checks:
        for channel in sorted(plan.channels - {request.channel}):
            yield RemedyKind.USE_CHANNEL, channel, ask(channel=channel), ()
    if Check.SEVERITY in checks or evaluation.failures & REASON_BIT[Reason.ROLE_MAY_NOT_OPEN]:
        kind = RemedyKind.LOWER_SEVERITY if request.severity else RemedyKind.STATE_SEVERITY
        for severity in _lower(plan.severities, request.severity):
            yield kind, severity, ask(severity=severity, impact=None, urgency=None), ()
    yield from _statements(evaluation, request)
    if Check.CONDITIONS in checks and evaluation.right is not None:
        missing = sorted(evaluation.right.access_right.conditions - request.conditions)
        declared = ask(conditions=request.conditions | set(missing))
        yield RemedyKind.DECLARE_CONDITION, ", ".join(missing), declared, ()
    if checks & {Check.CONTACT, Check.ROLE}:
        for contact in sorted({each.contact for each in evaluation.period.state.contacts}):
            yield RemedyKind.ASK_CONTACT, contact, ask(contact=contact), ()


def _statements(evaluation: Evaluation, request: Request) -> Iterator[RemedyTrial]:
    """Yield what the customer could state: another group or language, the kind of the request."""
    checks, plan, right = _failed(evaluation), evaluation.period.plan, evaluation.right
    if Check.LANGUAGE in checks and right is not None:
        for language in sorted(right.access_right.languages):
            spoken = attrs.evolve(request, language=language)
            yield RemedyKind.USE_LANGUAGE, language, spoken, ()
    if Check.KIND in checks and request.kind is None:
        for kind in sorted(plan.kinds):
            yield RemedyKind.STATE_KIND, kind, attrs.evolve(request, kind=kind), ()
    named = request.group is not None or evaluation.failures & REASON_BIT[Reason.GROUP_NOT_NAMED]
    if Check.GROUP in checks and named:
        for group in sorted({right.group for right in plan.rights}):
            yield RemedyKind.ASK_GROUP, group, attrs.evolve(request, group=group), ()


def _changes(
    account: Account, evaluation: Evaluation, request: Request, at: int
) -> Iterator[RemedyTrial]:
    """Yield what could be recorded in the account."""
    checks = _failed(evaluation)
    contract, state = evaluation.line.history.contract, evaluation.period.state
    today = _day(at, contract.zone)
    if Check.CONTACT in checks:
        named = _amendment(
            account,
            contract,
            today,
            contacts=(*state.contacts, NamedContact(contact=request.contact)),
        )
        yield RemedyKind.ADD_CONTACT, contract.id, request, (named,)
    if checks & {Check.CONTACT, Check.CONCURRENCY}:
        for quantity in larger_quantities(state.plan.quantity_steps, state.line.quantity):
            more = attrs.evolve(state.line, quantity=quantity)
            bought = _amendment(account, contract, today, lines=(more,))
            yield RemedyKind.RAISE_QUANTITY, state.line.id, request, (bought,)
    if state.status in {LineStatus.EXPIRED, LineStatus.GRACE} and Check.IN_FORCE in checks:
        for renewal in _renewals(account, contract, today):
            yield RemedyKind.RENEW, contract.id, request, (renewal,)
    if Check.NOT_BLOCKED in checks and state.blocks:
        lifted = _ended_blocks(account, state.blocks, at)
        yield RemedyKind.LIFT_BLOCK, ", ".join(state.blocks), request, lifted
    if Check.COVERAGE in checks and not evaluation.failures & REASON_BIT[Reason.PRODUCT_UNKNOWN]:
        line = _line_for(state.line, request, evaluation)
        added = _amendment(account, contract, today, lines=(line,))
        yield RemedyKind.ADD_LINE, contract.id, request, (added,)
    if Check.ALLOWANCE in checks:
        yield from _extra_allowance(account, evaluation, request, at)
    if Check.CONCURRENCY in checks:
        yield from _closed(account, evaluation, request, at)
    yield from _plans(account, evaluation, request, today)


def _plans(
    account: Account, evaluation: Evaluation, request: Request, today: date
) -> Iterator[RemedyTrial]:
    """Yield the plans that could be bought: one that an add-on needs, another in place of this."""
    checks, state = _failed(evaluation), evaluation.period.state
    contract = evaluation.line.history.contract
    if Check.REQUIRED_PLAN in checks:
        for plan in sorted(state.plan.requires_plan):
            bought = _line_with(state.line, plan, today, evaluation)
            added = _amendment(account, contract, today, lines=(bought,))
            yield RemedyKind.BUY_PLAN, plan, request, (added,)
    if checks & _OF_THE_PLAN:
        for plan in evaluation.line.other_plans(state.plan):
            line = attrs.evolve(state.line, plan=plan, plan_version=None, sold=today)
            upgrade = _amendment(account, contract, today, lines=(line,))
            yield RemedyKind.UPGRADE, plan, request, (upgrade,)


def _day(at: int, zone: str) -> date:
    """Return the date in a zone, or the nearest on which a fact may begin."""
    day = from_micros(at).astimezone(ZoneInfo(zone)).date()
    return min(max(day, EARLIEST.date()), (LATEST - timedelta(days=1)).date())


def _failed(evaluation: Evaluation) -> set[Check]:
    return {CHECK_OF[reason] for reason in reasons_of_bits(evaluation.failures)}


def _lower(scale: tuple[str, ...], severity: str | None) -> tuple[str, ...]:
    return scale[scale.index(severity) + 1 :] if severity in scale else scale


def _amendment(
    account: Account,
    contract: Contract,
    today: date,
    *,
    lines: tuple[ContractLine, ...] = (),
    contacts: tuple[NamedContact, ...] | None = None,
) -> Amendment:
    id = _new_id("amendment", (each.id for each in account.changes))
    return Amendment(id=id, contract=contract.id, effective=today, lines=lines, contacts=contacts)


def _line_with(line: ContractLine, plan: str, today: date, evaluation: Evaluation) -> ContractLine:
    """Return a line like this one, sold today, with another plan."""
    return attrs.evolve(
        line,
        id=_new_line_id(evaluation),
        plan=plan,
        plan_version=None,
        start=None,
        end=None,
        sold=today,
        contact_limit=None,
        experts=(),
    )


def _line_for(line: ContractLine, request: Request, evaluation: Evaluation) -> ContractLine:
    coverage = Coverage(level=CoverageLevel.PRODUCT, ids=[request.product])
    id = _new_line_id(evaluation)
    return attrs.evolve(line, id=id, coverage=coverage, start=None, end=None)


def _new_line_id(evaluation: Evaluation) -> str:
    return _new_id("line", (each.id for each in evaluation.line.history.contract.lines))


def _renewals(account: Account, contract: Contract, today: date) -> Iterator[Renewal]:
    """Yield a term from today, and one that joins the old one: for a lapse, and for grace."""
    id = _new_id("renewal", (each.id for each in account.changes))
    for kind, start in ((RenewalKind.CONTIGUOUS, None), (RenewalKind.FRESH, today)):
        yield Renewal(id=id, contract=contract.id, kind=kind, start=start, months=TERM_MONTHS)


def _ended_blocks(account: Account, blocks: tuple[str, ...], at: int) -> tuple[Block, ...]:
    """Return the blocks with their end at `at`; one that begins at `at` is retracted."""
    now = from_micros(at)
    return tuple(
        attrs.evolve(each, recorded=None, end=now)
        if each.start < now
        else attrs.evolve(each, recorded=None, retracted=True)
        for each in records_as_known(account.changes, None)
        if isinstance(each, Block) and each.id in blocks
    )


def _closed(
    account: Account, evaluation: Evaluation, request: Request, at: int
) -> Iterator[RemedyTrial]:
    place = (evaluation.line.history.contract.id, evaluation.line.history.line)
    now = from_micros(at)
    for case in sorted(account.cases, key=lambda each: (each.opened, each.id)):
        # A case that is opened later counts too, and cannot be closed before.
        running = case.opened <= now and (case.closed is None or case.closed > now)
        if (case.contract, case.line) == place and running:
            closed = attrs.evolve(case, closed=now, resolved=None)
            yield RemedyKind.CLOSE_CASE, case.id, request, (closed,)


def _extra_allowance(
    account: Account, evaluation: Evaluation, request: Request, at: int
) -> Iterator[RemedyTrial]:
    right = evaluation.right
    if right is None or right.allowance is None:
        return
    charge = right.promise.charge
    if charge.unit is None or charge.pool is None:
        return
    grant = Grant(
        id=_new_id("grant", (each.id for each in account.ledger.grants)),
        unit=charge.unit,
        amount=max(right.allowance.amount, charge.amount),
        effective=from_micros(at),
        pool=charge.pool,
    )
    yield RemedyKind.BUY_ALLOWANCE, charge.pool, request, (Issue(grant=grant),)


def _new_id(kind: str, taken: Iterable[str]) -> str:
    """Return an id that is not taken."""
    known = set(taken)
    return next(id for n in count(1) if (id := f"proposed {kind} {n}") not in known)
