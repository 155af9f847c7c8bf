"""Which grants do contracts themselves give? The allowances of plans, term by term.

A plan's allowance needs nobody to book it: its grants follow from the plan and the terms. They have
the same ids whenever they are derived, so that those already in a ledger are recognised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from entitlements.contracts.entries import Issue
from entitlements.contracts.grants import Grant, grants
from entitlements.contracts.ledger import Ledger
from entitlements.contracts.standing import LineHistory
from entitlements.contracts.steps import END
from entitlements.kernel.instants import EPOCH, from_micros

_LONGEST_CYCLE: Final = timedelta(days=3660)


def pool_of(contract: str, line: str, allowance: str) -> str:
    """Return the name under which a line's grants of an allowance are kept in the ledger.

    >>> pool_of("C-1", "1", "cases")
    'C-1/1/cases'
    """
    return f"{contract}/{line}/{allowance}"


def plan_grants(history: LineHistory, until: datetime) -> Iterator[Grant]:
    """Yield the grants of a line's plan that begin before `until`, term by term.

    The plan in force when a term begins is the one whose allowances hold for that term.
    """
    contract = history.contract
    for start, end in history.terms:
        first = from_micros(start)
        if first >= until:
            continue
        # A term without an end needs some end for its last cycle to be whole.
        last = from_micros(end) if end < END else until + _LONGEST_CYCLE
        for allowance in history.steps.at(start).plan.allowances:
            pool = pool_of(contract.id, history.line, allowance.id)
            yield from grants(allowance, first, last, contract.zone, pool=pool, until=until)


def with_plan_grants(ledger: Ledger, histories: Iterable[LineHistory], until: datetime) -> Ledger:
    """Return the ledger with the grants of all plans that begin before `until`.

    Grants it has already are left alone, also those adjusted or withdrawn since.
    """
    known = {grant.id for grant in ledger.grants}
    for history in histories:
        for grant in plan_grants(history, until):
            if grant.id in known:
                continue
            at = min(grant.effective, ledger.tail or EPOCH)
            ledger = ledger.post(Issue(grant=grant), at).ledger
    return ledger
