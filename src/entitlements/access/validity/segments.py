"""Segments of a contract line: periods in which nothing dated changes, nor contacts, nor cases.

In a segment the failures of a candidate are known except those of hours and balance, which can only
add to them. So a candidate that has too many in a segment cannot matter there, whatever the hour.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import NamedTuple

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.evaluation import Evaluation
from entitlements.access.compiled.lines import CompiledLine
from entitlements.contracts.dates.step_function import first_after
from entitlements.kernel.instants import END_OF_TIME
from entitlements.kernel.requests import Request


class Segment(NamedTuple):
    """One segment of a contract line.

    Attributes:
        line: The contract line.
        end: First instant after it; `END_OF_TIME` for none.
        near: The candidates with few failures, those of hours and balance left out.
    """

    line: CompiledLine
    end: int
    near: list[Evaluation]


def segment_at(
    index: AccountIndex, line: CompiledLine, request: Request, at: int, most: int
) -> Segment:
    """Return the segment of a line around `at`, with the candidates of at most `most` failures."""
    period = line.at(at)
    contact = index.contact(line, period, request)
    failures = period.failures | contact.at(at)
    ends = [first_after(each, at) for each in (*line.edges, contact.starts)]
    if period.plan.concurrency is not None:
        failures |= index.concurrency_failures(line, period.plan, request, at)
        ends.append(index.cases.next_closing(line.place, at) or END_OF_TIME)
    near: list[Evaluation] = []
    if failures.bit_count() <= most:
        for right in period.rights:
            every = failures | right.failures
            if every.bit_count() <= most:
                near.append(Evaluation(line, period, right, every, right.precedence))
        if not period.rights:
            near.append(Evaluation(line, period, None, failures, period.precedence))
    return Segment(line, min(ends), near)


def segments_after(
    index: AccountIndex, segment: Segment, request: Request, until: int, most: int
) -> Iterator[tuple[int, Segment]]:
    """Yield each later segment of a line that begins before `until`, with its first instant."""
    while segment.end < until:
        start = segment.end
        segment = segment_at(index, segment.line, request, start, most)
        yield start, segment


def lasting(
    index: AccountIndex, segment: Segment, candidate: Evaluation, request: Request, most: int
) -> int:
    """Return until when a candidate of a segment stays as it is, but for hours and balance."""
    known = identity(candidate)
    for start, later in segments_after(index, segment, request, END_OF_TIME, most):
        if not any(identity(each) == known for each in later.near):
            return start
    return END_OF_TIME


def identity(candidate: Evaluation) -> Hashable:
    """Return what is equal for a candidate in segments in which it stays as it is."""
    right = candidate.right
    given = None if right is None else (right.promise, right.general, right.allowance)
    timeline = None if right is None else id(right.timeline)
    return candidate.failures, candidate.precedence, given, timeline
