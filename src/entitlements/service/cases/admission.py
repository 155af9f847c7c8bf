"""May they, and what follows at once? The decision, its hold, its case, its work and its record.

Everything about one request happens in one turn: either all of it is written, or nothing is.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

import attrs

from entitlements.access.decision import Decision, Deferred, Denied, Granted
from entitlements.contracts.account import Account
from entitlements.contracts.allowances.allowance import Consumption
from entitlements.engine.engine import Assessment, opening
from entitlements.kernel.ids import key
from entitlements.ports.records import Case, FrozenTerms, Placement
from entitlements.routing.offers.lifecycle import Enqueue, Park
from entitlements.routing.offers.work_state import Offering, carried_out
from entitlements.service.audit.chain import seal
from entitlements.service.audit.decision_record import (
    Considered,
    body_of,
    considered_cases,
    known_at,
    outcome_of,
)
from entitlements.service.caches.catalog_cache import Book
from entitlements.service.cases import consumption
from entitlements.service.cases.notices import read_clocks
from entitlements.service.commands import Admit
from entitlements.service.replies import Reply, Result
from entitlements.service.transaction import Turn

KIND: Final = "admit"


def admit(turn: Turn, command: Admit) -> Reply:
    """Decide about the request as of the turn's instant, and write down all that follows.

    Raises:
        DuplicateIdError: A case of the request's id was opened before.
        TransitionError: Its units cannot be held any more as of that instant.
    """
    work, request = turn.work, command.request
    head = work.decisions.head()  # from here on no other decision of the tenant comes between
    book = turn.books.latest(work)
    account = work.accounts.account(request.customer)
    answer = book.engine.assess(request, turn.at, account=account)
    result, text = _result(answer.decision), outcome_of(answer)
    body = body_of(_considered(turn, book, account, answer), text)
    link = seal(work.tenant, head, at=turn.at, kind=KIND, subject=request.id, body=body)
    work.decisions.append(link)
    reply = Reply(command=command.id, case=request.id, result=result, text=text)
    if reply.accepted and account is not None:
        _hold(turn, book, account, answer)
        _open(turn, book, answer)
        _enqueue(turn, book, answer)
    told = json.loads(text)["decision"]
    turn.tell(f"case.{result}", request.id, customer=request.customer, decision=told)
    return reply


def _result(decision: Decision) -> Result:
    match decision:
        case Denied():
            return Result.DENIED
        case Granted() | Deferred() if decision.charge.consent_needed:
            # Nobody has agreed to pay for it yet, so nothing is opened: ask again with consent.
            return Result.CONSENT_NEEDED
        case Granted():
            return Result.GRANTED
        case Deferred():
            return Result.DEFERRED


def _considered(turn: Turn, book: Book, account: Account | None, answer: Assessment) -> Considered:
    request, at = answer.request, turn.at
    asset = None
    if account is not None and request.asset is not None:
        asset = next((each for each in account.assets if each.id == request.asset), None)
    known = Considered(
        request=request,
        at=at,
        known_at=known_at(account, at),
        edition=book.number,
        asset=asset,
        catalog=book.digest,
        account=turn.books.account_digest(account),
    )
    if account is None:
        return known
    counts = request.follows is not None or book.counts_cases
    return attrs.evolve(
        known,
        ledger=len(account.ledger),
        cases=considered_cases(account, request, at) if counts else (),
        entries=turn.books.entries_digest(account.customer, account.ledger),
    )


def _hold(turn: Turn, book: Book, account: Account, answer: Assessment) -> None:
    """Hold the units that the decision proposes; take them, where the plan counts openings."""
    before = ledger = account.ledger
    for wanted in answer.entries:
        histories = book.engine.terms(account.customer, account).histories
        lasting = attrs.evolve(wanted, lasts=turn.rules.holds)
        ledger = consumption.hold(ledger, histories, lasting, turn.at)
        if _consumption(answer) is Consumption.OPENING:
            ledger = consumption.take(ledger, answer.request.id, turn.at).ledger
    if ledger is not before:
        new = ledger.entries_after(len(before))
        turn.work.ledger.append(account.customer, new, head=len(before))


def _consumption(answer: Assessment) -> Consumption | None:
    return answer.charge.consumption if answer.charge is not None and answer.entries else None


def _open(turn: Turn, book: Book, answer: Assessment) -> None:
    assert not isinstance(answer.decision, Denied)  # noqa: S101 - only who was accepted comes here
    promise, at = answer.decision.entitlement, turn.at
    terms = FrozenTerms(
        edition=book.number,
        contract=promise.contract,
        line=promise.line,
        policy=promise.policy,
        calendars=dict(promise.calendars),
        plan=promise.plan,
        plan_version=promise.plan_version,
        consumption=_consumption(answer),
    )
    case = Case(
        request=answer.request, opened=at, terms=terms, events=[opening(answer.request, at)]
    )
    _, wake = read_clocks(case, book.policy(terms), at)
    if turn.rules.holds is not None and terms.consumption not in {None, Consumption.OPENING}:
        wake = min(at + turn.rules.holds, wake or datetime.max.replace(tzinfo=at.tzinfo))
    turn.work.cases.open(attrs.evolve(case, wake=wake))


def _enqueue(turn: Turn, book: Book, answer: Assessment) -> None:
    """Let the work wait for an offer; a deferred one is parked until the right opens."""
    assert not isinstance(answer.decision, Denied)  # noqa: S101 - only who was accepted comes here
    task = book.engine.work(answer)
    state, wake = Offering(work=task.id), None
    commands: list[Enqueue | Park] = [Enqueue(key("admission", "enqueue"))]
    if isinstance(answer.decision, Deferred):
        commands.append(Park(key("admission", "park")))
        wake = answer.decision.opens_at
    for each in commands:
        state, _ = carried_out(state, each, turn.at, turn.rules.offers)
    placement = Placement(work=task, group=answer.decision.group, state=state, wake=wake)
    turn.work.offers.add(placement)
