"""The terms of a contract: what was signed, renewed and lengthened, as half-open instants."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TypeAlias, final

import attrs

from entitlements.contracts.changes import Block, BlockLevel, Change, Renewal, RenewalKind
from entitlements.contracts.contract import Contract
from entitlements.contracts.dates import add_months, day_end, day_start
from entitlements.contracts.steps import END
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.instants import to_micros

Term: TypeAlias = tuple[int, int]


@final
@attrs.frozen
class _Signed:
    """A term: its last day and end as signed, and its end as lengthened by blocks."""

    start: int
    last: date | None
    signed: int
    end: int


def contract_terms(contract: Contract, changes: Iterable[Change]) -> tuple[Term, ...]:
    """Return the terms of a contract as half-open instants, in order.

    A fresh or reinstated term stands where its start says. One that joins the term before it does
    so as early as there is room: a back-dated renewal closes a lapse, a contiguous one prolongs the
    term that was begun anew. A block that extends the term makes the term it starts in longer by
    its own length, and the months that join it begin and end later by as much.

    Raises:
        ConflictError: Terms overlap, or a renewal follows an open end.
    """
    known = list(changes)
    pauses = _pauses(known)
    renewals = [each for each in known if isinstance(each, Renewal)]
    joining = sorted((each for each in renewals if each.start is None), key=_recorded)
    terms = [
        _term(day_start(contract.start, contract.zone), contract.last_day, 0, contract, pauses)
    ]
    for anew in sorted((each for each in renewals if each.start is not None), key=_begun):
        begun = _anew(anew, contract)
        waiting = []
        for renewal in joining:
            found = _joined(renewal, terms[-1], contract, pauses)
            terms += [found] if found.end <= begun else []
            waiting += [renewal] if found.end > begun else []
        joining = waiting
        terms.append(_renewed(anew, begun, terms[-1], contract, pauses))
    for renewal in joining:
        terms.append(_joined(renewal, terms[-1], contract, pauses))
    return tuple((each.start, each.end) for each in terms)


def _recorded(renewal: Renewal) -> tuple[int, str]:
    return to_micros(renewal.recorded) if renewal.recorded else -END, renewal.id


def _begun(renewal: Renewal) -> tuple[date, str]:
    return renewal.start or date.min, renewal.id


def _anew(renewal: Renewal, contract: Contract) -> int:
    return day_start(renewal.start or date.min, contract.zone)


def _joined(renewal: Renewal, before: _Signed, contract: Contract, pauses: list[Term]) -> _Signed:
    return _renewed(renewal, before.end, before, contract, pauses)


def _renewed(
    renewal: Renewal, start: int, before: _Signed, contract: Contract, pauses: list[Term]
) -> _Signed:
    if before.end >= END or before.last is None:
        raise ConflictError(
            f"renewal `{renewal.id}` follows a term without an end",
            field="start",
            hint="give the earlier term an end",
        )
    if start < before.end:
        raise ConflictError(
            f"renewal `{renewal.id}` starts before the earlier term ends", field="start"
        )
    joins = renewal.start is None and renewal.months is not None
    later = before.end - before.signed if joins else 0
    found = _term(start, _last_day(renewal, before.last), later, contract, pauses)
    if found.end <= start:
        raise ConflictError(f"renewal `{renewal.id}` ends before it begins", field="end")
    return found


def _last_day(renewal: Renewal, before: date) -> date | None:
    if renewal.months is None:
        return renewal.end
    first = before + timedelta(days=1)
    if renewal.kind is RenewalKind.FRESH and renewal.start is not None:
        first = renewal.start
    return add_months(first, renewal.months) - timedelta(days=1)


def _term(
    start: int, last: date | None, later: int, contract: Contract, pauses: list[Term]
) -> _Signed:
    if last is None:
        return _Signed(start, last, END, END)
    signed = day_end(last, contract.zone)
    end = signed + later
    for first, until in pauses:
        if start <= first < end < END:
            end = END if until >= END else end + until - first
    return _Signed(start, last, signed, end)


def _pauses(changes: Iterable[Change]) -> list[Term]:
    """Return the blocked times that lengthen a term, sorted and disjoint."""
    spans = sorted(
        (to_micros(each.start), END if each.end is None else to_micros(each.end))
        for each in changes
        if isinstance(each, Block) and each.extends_term and each.level is not BlockLevel.LINE
    )
    merged: list[Term] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
