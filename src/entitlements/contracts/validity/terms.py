"""The terms of a contract: what was signed, renewed and lengthened, as half-open instants.

Reading them never fails: a renewal that does not fit is left out, so that no right follows from it.
That it does not fit is said where it is recorded, by `check_terms`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TypeAlias, final

import attrs

from entitlements.contracts.changes import Block, BlockScope, Change, Renewal, RenewalKind
from entitlements.contracts.contract import Contract
from entitlements.contracts.dates.day_boundaries import (
    add_days,
    add_months,
    clamped,
    day_end,
    day_start,
)
from entitlements.kernel.errors import ConflictError, InvalidValueError
from entitlements.kernel.instants import (
    DAY,
    END_OF_TIME,
    LATEST,
    START_OF_TIME,
    micros_or_end,
    text_of,
    to_micros,
)

Term: TypeAlias = tuple[int, int]
TermExtension: TypeAlias = tuple[int, int, tuple[str, ...]]
"""A blocked time, start and end, with the blocks it is of."""

_SHORTEST_MONTH = 28 * DAY
_MAX_NAMED = 3


@final
@attrs.frozen
class _SignedTerm:
    """A term: its last day and end as signed, its end as lengthened, and the blocks that did so.

    Its months, and those of terms that join it, are counted from `origin`, of which it is so many
    `months` away: a day clamped to a short month is never counted from.
    """

    name: str
    start: int
    last: date | None
    signed: int
    end: int
    longer: tuple[str, ...] = ()
    origin: date | None = None
    months: int = 0

    def __str__(self) -> str:
        if not self.longer:
            return self.name
        names = ", ".join(f"`{id}`" for id in self.longer[:_MAX_NAMED])
        more = " and others" if len(self.longer) > _MAX_NAMED else ""
        return f"{self.name}, made longer by block {names}{more}"


def contract_terms(
    contract: Contract, changes: Iterable[Change], pauses: Iterable[TermExtension] = ()
) -> tuple[Term, ...]:
    """Return the terms of a contract as half-open instants, in order.

    A fresh or reinstated term stands where its start says. One that joins the term before it does
    so as early as there is room: a back-dated renewal closes a lapse, a contiguous one prolongs the
    term that was begun anew. A block that extends the term makes the term it starts in longer by
    its own length, and the months that join it begin and end later by as much. While the end of
    such a block is not known, what joins the term does not begin.

    Args:
        contract: The contract.
        changes: What happened to it.
        pauses: Blocked times of the whole account that are not among the changes.
    """
    terms, _ = _read(contract, changes, pauses)
    return tuple((each.start, each.end) for each in terms)


def non_overlapping_terms(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Return terms without those that begin inside another; of two that begin together, the longer.

    Texts of a line with different dates cut the same term differently, and it is granted once.
    """
    found: list[Term] = []
    for start, end in sorted(set(terms), key=lambda term: (term[0], -term[1])):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return tuple(found)


def check_terms(
    contract: Contract, changes: Iterable[Change], pauses: Iterable[TermExtension] = ()
) -> None:
    """Refuse renewals that do not fit to the terms before them; takes what `contract_terms` does.

    Raises:
        ConflictError: A renewal starts before the earlier term ends, follows an open end, or ends
            before it begins; both are named, and the blocks that made the earlier term longer.
        LimitExceededError: A renewal ends outside the years 2 to 9997.
    """
    known = list(changes)
    if _surely_fits(contract, [each for each in known if isinstance(each, Renewal)]):
        return
    _, misfits = _read(contract, known, pauses)
    for misfit in misfits:
        raise misfit


def _surely_fits(contract: Contract, renewals: Iterable[Renewal]) -> bool:
    """Return whether terms just follow one another, as most do: nothing then has to be read."""
    last, months = contract.last_day, 0
    for each in renewals:
        if each.months is None or each.start is not None:
            return False
        months += each.months
    return last is not None and last.year + months // 12 < LATEST.year - 1


def _read(
    contract: Contract, changes: Iterable[Change], shared: Iterable[TermExtension]
) -> tuple[list[_SignedTerm], list[InvalidValueError | ConflictError]]:
    known = list(changes)
    pauses = term_extensions(known, shared)
    renewals = [each for each in known if isinstance(each, Renewal)]
    joining = sorted((each for each in renewals if each.start is None), key=_recorded)
    begun = day_start(contract.start, contract.zone)
    name, last = f"contract `{contract.id}`", contract.last_day
    first = _term(name, begun, last, contract, pauses)
    terms = [_counted(first, contract.start, contract.months)]
    misfits: list[InvalidValueError | ConflictError] = []

    def add(renewal: Renewal, start: int, until: int) -> bool:
        """Add a renewed term that ends by `until`; return whether the renewal is dealt with."""
        try:
            found = _renewed(renewal, start, terms[-1], contract, pauses)
        except (InvalidValueError, ConflictError) as misfit:
            misfits.append(misfit)
            return True
        if found.end > until:
            return False
        terms.append(found)
        return True

    for anew in sorted((each for each in renewals if each.start is not None), key=_begun):
        start = _restarted_term(anew, contract)
        waiting = []
        for each in joining:
            before = terms[-1]
            if not _may_fit(each, before, start) or not add(each, before.end, start):
                waiting.append(each)
        joining = waiting
        add(anew, start, END_OF_TIME)
    for each in joining:
        if not _is_waiting(terms[-1]):
            add(each, terms[-1].end, END_OF_TIME)
    return terms, misfits


def _recorded(renewal: Renewal) -> tuple[int, str]:
    return to_micros(renewal.recorded) if renewal.recorded else START_OF_TIME, renewal.id


def _begun(renewal: Renewal) -> tuple[date, str]:
    return renewal.start or date.min, renewal.id


def _restarted_term(renewal: Renewal, contract: Contract) -> int:
    return day_start(renewal.start or date.min, contract.zone)


def _may_fit(renewal: Renewal, before: _SignedTerm, begun: int) -> bool:
    """Return whether it may end by `begun`, told without counting its months out."""
    return before.end + (renewal.months or 0) * _SHORTEST_MONTH - DAY <= begun


def _is_waiting(before: _SignedTerm) -> bool:
    """Return whether the end of a term is known no more, though it was signed."""
    return before.end >= END_OF_TIME > before.signed


def _renewed(
    renewal: Renewal,
    start: int,
    before: _SignedTerm,
    contract: Contract,
    pauses: Sequence[TermExtension],
) -> _SignedTerm:
    if before.end >= END_OF_TIME or before.last is None:
        raise ConflictError(
            f"renewal `{renewal.id}` follows {before}, a term without an end",
            field="start",
            hint="give the earlier term an end",
        )
    if start < before.end:
        ends = text_of(before.end)
        raise ConflictError(
            f"renewal `{renewal.id}` starts on `{renewal.start}`, before the earlier term ends at "
            f"`{ends}`: {before}",
            field="start",
            hint="let it start later, or make the earlier term shorter",
        )
    joined = before if renewal.start is None and renewal.months is not None else None
    origin, months = _counting(renewal, before)
    last = renewal.end
    if renewal.months is not None:
        last = add_months(origin, months) - timedelta(days=1)
    found = _term(f"renewal `{renewal.id}`", start, last, contract, pauses, joined)
    found = _counted(found, origin, None if renewal.months is None else months)
    if found.end <= start:
        raise ConflictError(
            f"renewal `{renewal.id}` ends before it begins, with the end of {before}", field="end"
        )
    return found


def _counting(renewal: Renewal, before: _SignedTerm) -> tuple[date, int]:
    """Return the day from which a renewal's months are counted, and how many they are then."""
    months = renewal.months or 0
    if renewal.kind is RenewalKind.FRESH and renewal.start is not None:
        return renewal.start, months
    assert before.origin is not None  # noqa: S101 - only a term without an end has none
    return before.origin, before.months + months


def _counted(term: _SignedTerm, origin: date, months: int | None) -> _SignedTerm:
    """Return a term with what the months that join it are counted from: its end, if it says one."""
    if months is None:
        ends = None if term.last is None else add_days(term.last, 1)
        return attrs.evolve(term, origin=ends, months=0)
    return attrs.evolve(term, origin=origin, months=months)


def _term(
    name: str,
    start: int,
    last: date | None,
    contract: Contract,
    pauses: Sequence[TermExtension],
    joined: _SignedTerm | None = None,
) -> _SignedTerm:
    """Return a term; one that joins another is later by as much as blocks made that one longer."""
    if last is None:
        return _SignedTerm(name, start, last, END_OF_TIME, END_OF_TIME)
    signed = day_end(last, contract.zone)
    end, longer = signed, list[str]()
    if joined is not None:
        end, longer = clamped(signed + joined.end - joined.signed), [*joined.longer]
    for first, until, blocks in pauses[bisect_left(pauses, (start,)) :]:
        if not first < end < END_OF_TIME:
            break
        end = END_OF_TIME if until >= END_OF_TIME else clamped(end + until - first)
        longer += blocks
    return _SignedTerm(name, start, last, signed, end, tuple(longer))


def term_extensions(
    changes: Iterable[Change], known: Iterable[TermExtension] = ()
) -> list[TermExtension]:
    """Return the blocked times that lengthen a term, sorted and disjoint, with those of `known`."""
    spans = [
        (
            to_micros(each.start),
            micros_or_end(each.end),
            (each.id,),
        )
        for each in changes
        if isinstance(each, Block) and each.extends_term and each.level is not BlockScope.LINE
    ]
    if not spans:
        return list(known)
    merged: list[tuple[int, int, list[str]]] = []
    for start, end, ids in sorted([*spans, *known]):
        if merged and start <= merged[-1][1]:
            first, until, names = merged[-1]
            names += ids
            merged[-1] = (first, max(end, until), names)
        else:
            merged.append((start, end, [*ids]))
    return [(start, end, tuple(ids)) for start, end, ids in merged]
