"""The terms of a contract: what was signed, renewed and lengthened, as half-open instants."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeAlias

from entitlements.contracts.changes import Block, BlockLevel, Change, Renewal, RenewalKind
from entitlements.contracts.contract import Contract
from entitlements.contracts.dates import add_months, day_end, day_start
from entitlements.contracts.steps import END
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.instants import to_micros

Term: TypeAlias = tuple[int, int]


def contract_terms(contract: Contract, changes: Iterable[Change]) -> tuple[Term, ...]:
    """Return the terms of a contract as half-open instants, in order.

    A block that extends the term makes the term it starts in longer by its own length.

    Raises:
        ConflictError: Terms overlap, or a renewal follows an open end.
    """
    pauses = _pauses(changes)
    renewals = sorted(
        (each for each in changes if isinstance(each, Renewal)),
        key=lambda each: (each.start or date.min, to_micros(each.recorded) if each.recorded else 0),
    )
    last = contract.last_day
    end = END if last is None else day_end(last, contract.zone)
    terms = [_extended((day_start(contract.start, contract.zone), end), pauses)]
    for renewal in _in_order(renewals):
        terms.append(_extended(_renewed(contract, renewal, terms[-1], last), pauses))
        last = _last_day(renewal, last)
    return tuple(terms)


def _in_order(renewals: list[Renewal]) -> list[Renewal]:
    # Renewals that join the old term come before those that begin anew later.
    joined = [each for each in renewals if each.start is None]
    return joined + [each for each in renewals if each.start is not None]


def _renewed(contract: Contract, renewal: Renewal, before: Term, last: date | None) -> Term:
    if before[1] >= END or last is None:
        raise ConflictError(
            f"renewal `{renewal.id}` follows a term without an end",
            field="start",
            hint="give the earlier term an end",
        )
    start = before[1] if renewal.start is None else day_start(renewal.start, contract.zone)
    if start < before[1]:
        raise ConflictError(
            f"renewal `{renewal.id}` starts before the earlier term ends", field="start"
        )
    until = _last_day(renewal, last)
    return start, END if until is None else day_end(until, contract.zone)


def _last_day(renewal: Renewal, before: date | None) -> date | None:
    if renewal.months is None or before is None:
        return renewal.end
    first = date.fromordinal(before.toordinal() + 1)
    if renewal.kind is RenewalKind.FRESH and renewal.start is not None:
        first = renewal.start
    return date.fromordinal(add_months(first, renewal.months).toordinal() - 1)


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


def _extended(term: Term, pauses: list[Term]) -> Term:
    start, end = term
    for first, last in pauses:
        if start <= first < end < END:
            end = END if last >= END else end + last - first
    return start, end
