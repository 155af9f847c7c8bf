"""Pending deadlines of a case: what is due next, as a host may store it."""

from __future__ import annotations

from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import text_of, utc


@final
@attrs.frozen(kw_only=True)
class PendingDeadline:
    """The deadline of a milestone that is not over.

    A host may store `due` and show it. While the clock runs, only an event changes it. While the
    clock is paused, it is the deadline if the case went on at `as_of`: it moves by the business
    time that the pause still takes, so store it again when the case goes on.

    Attributes:
        milestone: Name of the milestone.
        due: The deadline, in UTC; it may have passed.
        moves: Whether its clock is paused.
        as_of: The instant of the measurement.

    >>> str(PendingDeadline(
    ...     milestone="resolution", due="2026-03-02T15:00Z", moves=True, as_of="2026-03-02T12:00Z"
    ... ))
    'resolution due 2026-03-02T15:00:00Z as if it resumed now; moves by the paused business time'
    """

    milestone: str = attrs.field(converter=identifier)
    due: datetime = attrs.field(converter=utc)
    moves: bool = False
    as_of: datetime = attrs.field(converter=utc)

    def __str__(self) -> str:
        text = f"{self.milestone} due {text_of(self.due)}"
        moving = " as if it resumed now; moves by the paused business time"
        return f"{text}{moving if self.moves else ''}"
