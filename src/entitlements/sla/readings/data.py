"""Data of readings and measurements, as other programs store and send it.

It holds everything that a reading states; how each second was used stays with the case's events.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, final

import attrs

from entitlements import sla
from entitlements.calendars.options import BusinessDays
from entitlements.kernel.data.schema import located
from entitlements.kernel.data.versioned import VersionedData
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.periods.spans import Span
from entitlements.sla.case_history.history import RejectedEvent
from entitlements.sla.case_history.lifecycle import CaseStatus
from entitlements.sla.milestones import MilestoneState
from entitlements.sla.targets import Commitment


@final
@attrs.frozen
class WarningTime:
    """A warning of one milestone.

    Attributes:
        at: When it comes, in UTC.
        used: The counted time that is used up then.
        left: The counted time that is left then.
    """

    at: datetime
    used: timedelta
    left: timedelta


@final
@attrs.frozen(kw_only=True)
class ReadingData:
    """One milestone at an instant.

    Attributes:
        milestone: The milestone.
        state: Its state.
        commitment: How binding the target is; null if nothing is promised or nothing has started.
        cycle: Which start of the clock this is, from 1; 0 if it has not started.
        over: Whether its clock has ended, or has nothing to count.
        at: The instant of the reading.
        started_at: Where counting began.
        due: The deadline; null if not started, nothing promised, or hidden by a pause.
        due_if_resumed: Of a paused clock, the deadline if the pause ended at `at`.
        exclusive: Whether the due instant itself is late.
        completed_at: When it was reached, in time or late.
        cancelled_at: When the clock ended without being reached.
        missed_at: The deadline that was missed, of a guarantee or an objective.
        breached_at: The deadline of a guarantee that was missed.
        elapsed: The time counted so far.
        target: The counted time that the target gives in all; null if nothing is counted.
        remaining: The counted time that is left; negative after a breach.
        within: The time that the target states; null if it states none, or business days.
        business_days: The number of business days that the target states.
        calendar: The policy's name of the hours that count; null for elapsed time.
        warnings: The warnings in order.
        paused: The spans in which the clock was paused.
        next_change: The next warning or the breach; null if only an event changes the milestone.
    """

    milestone: str
    state: MilestoneState
    commitment: Commitment | None
    cycle: int
    over: bool
    at: datetime
    started_at: datetime | None
    due: datetime | None
    due_if_resumed: datetime | None
    exclusive: bool
    completed_at: datetime | None
    cancelled_at: datetime | None
    missed_at: datetime | None
    breached_at: datetime | None
    elapsed: timedelta
    target: timedelta | None
    remaining: timedelta | None
    within: timedelta | None
    business_days: BusinessDays | None
    calendar: str | None
    warnings: tuple[WarningTime, ...]
    paused: tuple[Span, ...]
    next_change: datetime | None


@final
@attrs.frozen(kw_only=True)
class MeasurementData:
    """All milestones of a case at an instant.

    Attributes:
        policy: The id of the policy.
        at: The instant of the measurement.
        status: The status of the case.
        pause_reasons: The reasons for which it is paused.
        severity: Its severity; null while none is set.
        milestones: The milestones in the policy's order, each in its last cycle.
        earlier_cycles: The earlier cycles of milestones whose clocks have started again.
        rejected: The events that could not have happened, each with its reason.
        next_change: The next instant at which a milestone changes without a further event.
    """

    policy: str
    at: datetime
    status: CaseStatus
    pause_reasons: tuple[str, ...]
    severity: str | None
    milestones: tuple[ReadingData, ...]
    earlier_cycles: tuple[ReadingData, ...]
    rejected: tuple[RejectedEvent, ...]
    next_change: datetime | None


def reading_data(reading: object, **named: Any) -> ReadingData:
    """Return the data of a reading: what is `named`, and its attributes under their own names."""
    names = [each.name for each in attrs.fields(ReadingData) if each.name not in named]
    return ReadingData(**named, **{name: getattr(reading, name) for name in names})


READING_DATA: Final = VersionedData("reading", "One milestone at an instant", ReadingData)
MEASUREMENT_DATA: Final = VersionedData(
    "measurement", "All milestones of a case at an instant", MeasurementData
)


def readings_in(found: tuple[ReadingData, ...], path: str) -> tuple[sla.Reading, ...]:
    """Return the readings that data states; an error names the place below `path`."""
    readings = []
    for number, each in enumerate(found):
        try:
            readings.append(sla.Reading.from_data(each))
        except EntitlementsError as error:
            raise located(error, f"{path}[{number}]") from None
    return tuple(readings)
