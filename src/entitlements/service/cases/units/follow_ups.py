"""Follow-ups of a statement: each case by the warranty that there was when it was opened.

An account says of a case when it was resolved as it is now. If it was reopened since, a follow-up
that was free when it was opened stays free.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from entitlements.billing.work.terms import ChargedCase
from entitlements.contracts.account import Account, OpenCase
from entitlements.contracts.lines.line_status import line_histories
from entitlements.engine.facts import Facts
from entitlements.engine.statements.charged_cases import charged_cases
from entitlements.engine.statements.sold_lines import SoldLine, sold_lines
from entitlements.kernel.errors import UnknownIdError
from entitlements.ports.records import Case
from entitlements.ports.store import UnitOfWork


def follow_ups(
    work: UnitOfWork, facts: Facts, account: Account, known_at: datetime | None
) -> Iterator[ChargedCase]:
    """Yield the cases that follow others which were reopened, resolved or cancelled since.

    Args:
        work: A unit of work.
        facts: The catalog and the prices.
        account: The customer's account.
        known_at: Leave out what was recorded later; None for everything.
    """
    by_id = {each.id: each for each in account.cases}
    sold: tuple[SoldLine, ...] = ()
    read: dict[str, Case | None] = {}
    for case in account.cases:
        then = []
        for earlier in _followed(case, by_id):
            if earlier.id not in read:
                read[earlier.id] = _stored(work, earlier.id, known_at)
            then.append(_at(earlier, read[earlier.id], case.opened))
        if [each.resolved for each in then] != [by_id[each.id].resolved for each in then]:
            sold = sold or sold_lines(facts, line_histories(account, facts.catalog))
            as_opened = attrs.evolve(account, cases=[case, *then])
            yield from (each for each in charged_cases(as_opened, sold) if each.id == case.id)


def _followed(case: OpenCase, cases: dict[str, OpenCase]) -> Iterator[OpenCase]:
    """Yield the cases of the chain that a case continues."""
    seen = {case.id}
    while (id := case.follows) is not None and id in cases and id not in seen:
        case = cases[id]
        seen.add(id)
        yield case


def _at(case: OpenCase, stored: Case | None, at: datetime) -> OpenCase:
    """Return a case as it was at an instant; as it is if its history is not known."""
    if stored is None:
        return case
    resolved = stored.resolved_at(at)
    return attrs.evolve(case, closed=resolved, resolved=resolved)


def _stored(work: UnitOfWork, id: str, known_at: datetime | None) -> Case | None:
    try:
        found = work.cases.case(id)
    except UnknownIdError:
        return None
    return found if known_at is None else found.as_known(known_at)
