"""Which grants do contracts themselves give? The allowances of plans, term by term.

A plan's allowance needs nobody to book it: its grants follow from the plan and the terms. They have
the same ids whenever they are derived, so that those already in a ledger are recognised.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

import attrs

from entitlements.contracts.allowances import Allowance
from entitlements.contracts.entries import Issue
from entitlements.contracts.grants import Grant, grants
from entitlements.contracts.ledger import Ledger
from entitlements.contracts.standing import LineHistory
from entitlements.contracts.steps import END
from entitlements.kernel.ids import key
from entitlements.kernel.instants import EPOCH, LATEST, from_micros, to_micros

FOREVER: Final = LATEST - timedelta(days=2)


def pool_of(contract: str, line: str, allowance: str) -> str:
    """Return the key under which a line's grants of an allowance are kept in the ledger.

    >>> pool_of("C-1", "1", "cases")
    'pool␟C-1␟1␟cases'
    """
    return key("pool", contract, line, allowance)


def plan_grants(
    history: LineHistory, until: datetime, *, since: datetime | None = None
) -> Iterator[Grant]:
    """Yield the grants of a line's plan that begin before `until`, term by term.

    The plan in force when a term begins is the one whose allowances hold for that term; what only
    a later plan promises is granted from its first day on.

    Args:
        history: The line.
        until: Leave out grants that begin at or after this instant.
        since: Leave out grants that have expired by this instant; they cost nothing, however old
            the contract is.

    Raises:
        LimitExceededError: A term has more than 10,000 grants of an allowance in that time.
    """
    contract = history.contract
    for start, end in history.terms:
        if since is not None and end <= to_micros(since):
            continue
        for begin, allowance in _promised(history, start, end):
            first = from_micros(begin)
            if first >= until:
                continue
            pool = pool_of(contract.id, history.line, allowance.id)
            last = from_micros(end) if end < END else _far(allowance, until)
            for grant in grants(
                allowance, first, last, contract.zone, pool=pool, since=since, until=until
            ):
                yield attrs.evolve(grant, expires=None) if grant.expires == FOREVER else grant


def _promised(history: LineHistory, start: int, end: int) -> Iterator[tuple[int, Allowance]]:
    """Yield each allowance promised in a term, with the instant from which it is."""
    seen: set[str] = set()
    changes = history.sold.starts
    within = changes[bisect_right(changes, start) : bisect_left(changes, end)]
    for at in (start, *within):
        for allowance in history.sold.at(at).plan.allowances:
            if allowance.id not in seen:
                seen.add(allowance.id)
                yield at, allowance


def _far(allowance: Allowance, until: datetime) -> datetime:
    """Return an end for a term without one, late enough for the cycles before `until` to be whole.

    A grant for the whole of such a term ends with the calendar, which is never.
    """
    cycle = allowance.recurrence
    if cycle is None:
        return FOREVER
    whole = timedelta(days=cycle.most_days)
    lasts = timedelta(days=allowance.lifetime.most_days) if allowance.lifetime else whole
    return min(until + whole + lasts, FOREVER) if until < FOREVER - whole - lasts else FOREVER


def with_plan_grants(
    ledger: Ledger,
    histories: Iterable[LineHistory],
    until: datetime,
    *,
    since: datetime | None = None,
) -> Ledger:
    """Return the ledger with the grants of all plans that begin before `until`.

    Grants it has already are left alone, also those adjusted or withdrawn since. With `since`,
    those that have expired by then are left out: no question about a later instant needs them.

    Raises:
        LimitExceededError: A term has more than 10,000 grants of an allowance in that time.
    """
    fresh: dict[str, Grant] = {}
    for history in histories:
        for grant in plan_grants(history, until, since=since):
            if ledger.grant(grant.id) is None:
                fresh.setdefault(grant.id, grant)
    return ledger.issue(_issued(ledger, fresh.values()))


def _issued(ledger: Ledger, grants: Iterable[Grant]) -> Iterator[tuple[Issue, datetime]]:
    """Yield the commands that put grants into a ledger, and when: before all that it has."""
    tail, keys = ledger.tail, set[str]()
    for grant in grants:
        if tail is None:
            tail = min(grant.effective, EPOCH)
        issue = Issue(grant=grant)
        # Somebody may have used the key for something else.
        while issue.key in keys or ledger.find(issue.key) is not None:
            issue = attrs.evolve(issue, key=key("again", issue.key))
        keys.add(issue.key)
        yield issue, min(grant.effective, tail)
