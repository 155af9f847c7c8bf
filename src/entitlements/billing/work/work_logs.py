"""Work logs: who worked on which case, when, and what kind of work it was.

A work log is a dated fact. A log with the id of an earlier one corrects it from the instant at
which it was recorded; `retracted` takes it back. Nothing is overwritten, so a bill of the past can
be made again from what was known then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, final

import attrs

from entitlements.kernel.converters import instance_of, tuple_of, utc_or_none
from entitlements.kernel.errors import ConflictError, InvalidValueError, LimitExceededError
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.instants import micros_or_start, text_of, to_micros, utc

MAX_WORK: Final = timedelta(days=31)
"""The longest time that one log may state."""


@final
@attrs.frozen(kw_only=True)
class WorkLog:
    """Time that one agent worked on one case.

    Attributes:
        id: Names the log; a later record with this id corrects it.
        case: The case.
        agent: Who worked.
        start: When the work began.
        end: When it ended; this instant no longer belongs to it.
        kind: The kind of work, such as `remote` or `on_site`.
        group: The group for which the agent worked, if a rate depends on it.
        billable: Whether the customer may be charged for it.
        recorded: When it became known; None for always.
        retracted: Whether this record takes the log back.

    >>> log = WorkLog(id="W-1", case="R-1", agent="ada", start="2026-03-27T16:00Z",
    ...               end="2026-03-27T17:30Z")
    >>> log.worked
    datetime.timedelta(seconds=5400)

    Raises:
        InvalidValueError: The work does not end after its start, or became known before.
        LimitExceededError: It lasts longer than 31 days.
    """

    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    agent: str = attrs.field(converter=identifier)
    start: datetime = attrs.field(converter=utc)
    end: datetime = attrs.field(converter=utc)
    kind: str = attrs.field(default="work", converter=identifier)
    group: str | None = attrs.field(default=None, converter=optional_identifier)
    billable: bool = True
    recorded: datetime | None = attrs.field(default=None, converter=utc_or_none)
    retracted: bool = False

    def __attrs_post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidValueError(
                f"work log `{self.id}` ends at `{text_of(self.end)}`, "
                f"not after `{text_of(self.start)}`",
                path="end",
            )
        if self.end - self.start > MAX_WORK:
            raise LimitExceededError(
                f"work log `{self.id}` lasts longer than {MAX_WORK.days} days",
                hint="write one log for each stretch of work",
            )
        if self.recorded is not None and self.recorded < self.start:
            raise InvalidValueError(
                f"work log `{self.id}` was recorded at `{text_of(self.recorded)}`, "
                "before the work began",
                path="recorded",
            )
        for name in ("billable", "retracted"):
            instance_of(bool, getattr(self, name))

    @property
    def worked(self) -> timedelta:
        """The time between start and end."""
        return self.end - self.start


def valid_work(logs: Iterable[WorkLog], known_at: datetime | None = None) -> tuple[WorkLog, ...]:
    """Return the logs that are valid, in the order of their start and then their id.

    Of the logs with one id the one recorded last is valid, unless it is retracted. The order in
    which they are given does not matter.

    Args:
        logs: All records.
        known_at: Leave out what was recorded later; None for everything.

    >>> first = WorkLog(id="W-1", case="R-1", agent="ada", start="2026-03-27T16:00Z",
    ...                 end="2026-03-27T17:00Z", recorded="2026-03-27T17:00Z")
    >>> second = attrs.evolve(first, end="2026-03-27T17:30Z", recorded="2026-03-28T09:00Z")
    >>> [each.end.minute for each in valid_work([second, first])]
    [30]

    Raises:
        ConflictError: Two different records with one id were recorded at the same instant.
    """
    newest: dict[str, WorkLog] = {}
    latest = None if known_at is None else to_micros(known_at)
    for each in tuple_of(WorkLog, logs):
        recorded = micros_or_start(each.recorded)
        if latest is not None and recorded > latest:
            continue
        other = newest.get(each.id)
        if other is None or recorded > micros_or_start(other.recorded):
            newest[each.id] = each
        elif recorded == micros_or_start(other.recorded) and each != other:
            raise _conflict(each, other)
    found = [each for each in newest.values() if not each.retracted]
    found.sort(key=lambda each: (each.start, each.id))
    return tuple(found)


def _conflict(one: WorkLog, other: WorkLog) -> ConflictError:
    field = next(
        each.name
        for each in attrs.fields(WorkLog)
        if getattr(one, each.name) != getattr(other, each.name)
    )
    when = "without an instant" if one.recorded is None else f"at `{text_of(one.recorded)}`"
    return ConflictError(
        f"work log `{one.id}` was recorded twice {when}, with another `{field}`",
        field=field,
        hint="a correction is recorded later",
    )


def overlapping_work(logs: Iterable[WorkLog]) -> Iterator[tuple[WorkLog, WorkLog]]:
    """Yield pairs of logs in which one agent works on two things at once.

    That is no error, because two short calls may be held at once; but it is charged twice. Each
    log is paired with the one before it that ends last.

    Args:
        logs: Valid logs, in any order.

    >>> call = WorkLog(id="W-1", case="R-1", agent="ada", start="2026-03-27T16:00Z",
    ...                end="2026-03-27T17:00Z")
    >>> chat = attrs.evolve(call, id="W-2", case="R-2", start="2026-03-27T16:50Z")
    >>> [(one.id, other.id) for one, other in overlapping_work([call, chat])]
    [('W-1', 'W-2')]
    """
    by_agent: dict[str, list[WorkLog]] = {}
    for each in sorted(logs, key=lambda one: (one.start, one.id)):
        by_agent.setdefault(each.agent, []).append(each)
    for own in by_agent.values():
        last = own[0]
        for _, each in pairwise(own):
            if each.start < last.end:
                yield last, each
            if each.end > last.end:
                last = each
