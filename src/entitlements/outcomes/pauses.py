"""Pause audit: how long cases were held, for which reason and by whom, and which pauses look odd.

A pause stops the clocks, so it is where figures are made better than the service. Nothing here is
an accusation: an odd pause is one at which a person should look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, final

import attrs

from entitlements.kernel.converters import each_of, frozen_map, instance_of
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import MICROSECOND, from_micros, to_micros
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.outcomes.cases import CaseRecord
from entitlements.sla.case_history.events import EventKind
from entitlements.sla.case_history.history import HistoryEntry
from entitlements.sla.case_history.lifecycle import CaseStatus
from entitlements.sla.measurement import measure

JUST_BEFORE: Final = timedelta(minutes=15)


class OddPause(TextEnum):
    """Why a person should look at a pause.

    `NEVER_ENDED`: the case is still held. `JUST_BEFORE_DUE`: it began shortly before a deadline.
    `ENDED_AT_DUE`: it ended with the deadline that it moved, or shortly after that.
    """

    NEVER_ENDED = "never_ended"
    JUST_BEFORE_DUE = "just_before_due"
    ENDED_AT_DUE = "ended_at_due"


class Pause(NamedTuple):
    """One pause of one case.

    Attributes:
        case: Id of the case.
        reason: Why it was held; of several at once there is one pause for each.
        by: Who paused it, if that is known.
        start: When it began.
        end: When it ended; None if it did not by the instant of the question.
        odd: Why a person should look at it.
    """

    case: str
    reason: str
    by: str | None
    start: datetime
    end: datetime | None
    odd: frozenset[OddPause]


@final
@attrs.frozen(kw_only=True)
class PauseAudit:
    """How cases were held up to an instant.

    Attributes:
        at: The instant.
        open_time: The time in which cases were open, held or not.
        held: The time in which they were held; two reasons at once count once.
        by_reason: The held time of each reason; those of several overlap.
        pauses: All pauses, in the order of their start.
        broken: Cases whose clocks could not be measured, each with the reason.
    """

    at: datetime
    open_time: timedelta
    held: timedelta
    by_reason: FrozenMap[str, timedelta] = attrs.field(converter=frozen_map)
    pauses: tuple[Pause, ...]
    broken: FrozenMap[str, str] = attrs.field(converter=frozen_map)

    @property
    def odd(self) -> tuple[Pause, ...]:
        """The pauses at which a person should look."""
        return tuple(each for each in self.pauses if each.odd)


def audit_pauses(
    cases: Iterable[CaseRecord], at: datetime, *, just_before: timedelta = JUST_BEFORE
) -> PauseAudit:
    """Return how cases were held up to an instant.

    Args:
        cases: All cases.
        at: The instant; what happens at it has happened.
        just_before: A pause that begins within this time before a deadline is odd, and so is one
            that ends within this time from the deadline on that it moved.

    Raises:
        InvalidValueError: `just_before` is negative.
    """
    if instance_of(timedelta, just_before) < timedelta():
        raise InvalidValueError(f"`{just_before}` is negative", path="just_before")
    now = to_micros(at)
    total = held = 0
    found: list[Pause] = []
    broken: dict[str, str] = {}
    for case in each_of(CaseRecord, cases):
        own_total, own_held = open_and_held(case.history.until(now)[0], None, now)
        total, held = total + own_total, held + own_held
        try:
            found += pauses_of(case, now, just_before)
        except EntitlementsError as error:
            broken[case.id] = str(error)
    found.sort(key=lambda each: (each.start, each.case, each.reason))
    reasons: dict[str, timedelta] = {}
    for each in found:
        length = (each.end or from_micros(now)) - each.start
        reasons[each.reason] = reasons.get(each.reason, timedelta()) + length
    return PauseAudit(
        at=from_micros(now),
        open_time=total * MICROSECOND,
        held=held * MICROSECOND,
        by_reason=dict(sorted(reasons.items())),
        pauses=tuple(found),
        broken=broken,
    )


def open_and_held(entries: Sequence[HistoryEntry], first: int | None, last: int) -> tuple[int, int]:
    """Return how long a case was open between two instants, and how long of that it was held."""
    total = held = 0
    ends = [*(at for at, *_ in entries[1:]), last]
    for (start, _, status, _), end in zip(entries, ends, strict=False):  # no entry has no end
        if status in {CaseStatus.OPEN, CaseStatus.PAUSED}:
            length = max(0, end - (start if first is None else max(start, first)))
            total += length
            held += length if status is CaseStatus.PAUSED else 0
    return total, held


def pauses_of(case: CaseRecord, now: int, just_before: timedelta) -> Iterator[Pause]:
    """Yield the pauses of a case up to an instant, in the order of their ends."""
    running: dict[str, tuple[int, str | None]] = {}
    for at, event, _, reasons in case.history.until(now)[0]:
        for reason in sorted(running.keys() - reasons):
            yield _pause(case, reason, running.pop(reason), at, just_before)
        for reason in sorted(reasons - running.keys()):
            running[reason] = at, event.by if event.kind is EventKind.PAUSED else None
    for reason, began in sorted(running.items()):
        yield _pause(case, reason, began, None, just_before)


def _pause(
    case: CaseRecord,
    reason: str,
    began: tuple[int, str | None],
    end: int | None,
    just_before: timedelta,
) -> Pause:
    start, by = began
    odd = {OddPause.NEVER_ENDED} if end is None else set()
    at = from_micros(start - 1)
    before = measure(case.policy, case.history, at, others=case.others)
    left = [
        each.due - from_micros(start)
        for each in before
        if each.next_change is not None and each.due is not None
    ]
    if any(timedelta() < each <= just_before for each in left):
        odd.add(OddPause.JUST_BEFORE_DUE)
    if end is not None:
        length = from_micros(end) - from_micros(start)
        if any(timedelta() < each <= length < each + just_before for each in left):
            odd.add(OddPause.ENDED_AT_DUE)
    return Pause(
        case.id,
        reason,
        by,
        from_micros(start),
        None if end is None else from_micros(end),
        frozenset(odd),
    )
