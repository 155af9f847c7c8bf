"""Fairness: occupancy, waiting times, refusals and starvation, with bounds on each.

An even share means an even share of busy time, not an even number of pieces of work: with even
numbers, slow agents are busier. Indices are numbers from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import ceil, fsum, isfinite
from typing import Final, final

import attrs

from entitlements.kernel.converters import count, instance_of, tuple_of, utc_or_none
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import MICROSECOND, instant_of, to_micros, utc
from entitlements.routing.roster import Roster
from entitlements.routing.work.keyed_orders import times_by_rank

_MAX_BOUND: Final = 1_000_000


@final
@attrs.frozen(kw_only=True)
class ServedWork:
    """The history of one piece of work, for the report.

    Attributes:
        work: Id of the work.
        rank: Rank of the work, 0 or more.
        opened: Start of the waiting time.
        taken: Assignment; None while the work waits.
        offers: Number of offers.
        declines: Number of offers that were declined or expired; at most `offers`.

    >>> ServedWork(work="R-1", opened="2026-03-02T09:00Z", taken="2026-03-02T09:05Z").offers
    1
    """

    work: str = attrs.field(converter=identifier)
    rank: int = attrs.field(default=0, converter=count)
    opened: datetime = attrs.field(converter=utc)
    taken: datetime | None = attrs.field(default=None, converter=utc_or_none)
    offers: int = attrs.field(default=1, converter=count)
    declines: int = attrs.field(default=0, converter=count)

    def __attrs_post_init__(self) -> None:
        if self.taken is not None and self.taken < self.opened:
            raise InvalidValueError(f"`taken` is before `opened` for work `{self.work}`")
        if self.declines > self.offers:
            raise InvalidValueError(f"`declines` is greater than `offers` for work `{self.work}`")


@final
@attrs.frozen(kw_only=True)
class WaitTimes:
    """Waiting times of one rank; work that still waits counts up to the report.

    `p95` and `p99` are percentiles by nearest rank.
    """

    count: int
    mean: timedelta
    p95: timedelta
    p99: timedelta
    longest: timedelta


@final
@attrs.frozen(kw_only=True)
class FairnessReport:
    """The distribution of busy time and waiting time.

    Attributes:
        occupancy: Busy share of the time on shift by agent, without agents who had no shift.
        jain: Jain's index of occupancy: 1 if all are equal, 1/n if one agent has all the work.
        gini: Gini coefficient of occupancy: 0 if all are equal.
        waits: Waiting times by rank.
        oldest_waiting: Waiting time of the oldest waiting work: the starvation age.
        declined: Share of offers that were declined or expired.

    >>> report = fairness_report(Roster(since="2026-03-02T09:00Z"), [], utc("2026-03-02T10:00Z"))
    >>> report.oldest_waiting, report.declined
    (datetime.timedelta(0), 0.0)
    """

    occupancy: FrozenMap[str, float]
    jain: float
    gini: float
    waits: FrozenMap[int, WaitTimes]
    oldest_waiting: timedelta
    declined: float


@final
@attrs.frozen
class BoundViolation:
    """A bound that a report violates: its name, the value found, and the value allowed.

    >>> print(BoundViolation("Gini coefficient", "0.500", "0.200"))
    Gini coefficient is 0.500, allowed is 0.200
    """

    bound: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.bound} is {self.found}, allowed is {self.allowed}"


def _bound(value: float | None) -> float | None:
    if value is None:
        return None
    if type(value) not in {int, float} or not isfinite(value):
        raise InvalidValueError(f"`{value!r:.100}` is not a bound", hint="such as `0.9`")
    if not 0 <= value <= _MAX_BOUND:
        raise InvalidValueError(f"a bound must be from 0 to {_MAX_BOUND}, not `{value}`")
    return float(value)


def _time(value: timedelta | None) -> timedelta | None:
    return None if value is None else instance_of(timedelta, value)


@final
@attrs.frozen(kw_only=True)
class FairnessBounds:
    """Bounds on a fairness report; None for no bound.

    Attributes:
        jain: Lower bound of Jain's index.
        gini: Upper bound of the Gini coefficient.
        occupancy: Upper bound of the occupancy of every agent.
        longest_wait: Upper bound of the longest wait by rank.
        starvation: Upper bound of the starvation age, for all ranks.
        declined: Upper bound of the share of declined offers.

    >>> FairnessBounds(jain=0.9).gini is None
    True
    """

    jain: float | None = attrs.field(default=None, converter=_bound)
    gini: float | None = attrs.field(default=None, converter=_bound)
    occupancy: float | None = attrs.field(default=None, converter=_bound)
    longest_wait: FrozenMap[int, timedelta] = attrs.field(
        factory=FrozenMap, converter=times_by_rank
    )
    starvation: timedelta | None = attrs.field(default=None, converter=_time)
    declined: float | None = attrs.field(default=None, converter=_bound)

    def violations(self, report: FairnessReport) -> tuple[BoundViolation, ...]:
        """Return every bound that `report` violates."""
        found: list[BoundViolation] = []
        if self.jain is not None and report.jain < self.jain:
            found.append(
                BoundViolation("Jain index", f"{report.jain:.3f}", f"{self.jain:.3f} or more")
            )
        if self.gini is not None and report.gini > self.gini:
            found.append(
                BoundViolation("Gini coefficient", f"{report.gini:.3f}", f"{self.gini:.3f}")
            )
        if self.declined is not None and report.declined > self.declined:
            found.append(
                BoundViolation(
                    "share of declines", f"{report.declined:.3f}", f"{self.declined:.3f}"
                )
            )
        if self.occupancy is not None:
            found += [
                BoundViolation(f"occupancy of `{agent}`", f"{share:.3f}", f"{self.occupancy:.3f}")
                for agent, share in sorted(report.occupancy.items())
                if share > self.occupancy
            ]
        for rank, allowed in sorted(self.longest_wait.items()):
            waits = report.waits.get(rank)
            if waits is not None and waits.longest > allowed:
                found.append(
                    BoundViolation(f"longest wait of rank {rank}", str(waits.longest), str(allowed))
                )
        if self.starvation is not None and report.oldest_waiting > self.starvation:
            found.append(
                BoundViolation("starvation age", str(report.oldest_waiting), str(self.starvation))
            )
        return tuple(found)


def fairness_report(roster: Roster, served: Iterable[ServedWork], at: datetime) -> FairnessReport:
    """Return the fairness report of the period of the roster, up to `at`.

    >>> roster = Roster(since="2026-03-02T09:00Z")
    >>> fairness_report(roster, [], utc("2026-03-02T10:00Z")).jain
    1.0

    Raises:
        InvalidValueError: the roster has no start of its period, or `at` is naive.
    """
    pieces = tuple_of(ServedWork, served)
    occupancy = _occupancy(roster, at)
    waits: dict[int, list[timedelta]] = {}
    for piece in pieces:
        waits.setdefault(piece.rank, []).append((piece.taken or instant_of(at)) - piece.opened)
    waiting = [instant_of(at) - piece.opened for piece in pieces if piece.taken is None]
    offers = sum(piece.offers for piece in pieces)
    declines = sum(piece.declines for piece in pieces)
    return FairnessReport(
        occupancy=FrozenMap(occupancy),
        jain=jain_index(occupancy.values()),
        gini=gini_coefficient(occupancy.values()),
        waits=FrozenMap({rank: _waits(each) for rank, each in sorted(waits.items())}),
        oldest_waiting=max(waiting, default=timedelta()),
        declined=declines / offers if offers else 0.0,
    )


def jain_index(values: Iterable[float]) -> float:
    """Return the square of the sum, divided by n times the sum of squares; 1 for no values.

    >>> jain_index([0.5, 0.5]), jain_index([1.0, 0.0])
    (1.0, 0.5)
    """
    shares = tuple(values)
    squares = fsum(each * each for each in shares)
    return fsum(shares) ** 2 / (len(shares) * squares) if squares else 1.0


def gini_coefficient(values: Iterable[float]) -> float:
    """Return the mean difference of all pairs, divided by twice the mean; 0 for no values.

    >>> gini_coefficient([0.5, 0.5]), gini_coefficient([1.0, 0.0])
    (0.0, 0.5)
    """
    shares = sorted(values)
    total = fsum(shares)
    weighted = fsum(
        (2 * rank - len(shares) - 1) * each for rank, each in enumerate(shares, start=1)
    )
    return weighted / (len(shares) * total) if total else 0.0


def _occupancy(roster: Roster, at: datetime) -> Mapping[str, float]:
    instance_of(Roster, roster)
    if roster.since is None:
        raise InvalidValueError(
            "the roster has no period to report on", hint="set `since`, or call `new_period`"
        )
    start, end = to_micros(roster.since), to_micros(at)
    shares = {}
    for id, state in sorted(roster.agent_states.items()):
        timeline = state.duty.timeline
        on_shift = (
            end - start
            if timeline is None
            else timeline.open_time_before(end) - timeline.open_time_before(start)
        )
        present = max(0, end - max(start, state.busy_since)) if state.held else 0
        if on_shift > 0:
            shares[id] = (state.busy + present) / on_shift
    return shares


def _waits(values: list[timedelta]) -> WaitTimes:
    ordered = sorted(values)

    def percentile(share: int) -> timedelta:
        return ordered[max(0, ceil(len(ordered) * share / 100) - 1)]

    micros = sum(each // MICROSECOND for each in ordered)
    return WaitTimes(
        count=len(ordered),
        mean=timedelta(microseconds=micros // len(ordered)),
        p95=percentile(95),
        p99=percentile(99),
        longest=ordered[-1],
    )
