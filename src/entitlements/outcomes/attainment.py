"""Attainment: how many promises were met, of how many, and how many are missed or still open.

Verdicts are folded from histories each time and never stored, so a corrected schedule corrects the
past. A breach counts at the instant at which it was due, also in a case that was never closed.
What has no verdict yet is counted beside the share, and never in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, TypeAlias, final

import attrs

from entitlements.kernel.converters import as_tuple, each_of, enum_member, frozen_map, instance_of
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import MICROSECOND, instant_of, text_of, to_micros
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.outcomes.cases import CaseRecord
from entitlements.outcomes.figures.shares import Share
from entitlements.sla.case_history.lifecycle import CaseStatus
from entitlements.sla.measurement import Measurement, measure
from entitlements.sla.milestones import MilestoneState
from entitlements.sla.readings.reading import Reading
from entitlements.sla.targets import Commitment

Group: TypeAlias = tuple[str | None, ...]
"""The values of a case in the dimensions that were asked for."""


class AttainmentBasis(TextEnum):
    """Which promises belong to a period.

    `DECIDED`: those that were met or missed in it; what is still undecided at its end is counted
    beside them. `CLOSED`: those of cases that were closed in it. `CREATED`: those of cases that
    were opened in it.
    """

    DECIDED = "decided"
    CLOSED = "closed"
    CREATED = "created"


class Verdict(TextEnum):
    """What became of one promise: the states partition all of them."""

    MET = "met"
    MISSED = "missed"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    NO_PROMISE = "no_promise"


_VERDICTS: Mapping[MilestoneState, Verdict | None] = FrozenMap(
    {
        MilestoneState.MET: Verdict.MET,
        MilestoneState.MISSED: Verdict.MISSED,
        MilestoneState.RUNNING: Verdict.RUNNING,
        MilestoneState.PAUSED: Verdict.PAUSED,
        MilestoneState.CANCELLED: Verdict.CANCELLED,
        MilestoneState.NO_OBJECTIVE: Verdict.NO_PROMISE,
        MilestoneState.PENDING: None,
    }
)


class Promise(NamedTuple):
    """One promise of one case, and its verdict.

    Attributes:
        case: The case.
        milestone: The milestone.
        cycle: Which start of its clock.
        verdict: What became of it.
        at: When that was decided; the due instant of a missed one, None if it is open.
        commitment: How binding it is; None if nothing was promised.
        reading: The clock at the end of the period.
    """

    case: CaseRecord
    milestone: str
    cycle: int
    verdict: Verdict
    at: datetime | None
    commitment: Commitment | None
    reading: Reading


@final
@attrs.frozen
class Attainment:
    """The promises of one milestone and group of cases, counted.

    Attributes:
        counts: How many have each verdict; those with none are left out.
        cases: The ids of the cases of each verdict, sorted; none if they were not kept.
    """

    counts: FrozenMap[Verdict, int] = attrs.field(converter=frozen_map)
    cases: FrozenMap[Verdict, tuple[str, ...]] = attrs.field(converter=frozen_map)

    @property
    def share(self) -> Share:
        """Those met, of those that were met or missed."""
        met = self.counts.get(Verdict.MET, 0)
        return Share(met, met + self.counts.get(Verdict.MISSED, 0))

    @property
    def total(self) -> int:
        """All promises, whatever became of them."""
        return sum(self.counts.values())

    def __add__(self, other: Attainment) -> Attainment:
        """Return the counts of both, which have no promise in common."""
        counts = Counter(self.counts) + Counter(other.counts)
        both = {*self.cases, *other.cases}
        cases = {
            verdict: tuple(sorted({*self.cases.get(verdict, ()), *other.cases.get(verdict, ())}))
            for verdict in Verdict
            if verdict in both
        }
        return Attainment(counts, cases)


class _Counted(NamedTuple):
    counts: Counter[Verdict]
    cases: dict[Verdict, list[str]]

    def add(self, promise: Promise, *, keep_ids: bool) -> None:
        self.counts[promise.verdict] += 1
        if keep_ids:
            self.cases.setdefault(promise.verdict, []).append(promise.case.id)

    @property
    def attainment(self) -> Attainment:
        known = [each for each in Verdict if self.counts[each]]
        cases = {each: tuple(sorted(set(self.cases[each]))) for each in known if self.cases}
        return Attainment({each: self.counts[each] for each in known}, cases)


@final
@attrs.frozen(kw_only=True)
class AttainmentReport:
    """The attainment of a period, by milestone and group of cases.

    Attributes:
        start: First instant of the period.
        end: First instant after it.
        basis: Which promises belong to it.
        by: The dimensions by which cases are divided.
        figures: The attainment by milestone and group, sorted.
        broken: Cases that could not be measured, each with the reason.
    """

    start: datetime
    end: datetime
    basis: AttainmentBasis
    by: tuple[str, ...]
    figures: FrozenMap[tuple[str, Group], Attainment] = attrs.field(converter=frozen_map)
    broken: FrozenMap[str, str] = attrs.field(converter=frozen_map)

    def milestone(self, name: str) -> Attainment:
        """Return the attainment of a milestone over all groups; nothing if it has none."""
        found = Attainment({}, {})
        for (milestone, _), figure in self.figures.items():
            if milestone == name:
                found += figure
        return found


def measure_attainment(
    cases: Iterable[CaseRecord],
    start: datetime,
    end: datetime,
    *,
    by: Iterable[str] = (),
    basis: AttainmentBasis | str = AttainmentBasis.DECIDED,
    only: Commitment | str | None = None,
    keep_ids: bool = True,
) -> AttainmentReport:
    """Return how many promises were kept between two instants.

    Every case is read as it was at `end`: what happened later does not change the figure of a
    period that is over. A case that cannot be measured is reported, and stops nothing.

    Args:
        cases: All cases, also those that were opened before the period.
        start: First instant of the period.
        end: First instant after it.
        by: Dimensions by which cases are divided, such as `customer` and `severity`.
        basis: Which promises belong to the period.
        only: Count guarantees only, or objectives only; None for both.
        keep_ids: Keep the ids of the cases; without them memory does not grow with the cases.

    >>> from entitlements.kernel import utc
    >>> from datetime import timedelta
    >>> from entitlements.outcomes import CaseRecord
    >>> from entitlements.sla import Event, History, SlaPolicy, Target
    >>> hour = Target(milestone="first_response", within=timedelta(hours=1))
    >>> history = History([Event.opened(utc("2026-03-02T09:00Z"))])
    >>> policy = SlaPolicy(id="gold", targets=[hour])
    >>> case = CaseRecord(id="R-1", customer="acme", history=history, policy=policy)
    >>> march = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
    >>> found = measure_attainment([case], *march, by=["customer"])
    >>> str(found.milestone("first_response").share)  # nobody answered
    '0 of 1'

    Raises:
        InvalidValueError: The period is empty, or the basis is unknown.
        UnknownIdError: There is no such dimension.
    """
    first, last = instant_of(start), instant_of(end)
    if first >= last:
        raise InvalidValueError(
            f"the period ends at `{text_of(end)}`, not after `{text_of(start)}`"
        )
    dimensions, chosen = tuple(as_tuple(by)), enum_member(AttainmentBasis, basis)
    commitment = None if only is None else enum_member(Commitment, only)
    found: dict[tuple[str, Group], _Counted] = {}
    broken: dict[str, str] = {}
    for case in each_of(CaseRecord, cases):
        group = tuple(case.value_of(each) for each in dimensions)
        try:
            promises = list(promises_of(case, first, last, chosen))
        except EntitlementsError as error:
            broken[case.id] = str(error)
            continue
        for promise in promises:
            if commitment is None or promise.commitment in {None, commitment}:
                key = promise.milestone, group
                known = found.get(key) or found.setdefault(key, _Counted(Counter(), {}))
                known.add(promise, keep_ids=instance_of(bool, keep_ids))
    order = sorted(found, key=lambda key: (key[0], [each or "" for each in key[1]]))
    return AttainmentReport(
        start=first,
        end=last,
        basis=chosen,
        by=dimensions,
        figures={key: found[key].attainment for key in order},
        broken=broken,
    )


def promises_of(
    case: CaseRecord, start: datetime, end: datetime, basis: AttainmentBasis
) -> Iterator[Promise]:
    """Yield the promises of a case that belong to a period, as they were at its end."""
    last = end - MICROSECOND  # what happens at the end belongs to the next period
    if basis is not AttainmentBasis.DECIDED and not _belongs(case, start, last, basis):
        return
    measured = measure(case.policy, case.history, last, others=case.others)
    since = start if basis is AttainmentBasis.DECIDED else None
    yield from measured_promises(case, measured, since)


def measured_promises(
    case: CaseRecord, measured: Measurement, since: datetime | None
) -> Iterator[Promise]:
    """Yield the promises of a measured case, without those decided before an instant, if any."""
    for name in (each.name for each in measured):
        for reading in measured.cycles(name):
            verdict = _VERDICTS[reading.state]
            if verdict is None:
                continue
            at = reading.missed_at or reading.completed_at or reading.cancelled_at
            if verdict is Verdict.NO_PROMISE:
                at = reading.started_at or case.history.events[0].at
            if since is not None and at is not None and at < since:
                continue
            yield Promise(case, name, reading.cycle, verdict, at, reading.commitment, reading)


def _belongs(case: CaseRecord, start: datetime, last: datetime, basis: AttainmentBasis) -> bool:
    """Return whether a case was opened, or was over, in the period."""
    entries, _ = case.history.until(to_micros(last))
    if not entries:
        return False
    if basis is AttainmentBasis.CREATED:
        return entries[0][0] >= to_micros(start)
    over: int | None = None
    for at, _, status, _ in entries:
        is_over = status in {CaseStatus.RESOLVED, CaseStatus.CLOSED, CaseStatus.CANCELLED}
        over = (over if over is not None else at) if is_over else None
    return over is not None and over >= to_micros(start)
