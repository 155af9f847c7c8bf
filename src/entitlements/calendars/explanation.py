"""Explanation of `add`: windows used, days skipped.

It holds all that the result depends on: the windows used, the dates skipped and why, the
fingerprint of the hours and the release of the time zone database.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, final

import attrs

from entitlements.calendars.options import (
    Landing,
    as_landing,
)
from entitlements.calendars.state import SkippedDay
from entitlements.kernel.frozenmaps import short_repr
from entitlements.kernel.periods.durations import format_duration
from entitlements.kernel.periods.spans import Span

MAX_WINDOWS: Final = 10_000


@final
@attrs.frozen(kw_only=True)
class AddExplanation:
    """The steps by which `add` found its result; `BusinessHours.explain_add` makes it.

    Attributes:
        start: The instant from which time was added, in UTC.
        amount: The open time that was added; negative if it was subtracted.
        landing: The landing that was chosen.
        due: The result, in UTC.
        used: The open time between `start` and `due`, in order of time.
        skipped: Dates whose hours were not those of the week, with the reason.
        warnings: Reasons to doubt the result, such as dates after the last known holiday.
        calendar: The name of the hours.
        fingerprint: The digest of the normal form of the hours.
        tz_release: The release of the time zone database, such as `2026f`.
    """

    start: datetime
    amount: timedelta
    landing: Landing = attrs.field(converter=as_landing)
    due: datetime
    used: tuple[Span, ...] = attrs.field(repr=short_repr)
    skipped: tuple[SkippedDay, ...] = attrs.field(repr=short_repr)
    warnings: tuple[str, ...] = attrs.field(repr=short_repr)
    calendar: str
    fingerprint: str
    tz_release: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The explanation as sentences for people, instants in UTC."""
        amount = format_duration(self.amount)
        head = f"{amount} of `{self.calendar or 'open time'}` from {_shown(self.start)}"
        used = (
            f"used {format_duration(span.length)}: {_shown(span.start)} to {_shown(span.end)}"
            for span in self.used
        )
        skipped = (f"skipped {each.date}: {each.because.text}" for each in self.skipped)
        warnings = (f"warning: {each}" for each in self.warnings)
        tail = f"due {_shown(self.due)} (time zones {self.tz_release})"
        return (head, *used, *skipped, *warnings, tail)


def _shown(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00") + "Z"
