"""Measured cases: what a report keeps of each case, and results that are kept between reports.

A case is measured once and then let go, so a report holds a few numbers of each case and not its
history. What was measured can be kept under a digest of what it came from; it is measured again
whenever the digest differs, so a kept result is never the truth.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias

from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import MICROSECOND, text_of, to_micros
from entitlements.outcomes.attainment import Promise, Verdict, measured_promises
from entitlements.outcomes.cases import DIMENSIONS, CaseRecord
from entitlements.outcomes.flow import flow_of, open_since
from entitlements.outcomes.pauses import (
    JUST_BEFORE,
    Pause,
    before_holds,
    holds_of,
    open_and_held,
    pause_of,
)
from entitlements.sla.case_history.events import Event, EventKind
from entitlements.sla.case_history.history import HistoryEntry, RejectedEvent
from entitlements.sla.case_history.lifecycle import CaseStatus
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.tracker import measure_with_deadlines


class Period(NamedTuple):
    """A period: its first instant, the first after it, its last microsecond.

    `since` is the first instant of the weeks before it that trends need.
    """

    start: datetime
    end: datetime
    last: datetime
    since: datetime


class MeasuredPromise(NamedTuple):
    """A promise of a case, as it was at the end of the period.

    Attributes:
        milestone: The milestone.
        verdict: What became of it.
        started: When its clock started, if that was in the period and it counts as a wait.
        elapsed: How long it took up to its end or to that of the period.
        counted: How long that was in the time that counts.
        is_over: Whether it was reached.
    """

    milestone: str
    verdict: Verdict
    started: datetime | None
    elapsed: timedelta
    counted: timedelta
    is_over: bool


class Resolution(NamedTuple):
    """A resolution of a case, in microseconds.

    Attributes:
        at: When it was resolved.
        is_answered: Whether it had a response before.
        reopened: When it was reopened; None if it was not.
    """

    at: int
    is_answered: bool
    reopened: int | None


class MeasuredCase(NamedTuple):
    """What a report reads from a case, as it was at the end of the period.

    Attributes:
        id: Id of the case.
        values: What it has in each of the dimensions.
        promises: Its promises that belong to the period.
        decided: Its promises that were met or missed in the weeks of the trends: the milestone,
            whether it was met, and when in microseconds.
        pauses: Its pauses that touch the period.
        flow: The counts of the flow to which it adds one.
        opened: When it was opened, in microseconds; None before that.
        open_since: Since when it is open at the end; None if it is not.
        open_time: How long it was open in the period, in microseconds.
        held: How long of that it was held.
        resolutions: All of its resolutions up to the end.
        follows: The case that it follows.
        warranty: How long its follow-ups are free, in microseconds.
        problem: Why its clocks could not be measured, or what is wrong with its history, if so.
        is_settled: Whether the result stays as it is when the end moves on.
    """

    id: str
    values: tuple[str | None, ...]
    promises: tuple[MeasuredPromise, ...]
    decided: tuple[tuple[str, bool, int], ...]
    pauses: tuple[Pause, ...]
    flow: tuple[str, ...]
    opened: int | None
    open_since: int | None
    open_time: int
    held: int
    resolutions: tuple[Resolution, ...]
    follows: str | None
    warranty: int
    problem: str | None
    is_settled: bool

    def value_of(self, dimension: str) -> str | None:
        """Return what the case has in a dimension."""
        return self.values[DIMENSIONS.index(dimension)]


class KeptResult(NamedTuple):
    """A case that was measured for an earlier report.

    Attributes:
        end: The end of the period for which it was measured.
        case: What was measured.
        terms: The edition of the catalog that has its terms, and the digest of that edition; None
            if the terms are in the name of the result.
        record: What was measured, if the end of the period decides; else None.
    """

    end: datetime
    case: MeasuredCase
    terms: tuple[int, str] | None = None
    record: CaseRecord | None = None


KeptResults: TypeAlias = MutableMapping[str, Any]
"""What was measured and added up, by the digest of what it came from."""


def measured(case: CaseRecord, period: Period, kept: KeptResults | None = None) -> MeasuredCase:
    """Return a case as it was in a period, from what was kept if that still holds.

    Args:
        case: The case.
        period: The period.
        kept: Earlier results; new ones are added.
    """
    if kept is None:
        return measured_again(case, period)
    name = case_digest(case, period)
    known = kept_result(kept, name, period)
    if known is None:
        known = kept[name] = KeptResult(period.end, measured_again(case, period))
    return known.case


def kept_result(kept: KeptResults, name: str, period: Period) -> KeptResult | None:
    """Return an earlier result if it is also that of a period; its terms are not looked at."""
    found: KeptResult | None = kept.get(name)
    if found is None or found.end == period.end:
        return found
    return found if found.case.is_settled and found.end < period.end else None


def case_digest(case: CaseRecord, period: Period) -> str:
    """Return a digest of a case and the instants from which on it counts."""
    policies = [
        policy
        for each in (case.policy, *case.others)
        for policy in ([each] if isinstance(each, SlaPolicy) else each.versions)
    ]
    parts = (
        (period.start, period.since),
        [
            each.fingerprint if isinstance(each, SlaPolicy) else (each[0], each[1].fingerprint)
            for each in policies
        ],
        (case.id, case.follows, case.warranty, *map(case.value_of, DIMENSIONS)),
        *map(_event_text, case.history.events),
    )
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _event_text(event: Event) -> str:
    conditions = None if event.conditions is None else sorted(event.conditions)
    return (
        f"{event.kind} {event.micros} {event.id!r} {event.sequence} {event.by!r} {event.severity!r}"
        f" {event.channel!r} {conditions} {event.request_kind!r} {event.policy!r} {event.name!r}"
        f" {event.reason!r} {event.corrects!r} {event.replacement!r}"
    )


def measured_again(case: CaseRecord, period: Period) -> MeasuredCase:
    """Return a case as it was in a period, from its history."""
    first, last = to_micros(period.start), to_micros(period.last)
    entries, rejected = case.history.until(last)
    open_time, held = open_and_held(entries, first, last + 1)
    problem, is_settled = _early_end(entries, rejected), False
    found: list[Promise] = []
    pauses: tuple[Pause, ...] = ()
    try:
        found, pauses = _promises_and_pauses(case, entries, period)
        is_settled = all(each.reading.over for each in found)  # whatever the instant
    except EntitlementsError as error:
        problem = str(error)
    since = open_since(case, last)
    return MeasuredCase(
        id=case.id,
        values=tuple(map(case.value_of, DIMENSIONS)),
        promises=tuple(
            _promise(each, period) for each in found if each.at is None or each.at >= period.start
        ),
        decided=tuple(_decided(found)),
        pauses=pauses,
        flow=tuple(flow_of(case, first, last + 1)),
        opened=entries[0][0] if entries else None,
        open_since=since,
        open_time=open_time,
        held=held,
        resolutions=tuple(_resolutions(case, last)),
        follows=case.follows,
        warranty=case.warranty // MICROSECOND,
        problem=problem,
        is_settled=is_settled and since is None and case.history.next_event(last) is None,
    )


def _promises_and_pauses(
    case: CaseRecord, entries: Sequence[HistoryEntry], period: Period
) -> tuple[list[Promise], tuple[Pause, ...]]:
    """Return the promises that the trends need, and the pauses that touch the period."""
    first = to_micros(period.start)
    holds = [each for each in holds_of(entries) if each.end is None or each.end > first]
    before = before_holds(holds, entries[0][0]) if holds else ()
    measured, running = measure_with_deadlines(
        case.policy, case.history, period.last, before, others=case.others
    )
    pauses = (pause_of(case.id, each, running, JUST_BEFORE) for each in holds)
    return list(measured_promises(case, measured, period.since)), tuple(pauses)


def _decided(promises: Iterable[Promise]) -> Iterator[tuple[str, bool, int]]:
    for each in promises:
        if each.at is not None and each.verdict in _DECIDED:
            yield each.milestone, each.verdict is Verdict.MET, to_micros(each.at)


_DECIDED: Final = frozenset({Verdict.MET, Verdict.MISSED})


def _early_end(entries: Sequence[HistoryEntry], rejected: Iterable[RejectedEvent]) -> str | None:
    """Return what is wrong with a history that ends before it begins; such an end never counts."""
    for event in (each.event for each in rejected):
        if event.kind in _ENDS and (not entries or event.micros < entries[0][0]):
            return (
                f"`{event.kind}` at `{text_of(event.at)}` is before the opening and does not count"
            )
    return None


_ENDS: Final = frozenset({EventKind.RESOLVED, EventKind.CLOSED, EventKind.CANCELLED})


def _promise(promise: Promise, period: Period) -> MeasuredPromise:
    reading = promise.reading
    started = reading.started_at
    is_wait = promise.verdict is not Verdict.NO_PROMISE and started is not None
    if started is None or not is_wait or not period.start <= started < period.end:
        nothing = timedelta()
        return MeasuredPromise(
            promise.milestone, promise.verdict, None, nothing, nothing, is_over=False
        )
    completed = reading.completed_at
    until = completed or reading.cancelled_at or period.end
    return MeasuredPromise(
        promise.milestone,
        promise.verdict,
        started,
        max(timedelta(), until - started),
        reading.elapsed,
        is_over=completed is not None,
    )


def _resolutions(case: CaseRecord, last: int) -> Iterator[Resolution]:
    resolved: int | None = None
    is_answered = was_answered = False
    for at, event, status, _ in case.history.until(last)[0]:
        is_answered = is_answered or event.kind is EventKind.RESPONDED
        if event.kind is EventKind.RESOLVED and status is CaseStatus.RESOLVED:
            resolved, was_answered = at, is_answered
        elif resolved is not None and status in {CaseStatus.OPEN, CaseStatus.PAUSED}:
            yield Resolution(resolved, was_answered, at)
            resolved = None
    if resolved is not None:
        yield Resolution(resolved, was_answered, None)
