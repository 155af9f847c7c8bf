"""Plan grants: the grants that the allowances of a plan give in each term of a contract line.

They are derived from the plan and the terms, and no ledger stores them. They have the same ids each
time they are derived.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final, NamedTuple

import attrs

from entitlements.calendars.timeline.zones import load_zone
from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.allowances.grant_cycles import grant_periods
from entitlements.contracts.allowances.grants import MAX_POOL, Grant, grants_of_term
from entitlements.contracts.ledger.grants.derived_grants import PlanGrants
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.line_history import LineHistory
from entitlements.contracts.validity.terms import Term
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.data.digests import digest
from entitlements.kernel.ids import key
from entitlements.kernel.instants import (
    END_OF_TIME,
    LATEST,
    MICROSECOND,
    from_micros,
    from_micros_or_none,
    instant_of,
    instant_or_none,
    micros_or_start,
    to_micros,
)

_START: Final[Callable[[Term], int]] = itemgetter(0)

LAST_GRANT_EXPIRY: Final = LATEST - timedelta(days=2)
"""The end that stands for none, of a term and of a grant for all of it."""


class PoolGrant(NamedTuple):
    """A grant of a plan, as instants in microseconds.

    Attributes:
        allowance: The allowance from which it is made.
        begins: First instant of use.
        resets: When the rest is cut; `END_OF_TIME` where nothing rolls over.
        expires: First instant after use; `END_OF_TIME` for never.
    """

    allowance: Allowance
    begins: int
    resets: int
    expires: int


def pool_id(contract: str, line: str, allowance: str) -> str:
    """Return the pool of the grants that an allowance gives to a contract line.

    >>> pool_id("C-1", "1", "cases")
    'pool^C-1^1^cases'
    """
    name = key("pool", contract, line, allowance)
    if len(name) > MAX_POOL or not name.startswith("pool"):  # the pool is a part of each grant's id
        return key("pool-digest", digest([contract, line, allowance]))
    return name


def plan_grants(
    history: LineHistory,
    until: datetime,
    *,
    since: datetime | None = None,
    allowance: str | None = None,
) -> Iterator[Grant]:
    """Yield the grants of a line's plan that begin before `until`, term by term.

    The allowances of the plan version that is in force when a term begins hold for that term; an
    allowance that only a later version has is granted from the first day of that version on. No
    grant begins in the grace after a term, but a grant that ends with the term can be used until
    the grace is over.

    Args:
        history: The line.
        until: Leave out grants that begin at or after this instant.
        since: Leave out grants that have expired by this instant; they cost nothing.
        allowance: Yield the grants of this allowance only; None for all.

    Raises:
        LimitExceededError: A term has more than 10,000 grants of an allowance in that time.
    """
    pools: dict[str, str] = {}
    for granted in _granted(history, micros_or_start(since), allowance, to_micros(until)):
        first = from_micros(granted.first)
        if first >= until:
            continue
        id = granted.allowance.id
        if id not in pools:
            pools[id] = pool_id(history.contract.id, history.line, id)
        last = from_micros(granted.last)
        # A grant that ends with the term is usable in grace, so it is not left out too early.
        alive = since if since is None or since < last else last - MICROSECOND
        for grant in grants_of_term(
            granted.allowance,
            first,
            last,
            history.contract.zone,
            pool=pools[id],
            since=alive,
            until=until,
        ):
            yield _kept_in_grace(grant, last, granted.grace_end)


def pool_grants(history: LineHistory, allowance: str, since: int) -> Iterator[PoolGrant]:
    """Yield the grants of one allowance that expire after an instant, term by term, without end.

    They are those of `plan_grants`, as instants in microseconds: a tenth of the work.
    """
    zone = load_zone(history.contract.zone)
    for granted in _granted(history, since, allowance):
        alive = min(since, granted.last - 1)
        for begins, cycle_ends, expires in grant_periods(
            granted.allowance, zone, granted.first, granted.last, alive
        ):
            rolls = granted.allowance.rollover is not None and cycle_ends < granted.last
            end = expires if expires < granted.last else granted.grace_end
            resets = cycle_ends if rolls else END_OF_TIME
            yield PoolGrant(granted.allowance, begins, resets, end)


class _Granted(NamedTuple):
    """An allowance as one term grants it: from when to when, and the end of the grace after."""

    allowance: Allowance
    first: int
    last: int
    grace_end: int


def _granted(
    history: LineHistory, since: int, allowance: str | None, until: int = END_OF_TIME
) -> Iterator[_Granted]:
    """Yield the allowances of the terms whose grants may be in force between two instants."""
    terms = history.terms
    # Of a contract that renews by itself, few of hundreds of terms matter.
    oldest = max(0, bisect_right(terms, since, key=_START) - 1)
    for start, end in terms[oldest : bisect_left(terms, until, key=_START)]:
        grace_end = history.grace_end(end) if end < END_OF_TIME else END_OF_TIME
        if grace_end <= since:
            continue
        last = end if end < END_OF_TIME else to_micros(LAST_GRANT_EXPIRY)
        for begin, each in allowances_of_term(history, start, end):
            if allowance in {None, each.id}:
                yield _Granted(each, begin, last, grace_end)


def _kept_in_grace(grant: Grant, end: datetime, grace_end: int) -> Grant:
    """Return the grant; if it ends with its term, make it end with the grace after the term."""
    if grant.expires == LAST_GRANT_EXPIRY:
        return attrs.evolve(grant, expires=None)
    if grant.expires != end or grace_end <= to_micros(end):
        return grant
    return attrs.evolve(grant, expires=from_micros_or_none(grace_end))


def allowances_of_term(
    history: LineHistory, start: int, end: int
) -> Iterator[tuple[int, Allowance]]:
    """Yield each allowance of the plan in a term, and the instant from which it is granted."""
    seen: set[str] = set()
    changes = history.line_terms.starts
    within = changes[bisect_right(changes, start) : bisect_left(changes, end)]
    for at in (start, *within):
        for allowance in history.line_terms.at(at).plan.allowances:
            if allowance.id not in seen:
                seen.add(allowance.id)
                yield at, allowance


def ledger_with_plan_grants(
    ledger: Ledger,
    histories: Iterable[LineHistory],
    until: datetime,
    *,
    since: datetime | None = None,
) -> Ledger:
    """Return the ledger with the grants of all plans that begin before `until`.

    They are derived from the contracts each time and are not entries: whatever was changed or taken
    since, a plan gives what it says now.

    Args:
        ledger: The ledger of the account.
        histories: The lines of the account.
        until: Leave out grants that begin at or after this instant.
        since: Grants that have expired by this instant may be left out; queries about later
            instants do not need them.

    >>> from datetime import date
    >>> from entitlements.contracts import Account, Catalog, Contract, ContractLine, Plan
    >>> from entitlements.contracts import line_histories
    >>> from entitlements.kernel import utc
    >>> plan = Plan(id="gold", policy="gold", severities=["S1"], channels=["web"], rights=[],
    ...             allowances=[Allowance(id="cases", unit="incidents", amount=12)])
    >>> contract = Contract(id="C-1", customer="acme", zone="UTC", start=date(2026, 1, 1),
    ...                     months=12, lines=[ContractLine(id="1", plan="gold")])
    >>> account = Account(customer="acme", contracts=[contract])
    >>> lines, now = line_histories(account, Catalog(plans=[plan])), utc("2026-03-02T09:00Z")
    >>> ledger_with_plan_grants(account.ledger, lines, now).available("incidents", now)
    12

    Raises:
        LimitExceededError: A term has more than 10,000 grants of an allowance in that time.
    """
    instance_of(Ledger, ledger)
    return ledger.deriving(derived_grants(histories, until, since=since))


def derived_grants(
    histories: Iterable[LineHistory], until: datetime, *, since: datetime | None = None
) -> PlanGrants:
    """Return the grants of all plans that `ledger_with_plan_grants` puts into a ledger."""
    until, since = instant_of(until), instant_or_none(since)
    found: dict[str, Grant] = {}
    for history in tuple_of(LineHistory, histories):
        for grant in _grants_that_matter(history, until, since):
            found.setdefault(grant.id, grant)
    return PlanGrants(found.values(), until)


def _grants_that_matter(
    history: LineHistory, until: datetime, since: datetime | None
) -> Iterator[Grant]:
    """Yield the grants that have not expired by `since`, and those that uses of them may name."""
    begun: dict[str | None, datetime] = {}
    for grant in plan_grants(history, until, since=since):
        yield grant
        begun[grant.allowance] = min(grant.effective, begun.get(grant.allowance, grant.effective))
    for allowance, first in begun.items():
        if since is not None and first < since:
            # Units taken since the oldest grant began may be from one before it.
            yield from plan_grants(history, until, since=first, allowance=allowance)
