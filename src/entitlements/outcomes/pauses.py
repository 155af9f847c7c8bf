"""Pause audit: how long cases were held, for which reason and by whom, and which pauses look odd.

A pause stops the clocks, so it is where figures are made better than the service. Nothing here is
an accusation: an odd pause is one at which a person should look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, final

import attrs

from entitlements.kernel.converters import each_of, frozen_map, instance_of
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import (
    MICROSECOND,
    from_micros,
    from_micros_or_none,
    to_micros,
)
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.outcomes.cases import CaseRecord
from entitlements.sla.case_history.events import EventKind
from entitlements.sla.case_history.history import HistoryEntry
from entitlements.sla.case_history.lifecycle import CaseStatus
from entitlements.sla.tracker import measure_with_deadlines

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
        odd_counts: How many pauses are odd, by what is odd about them.
        pauses: All pauses, in the order of their start; none if they were not kept.
        broken: Cases whose clocks could not be measured, each with the reason.
    """

    at: datetime
    open_time: timedelta
    held: timedelta
    by_reason: FrozenMap[str, timedelta] = attrs.field(converter=frozen_map)
    odd_counts: FrozenMap[OddPause, int] = attrs.field(converter=frozen_map)
    pauses: tuple[Pause, ...]
    broken: FrozenMap[str, str] = attrs.field(converter=frozen_map)

    @property
    def odd(self) -> tuple[Pause, ...]:
        """The pauses at which a person should look."""
        return tuple(each for each in self.pauses if each.odd)


def audit_pauses(
    cases: Iterable[CaseRecord],
    at: datetime,
    *,
    just_before: timedelta = JUST_BEFORE,
    keep_pauses: bool = True,
) -> PauseAudit:
    """Return how cases were held up to an instant.

    Args:
        cases: All cases.
        at: The instant; what happens at it has happened.
        just_before: A pause that begins within this time before a deadline is odd, and so is one
            that ends within this time from the deadline on that it moved.
        keep_pauses: Keep the pauses; without them memory does not grow with the cases.

    >>> from entitlements.kernel import utc
    >>> from datetime import timedelta
    >>> from entitlements.outcomes import CaseRecord
    >>> from entitlements.sla import Event, History, SlaPolicy, Target
    >>> hour = Target(milestone="first_response", within=timedelta(hours=1))
    >>> history = History([Event.opened(utc("2026-03-02T09:00Z"))])
    >>> history = History([*history.events, Event.paused(utc("2026-03-02T09:30Z"), "customer")])
    >>> policy = SlaPolicy(id="gold", targets=[hour])
    >>> case = CaseRecord(id="R-1", customer="acme", history=history, policy=policy)
    >>> found = audit_pauses([case], utc("2026-03-02T10:00Z"))
    >>> str(found.held), found.pauses[0].reason
    ('0:30:00', 'customer')

    Raises:
        InvalidValueError: `just_before` is negative.
    """
    if instance_of(timedelta, just_before) < timedelta():
        raise InvalidValueError(f"`{just_before}` is negative", path="just_before")
    now, is_kept = to_micros(at), instance_of(bool, keep_pauses)
    total = held = 0
    found: list[Pause] = []
    reasons: Counter[str] = Counter()
    odd: Counter[OddPause] = Counter()
    broken: dict[str, str] = {}
    for case in each_of(CaseRecord, cases):
        own_total, own_held = open_and_held(case.history.until(now)[0], None, now)
        total, held = total + own_total, held + own_held
        try:
            pauses = pauses_of(case, now, just_before)
        except EntitlementsError as error:
            broken[case.id] = str(error)
            continue
        for each in pauses:
            end = now if each.end is None else to_micros(each.end)
            reasons[each.reason] += end - to_micros(each.start)
            odd.update(each.odd)
        if is_kept:
            found += pauses
    return PauseAudit(
        at=from_micros(now),
        open_time=total * MICROSECOND,
        held=held * MICROSECOND,
        by_reason={each: reasons[each] * MICROSECOND for each in sorted(reasons)},
        odd_counts={each: odd[each] for each in OddPause if odd[each]},
        pauses=tuple(sorted(found, key=lambda each: (each.start, each.case, each.reason))),
        broken=broken,
    )


def open_and_held(entries: Sequence[HistoryEntry], first: int | None, last: int) -> tuple[int, int]:
    """Return how long a case was open between two instants, and how long of that it was held."""
    total = held = 0
    ends = [*(at for at, *_ in entries[1:]), last]
    for (start, _, status, _), end in zip(entries, ends, strict=False):  # no entry has no end
        is_held = status is CaseStatus.PAUSED
        if is_held or status is CaseStatus.OPEN:
            length = end - (start if first is None or start > first else first)
            if length > 0:
                total += length
                held += length if is_held else 0
    return total, held


class Hold(NamedTuple):
    """A time in which a case was held for one reason, in microseconds.

    Attributes:
        reason: The reason.
        by: Who paused it, if that is known.
        start: When it began.
        end: When it ended; None if it did not.
    """

    reason: str
    by: str | None
    start: int
    end: int | None


def holds_of(entries: Iterable[HistoryEntry]) -> list[Hold]:
    """Return how a case was held, in the order of the ends."""
    found: list[Hold] = []
    running: dict[str, tuple[str | None, int]] = {}
    held: frozenset[str] = frozenset()
    for at, event, _, reasons in entries:
        if reasons == held:
            continue
        found += (Hold(each, *running.pop(each), at) for each in sorted(held - reasons))
        by = event.by if event.kind is EventKind.PAUSED else None
        running |= dict.fromkeys(sorted(reasons - held), (by, at))
        held = reasons
    found += (Hold(each, *began, None) for each, began in sorted(running.items()))
    return found


def before_holds(holds: Iterable[Hold], opened: int) -> list[int]:
    """Return the last instant before each hold at which the case was open, rising, each once."""
    return sorted({each.start - 1 for each in holds if each.start > opened})


def pauses_of(case: CaseRecord, now: int, just_before: timedelta) -> list[Pause]:
    """Return the pauses of a case up to an instant, in the order of their ends."""
    entries = case.history.until(now)[0]
    holds = holds_of(entries)
    if not holds:
        return []
    _, running = measure_with_deadlines(
        case.policy,
        case.history,
        from_micros(now),
        before_holds(holds, entries[0][0]),
        others=case.others,
    )
    return [pause_of(case.id, each, running, just_before) for each in holds]


def pause_of(
    case: str, hold: Hold, running: Mapping[int, Iterable[int]], just_before: timedelta
) -> Pause:
    """Return a pause, and what is odd about it.

    Args:
        case: Id of the case.
        hold: When it was held.
        running: The deadlines of the clocks that ran just before.
        just_before: What `audit_pauses` says.
    """
    start, end, near = hold.start, hold.end, just_before // MICROSECOND
    left = [each - start for each in running.get(start - 1, ()) if each > start]
    odd = {OddPause.NEVER_ENDED} if end is None else set()
    if any(each <= near for each in left):
        odd.add(OddPause.JUST_BEFORE_DUE)
    if end is not None and any(each <= end - start < each + near for each in left):
        odd.add(OddPause.ENDED_AT_DUE)
    return Pause(
        case, hold.reason, hold.by, from_micros(start), from_micros_or_none(end), frozenset(odd)
    )
