"""Settlement by work: a case takes from the ledger the minutes that its work logs say.

Units are reserved at the admission and settled after the work. What is taken is dated at the work,
as on the charge lines: a log that comes late, or is corrected, moves what the cases after it take.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import count
from typing import NamedTuple, TypeAlias

import attrs

from entitlements.billing.work.prepaid_use import PrepaidUse
from entitlements.billing.work.work_logs import WorkLog
from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.allowances.grants import consumption_key
from entitlements.contracts.ledger.entries import (
    Commit,
    Entry,
    GiveBack,
    GrantShare,
    LedgerCommand,
    Reserve,
    Void,
    units_between,
)
from entitlements.contracts.ledger.ledger import Ledger, Posted
from entitlements.contracts.lines.plan_grants import ledger_with_plan_grants
from entitlements.engine.statements.work_terms import prepaid_work
from entitlements.kernel.ids import key
from entitlements.kernel.instants import from_micros, to_micros
from entitlements.ports.service_records.repository import every_record
from entitlements.ports.service_records.service_record import RecordFilter, RecordKind
from entitlements.ports.store import UnitOfWork
from entitlements.service.caches.billed_facts import billed_facts
from entitlements.service.caches.catalog_cache import CatalogCache
from entitlements.service.cases.units.consumption import known_from
from entitlements.service.cases.units.follow_ups import follow_ups
from entitlements.service.transaction import Transaction

_Place: TypeAlias = tuple[str, datetime, bool]
"""A grant, the instant at which units were taken from it, and whether they go beyond it."""


def settle_by_work(transaction: Transaction, customer: str, *cases: str) -> dict[str, int]:
    """Settle the cases of a customer by their work logs; return the minutes that each lacks.

    A case that has units on hold is settled when it takes them; until then its logs change nothing
    of its own. A customer who never had prepaid minutes costs no look at the logs.

    Args:
        transaction: The transaction.
        customer: Id of the customer.
        cases: Cases from which a log was taken away, beside those that have one.
    """
    work = transaction.work
    if not _has_minutes(transaction, customer):
        return {}
    logs = [*_logs(work, customer)]
    logged = {*cases, *(each.case for each in logs)}
    if not logged:
        return {}
    uses, ledger = _uses(work, transaction.catalogs, customer, logs, transaction.at)
    settled = settled_by_work(ledger, uses, logged, transaction.at)
    if len(settled.ledger) > len(ledger):
        entries = settled.ledger.entries_after(len(ledger))
        work.ledger.append(customer, entries, head=len(ledger))
    return settled.unpaid


def is_logged(work: UnitOfWork, customer: str, case: str) -> bool:
    """Return whether work is logged on a case."""
    wanted = RecordFilter(kind=RecordKind.WORK_LOG, customer=customer, case=case)
    return next(every_record(work.service_records, wanted), None) is not None


def minutes_by_work(transaction: Transaction, customer: str, case: str) -> int:
    """Return the prepaid minutes that a case takes by its work logs, overage included."""
    work = transaction.work
    logs = [*_logs(work, customer)]
    uses, _ = _uses(work, transaction.catalogs, customer, logs, transaction.at)
    return sum(each.units for each in uses if each.case == case)


def _has_minutes(transaction: Transaction, customer: str) -> bool:
    """Return whether a plan of the customer includes minutes, or some were issued."""
    work = transaction.work
    account = work.accounts.account(customer)
    if account is None:
        return False
    edition = transaction.catalogs.latest(work)
    included = (
        allowance.unit is Unit.MINUTES
        for history in edition.engine.decider(customer, account).histories
        for plan in history.plans
        for allowance in plan.allowances
    )
    return any(included) or any(each.unit is Unit.MINUTES for each in account.ledger.grants)


def _logs(work: UnitOfWork, customer: str) -> Iterator[WorkLog]:
    wanted = RecordFilter(kind=RecordKind.WORK_LOG, customer=customer)
    for each in every_record(work.service_records, wanted):
        if isinstance(each.value, WorkLog):
            yield each.value


def _uses(
    work: UnitOfWork,
    catalogs: CatalogCache,
    customer: str,
    logs: Collection[WorkLog],
    at: datetime,
) -> tuple[tuple[PrepaidUse, ...], Ledger]:
    """Return what all work takes, and the ledger with the grants of plans from which it may."""
    ledger = work.ledger.ledger(customer)
    account = work.accounts.account(customer)
    if account is None:
        return (), ledger
    edition = catalogs.latest(work)
    facts = billed_facts(work, edition, account)
    histories = edition.engine.decider(customer, account).histories
    until = to_micros(max([at, *(each.end for each in logs)])) + 1
    cases = follow_ups(work, facts, account, None)
    uses = prepaid_work(facts, account, histories, logs, until, cases)
    return uses, ledger_with_plan_grants(ledger, histories, from_micros(until))


class Settled(NamedTuple):
    """A ledger after cases were settled, and the minutes that each case lacks."""

    ledger: Ledger
    unpaid: dict[str, int]


class _Taking(NamedTuple):
    """What a commit for a case took, apart from what was given back."""

    commit: Entry
    shares: tuple[GrantShare, ...]


def settled_by_work(
    ledger: Ledger, uses: Iterable[PrepaidUse], cases: Collection[str], at: datetime
) -> Settled:
    """Return the ledger in which some cases have taken what their work says, and no more.

    A case with units on hold is left out, and so is what a grant pays that the ledger does not
    know. What others hold is not taken; a later call takes it when they have returned it.

    Args:
        ledger: The customer's ledger, with the grants of plans from which work may take.
        uses: What the work takes.
        cases: The cases whose work was ever logged.
        at: When this becomes known.
    """
    missing: list[PrepaidUse] = []
    by_case: dict[str, dict[_Place, PrepaidUse]] = {}
    for each in uses:
        if ledger.grant(each.grant.id) is not None:
            by_case.setdefault(each.case, {})[each.grant.id, each.at, each.is_overage] = each
    after, changed = ledger, set[str]()
    for case in sorted(each for each in cases if not is_on_hold(ledger, each)):
        wanted = by_case.get(case, {})
        for number, taking in enumerate(_takings(ledger, case)):
            if not _is_wanted(taking, wanted):
                after = _given_back(after, taking, key("work-back", case, number, len(after)), at)
                changed.add(case)
        missing += wanted.values()
    # What goes beyond a grant is taken when all cases have what is in it.
    missing.sort(
        key=lambda each: (each.is_overage, consumption_key(each.grant), each.at, each.case)
    )
    unpaid: dict[str, int] = {}
    for each in missing:
        changed.add(each.case)
        after, taken = _take(after, each, at)
        lacks = each.units - taken
        if lacks:
            unpaid[each.case] = unpaid.get(each.case, 0) + lacks
    if _all_taken(after, changed) == _all_taken(ledger, changed):
        after = ledger  # what is missing is still on hold for others
    return Settled(after, unpaid)


def _order(use: PrepaidUse) -> tuple[object, ...]:
    return use.is_overage, consumption_key(use.grant), use.at, use.case


def is_on_hold(ledger: Ledger, case: str) -> bool:
    """Return whether units that were reserved for a case were neither used nor returned."""
    entry = ledger.find(case)
    if entry is None or entry.refusal is not None or not isinstance(entry.command, Reserve):
        return False
    return not ledger.entries_about(case)


def counts_minutes(ledger: Ledger, case: str) -> bool:
    """Return whether minutes were reserved for a case."""
    entry = ledger.find(case)
    if entry is None or entry.refusal is not None or not isinstance(entry.command, Reserve):
        return False
    return entry.command.unit is Unit.MINUTES


def released(ledger: Ledger, case: str, at: datetime) -> Ledger:
    """Return the ledger as if no minutes had been reserved for a case, whose work decides.

    Args:
        ledger: The customer's ledger.
        case: Id of a case that holds minutes.
        at: When this becomes known.
    """
    entry = ledger.find(case)
    if entry is None or not is_on_hold(ledger, case):
        return ledger
    return _posted(ledger, Void(key=key("void", case), hold=case), entry.at, at)


def _is_wanted(taking: _Taking, wanted: dict[_Place, PrepaidUse]) -> bool:
    """Return whether the work takes exactly this, and then strike it from what is wanted."""
    if len(taking.shares) != 1:
        return False
    share = taking.shares[0]
    if share.amount and share.overage:
        return False
    place = share.grant, taking.commit.at, not share.amount
    if place not in wanted or wanted[place].units != share.amount + share.overage:
        return False
    del wanted[place]
    return True


def _takings(ledger: Ledger, case: str) -> Iterator[_Taking]:
    """Yield what was taken for a case in minutes and not given back."""
    for name in _commits(ledger, case):
        commit = ledger.find(name)
        if commit is None or commit.refusal is not None or not isinstance(commit.command, Commit):
            continue
        hold = ledger.find(commit.command.hold)
        if hold is None or getattr(hold.command, "unit", None) is not Unit.MINUTES:
            continue
        given = sum(each.total for each in ledger.entries_about(name))
        shares = units_between(commit.shares, 0, commit.total - given)
        if shares:
            yield _Taking(commit, shares)


def _commits(ledger: Ledger, case: str) -> Iterator[str]:
    yield from (key("commit", case), key("commit-rest", case))
    for number in range(1, _next_number(ledger, case)):
        yield key("work-commit", case, number)


def _next_number(ledger: Ledger, case: str) -> int:
    return next(each for each in count(1) if ledger.find(key("work", case, each)) is None)


def _all_taken(ledger: Ledger, cases: Iterable[str]) -> dict[tuple[str, str, datetime], list[int]]:
    found: dict[tuple[str, str, datetime], list[int]] = {}
    for case in cases:
        for taking in _takings(ledger, case):
            for share in taking.shares:
                sums = found.setdefault((case, share.grant, taking.commit.at), [0, 0])
                sums[0] += share.amount
                sums[1] += share.overage
    return found


def _given_back(ledger: Ledger, taking: _Taking, name: str, at: datetime) -> Ledger:
    back = GiveBack(key=name, commit=taking.commit.key)
    return _posted(ledger, back, taking.commit.at, at)


def _take(ledger: Ledger, use: PrepaidUse, at: datetime) -> tuple[Ledger, int]:
    """Return the ledger with as much of a use as is not held or used otherwise, and how much."""
    number = _next_number(ledger, use.case)
    wanted = Reserve(
        key=key("work", use.case, number),
        unit=Unit.MINUTES,
        amount=use.units,
        consent=use.consent,
        grants=[use.grant.id],
    )
    known = known_from(ledger, max(use.at, at))
    held: Ledger | None = None
    least, most = 0, wanted.amount
    asked = most  # all of it can be had, mostly
    while least < most:
        outcome = ledger.post(attrs.evolve(wanted, amount=asked), use.at, recorded=known)
        if isinstance(outcome, Posted):
            held, least = outcome.ledger, asked
        else:
            most = asked - 1
        asked = (least + most + 1) // 2
    if held is None:
        return ledger, 0
    commit = Commit(key=key("work-commit", use.case, number), hold=wanted.key)
    return _posted(held, commit, use.at, at), least


def _posted(ledger: Ledger, command: LedgerCommand, at: datetime, now: datetime) -> Ledger:
    return ledger.post(command, at, recorded=known_from(ledger, max(at, now))).ledger
