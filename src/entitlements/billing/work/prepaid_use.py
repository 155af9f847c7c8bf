"""Prepaid use: the minutes that the work on each case takes from each grant.

They are those of the charge lines, and need no prices: a ledger settles a case with them after the
work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import final

import attrs

from entitlements.billing.work.charging.work_book import WorkBook, paid_work
from entitlements.billing.work.terms import ChargedCase, WorkTerms
from entitlements.billing.work.work_logs import WorkLog, valid_work
from entitlements.calendars.business_hours import BusinessHours
from entitlements.contracts.allowances.grants import Grant
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.instants import from_micros, micros_or_end, to_micros


@final
@attrs.frozen(kw_only=True)
class PrepaidUse:
    """Minutes that the work on one case takes from one grant, before it resets or after that.

    Attributes:
        case: Id of the case.
        grant: The grant.
        at: When the first of that work began, or the grant if it pays for earlier overage.
        units: How many minutes.
        is_overage: Whether they go beyond the grant.
        consent: Whether the customer agreed to overage.
    """

    case: str
    grant: Grant
    at: datetime
    units: int
    is_overage: bool = False
    consent: bool = False


def prepaid_use(
    logs: Iterable[WorkLog],
    cases: Iterable[ChargedCase],
    terms: Iterable[WorkTerms],
    *,
    calendars: Mapping[str, BusinessHours] | None = None,
    known_at: datetime | None = None,
) -> tuple[PrepaidUse, ...]:
    """Return what some work takes from grants.

    The sums are those of the lines that `charge_work` makes. Work that could not be charged, on an
    unknown case or outside of the terms, takes nothing.

    Args:
        logs: All records of work; of those with one id the one recorded last is valid.
        cases: The cases of the logs.
        terms: The terms of the contract lines of the cases.
        calendars: The calendars that rates name.
        known_at: Leave out what was recorded later; None for everything.

    >>> from entitlements.contracts import Grant
    >>> block = Grant(id="block", unit="minutes", amount=60, effective="2026-01-01T00:00Z")
    >>> terms = WorkTerms(contract="C-1", line="main", zone="UTC", start="2026-01-01T00:00Z",
    ...                   grants=[block], unit_factors={"on_site": 2})
    >>> log = WorkLog(id="W-1", case="R-1", agent="ada", start="2026-03-27T16:00Z",
    ...               end="2026-03-27T16:20Z", kind="on_site")
    >>> [used] = prepaid_use([log], [ChargedCase(id="R-1", contract="C-1", line="main")], [terms])
    >>> used.grant.id, used.units
    ('block', 40)
    """
    book = WorkBook(cases, terms, calendars or {})
    grants = {(*each.key, grant.id): grant for each in book.every_terms for grant in each.grants}
    if not grants:
        return ()
    work = [each for each in valid_work(logs, known_at) if _is_charged(each, book)]
    found: dict[tuple[str, str, bool, bool], PrepaidUse] = {}
    for part in paid_work(work, book):
        if part.grant is None or not part.units:
            continue
        case = part.piece.case
        grant = grants[case.contract, case.line, part.grant]
        at = max(part.piece.start, to_micros(grant.effective))
        key = case.id, grant.id, at >= micros_or_end(grant.resets), part.is_overage
        other = found.get(key)
        found[key] = PrepaidUse(
            case=case.id,
            grant=grant,
            at=from_micros(at) if other is None else min(other.at, from_micros(at)),
            units=part.units + (0 if other is None else other.units),
            is_overage=part.is_overage,
            consent=case.consent,
        )
    return tuple(found.values())


def _is_charged(log: WorkLog, book: WorkBook) -> bool:
    with suppress(UnknownIdError, InvalidValueError):
        book.check(log)
        return True
    return False
