"""Contract terms: the signed, renewed and extended terms of a contract as half-open instants.

Reading them never fails: a renewal that does not fit is left out, so that it gives no right.
`check_terms` refuses such a renewal when it is recorded.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, TypeAlias, final
from zoneinfo import ZoneInfo

import attrs

from entitlements.contracts.dates.day_boundaries import (
    add_days,
    add_months,
    clamped,
    day_end,
    day_start,
)
from entitlements.contracts.records.changes import (
    Change,
    NonRenewalNotice,
    Renewal,
    RenewalKind,
)
from entitlements.contracts.records.contract import Contract
from entitlements.contracts.validity.term_extensions import TermExtension, term_extensions
from entitlements.kernel.errors import ConflictError, InvalidValueError, LimitExceededError
from entitlements.kernel.instants import (
    DAY,
    END_OF_TIME,
    LATEST,
    START_OF_TIME,
    from_micros,
    text_of,
    to_micros,
)

Term: TypeAlias = tuple[int, int]
"""Start and end of a term in microseconds, half-open."""

MAX_TACIT_TERMS: Final = 360
"""How many tacit terms there are, thirty years of months; the last of them has no end."""

_SHORTEST_MONTH = 28 * DAY
_TACIT_KEPT: Final = 64
_MAX_NAMED = 3


@final
@attrs.frozen
class _SignedTerm:
    """A term with its signed end and its extended end.

    Its months, and those of terms that join it, are counted from `origin` on, because counting from
    a day that was clamped to a short month would lose days.

    Attributes:
        name: What signed it, for messages.
        start: First instant.
        last: Last day as signed; None for an open end.
        signed: End as signed.
        end: End with the time that blocks added.
        longer: Ids of the blocks that added time.
        origin: The day from which months are counted.
        months: The months from `origin` to the end.
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
        return f"{self.name}, extended by block {names}{more}"


def contract_terms(
    contract: Contract, changes: Iterable[Change], extensions: Iterable[TermExtension] = ()
) -> tuple[Term, ...]:
    """Return the terms of a contract as half-open instants, in order.

    A fresh or reinstated term begins at its own start. A term that joins the one before begins as
    early as there is room: a back-dated renewal closes a gap, a contiguous one prolongs the latest
    fresh term. A block that extends the term makes a term longer by the time of it that lies in
    the term, and the months that join that term begin and end later by the same time. While such a
    block has no end, terms that join do not begin.

    Args:
        contract: The contract.
        changes: The changes of the contract.
        extensions: Blocked periods of the whole account that are not among the changes.
    """
    return terms_and_tacit_from(contract, changes, extensions)[0]


def terms_and_tacit_from(
    contract: Contract, changes: Iterable[Change], extensions: Iterable[TermExtension] = ()
) -> tuple[tuple[Term, ...], int]:
    """Return the terms of a contract, and the first instant of those that nobody signed.

    That instant is `END_OF_TIME` if all terms are signed. Arguments are as in `contract_terms`.
    """
    known = list(changes)
    every = term_extensions(known, extensions)
    signed, _ = _read(contract, known, every)
    tacit = _with_tacit(signed, contract, _notices(known), every)
    start = tacit[len(signed)].start if len(tacit) > len(signed) else END_OF_TIME
    return tuple((each.start, each.end) for each in tacit), start


def late_notices(
    contract: Contract, changes: Iterable[Change], extensions: Iterable[TermExtension] = ()
) -> Iterator[tuple[NonRenewalNotice, date, date]]:
    """Yield each notice that is too late for the term in which it was given.

    With it come the last day of that term, and the latest day of notice for it.
    """
    if contract.renewal is None:
        return
    known = list(changes)
    terms = contract_terms(contract, known, extensions)
    for notice in _notices(known):
        given = day_start(notice.given, contract.zone)
        for start, end in terms:
            if start <= given < end < END_OF_TIME:
                last = _last_day(end, contract.zone)
                by = contract.renewal.latest_notice(last)
                if notice.given > by:
                    yield notice, last, by


def non_overlapping_terms(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Return terms of which those that overlap are one; those that only touch stay apart.

    Versions of a line with different dates cut one term differently; its units are granted once.
    """
    found: list[Term] = []
    for start, end in sorted(terms):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def check_terms(
    contract: Contract, changes: Iterable[Change], extensions: Iterable[TermExtension] = ()
) -> None:
    """Raise if a renewal does not fit to the term before it; arguments are as in `contract_terms`.

    Raises:
        ConflictError: A renewal starts before the earlier term ends, follows an open end, or ends
            before it begins; both are named, and the blocks that extended the earlier term.
        LimitExceededError: A renewal ends outside the years 2 to 9997.
    """
    known = list(changes)
    if _surely_fits(contract, [each for each in known if isinstance(each, Renewal)]):
        return
    _, misfits = _read(contract, known, extensions)
    for misfit in misfits:
        raise misfit


def _surely_fits(contract: Contract, renewals: Iterable[Renewal]) -> bool:
    """Return whether all renewals just join the term before, so that nothing can conflict."""
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
    extensions = term_extensions(known, shared)
    renewals = [each for each in known if isinstance(each, Renewal)]
    joining = sorted((each for each in renewals if each.start is None), key=_recorded_key)
    begun = day_start(contract.start, contract.zone)
    name, last = f"contract `{contract.id}`", contract.last_day
    first = _term(name, begun, last, contract.zone, extensions)
    terms = [_with_count(first, contract.start, contract.months)]
    misfits: list[InvalidValueError | ConflictError] = []

    def add(renewal: Renewal, start: int, until: int) -> bool:
        """Add a renewed term if it ends by `until`; return whether the renewal is done with."""
        try:
            found = _renewed(renewal, start, terms[-1], contract.zone, extensions)
        except (InvalidValueError, ConflictError) as misfit:
            misfits.append(misfit)
            return True
        if found.end > until:
            return False
        terms.append(found)
        return True

    for restart in sorted((each for each in renewals if each.start is not None), key=_start_key):
        start = _restarted_term(restart, contract)
        waiting = []
        for each in joining:
            before = terms[-1]
            if not _may_fit(each, before, start) or not add(each, before.end, start):
                waiting.append(each)
        joining = waiting
        add(restart, start, END_OF_TIME)
    for each in joining:
        if not _is_waiting(terms[-1]):
            add(each, terms[-1].end, END_OF_TIME)
    return terms, misfits


def _notices(changes: Iterable[Change]) -> list[NonRenewalNotice]:
    return sorted(
        (x for x in changes if isinstance(x, NonRenewalNotice)), key=lambda x: (x.given, x.id)
    )


def _last_day(end: int, zone: str) -> date:
    return from_micros(end - 1).astimezone(ZoneInfo(zone)).date()


def _with_tacit(
    signed: list[_SignedTerm],
    contract: Contract,
    notices: Sequence[NonRenewalNotice],
    extensions: Sequence[TermExtension],
) -> list[_SignedTerm]:
    """Return signed terms and those that follow because no notice is in time."""
    terms, renewal = [*signed], contract.renewal
    if renewal is None or _is_waiting(terms[-1]):
        return terms
    ends = [renewal.period_ends(each.given) for each in notices]
    if renewal.months is None:
        return _evergreen(terms, ends, contract)
    first = min(ends, default=date.max)
    found = _tacit_terms(terms[-1], renewal.months, first, contract.zone, tuple(extensions))
    return [*terms, *found]


@lru_cache(maxsize=_TACIT_KEPT)
def _tacit_terms(
    signed: _SignedTerm,
    months: int,
    first_end: date,
    zone: str,
    extensions: tuple[TermExtension, ...],
) -> tuple[_SignedTerm, ...]:
    """Return the terms after a signed one, until notice ends them.

    They are kept, because trials of changes for remedies read the same terms again and again.
    """
    terms, renewal = [signed], Renewal(id="tacit", contract="tacit", months=months)
    for number in range(MAX_TACIT_TERMS):
        before = terms[-1]
        if before.end >= END_OF_TIME or first_end <= _last_day(before.end, zone):
            break
        tacit = renewal
        if number == MAX_TACIT_TERMS - 1:
            tacit = attrs.evolve(renewal, months=None)
        try:
            terms.append(_renewed(tacit, before.end, before, zone, extensions))
        except LimitExceededError:  # it would end after the calendar
            terms.append(_term("tacit", before.end, None, zone, extensions))
    return tuple(terms[1:])


def _evergreen(
    terms: list[_SignedTerm], ends: Sequence[date], contract: Contract
) -> list[_SignedTerm]:
    """Return terms of which the last goes on until the first notice ends it."""
    before, until = terms[-1], min(ends, default=date.max)
    over = day_end(until, contract.zone)
    if before.end >= END_OF_TIME:
        return [*terms[:-1], attrs.evolve(before, end=max(over, before.start + DAY))]
    if over <= before.end:
        return terms
    return [*terms, _SignedTerm("evergreen", before.end, None, over, over)]


def _recorded_key(renewal: Renewal) -> tuple[int, str]:
    return to_micros(renewal.recorded) if renewal.recorded else START_OF_TIME, renewal.id


def _start_key(renewal: Renewal) -> tuple[date, str]:
    return renewal.start or date.min, renewal.id


def _restarted_term(renewal: Renewal, contract: Contract) -> int:
    return day_start(renewal.start or date.min, contract.zone)


def _may_fit(renewal: Renewal, before: _SignedTerm, begun: int) -> bool:
    """Return False if the term surely ends after `begun`, without counting its months."""
    return before.end + (renewal.months or 0) * _SHORTEST_MONTH - DAY <= begun


def _is_waiting(before: _SignedTerm) -> bool:
    """Return whether a term with a signed end is open, because of a block without an end."""
    return before.end >= END_OF_TIME > before.signed


def _renewed(
    renewal: Renewal,
    start: int,
    before: _SignedTerm,
    zone: str,
    extensions: Sequence[TermExtension],
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
            hint="start it later, or make the earlier term shorter",
        )
    joined = before if renewal.start is None and renewal.months is not None else None
    origin, months = _month_count(renewal, before)
    last = renewal.end
    if renewal.months is not None:
        last = add_months(origin, months) - timedelta(days=1)
    found = _term(f"renewal `{renewal.id}`", start, last, zone, extensions, joined)
    found = _with_count(found, origin, None if renewal.months is None else months)
    if found.end <= start:
        raise ConflictError(
            f"renewal `{renewal.id}` ends before it begins, with the end of {before}", field="end"
        )
    return found


def _month_count(renewal: Renewal, before: _SignedTerm) -> tuple[date, int]:
    """Return the day from which a renewal's months are counted, and their number from there."""
    months = renewal.months or 0
    if renewal.kind is RenewalKind.FRESH and renewal.start is not None:
        return renewal.start, months
    assert before.origin is not None  # noqa: S101 - only a term without an end has no origin
    return before.origin, before.months + months


def _with_count(term: _SignedTerm, origin: date, months: int | None) -> _SignedTerm:
    """Return a term with `origin` and `months`; without months, a new count begins at its end."""
    if months is None:
        ends = None if term.last is None else add_days(term.last, 1)
        return attrs.evolve(term, origin=ends, months=0)
    return attrs.evolve(term, origin=origin, months=months)


def _term(
    name: str,
    start: int,
    last: date | None,
    zone: str,
    extensions: Sequence[TermExtension],
    joined: _SignedTerm | None = None,
) -> _SignedTerm:
    """Return a term with its extensions; one that joins another is shifted by that one's."""
    if last is None:
        return _SignedTerm(name, start, last, END_OF_TIME, END_OF_TIME)
    signed = day_end(last, zone)
    end, longer = signed, list[str]()
    if joined is not None:
        end, longer = clamped(signed + joined.end - joined.signed), [*joined.longer]
    # The last extension that begins before the term may run into it.
    for first, until, blocks in extensions[max(0, bisect_left(extensions, (start,)) - 1) :]:
        if until <= start:
            continue
        if not first < end < END_OF_TIME:
            break
        blocked = until - max(first, start)
        end = END_OF_TIME if until >= END_OF_TIME else clamped(end + blocked)
        longer += blocks
    return _SignedTerm(name, start, last, signed, end, tuple(longer))
