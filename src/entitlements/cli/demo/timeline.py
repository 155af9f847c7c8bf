"""How do a case's clocks run through open and closed hours? Drawn with letters.

One mark stands for a stretch of time; the row of hours says when the calendar is open, and each
promise has a row from the opening to its deadline.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, final
from zoneinfo import ZoneInfo

import attrs

from entitlements.calendars import BusinessDays, BusinessHours, Calendar
from entitlements.engine import Assessment
from entitlements.kernel.durations import format_duration
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import DAY, MINUTE, from_micros
from entitlements.sla import SlaPolicy, Target
from entitlements.sla.readings import Reading

_LABEL: Final = 16
_STEPS: Final = tuple(
    minutes * MINUTE for minutes in (15, 30, 60, 90, 120, 180, 240, 360, 480, 720, 1440, 2880)
)


@final
@attrs.frozen(kw_only=True)
class Marks:
    """The letters of a drawing."""

    open: str
    closed: str
    counted: str
    waiting: str
    opened: str
    warned: str
    due: str


PRETTY: Final = Marks(
    open="█", closed="·", counted="━", waiting="┈", opened="○", warned="▲", due="◆"
)
PLAIN: Final = Marks(
    open="#", closed=".", counted="=", waiting="-", opened="o", warned="!", due="X"
)


@final
@attrs.frozen
class LocalClock:
    """Shows instants as the clock on the wall of some hours does; UTC if they have no one wall."""

    hours: BusinessHours

    @property
    def zone(self) -> str:
        """The zone of that clock."""
        try:
            return self.hours.zone
        except InvalidValueError:
            return "UTC"

    def __call__(self, at: int) -> datetime:
        """Return an instant in microseconds in that zone."""
        return from_micros(at).astimezone(ZoneInfo(self.zone))


@final
@attrs.frozen(kw_only=True)
class DrawnMilestone:
    """One promise with a deadline, and the hours that count towards it.

    Attributes:
        reading: How it stands.
        target: What was promised.
        hours: The hours that count.
    """

    reading: Reading
    target: Target
    hours: BusinessHours

    @property
    def name(self) -> str:
        """What is promised, in words."""
        return self.reading.name.replace("_", " ")

    @property
    def start(self) -> int:
        """Where counting began, in microseconds."""
        return self.reading.started_micros or 0

    @property
    def due(self) -> int:
        """The deadline, in microseconds."""
        return self.reading.due_micros or 0

    @property
    def amount(self) -> str:
        """How much of which time was promised."""
        within = self.target.within
        by = "the clock" if self.target.calendar is None else self.hours.name
        if isinstance(within, BusinessDays):
            return f"{within.count} business days of {by}"
        return "" if within is None else f"{format_duration(within)} of {by}"


@final
@attrs.frozen
class CaseTimeline:
    """The promises of one case that have a deadline, ready to be drawn."""

    promises: tuple[DrawnMilestone, ...]

    @property
    def hours(self) -> BusinessHours:
        """The hours of the first promise that counts by a calendar; else every hour."""
        counted = (each.hours for each in self.promises if each.target.calendar is not None)
        return next(counted, Calendar.always())

    @property
    def span(self) -> tuple[int, int]:
        """From the opening to the last deadline, in microseconds."""
        return min(each.start for each in self.promises), max(each.due for each in self.promises)

    @property
    def crosses_weekend(self) -> bool:
        """Whether the first deadline by a calendar lies in a later week than the opening."""
        for each in self.promises:
            if each.target.calendar is not None:
                local = LocalClock(each.hours)
                first, last = local(each.start).isocalendar(), local(each.due).isocalendar()
                return first[:2] < last[:2]
        return False

    @property
    def crosses_clock_change(self) -> bool:
        """Whether clocks are put forward or back between the opening and a deadline."""
        local = LocalClock(self.hours)
        start, end = self.span
        return local(start).utcoffset() != local(end).utcoffset()


def timeline_of(answer: Assessment, policy: SlaPolicy) -> CaseTimeline | None:
    """Return what can be drawn of an answer under `policy`; None if no deadline is known."""
    if answer.deadlines is None:
        return None
    request = answer.request
    plan = policy.compiled.plan_without_conditions(
        request.severity, request.channel, request.conditions
    )
    promises = tuple(
        DrawnMilestone(
            reading=each,
            target=plan.clauses[each.name].target,
            hours=Calendar.always() if each.calendar is None else policy.calendars[each.calendar],
        )
        for each in answer.milestones
        if each.due_micros is not None
    )
    return CaseTimeline(promises) if promises else None


def draw(timeline: CaseTimeline, *, width: int = 80, marks: Marks = PRETTY) -> Iterator[str]:
    """Yield the drawing line by line; the rows are no wider than `width`, or 40 if it is less."""
    cells = _cells(timeline.span, max(width, 40) - _LABEL)
    local = LocalClock(timeline.hours)
    size = format_duration(timedelta(microseconds=cells.step))
    yield f"Times are those of {local.zone}; a mark is {size}."
    yield f"{'':{_LABEL}}{_days(cells, local)}".rstrip()
    yield f"{'open hours':{_LABEL}}{_open(timeline.hours, cells, marks)}"
    for each in timeline.promises:
        yield f"{each.name:{_LABEL}}{_row(each, cells, marks)}".rstrip()
    yield (
        f"{'':{_LABEL}}{marks.open} open {marks.closed} closed {marks.opened} opened "
        f"{marks.counted} counted {marks.waiting} waits {marks.warned} warning {marks.due} due"
    )
    yield f"Opened {_when(local(timeline.span[0]))}."
    for each in timeline.promises:
        yield f"{each.name.capitalize()} due {_when(local(each.due))}, {each.amount}."


def _cells(span: tuple[int, int], room: int) -> range:
    """Return where the marks begin, from a mark before the span to one after it."""
    fitting = (step for step in _STEPS if (span[1] - span[0]) // step + 4 <= room)
    step = next(fitting, ((span[1] - span[0]) // (room - 4) // DAY + 1) * DAY)
    return range(span[0] // step * step - step, span[1] + 2 * step, step)


def _open(hours: BusinessHours, cells: range, marks: Marks) -> str:
    elapsed, step = hours.timeline.open_time_before, cells.step
    return "".join(
        marks.open if 2 * (elapsed(at + step) - elapsed(at)) >= step else marks.closed
        for at in cells
    )


def _row(promise: DrawnMilestone, cells: range, marks: Marks) -> str:
    start, due = promise.start, promise.due
    points = dict.fromkeys(promise.reading.warning_micros, marks.warned)
    points |= {start: marks.opened, due: marks.due}
    return "".join(_mark(promise, at, at + cells.step, points, marks) for at in cells)


def _mark(promise: DrawnMilestone, at: int, end: int, points: dict[int, str], marks: Marks) -> str:
    inside = [mark for point, mark in sorted(points.items()) if at <= point < end]
    if inside:
        return inside[-1]
    low, high = max(at, promise.start), min(end, promise.due)
    if low >= high:
        return " "
    elapsed = promise.hours.timeline.open_time_before
    counted = 2 * (elapsed(high) - elapsed(low)) >= high - low
    return marks.counted if counted else marks.waiting


def _days(cells: range, local: LocalClock) -> str:
    """Return the dates, each where its first mark stands, as far as there is room."""
    row, day = "", None
    for index, at in enumerate(cells):
        here = local(at)
        if here.date() != day and len(row) <= index:
            row, day = f"{row:<{index}}{here:%a %d} ", here.date()
    return row[: len(cells)]


def _when(local: datetime) -> str:
    return local.strftime("%a %d %b %H:%M %z")
