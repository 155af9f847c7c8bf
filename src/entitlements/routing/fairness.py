"""Is it fair? Occupancy, waits, refusals and starvation, measured and held against bounds.

Fair is an even share of time with work in hand, not an even number of pieces: counting pieces
punishes the quick. Indices are plain numbers between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import ceil, fsum
from typing import final

import attrs

from entitlements.kernel.converters import count, utc_or_none
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import MICROSECOND, to_micros, utc
from entitlements.routing.roster import Roster


@final
@attrs.frozen(kw_only=True)
class ServedWork:
    """What became of one piece of work.

    Attributes:
        work: Its id.
        rank: Its rank.
        opened: When it began to wait.
        taken: When somebody took it; None while it waits.
        offers: How often it was offered.
        declines: How many offers were declined or ran out.
    """

    work: str = attrs.field(converter=identifier)
    rank: int = attrs.field(default=0, converter=count)
    opened: datetime = attrs.field(converter=utc)
    taken: datetime | None = attrs.field(default=None, converter=utc_or_none)
    offers: int = attrs.field(default=1, converter=count)
    declines: int = attrs.field(default=0, converter=count)

    def __attrs_post_init__(self) -> None:
        if self.taken is not None and self.taken < self.opened:
            raise InvalidValueError(f"work `{self.work}` was taken before it was opened")
        if self.declines > self.offers:
            raise InvalidValueError(f"work `{self.work}` was declined more often than offered")


@final
@attrs.frozen(kw_only=True)
class WaitTimes:
    """How long work of one rank waited; what still waits counts up to the report."""

    count: int
    mean: timedelta
    p95: timedelta
    p99: timedelta
    longest: timedelta


@final
@attrs.frozen(kw_only=True)
class FairnessReport:
    """How work and waiting were spread.

    Attributes:
        occupancy: Share of the time on shift with work in hand, by agent; agents who were not on
            shift are left out.
        jain: Jain's index of occupancy: 1 if all are equal, 1/n if one does everything.
        gini: Gini coefficient of occupancy: 0 if all are equal.
        waits: By rank.
        oldest_waiting: How long the oldest waiting piece has waited: the starvation age.
        declined: Share of offers that were declined or ran out.
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
    """A bound that does not hold: which, what was found, and what was allowed."""

    bound: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.bound} is {self.found}, allowed is {self.allowed}"


@final
@attrs.frozen(kw_only=True)
class FairnessBounds:
    """What a policy promises about fairness; None promises nothing.

    Attributes:
        jain: At least this even.
        gini: At most this uneven.
        occupancy: Nobody busier than that.
        longest_wait: By rank, nobody waits longer.
        starvation: Nothing waits longer, whatever its rank.
        declined: At most this share of offers declined.
    """

    jain: float | None = None
    gini: float | None = None
    occupancy: float | None = None
    longest_wait: FrozenMap[int, timedelta] = attrs.field(factory=FrozenMap, converter=FrozenMap)
    starvation: timedelta | None = None
    declined: float | None = None

    def violations(self, report: FairnessReport) -> tuple[BoundViolation, ...]:
        """Return every bound that `report` breaks; empty if it keeps them all."""
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
    """Return how fair the roster's period was, up to `at`.

    Raises:
        InvalidValueError: the roster does not say when its period began.
    """
    pieces = tuple(served)
    occupancy = _occupancy(roster, at)
    waits: dict[int, list[timedelta]] = {}
    for piece in pieces:
        waits.setdefault(piece.rank, []).append((piece.taken or utc(at)) - piece.opened)
    waiting = [utc(at) - piece.opened for piece in pieces if piece.taken is None]
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
    """Return the square of the sum over n times the sum of squares; 1 for nothing at all.

    >>> jain_index([0.5, 0.5]), jain_index([1.0, 0.0])
    (1.0, 0.5)
    """
    shares = tuple(values)
    squares = fsum(each * each for each in shares)
    return fsum(shares) ** 2 / (len(shares) * squares) if squares else 1.0


def gini_coefficient(values: Iterable[float]) -> float:
    """Return the mean difference of all pairs over twice the mean; 0 for nothing at all.

    >>> gini_coefficient([0.5, 0.5]), gini_coefficient([1.0, 0.0])
    (0.0, 0.5)
    """
    shares = sorted(values)
    total = fsum(shares)
    weighted = fsum(
        (2 * place - len(shares) - 1) * each for place, each in enumerate(shares, start=1)
    )
    return weighted / (len(shares) * total) if total else 0.0


def _occupancy(roster: Roster, at: datetime) -> Mapping[str, float]:
    if roster.since is None:
        raise InvalidValueError(
            "the roster's period has no beginning", hint="state `since`, or begin a new period"
        )
    start, end = to_micros(roster.since), to_micros(at)
    shares = {}
    for id, seat in sorted(roster.agent_states.items()):
        timeline = seat.duty.timeline
        on_shift = (
            end - start
            if timeline is None
            else timeline.open_time_before(end) - timeline.open_time_before(start)
        )
        running = max(0, end - max(start, seat.busy_since)) if seat.held else 0
        if on_shift > 0:
            shares[id] = (seat.busy + running) / on_shift
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
