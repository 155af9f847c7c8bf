"""Terms of a contract by the guide: signed, renewed, and made longer by blocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from entitlements.contracts.account import Account
from entitlements.contracts.changes import Block, Renewal, RenewalKind
from entitlements.contracts.contract import Contract
from entitlements.testing.oracles.by_the_guide.records import (
    NEVER,
    changes_of,
    day_end,
    day_start,
    known,
    months_later,
    recorded,
)


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
    return found


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
