"""Sections of a report about what came after a resolution: follow-ups, repeats, complaints."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, NamedTuple, final

from entitlements.aftersales.complaints import Complaint
from entitlements.kernel.instants import MICROSECOND, to_micros
from entitlements.outcomes.figures.shares import Share
from entitlements.outcomes.figures.wait_counts import WaitCounts
from entitlements.outcomes.reports.figure import Figure, ReportSection
from entitlements.outcomes.reports.measured_cases import MeasuredCase, Period
from entitlements.outcomes.reports.sums import Scope, Sums

REPEAT: Final = timedelta(days=7)
"""A case is a repeat contact within this time after another one of the product was resolved."""

_AFTER: Final = ReportSection.AFTER_RESOLUTION
_MEASURES: Final = (
    *("resolved", "without_response", "reopened", "reopened_in_warranty"),
    *("follow_ups", "corrections", "repeat_contacts"),
)


def add_resolutions(sums: Sums, case: MeasuredCase, period: Period) -> None:
    """Add the resolutions of a case, and whether it follows another one.

    A reopening and a follow-up belong to the period in which they happen.
    """
    first, last = to_micros(period.start), to_micros(period.last)
    for each in case.resolutions:
        if first <= each.at:
            sums.add(_AFTER, "cases", "resolved", case.id)
            if not each.is_answered:
                sums.add(_AFTER, "cases", "without_response", case.id)
        if each.reopened is not None and first <= each.reopened <= last:
            sums.add(_AFTER, "cases", "reopened", case.id)
            if each.reopened < each.at + case.warranty:
                sums.add(_AFTER, "cases", "reopened_in_warranty", case.id)
    if case.follows is not None and case.opened is not None and case.opened >= first:
        sums.add(_AFTER, "cases", "follow_ups", case.id)


def resolution_figures(scope: Scope) -> Iterator[Figure]:
    """Yield resolutions and what followed on them in the period."""
    yield from scope.counted(_AFTER, "cases", _MEASURES)


class LinkedCase(NamedTuple):
    """What other cases of the customer need to know of a case."""

    group: str | None
    product: str | None
    opened: int | None
    resolved: tuple[tuple[int, int | None], ...]
    """Each resolution, and when the case was reopened after it."""

    follows: str | None
    warranty: int


def linked_case(case: MeasuredCase, by: str) -> LinkedCase:
    """Return what other cases need to know of a case, with its group in a dimension."""
    return LinkedCase(
        case.value_of(by),
        case.value_of("product"),
        case.opened,
        tuple((each.at, each.reopened) for each in case.resolutions),
        case.follows,
        case.warranty,
    )


@final
class CustomerLinks:
    """The cases of one customer as far as others of the same customer depend on them."""

    __slots__ = ("_cases",)

    def __init__(self) -> None:
        self._cases: dict[str, LinkedCase] = {}

    def add(self, case: MeasuredCase, by: str) -> None:
        """Add a case, with its group in a dimension."""
        self._cases[case.id] = linked_case(case, by)

    def drop(self, id: str) -> None:
        """Forget a case, if it is there."""
        self._cases.pop(id, None)

    def add_to(self, sums_of: Callable[[str | None], Sums], period: Period) -> None:
        """Add the corrections and repeat contacts of the period to the sums of their groups."""
        first = to_micros(period.start)
        resolved = self._resolved(first - REPEAT // MICROSECOND)
        for id, case in self._cases.items():
            if case.opened is None or case.opened < first:
                continue
            sums = sums_of(case.group)
            if self._is_correction(id):
                sums.add(_AFTER, "cases", "corrections", id)
            if case.product is not None and _is_repeat(case.opened, resolved[case.product]):
                sums.add(_AFTER, "cases", "repeat_contacts", id)

    def _resolved(self, since: int) -> dict[str, list[int]]:
        """Return the resolutions after an instant by product, rising."""
        found: dict[str, list[int]] = {}
        for case in self._cases.values():
            if case.product is not None:
                own = found.setdefault(case.product, [])
                own.extend(at for at, _ in case.resolved if at > since)
        return {product: sorted(instants) for product, instants in found.items()}

    def _is_correction(self, id: str) -> bool:
        """Return whether a case continues another one within its warranty, which is half-open.

        As in access and billing, the warranty counts from the first case, so a follow-up of a
        follow-up does not make it longer. A follow-up after the warranty is a first case itself,
        and so is one of another product, or of a case that the customer does not have. All cases
        are taken as they were when this one was opened: one that was reopened before has no
        warranty, and one that was reopened after keeps what it had given.
        """
        case = self._cases[id]
        chain, seen = [case], {id}
        while chain[-1].follows is not None:
            if chain[-1].follows in seen:
                return False
            earlier = self._cases.get(chain[-1].follows)
            if earlier is None or earlier.product != case.product:
                break
            seen.add(chain[-1].follows)
            chain.append(earlier)
        first, at = chain.pop(), case.opened or 0
        for later in reversed(chain):
            end = _warranty_end(first, at)
            if end is not None and (later.opened or 0) >= end:
                first = later
        return first is not case and _warranty_end(first, at) is not None


def _warranty_end(case: LinkedCase, at: int) -> int | None:
    """Return when the warranty of a case ends, as it was at an instant; None if it had none."""
    for resolved, reopened in reversed(case.resolved):
        if resolved <= at:
            return None if reopened is not None and reopened <= at else resolved + case.warranty
    return None


def _is_repeat(opened: int, resolved: list[int]) -> bool:
    low = bisect_right(resolved, opened - REPEAT // MICROSECOND)
    return low < bisect_right(resolved, opened)


def add_complaint(sums: Sums, complaint: Complaint, period: Period) -> None:
    """Add a complaint that came in the period, and one that was answered in it."""
    section, name, id = ReportSection.COMPLAINTS, "complaints", complaint.id
    end, answered = period.end, complaint.answered
    if answered is not None and period.start <= answered < end:
        sums.add(section, name, "over", id)
        sums.add(section, name, "upheld", id, int(complaint.is_upheld is True))
    if not period.start <= complaint.received < end:
        return
    is_answered = answered is not None and answered < end
    sums.add(section, name, "received", id)
    sums.add(section, name, "acknowledged", id, int(_by(complaint.acknowledged or answered, end)))
    sums.add(section, name, "answered", id, int(is_answered))
    until = answered if answered is not None and is_answered else end
    sums.add_wait(name, "answer", until - complaint.received, is_over=is_answered)
    if complaint.correction is not None:
        sums.add(section, name, "corrected", id)
    sums.add(ReportSection.COMPLAINT_CAUSES, complaint.cause, "received", id)


def _by(at: datetime | None, end: datetime) -> bool:
    return at is not None and at < end


def complaint_figures(scope: Scope) -> Iterator[Figure]:
    """Yield the complaints that came in the period, and those that were answered in it."""
    section, name = ReportSection.COMPLAINTS, "complaints"
    if not scope.names(section) and not scope.is_total:
        return
    of = {"acknowledged": "received", "answered": "received", "upheld": "over"}
    shares = {
        each: scope.figure(
            section,
            name,
            each,
            Share(scope.amount(section, name, each), scope.amount(section, name, all)),
            scope.ids(section, name, all),
        )
        for each, all in of.items()
    }
    waits = scope.sums.waits.get((name, "answer"), WaitCounts())
    ids = scope.ids(section, name, "received")
    yield from scope.counted(section, name, ("received",))
    yield shares["acknowledged"]
    yield shares["answered"]
    yield scope.figure(section, name, "median_answer", waits.quantile(Fraction(1, 2)), ids)
    yield shares["upheld"]
    yield from scope.counted(section, name, ("corrected",))
    for cause in scope.names(ReportSection.COMPLAINT_CAUSES):
        yield from scope.counted(ReportSection.COMPLAINT_CAUSES, cause, ("received",))
