"""Text drawing of the clocks of a case through open and closed hours.

Each mark stands for the same length of time; the row of hours shows when the calendar is open, and
each milestone has a row from the opening to its deadline.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, final
from zoneinfo import ZoneInfo

import attrs

from entitlements.calendars import BusinessDays, BusinessHours, Calendar
from entitlements.engine import Assessment
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import DAY, EPOCH, MINUTE, from_micros, to_micros
from entitlements.kernel.periods.durations import format_duration
from entitlements.sla import SlaPolicy, Target
from entitlements.sla.readings.reading import Reading

_LABEL: Final = 16
_STEPS: Final = tuple(
    minutes * MINUTE for minutes in (15, 30, 60, 90, 120, 180, 240, 360, 480, 720, 1440, 2880)
)


@final
@attrs.frozen(kw_only=True)
class Marks:
    """The characters of a drawing."""

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
    """Local time of a calendar; UTC if the calendar combines several zones."""

    hours: BusinessHours

    @property
    def zone(self) -> str:
        """Name of the time zone."""
        try:
            return self.hours.zone
        except InvalidValueError:
            return "UTC"

    def __call__(self, at: int) -> datetime:
        """Return the local time of an instant in microseconds."""
        return from_micros(at).astimezone(ZoneInfo(self.zone))


@final
@attrs.frozen(kw_only=True)
class DrawnMilestone:
    """A milestone with a deadline, and the hours that count towards it.

    Attributes:
        reading: Its reading at the opening.
        target: Its target.
        hours: The calendar in which its time counts.
    """

    reading: Reading
    target: Target
    hours: BusinessHours

    @property
    def name(self) -> str:
        """Name of the milestone, in words."""
        return self.reading.name.replace("_", " ")

    @property
    def start(self) -> int:
        """Instant at which counting began, in microseconds."""
        return to_micros(self.reading.started_at or EPOCH)

    @property
    def due(self) -> int:
        """The deadline, in microseconds; 0 without one."""
        return to_micros(self.reading.due or EPOCH)

    @property
    def amount(self) -> str:
        """The milestoned amount of time, and by which calendar."""
        within = self.target.within
        by = "the clock" if self.target.calendar is None else self.hours.name
        if isinstance(within, BusinessDays):
            return f"{within} of {by}"
        return "" if within is None else f"{format_duration(within)} of {by}"


@final
@attrs.frozen
class CaseTimeline:
    """The milestones of one case that have a deadline."""

    milestones: tuple[DrawnMilestone, ...]

    @property
    def hours(self) -> BusinessHours:
        """Calendar of the first milestone that counts by one; otherwise always open."""
        counted = (each.hours for each in self.milestones if each.target.calendar is not None)
        return next(counted, Calendar.always())

    @property
    def span(self) -> tuple[int, int]:
        """From the opening to the last deadline, in microseconds."""
        return min(each.start for each in self.milestones), max(
            each.due for each in self.milestones
        )

    @property
    def crosses_weekend(self) -> bool:
        """Whether the first deadline by a calendar lies in a later week than the opening."""
        for each in self.milestones:
            if each.target.calendar is not None:
                local = LocalClock(each.hours)
                first, last = local(each.start).isocalendar(), local(each.due).isocalendar()
                return first[:2] < last[:2]
        return False

    @property
    def crosses_clock_change(self) -> bool:
        """Whether the clocks change between the opening and the last deadline."""
        local = LocalClock(self.hours)
        start, end = self.span
        return local(start).utcoffset() != local(end).utcoffset()


def timeline_of(answer: Assessment, policy: SlaPolicy) -> CaseTimeline | None:
    """Return the timeline of an answer under `policy`; None if it has no deadline."""
    if answer.deadlines is None:
        return None
    request = answer.request
    targets = policy.compiled.find_targets(
        request.severity, request.channel, request.conditions, request.kind
    )
    milestones = tuple(
        DrawnMilestone(
            reading=each,
            target=targets.by_milestone[each.name].definition,
            hours=Calendar.always() if each.calendar is None else policy.calendars[each.calendar],
        )
        for each in answer.milestones
        if each.due is not None
    )
    return CaseTimeline(milestones) if milestones else None


def draw(timeline: CaseTimeline, *, width: int = 80, marks: Marks = PRETTY) -> Iterator[str]:
    """Yield the drawing line by line; rows are at most `width` wide, or 40 if that is more."""
    cells = _cells(timeline.span, max(width, 40) - _LABEL)
    local = LocalClock(timeline.hours)
    size = format_duration(timedelta(microseconds=cells.step))
    yield f"Times are those of {local.zone}; a mark is {size}."
    yield f"{'':{_LABEL}}{_days(cells, local)}".rstrip()
    yield f"{'open hours':{_LABEL}}{_open(timeline.hours, cells, marks)}"
    for each in timeline.milestones:
        yield f"{each.name:{_LABEL}}{_row(each, cells, marks)}".rstrip()
    yield (
        f"{'':{_LABEL}}{marks.open} open {marks.closed} closed {marks.opened} opened "
        f"{marks.counted} counted {marks.waiting} waits {marks.warned} warning {marks.due} due"
    )
    yield f"Opened {_when(local(timeline.span[0]))}."
    for each in timeline.milestones:
        yield f"{each.name.capitalize()} due {_when(local(each.due))}, {each.amount}."


def _cells(span: tuple[int, int], room: int) -> range:
    """Return the instants of the marks, from one mark before the span to one after it."""
    fitting = (step for step in _STEPS if (span[1] - span[0]) // step + 4 <= room)
    step = next(fitting, ((span[1] - span[0]) // (room - 4) // DAY + 1) * DAY)
    return range(span[0] // step * step - step, span[1] + 2 * step, step)


def _open(hours: BusinessHours, cells: range, marks: Marks) -> str:
    elapsed, step = hours.timeline.open_time_before, cells.step
    return "".join(
        marks.open if 2 * (elapsed(at + step) - elapsed(at)) >= step else marks.closed
        for at in cells
    )


def _row(milestone: DrawnMilestone, cells: range, marks: Marks) -> str:
    start, due = milestone.start, milestone.due
    points = dict.fromkeys(
        (to_micros(each.at) for each in milestone.reading.warnings), marks.warned
    )
    points |= {start: marks.opened, due: marks.due}
    return "".join(_mark(milestone, at, at + cells.step, points, marks) for at in cells)


def _mark(
    milestone: DrawnMilestone, at: int, end: int, points: dict[int, str], marks: Marks
) -> str:
    inside = [mark for point, mark in sorted(points.items()) if at <= point < end]
    if inside:
        return inside[-1]
    low, high = max(at, milestone.start), min(end, milestone.due)
    if low >= high:
        return " "
    elapsed = milestone.hours.timeline.open_time_before
    counted = 2 * (elapsed(high) - elapsed(low)) >= high - low
    return marks.counted if counted else marks.waiting


def _days(cells: range, local: LocalClock) -> str:
    """Return the row of dates, each at its first mark, where there is room."""
    row, day = "", None
    for index, at in enumerate(cells):
        here = local(at)
        if here.date() != day and len(row) <= index:
            row, day = f"{row:<{index}}{here:%a %d} ", here.date()
    return row[: len(cells)]


def _when(local: datetime) -> str:
    return local.strftime("%a %d %b %H:%M %z")
