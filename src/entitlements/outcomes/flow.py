"""Flow and backlog: how many cases came in and went out, how many are open, and for how long.

A case is open from its opening, or a reopening, until it is resolved, closed or cancelled. The
backlog always changes by what came in less what went out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, final

import attrs

from entitlements.kernel.converters import as_tuple, each_of, frozen_map, instance_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import MICROSECOND, text_of, to_micros
from entitlements.outcomes.cases import CaseRecord
from entitlements.sla.case_history.events import EventKind
from entitlements.sla.case_history.lifecycle import CaseStatus

AGES: Final = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
FLOW_COUNTS: Final = ("open_before", "opened", "reopened", "over", "open_after")
_OPEN: Final = (CaseStatus.OPEN, CaseStatus.PAUSED)


@final
@attrs.frozen(kw_only=True)
class Flow:
    """The cases of a period, counted; the backlog at its end follows from the others.

    Attributes:
        counts: How many there are of each.
        cases: The ids of the cases of each count, sorted; a case that was reopened twice is there
            twice. None if they were not kept.
    """

    counts: FrozenMap[str, int] = attrs.field(converter=frozen_map)
    cases: FrozenMap[str, tuple[str, ...]] = attrs.field(converter=frozen_map)

    @property
    def open_before(self) -> int:
        """Cases open when the period begins."""
        return self.counts["open_before"]

    @property
    def opened(self) -> int:
        """Cases opened in it."""
        return self.counts["opened"]

    @property
    def reopened(self) -> int:
        """How often a case was reopened in it."""
        return self.counts["reopened"]

    @property
    def over(self) -> int:
        """How often a case was resolved, closed or cancelled in it, from being open."""
        return self.counts["over"]

    @property
    def open_after(self) -> int:
        """Cases open when it ends."""
        return self.counts["open_after"]


def measure_flow(
    cases: Iterable[CaseRecord], start: datetime, end: datetime, *, keep_ids: bool = True
) -> Flow:
    """Return what came in and went out between two instants.

    >>> measure_flow([], datetime.fromisoformat("2026-03-01T00:00Z"),
    ...              datetime.fromisoformat("2026-04-01T00:00Z")).open_after
    0

    Args:
        cases: All cases, also those that were opened before the period.
        start: First instant of the period.
        end: First instant after it.
        keep_ids: Keep the ids of the cases; without them memory does not grow with the cases.

    Raises:
        InvalidValueError: The period is empty.
    """
    has_ids = instance_of(bool, keep_ids)
    first, last = to_micros(start), to_micros(end)
    if first >= last:
        raise InvalidValueError(
            f"the period ends at `{text_of(end)}`, not after `{text_of(start)}`"
        )
    counts = dict.fromkeys(FLOW_COUNTS, 0)
    found: dict[str, list[str]] = {name: [] for name in FLOW_COUNTS if has_ids}
    for case in each_of(CaseRecord, cases):
        for count in flow_of(case, first, last):
            counts[count] += 1
            if has_ids:
                found[count].append(case.id)
    return Flow(counts=counts, cases={name: tuple(sorted(ids)) for name, ids in found.items()})


def flow_of(case: CaseRecord, first: int, last: int) -> Iterator[str]:
    """Yield the counts of a flow to which a case adds one, in the order of `FLOW_COUNTS`."""
    was_open = is_open = False
    came: list[str] = []
    for at, is_open, kind in _changes(case, last - 1):
        if at < first:
            was_open = is_open
            continue
        came_in = "opened" if kind is EventKind.OPENED else "reopened"
        came.append(came_in if is_open else "over")
    if was_open:
        yield "open_before"
    yield from sorted(came, key=FLOW_COUNTS.index)
    if is_open:
        yield "open_after"


def _changes(case: CaseRecord, last: int) -> Iterator[tuple[int, bool, EventKind]]:
    """Yield the instants at which a case became open, or ceased to be, and by which event."""
    was_open = False
    for at, event, status, _ in case.history.until(last)[0]:
        is_open = status in _OPEN
        if is_open is not was_open:
            yield at, is_open, event.kind
            was_open = is_open


def open_since(case: CaseRecord, last: int) -> int | None:
    """Return since when a case is open, or None if it is not."""
    since: int | None = None
    for at, is_open, _ in _changes(case, last):
        since = at if is_open else None
    return since


@final
@attrs.frozen(kw_only=True)
class BacklogAges:
    """The cases that are open at an instant, by how long they have been.

    Attributes:
        ages: Limits of age, rising.
        counts: How many open cases there are of each age: younger than the first limit, from each
            limit up to the next, and beyond the last.
        cases: Their ids, the youngest first; none if they were not kept.
    """

    ages: tuple[timedelta, ...]
    counts: tuple[int, ...]
    cases: tuple[tuple[str, ...], ...]

    @property
    def total(self) -> int:
        """All open cases."""
        return sum(self.counts)


def _ages(values: Iterable[timedelta]) -> tuple[timedelta, ...]:
    ages = tuple(instance_of(timedelta, each) for each in as_tuple(values))
    if not ages or ages != tuple(sorted(set(ages))) or ages[0] <= timedelta():
        raise InvalidValueError("ages must be above 0 and rise", hint="such as 1, 7 and 30 days")
    return ages


def measure_backlog(
    cases: Iterable[CaseRecord],
    at: datetime,
    ages: Iterable[timedelta] = AGES,
    *,
    keep_ids: bool = True,
) -> BacklogAges:
    """Return the open cases at an instant, by age; a reopened case is as old as its reopening.

    Args:
        cases: All cases.
        at: The instant; what happens at it has happened.
        ages: Limits of age, above 0 and rising; an age that equals a limit belongs above it.
        keep_ids: Keep the ids of the cases; without them memory does not grow with the cases.

    >>> from entitlements.kernel import utc
    >>> from datetime import timedelta
    >>> from entitlements.outcomes import CaseRecord
    >>> from entitlements.sla import Event, History, SlaPolicy, Target
    >>> hour = Target(milestone="first_response", within=timedelta(hours=1))
    >>> history = History([Event.opened(utc("2026-03-02T09:00Z"))])
    >>> policy = SlaPolicy(id="gold", targets=[hour])
    >>> case = CaseRecord(id="R-1", customer="acme", history=history, policy=policy)
    >>> found = measure_backlog([case], utc("2026-03-04T09:00Z"), [timedelta(days=1)])
    >>> found.counts, found.cases
    ((0, 1), ((), ('R-1',)))

    Raises:
        InvalidValueError: The ages do not rise.
    """
    limits, now, has_ids = _ages(ages), to_micros(at), instance_of(bool, keep_ids)
    counts = [0] * (len(limits) + 1)
    found: list[list[tuple[int, str]]] = [[] for _ in counts]
    for case in each_of(CaseRecord, cases):
        since = open_since(case, now)
        if since is not None:
            age = (now - since) * MICROSECOND
            place = sum(age >= each for each in limits)
            counts[place] += 1
            if has_ids:
                found[place].append((now - since, case.id))
    return BacklogAges(
        ages=limits,
        counts=tuple(counts),
        cases=tuple(tuple(id for _, id in sorted(each)) for each in found) if has_ids else (),
    )
