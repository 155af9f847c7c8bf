"""Flow and backlog: how many cases came in and went out, how many are open, and for how long.

A case is open from its opening, or a reopening, until it is resolved, closed or cancelled. The
backlog always changes by what came in less what went out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, final

import attrs

from entitlements.kernel.converters import as_tuple, instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import MICROSECOND, to_micros
from entitlements.outcomes.cases import CaseRecord
from entitlements.sla.case_history.events import EventKind
from entitlements.sla.case_history.lifecycle import CaseStatus

AGES: Final = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
_OPEN: Final = frozenset({CaseStatus.OPEN, CaseStatus.PAUSED})


@final
@attrs.frozen(kw_only=True)
class Flow:
    """The cases of a period, counted; the backlog at its end follows from the others.

    Attributes:
        open_before: Cases open when the period begins.
        opened: Cases opened in it.
        reopened: How often a case was reopened in it.
        over: How often a case was resolved, closed or cancelled in it, from being open.
        open_after: Cases open when it ends.
    """

    open_before: int
    opened: int
    reopened: int
    over: int
    open_after: int


def measure_flow(cases: Iterable[CaseRecord], start: datetime, end: datetime) -> Flow:
    """Return what came in and went out between two instants.

    >>> measure_flow([], datetime.fromisoformat("2026-03-01T00:00Z"),
    ...              datetime.fromisoformat("2026-04-01T00:00Z")).open_after
    0

    Args:
        cases: All cases, also those that were opened before the period.
        start: First instant of the period.
        end: First instant after it.

    Raises:
        InvalidValueError: The period is empty.
    """
    first, last = to_micros(start), to_micros(end)
    if first >= last:
        raise InvalidValueError(f"the period ends at `{end}`, not after `{start}`")
    counts = {"open_before": 0, "opened": 0, "reopened": 0, "over": 0, "open_after": 0}
    for case in tuple_of(CaseRecord, cases):
        was_open = False
        for at, is_open, kind in _changes(case, last - 1):
            if at < first:
                was_open = is_open
                continue
            counts["opened"] += kind is EventKind.OPENED
            counts["reopened"] += is_open and kind is not EventKind.OPENED
            counts["over"] += not is_open
        counts["open_before"] += was_open
        counts["open_after"] += _open_since(case, last - 1) is not None
    return Flow(**counts)


def _changes(case: CaseRecord, last: int) -> Iterator[tuple[int, bool, EventKind]]:
    """Yield the instants at which a case became open, or ceased to be, and by which event."""
    was_open = False
    for at, event, status, _ in case.history.until(last)[0]:
        is_open = status in _OPEN
        if is_open is not was_open:
            yield at, is_open, event.kind
            was_open = is_open


def _open_since(case: CaseRecord, last: int) -> int | None:
    """Return since when a case is open, or None if it is not."""
    since: int | None = None
    for at, is_open, _ in _changes(case, last):
        since = at if is_open else None
    return since


@final
@attrs.frozen(kw_only=True)
class Backlog:
    """The cases that are open at an instant, by how long they have been.

    Attributes:
        ages: Limits of age, rising.
        cases: The ids of the open cases of each age, the youngest first: those younger than the
            first limit, those from each limit up to the next, and those beyond the last.
    """

    ages: tuple[timedelta, ...]
    cases: tuple[tuple[str, ...], ...]

    @property
    def total(self) -> int:
        """All open cases."""
        return sum(map(len, self.cases))


def _ages(values: Iterable[timedelta]) -> tuple[timedelta, ...]:
    ages = tuple(instance_of(timedelta, each) for each in as_tuple(values))
    if not ages or ages != tuple(sorted(set(ages))) or ages[0] <= timedelta():
        raise InvalidValueError("ages must be above 0 and rise", hint="such as 1, 7 and 30 days")
    return ages


def measure_backlog(
    cases: Iterable[CaseRecord], at: datetime, ages: Iterable[timedelta] = AGES
) -> Backlog:
    """Return the open cases at an instant, by age; a reopened case is as old as its reopening.

    Args:
        cases: All cases.
        at: The instant; what happens at it has happened.
        ages: Limits of age, above 0 and rising; an age that equals a limit belongs above it.

    Raises:
        InvalidValueError: The ages do not rise.
    """
    limits, now = _ages(ages), to_micros(at)
    found: list[list[tuple[int, str]]] = [[] for _ in range(len(limits) + 1)]
    for case in tuple_of(CaseRecord, cases):
        since = _open_since(case, now)
        if since is not None:
            age = (now - since) * MICROSECOND
            found[sum(age >= each for each in limits)].append((now - since, case.id))
    return Backlog(ages=limits, cases=tuple(tuple(id for _, id in sorted(each)) for each in found))
