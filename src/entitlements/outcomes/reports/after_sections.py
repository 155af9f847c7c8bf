"""Sections of a report about what came after a resolution: follow-ups, repeats, complaints."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from entitlements.aftersales.complaints import Complaint
from entitlements.kernel.instants import MICROSECOND, to_micros
from entitlements.outcomes.figures.shares import Share
from entitlements.outcomes.figures.waiting_times import Wait, waiting_times
from entitlements.outcomes.reports.case_sections import Scope
from entitlements.outcomes.reports.figure import Figure, ReportSection
from entitlements.outcomes.reports.measured_cases import MeasuredCase, Period

REPEAT: Final = timedelta(days=7)
"""A case is a repeat contact within this time after another one of the product was resolved."""


class CaseLinks(NamedTuple):
    """What has to be known of other cases.

    Attributes:
        cases: All cases by id.
        resolved: The resolutions of each customer and product, rising.
    """

    cases: Mapping[str, MeasuredCase]
    resolved: Mapping[tuple[str | None, str | None], Sequence[int]]


def links_of(cases: Iterable[MeasuredCase]) -> CaseLinks:
    """Return the links among cases."""
    by_id: dict[str, MeasuredCase] = {}
    resolved: dict[tuple[str | None, str | None], list[int]] = {}
    for case in cases:
        by_id[case.id] = case
        key = case.value_of("customer"), case.value_of("product")
        resolved.setdefault(key, []).extend(each.at for each in case.resolutions)
    return CaseLinks(by_id, {key: sorted(instants) for key, instants in resolved.items()})


def is_correction(case: MeasuredCase, links: CaseLinks) -> bool:
    """Return whether a case continues another one within its warranty, which is half-open.

    As in access and billing, the warranty counts from the first case, so a follow-up of a follow-up
    does not make it longer. A follow-up after the warranty is a first case itself, and so is one
    of another customer or product.
    """
    chain, seen = [case], {case.id}
    while chain[-1].follows is not None:
        earlier = links.cases.get(chain[-1].follows)
        if earlier is None or earlier.id in seen:
            return False
        if any(earlier.value_of(each) != case.value_of(each) for each in ("customer", "product")):
            break
        chain.append(earlier)
        seen.add(earlier.id)
    first = chain.pop()
    for later in reversed(chain):
        end = _warranty_end(first, later)
        if end is not None and (later.opened or 0) >= end:
            first = later
    end = _warranty_end(first, case)
    return first is not case and end is not None and case.opened is not None and case.opened < end


def _warranty_end(first: MeasuredCase, later: MeasuredCase) -> int | None:
    """Return when the warranty ends that the last resolution before another case began."""
    if later.opened is None:
        return None
    ends = [each.at for each in first.resolutions if each.at <= later.opened]
    return ends[-1] + first.warranty if ends else None


def _is_repeat(case: MeasuredCase, links: CaseLinks) -> bool:
    product = case.value_of("product")
    if case.opened is None or product is None:
        return False
    instants = links.resolved.get((case.value_of("customer"), product), ())
    low = bisect_right(instants, case.opened - REPEAT // MICROSECOND)
    return low < bisect_right(instants, case.opened)


def resolution_figures(scope: Scope, links: CaseLinks) -> Iterator[Figure]:
    """Yield resolutions and what followed on them in the period.

    A reopening and a follow-up belong to the period in which they happen.
    """
    first, last = to_micros(scope.period.start), to_micros(scope.period.last)
    found: dict[str, list[str]] = {name: [] for name in _MEASURES}
    for case in scope.cases:
        for each in case.resolutions:
            if first <= each.at:
                found["resolved"].append(case.id)
                if not each.is_answered:
                    found["without_response"].append(case.id)
            if each.reopened is not None and first <= each.reopened <= last:
                found["reopened"].append(case.id)
                if each.reopened < each.at + case.warranty:
                    found["reopened_in_warranty"].append(case.id)
        if case.opened is None or case.opened < first:
            continue
        if case.follows is not None:
            found["follow_ups"].append(case.id)
        if is_correction(case, links):
            found["corrections"].append(case.id)
        if _is_repeat(case, links):
            found["repeat_contacts"].append(case.id)
    for measure, ids in found.items():
        section = ReportSection.AFTER_RESOLUTION
        yield scope.figure(section, "cases", measure, len(ids), sorted(ids))


_MEASURES: Final = (
    *("resolved", "without_response", "reopened", "reopened_in_warranty"),
    *("follow_ups", "corrections", "repeat_contacts"),
)


def complaint_figures(scope: Scope, complaints: Sequence[Complaint]) -> Iterator[Figure]:
    """Yield the complaints that came in the period, and those that were answered in it."""
    period = scope.period
    came = [each for each in complaints if period.start <= each.received < period.end]
    answered = [
        each
        for each in complaints
        if each.answered is not None and period.start <= each.answered < period.end
    ]
    if not came and not answered and not scope.is_total:
        return
    section, ids = ReportSection.COMPLAINTS, sorted(each.id for each in came)
    confirmed = sum(_by(each.acknowledged or each.answered, period) for each in came)
    over = sum(_by(each.answered, period) for each in came)
    upheld = sum(each.is_upheld is True for each in answered)
    waits = waiting_times(_wait(each, period) for each in came)
    corrected = sorted(each.id for each in came if each.correction is not None)
    ends = sorted(each.id for each in answered)
    name = "complaints"
    yield scope.figure(section, name, "received", len(ids), ids)
    yield scope.figure(section, name, "acknowledged", Share(confirmed, len(ids)), ids)
    yield scope.figure(section, name, "answered", Share(over, len(ids)), ids)
    yield scope.figure(section, name, "median_answer", waits.median, ids)
    yield scope.figure(section, name, "upheld", Share(upheld, len(ends)), ends)
    yield scope.figure(section, name, "corrected", len(corrected), corrected)
    causes: dict[str | None, list[str]] = {}
    for each in came:
        causes.setdefault(each.cause, []).append(each.id)
    for cause in sorted(causes, key=lambda each: each or ""):
        known = sorted(causes[cause])
        yield scope.figure(ReportSection.COMPLAINT_CAUSES, cause, "received", len(known), known)


def _by(at: datetime | None, period: Period) -> bool:
    return at is not None and at < period.end


def _wait(complaint: Complaint, period: Period) -> Wait:
    if complaint.answered is not None and complaint.answered < period.end:
        return Wait(complaint.answered - complaint.received)
    return Wait(period.end - complaint.received, is_over=False)
