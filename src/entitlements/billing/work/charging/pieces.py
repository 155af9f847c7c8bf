"""Pieces of work: entries cut where their price or their day changes, and rounded together.

Time is cut before it is rounded. What rounding adds goes to the last piece of a group, and what it
takes away is taken from the last pieces, so that the pieces of a group sum to its rounded time.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple, final

from entitlements.billing.work.charging.rate_steps import CompiledRates, HourlyPrice
from entitlements.billing.work.rounding import RoundingScope
from entitlements.billing.work.terms import ChargedCase, WorkTerms
from entitlements.billing.work.work_logs import WorkLog
from entitlements.calendars.timeline.zones import Zone, date_of_day_number, load_zone
from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.kernel.instants import DAY, to_micros


@final
@dataclass(slots=True)
class RoundedGroup:
    """Pieces that are rounded together, and what they share.

    Attributes:
        pieces: The pieces, in the order of their start; none after they are rounded.
        paid_ahead: Prepaid time that was taken in a whole minute and is not used up yet.
        last_grant: The grant from which it was taken.
    """

    pieces: list[Piece] = field(default_factory=list)
    paid_ahead: Fraction | int = 0
    last_grant: str | None = None


@final
@dataclass(slots=True)
class Piece:
    """A part of one work log with one price.

    Attributes:
        log: The work log.
        case: The case.
        terms: The terms of its contract line.
        start: When the part begins.
        end: When it ends.
        log_start: When the log begins.
        log_end: When it ends.
        price: What an hour costs; None if there is no rate.
        group: The pieces with which it is rounded.
        is_free: Whether nothing is charged for it, whatever the terms are.
        billed: The time that is charged.
        number: Its place among all pieces.
    """

    log: WorkLog
    case: ChargedCase
    terms: WorkTerms
    start: int
    end: int
    log_start: int
    log_end: int
    price: HourlyPrice | None
    group: RoundedGroup
    is_free: bool
    billed: int
    number: int


class PricedTerms(NamedTuple):
    """Terms of a contract line with compiled rates, and the instant from which they hold."""

    start: int
    terms: WorkTerms
    rates: CompiledRates | None


def terms_at(steps: Sequence[PricedTerms], at: int) -> PricedTerms:
    """Return the terms of a line that hold at an instant, or its first ones if it is earlier."""
    for each in reversed(steps):
        if each.start <= at:
            return each
    return steps[0]


def rounded_pieces(
    logs: Iterable[WorkLog],
    cases: Mapping[str, ChargedCase],
    terms: Mapping[tuple[str, str], Sequence[PricedTerms]],
) -> list[Piece]:
    """Return the pieces of valid work logs, rounded, in the order of the logs.

    Args:
        logs: Valid logs, in the order of their start and id.
        cases: The cases by id.
        terms: The terms by contract and line, in order of their start.
    """
    pieces: list[Piece] = []
    groups: dict[Hashable, RoundedGroup] = {}
    for log in logs:
        case = cases[log.case]
        steps = terms[case.contract, case.line]
        own = steps[0] if len(steps) == 1 else terms_at(steps, to_micros(log.start))
        _cut(log, case, own, groups, pieces)
    for group in groups.values():
        _round(group)
        group.pieces.clear()  # without the cycle a whole bill is freed at once
    return pieces


def _cut(
    log: WorkLog,
    case: ChargedCase,
    own: PricedTerms,
    groups: dict[Hashable, RoundedGroup],
    pieces: list[Piece],
) -> None:
    """Add the pieces of a log, and each that is charged to the group with which it is rounded."""
    terms, rates, per = own.terms, own.rates, own.terms.rounding.per
    is_free = not log.billable or case.follow_up_of is not None or case.prepaid_by is not None
    start, end = to_micros(log.start), to_micros(log.end)
    work = log.agent, log.group or case.group, log.kind
    spans: Iterable[tuple[int | None, int, int]] = ((None, start, end),)
    if per is RoundingScope.DAY:
        spans = _days(load_zone(terms.zone), start, end)
    for day, begin, stop in spans:
        scope: Hashable = case.id, log.id if per is RoundingScope.ENTRY else day
        group = groups.get(scope)
        if group is None:
            group = groups[scope] = RoundedGroup()
        if is_free or rates is None:
            parts: Iterable[tuple[int, int, HourlyPrice | None]] = ((begin, stop, None),)
        else:
            parts = rates.priced_parts(work, begin, stop)
        for first, last, price in parts:
            piece = Piece(
                *(log, case, terms, first, last, start, end, price, group, is_free),
                last - first,
                len(pieces),
            )
            if not is_free:
                group.pieces.append(piece)
            pieces.append(piece)


def _days(zone: Zone, start: int, end: int) -> Iterator[tuple[int | None, int, int]]:
    """Yield the days of a zone that a span touches, with its part in each."""
    while start < end:
        day = zone.wall(start) // DAY
        stop = min(end, day_start(date_of_day_number(day) + timedelta(days=1), zone.name))
        yield day, start, stop
        start = stop


def _round(group: RoundedGroup) -> None:
    """Give the pieces of a group the time that is billed for them."""
    if not group.pieces:
        return
    rounding = group.pieces[0].terms.rounding
    if rounding.is_exact:
        return
    worked = sum(each.billed for each in group.pieces)
    more = rounding.billed_micros(worked) - worked
    if more >= 0:
        group.pieces[-1].billed += more
        return
    for piece in reversed(group.pieces):
        taken = min(piece.billed, -more)
        piece.billed -= taken
        more += taken
