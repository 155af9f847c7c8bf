"""Terms of a contract by the guide: signed, renewed, and made longer by blocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from entitlements.contracts.account import Account
from entitlements.contracts.plan_terms.renewal_terms import RenewalTerms
from entitlements.contracts.records.changes import Block, NonRenewalNotice, Renewal, RenewalKind
from entitlements.contracts.records.contract import Contract
from entitlements.testing.oracles.by_the_guide.records import (
    MOMENT,
    NEVER,
    changes_of,
    day_end,
    day_start,
    known,
    months_later,
    recorded,
)

FURTHEST: Final = 2028
"""The year after which tacit terms are not told apart: no question is about it."""


class Term(NamedTuple):
    """A term, with the day and the months from which the next one is counted."""

    start: datetime
    end: datetime
    counted_from: date | None
    months: int
    later: timedelta


def terms(account: Account, contract: Contract) -> list[Term]:
    """Return the terms of a contract, made longer by what was blocked of them."""
    zone = contract.zone
    every = [each for each in known(account.changes) if isinstance(each, Block)]
    blocks = [each for each in every if each.extends_term and each.contract in {None, contract.id}]
    renewals: list[Renewal] = changes_of(account, contract, Renewal)
    restarts = sorted((r for r in renewals if r.start is not None), key=lambda r: (r.start, r.id))
    joined = sorted((r for r in renewals if r.start is None), key=lambda r: (recorded(r), r.id))
    begin = day_start(contract.start, zone)
    found = [_term(begin, contract.start, contract.months or 0, contract.end, blocks, zone)]
    for fixed in [*restarts, None]:
        limit = NEVER if fixed is None else day_start(fixed.start or contract.start, zone)
        for renewal in list(joined):
            start = found[-1].end
            if start == NEVER:
                break
            term = _renewed(renewal, start, found[-1], blocks, zone)
            if start < term.end <= limit:
                found.append(term)
                joined.remove(renewal)
        if fixed is not None:
            found.append(_renewed(fixed, limit, found[-1], blocks, zone))
    open_block = any(block.end is None and block.start < found[-1].end for block in blocks)
    if contract.renewal is None or (open_block and found[-1].end == NEVER):
        return found
    return _gone_on(account, contract, contract.renewal, found, blocks)


def _gone_on(
    account: Account,
    contract: Contract,
    renewal: RenewalTerms,
    signed: list[Term],
    blocks: Sequence[Block],
) -> list[Term]:
    """Return the terms with those that nobody signed, until notice is in time for one."""
    zone, found = contract.zone, [*signed]
    notices = [each.given for each in changes_of(account, contract, NonRenewalNotice)]
    reach = [_period_end(renewal, given) for given in notices]
    last_term = found[-1]
    if renewal.months is None:
        over = min((day_end(day, zone) for day in reach), default=NEVER)
        if last_term.end == NEVER:
            over = max(over, last_term.start + timedelta(days=1))
            found[-1] = last_term._replace(end=over)
        elif over > last_term.end:
            found.append(Term(last_term.end, over, None, 0, timedelta()))
        return found
    while found[-1].end != NEVER:
        last = (found[-1].end - MOMENT).astimezone(ZoneInfo(zone)).date()
        if any(day <= last for day in reach):
            break
        if last.year > FURTHEST:
            found.append(Term(found[-1].end, NEVER, None, 0, timedelta()))
            break
        tacit = Renewal(id="tacit", contract=contract.id, months=renewal.months)
        found.append(_renewed(tacit, found[-1].end, found[-1], blocks, zone))
    return found


def _period_end(renewal: RenewalTerms, given: date) -> date:
    if renewal.notice_months is not None:
        return months_later(given, renewal.notice_months)
    return given + timedelta(days=renewal.notice_days or 0)


def _term(
    start: datetime,
    counted_from: date | None,
    months: int,
    last: date | None,
    blocks: Sequence[Block],
    zone: str,
    later: timedelta = timedelta(),
) -> Term:
    """Return a term that ends with a last day, or so many months after a day."""
    if last is not None:
        signed = day_end(last, zone)
        counted_from = None if signed == NEVER else last + timedelta(days=1)
        months = 0
    elif months and counted_from is not None:
        signed = day_start(months_later(counted_from, months), zone) + later
    else:
        return Term(start, NEVER, None, 0, timedelta())
    end = longer(start, signed, blocks)
    own = timedelta() if end == NEVER else end - signed
    return Term(start, end, counted_from, months, later + own)


def _renewed(
    renewal: Renewal, start: datetime, before: Term, blocks: Sequence[Block], zone: str
) -> Term:
    """Return a renewed term: months are counted from the first start, and later if blocked."""
    if renewal.kind is RenewalKind.FRESH:
        return _term(start, renewal.start, renewal.months or 0, renewal.end, blocks, zone)
    months = before.months + renewal.months if renewal.months is not None else 0
    return _term(start, before.counted_from, months, renewal.end, blocks, zone, before.later)


def longer(start: datetime, end: datetime, blocks: Sequence[Block]) -> datetime:
    """Return the end of a term, made longer by the time that was blocked within it."""
    moved = end
    while moved != NEVER:
        blocked = timedelta()
        reached = start
        for block in sorted(blocks, key=lambda each: each.start):
            if block.start >= moved:
                continue
            if block.end is None:
                return NEVER
            first, last = max(block.start, reached), min(block.end, moved)
            if first < last:
                blocked += last - first
                reached = last
        if end + blocked == moved:
            return moved
        moved = end + blocked
    return NEVER
