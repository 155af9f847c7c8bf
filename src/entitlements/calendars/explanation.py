"""How did an amount of open time lead to that instant?

An explanation holds everything an answer rests on: the windows used, the dates skipped and why,
the hours' fingerprint and the release of the time zone database.
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
from entitlements.kernel.durations import format_duration
from entitlements.kernel.spans import Span

MAX_WINDOWS: Final = 10_000


@final
@attrs.frozen(kw_only=True)
class AddExplanation:
    """Why `add` gave that instant.

    Attributes:
        start: Where counting began, in UTC.
        amount: The open time asked for; negative if counted back.
        landing: Which instant was meant at a closing.
        due: The answer, in UTC.
        used: The open time between start and answer, in order of time.
        skipped: Dates on which other than ordinary hours held, with the reason.
        warnings: What is doubtful, such as a date after the last known holiday.
        calendar: The name of the hours.
        fingerprint: The digest of the hours' normal form.
        tz_release: The release of the time zone database, such as `2026f`.
    """

    start: datetime
    amount: timedelta
    landing: Landing = attrs.field(converter=as_landing)
    due: datetime
    used: tuple[Span, ...]
    skipped: tuple[SkippedDay, ...]
    warnings: tuple[str, ...]
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
