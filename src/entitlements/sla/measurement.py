"""Measurement of a case: all milestones at an instant, from a policy and a history.

`measure` is a pure function. Events after the instant do not count; events that could not have
happened are rejected, and listed with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, final

from entitlements import sla
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.instants import from_micros, from_micros_or_none, to_micros
from entitlements.sla.case_history.events import Event
from entitlements.sla.case_history.history import History, HistoryEntry, RejectedEvent
from entitlements.sla.case_history.lifecycle import NO_REASONS, CaseStatus
from entitlements.sla.clock.clock_state import ClockState
from entitlements.sla.clock.compiled_policy import CompiledPolicy
from entitlements.sla.clock.milestone_clock import ClockCycle, MilestoneClock
from entitlements.sla.milestones import MilestoneState
from entitlements.sla.options.clock_options import PausedDueDisplay
from entitlements.sla.policy import PolicyVersions, SlaPolicy, check_policy


@final
class Measurement:
    """All milestones of a case at an instant, in the policy's order. `measure` makes it.

    Iterating gives the reading of each milestone, that of its last cycle;
    `measurement["resolution"]` is one of them.

    Attributes:
        policy: The id of the policy.
        at: The instant of the measurement, in UTC.
        rejected: The events that could not have happened, each with its reason.
        status: The status of the case.
        pause_reasons: The reasons for which it is paused.
        severity: Its severity; None while none is set.

    >>> from datetime import timedelta
    >>> from entitlements.sla.targets import Target
    >>> day = Target(milestone="resolution", within=timedelta(hours=24))
    >>> opened = Event.opened("2026-03-02T09:00Z")
    >>> found = measure(SlaPolicy(id="p", targets=[day]), History([opened]), opened.at)
    >>> found["resolution"].state.value, found.next_change.isoformat()
    ('running', '2026-03-03T09:00:00+00:00')
    """

    __slots__ = (
        "_cycles",
        "_earlier",
        "_readings",
        "at",
        "pause_reasons",
        "policy",
        "rejected",
        "severity",
        "status",
    )

    def __init__(
        self,
        policy: str,
        at: datetime,
        readings: dict[str, sla.Reading],
        earlier: dict[str, tuple[MilestoneClock, list[ClockCycle]]],
        rejected: tuple[RejectedEvent, ...],
        case: tuple[CaseStatus, frozenset[str], str | None],
    ) -> None:
        self.policy = policy
        self.status, self.pause_reasons, self.severity = case
        self.at = at
        self.rejected = rejected
        self._readings = readings
        self._earlier = earlier
        self._cycles: dict[str, tuple[sla.Reading, ...]] | None = None

    @classmethod
    def of(
        cls,
        state: ClockState,
        at: int,
        rejected: tuple[RejectedEvent, ...],
        status: tuple[CaseStatus, frozenset[str]],
        *,
        keep: bool = False,
    ) -> Measurement:
        """Return the measurement of all clocks of `state`.

        Args:
            state: The clocks after the events.
            at: The instant in microseconds, not before the last event.
            rejected: The events that could not have happened.
            status: The status of the case, and the reasons for which it is paused.
            keep: Whether the clocks go on, so that the readings need copies of their counters.
        """
        hidden = state.policy.options.while_paused is PausedDueDisplay.HIDDEN
        readings: dict[str, sla.Reading] = {}
        earlier: dict[str, tuple[MilestoneClock, list[ClockCycle]]] = {}
        for name in state.clocks or state.policy.milestones:
            clock = state.clocks.get(name)
            if clock is None or not clock.cycles:
                readings[name] = sla.Reading(name, at, _state_before_start(state, name))
                continue
            readings[name] = sla.Reading.of(clock, clock.cycles[-1], at, hidden=hidden, keep=keep)
            if len(clock.cycles) > 1:
                earlier[name] = (clock, clock.cycles[:-1])
        severity = None if state.case is None else state.case.severity
        case = (*status, severity)
        return cls(state.policy.id, from_micros(at), readings, earlier, rejected, case)

    def __getstate__(self) -> tuple[None, dict[str, object]]:
        # A stored measurement keeps the readings of all cycles, not the clocks.
        state = {name: getattr(self, name) for name in Measurement.__slots__}
        cycles = {name: self.cycles(name) for name in self._earlier}
        return None, {**state, "_earlier": {}, "_cycles": self._cycles or cycles}

    def cycles(self, name: str) -> tuple[sla.Reading, ...]:
        """Return the readings of all cycles of the milestone `name`, the earliest first.

        Raises:
            UnknownIdError: The policy has no such milestone.
        """
        last = self[name]
        if self._cycles is not None:
            return self._cycles.get(name, (last,))
        if name not in self._earlier:
            return (last,)
        clock, cycles = self._earlier[name]
        at = to_micros(self.at)
        earlier = [sla.Reading.of(clock, each, at, hidden=True, keep=False) for each in cycles]
        return (*earlier, last)

    def __getitem__(self, name: str) -> sla.Reading:
        try:
            return self._readings[name]
        except (KeyError, TypeError):
            raise UnknownIdError("milestone", str(name), known=self._readings) from None

    def __contains__(self, name: object) -> bool:
        return name in self._readings

    def __iter__(self) -> Iterator[sla.Reading]:
        return iter(self._readings.values())

    def __len__(self) -> int:
        return len(self._readings)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Measurement):
            return NotImplemented
        if self._summary() != other._summary():
            return False
        return all(self.cycles(name) == other.cycles(name) for name in self._readings)

    def _summary(self) -> tuple[object, ...]:
        case = (self.status, self.pause_reasons, self.severity)
        return self.policy, self.at, self.rejected, case, self._readings

    def __hash__(self) -> int:
        return hash((self.policy, self.at, tuple(self._readings)))

    @property
    def next_change(self) -> datetime | None:
        """The next instant at which a milestone changes without a further event, or None."""
        changes = (each.next_change for each in self)
        return min((each for each in changes if each is not None), default=None)

    @property
    def deadlines(self) -> tuple[sla.PendingDeadline, ...]:
        """The deadlines of milestones that are not over, the earliest first; missed ones too."""
        found = []
        for each in self:
            due = None if each.over else each.due_if_resumed_at(self.at)
            if due is not None:
                name, moves = each.name, each.state is MilestoneState.PAUSED
                found.append(
                    sla.PendingDeadline(milestone=name, due=due, moves=moves, as_of=self.at)
                )
        return tuple(sorted(found, key=lambda each: each.due))

    @property
    def next_deadline(self) -> sla.PendingDeadline | None:
        """The first of `deadlines`; None if nothing is due."""
        return next(iter(self.deadlines), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the measurement as data that JSON can hold."""
        from entitlements.sla.readings.data import MEASUREMENT_DATA, MeasurementData  # noqa: PLC0415 - on first use

        return MEASUREMENT_DATA.write(
            MeasurementData(
                policy=self.policy,
                at=self.at,
                status=self.status,
                pause_reasons=tuple(sorted(self.pause_reasons)),
                severity=self.severity,
                milestones=tuple(each.data for each in self),
                earlier_cycles=tuple(
                    each.data for name in self._readings for each in self.cycles(name)[:-1]
                ),
                rejected=self.rejected,
                next_change=self.next_change,
            )
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Measurement:
        """Return the measurement in data; the inverse of `to_dict`.

        Raises:
            InvalidValueError: Something in the data is not what belongs there; `path` names it.
        """
        from entitlements.sla.readings.data import (  # noqa: PLC0415 - on first use
            MEASUREMENT_DATA,
            readings_in,
        )

        found = MEASUREMENT_DATA.read(data)
        readings = readings_in(found.milestones, "milestones")
        earlier = readings_in(found.earlier_cycles, "earlier_cycles")
        measured = cls(
            found.policy,
            found.at,
            {each.name: each for each in readings},
            {},
            found.rejected,
            (found.status, frozenset(found.pause_reasons), found.severity),
        )
        measured._cycles = {
            name: (*(each for each in earlier if each.name == name), last)
            for name, last in measured._readings.items()
        }
        if measured.to_dict() != MEASUREMENT_DATA.write(found):
            raise InvalidValueError("the milestones contradict the other keys", path="milestones")
        return measured

    def __repr__(self) -> str:
        return f"Measurement({', '.join(map(repr, self))})"


def _state_before_start(state: ClockState, name: str) -> MilestoneState:
    """Return the state of a milestone whose clock has not started."""
    case = state.case
    if case is not None and case.severity is not None:
        policy, channel, conditions, kind = case.terms
        targets = policy.targets_for(case.severity, channel, conditions, kind)
        target = targets.by_milestone.get(name)
        if target is None or target.definition.within is None:
            return MilestoneState.NO_OBJECTIVE
    return MilestoneState.PENDING


def measure(
    policy: SlaPolicy | PolicyVersions,
    history: History,
    at: datetime,
    *,
    others: Iterable[SlaPolicy] = (),
) -> Measurement:
    """Return the state of each milestone of a case at `at`.

    Args:
        policy: The policy; of several versions the one in force at the opening.
        history: The events of the case, in any order.
        at: Aware instant; later events do not count.
        others: The policies that changes of terms name.

    Returns:
        The readings by milestone, in UTC. Before the opening all of them are pending.

    Raises:
        UnknownIdError: The policy has no first response for the severity of the case, or a
            change of terms names a policy that is not among `others`.
        NeverReachedError: A calendar does not have as much open time as a target needs.
        NotCoveredError: No version of the policy was in force at the opening.
        InvalidValueError: `at` is naive, or an argument is of another type.

    >>> from datetime import timedelta
    >>> from entitlements.sla.targets import Target
    >>> hour = Target(milestone="first_response", within=timedelta(hours=1))
    >>> history = History([Event.opened("2026-03-02T09:00Z")])
    >>> measure(SlaPolicy(id="p", targets=[hour]), history, from_micros(1772445600_000000))
    Measurement(<first_response: missed, due 2026-03-02T10:00:00Z>)
    """
    known_history = instance_of(History, history)
    micros = to_micros(at)
    entries, rejected = known_history.until(micros)
    known = {each.id: each.compiled for each in tuple_of(SlaPolicy, others)} if others else {}
    state = ClockState(policy_at_opening(policy, entries, at), known)
    for entry in entries:
        state.apply(entry)
    status = (entries[-1][2], entries[-1][3]) if entries else (CaseStatus.UNOPENED, NO_REASONS)
    return Measurement.of(state, micros, rejected, status)


def policy_at_opening(
    policy: SlaPolicy | PolicyVersions, entries: list[HistoryEntry], at: datetime
) -> CompiledPolicy:
    """Return the version of a policy in force at the opening, or at an instant without one."""
    checked = check_policy(policy)
    if isinstance(checked, SlaPolicy):
        return checked.compiled
    return checked.at(from_micros(entries[0][0]) if entries else at).compiled


def next_change(
    policy: SlaPolicy | PolicyVersions,
    history: History,
    at: datetime,
    *,
    others: Iterable[SlaPolicy] = (),
) -> datetime | None:
    """Return the first instant after `at` at which any milestone changes, or None.

    It is a warning, a breach, or an event of the history that is dated later; a scheduler may
    sleep until then if no new event arrives.

    Raises:
        UnknownIdError, NeverReachedError, NotCoveredError: As `measure` does.

    >>> from datetime import timedelta
    >>> from entitlements.sla.targets import Target
    >>> hour = Target(milestone="first_response", within=timedelta(hours=1))
    >>> opened = Event.opened("2026-03-02T09:00Z")
    >>> next_change(SlaPolicy(id="p", targets=[hour]), History([opened]), opened.at).isoformat()
    '2026-03-02T10:00:00+00:00'
    """
    own = measure(policy, history, at, others=others).next_change
    event = history.next_event(to_micros(at))
    changes = [each for each in (own, from_micros_or_none(event)) if each]
    return min(changes, default=None)


def measure_with_severity(
    policy: SlaPolicy | PolicyVersions,
    history: History,
    severity: str,
    at: datetime,
    *,
    others: Iterable[SlaPolicy] = (),
) -> Measurement:
    """Return the state of each milestone if the severity were changed to `severity` at `at`.

    Raises:
        UnknownIdError: The policy has no first response for that severity.

    >>> from datetime import timedelta
    >>> from entitlements.sla.targets import Target
    >>> times = {"high": timedelta(hours=1), "low": timedelta(hours=8)}
    >>> answers = [
    ...     Target(milestone="first_response", within=within, severities=[severity])
    ...     for severity, within in times.items()
    ... ]
    >>> opened = Event.opened("2026-03-02T09:00Z", severity="low")
    >>> policy = SlaPolicy(id="p", targets=answers)
    >>> measure_with_severity(policy, History([opened]), "high", opened.at)
    Measurement(<first_response: running, due 2026-03-02T10:00:00Z>)
    """
    change = Event.severity_changed(at, severity)
    return measure(
        policy, instance_of(History, history).as_known(at).append(change), at, others=others
    )
