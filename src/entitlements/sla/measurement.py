"""By when, and how does each milestone stand?

`measure` is a pure function of a policy, a history and an instant. What happened after the instant
does not count; what cannot have happened is refused, and listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import final

from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import from_micros, optional_text, text_of, to_micros
from entitlements.sla.case_history.events import Event
from entitlements.sla.case_history.history import History, HistoryEntry, RejectedEvent
from entitlements.sla.clock.clock_state import ClockState
from entitlements.sla.clock.compiled_policy import CompiledPolicy
from entitlements.sla.clock.milestone_clock import ClockCycle, MilestoneClock
from entitlements.sla.milestones import MilestoneState
from entitlements.sla.options import PausedDueDisplay
from entitlements.sla.policy import PolicyVersions, SlaPolicy
from entitlements.sla.readings import Reading


@final
class Measurement:
    """All milestones of a case at an instant, in the policy's order.

    Iterating gives the readings, each of the clock's last cycle; `measurement["resolution"]` is
    one of them.

    Attributes:
        policy: The id of the policy.
        at: The instant of the question.
        refused: The events that could not have happened, each with its reason.
    """

    __slots__ = ("_cycles", "_earlier", "_readings", "at", "policy", "refused")

    def __init__(
        self,
        policy: str,
        at: datetime,
        readings: dict[str, Reading],
        earlier: dict[str, tuple[MilestoneClock, list[ClockCycle]]],
        refused: tuple[RejectedEvent, ...],
    ) -> None:
        self.policy = policy
        self.at = at
        self.refused = refused
        self._readings = readings
        self._earlier = earlier
        self._cycles: dict[str, tuple[Reading, ...]] | None = None

    def __getstate__(self) -> tuple[None, dict[str, object]]:
        # A stored measurement takes along the readings of all cycles, not the clocks.
        state = {name: getattr(self, name) for name in Measurement.__slots__}
        cycles = {name: self.cycles(name) for name in self._earlier}
        return None, {**state, "_earlier": {}, "_cycles": self._cycles or cycles}

    def cycles(self, name: str) -> tuple[Reading, ...]:
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
        earlier = [Reading.of(clock, each, at, hidden=True, keep=False) for each in cycles]
        return (*earlier, last)

    def __getitem__(self, name: str) -> Reading:
        try:
            return self._readings[name]
        except KeyError:
            raise UnknownIdError("milestone", str(name), known=self._readings) from None

    def __contains__(self, name: object) -> bool:
        return name in self._readings

    def __iter__(self) -> Iterator[Reading]:
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
        return self.policy, self.at, self.refused, self._readings

    def __hash__(self) -> int:
        return hash((self.policy, self.at, tuple(self._readings)))

    @property
    def next_change(self) -> datetime | None:
        """The next instant at which a milestone changes though nothing happens, or None."""
        changes = [each.next_change_micros for each in self._readings.values()]
        return min((from_micros(each) for each in changes if each is not None), default=None)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain data."""
        return {
            "policy": self.policy,
            "at": text_of(self.at),
            "milestones": [each.to_dict() for each in self._readings.values()],
            "refused": [
                {"kind": each.event.kind.value, "at": text_of(each.event.at), "why": each.reason}
                for each in self.refused
            ],
            "next_change": optional_text(self.next_change),
        }

    def __repr__(self) -> str:
        return f"Measurement({', '.join(map(repr, self._readings.values()))})"


def measure(
    policy: SlaPolicy | PolicyVersions,
    history: History,
    at: datetime,
    *,
    others: Iterable[SlaPolicy] = (),
) -> Measurement:
    """Return how each milestone of a case stands at `at`.

    Args:
        policy: The agreement; of several versions the one in force at the opening.
        history: What happened to the case, in any order.
        at: Aware instant; later events do not count.
        others: The policies that changes of terms name.

    Returns:
        The readings by milestone, in UTC. Before the opening all of them are pending.

    Raises:
        UnknownIdError: The policy has no first response for the severity of the case, or a
            change of terms names a policy that is not among `others`.
        NeverReachedError: A calendar does not have as much open time as a target needs.
        NotCoveredError: No version of the policy was in force at the opening.

    >>> from datetime import timedelta
    >>> from entitlements.sla.targets import Target
    >>> hour = Target(milestone="first_response", within=timedelta(hours=1))
    >>> history = History([Event.opened("2026-03-02T09:00Z")])
    >>> measure(SlaPolicy(id="p", targets=[hour]), history, from_micros(1772445600_000000))
    Measurement(<first_response: missed, due 2026-03-02T10:00:00Z>)
    """
    micros = to_micros(at)
    entries, refused = history.until(micros)
    chosen = _version(policy, entries, at)
    fold = ClockState(chosen, {each.id: each.compiled for each in others})
    for entry in entries:
        fold.apply(entry)
    return readings_of(fold, micros, refused)


def _version(
    policy: SlaPolicy | PolicyVersions, entries: list[HistoryEntry], at: datetime
) -> CompiledPolicy:
    if isinstance(policy, SlaPolicy):
        return policy.compiled
    return policy.at(from_micros(entries[0][0]) if entries else at).compiled


def readings_of(
    fold: ClockState, at: int, refused: tuple[RejectedEvent, ...], *, keep: bool = False
) -> Measurement:
    """Return all readings of `fold` at `at`; `keep` them apart from a fold that goes on."""
    hidden = fold.policy.options.while_paused is PausedDueDisplay.HIDDEN
    readings: dict[str, Reading] = {}
    earlier: dict[str, tuple[MilestoneClock, list[ClockCycle]]] = {}
    for name in fold.clocks or fold.policy.milestones:
        clock = fold.clocks.get(name)
        if clock is None or not clock.cycles:
            readings[name] = _not_started(fold, name, at)
            continue
        readings[name] = Reading.of(clock, clock.cycles[-1], at, hidden=hidden, keep=keep)
        if len(clock.cycles) > 1:
            earlier[name] = (clock, clock.cycles[:-1])
    return Measurement(fold.policy.id, from_micros(at), readings, earlier, refused)


def _not_started(fold: ClockState, name: str, at: int) -> Reading:
    state = MilestoneState.PENDING
    if fold.case is not None and fold.case.severity is not None:
        policy, channel, conditions = fold.case.terms
        clause = policy.plan(fold.case.severity, channel, conditions).clauses.get(name)
        if clause is None or clause.target.within is None:
            state = MilestoneState.NO_OBJECTIVE
    return Reading(name, at, state)


def next_change(
    policy: SlaPolicy | PolicyVersions,
    history: History,
    at: datetime,
    *,
    others: Iterable[SlaPolicy] = (),
) -> datetime | None:
    """Return the first instant after `at` at which any milestone changes, or None.

    It is a warning, a breach, or an event of the history that is dated later; a scheduler may
    sleep until then, if nothing new is delivered.
    """
    own = measure(policy, history, at, others=others).next_change
    event = history.next_event(to_micros(at))
    changes = [each for each in (own, None if event is None else from_micros(event)) if each]
    return min(changes, default=None)


def measure_with_severity(
    policy: SlaPolicy | PolicyVersions,
    history: History,
    severity: str,
    at: datetime,
    *,
    others: Iterable[SlaPolicy] = (),
) -> Measurement:
    """Return how the milestones would stand if the severity were changed to `severity` at `at`.

    Raises:
        UnknownIdError: The policy has no first response for that severity.
    """
    change = Event.severity_changed(at, severity)
    return measure(policy, history.as_known(at).append(change), at, others=others)


def due_if_resumed(
    policy: SlaPolicy | PolicyVersions,
    history: History,
    milestone: str,
    at: datetime,
    *,
    others: Iterable[SlaPolicy] = (),
) -> datetime | None:
    """Return the deadline there would be if all pauses ended at `at`, or None if there is none.

    Of a clock that runs or has ended it is the deadline it has.
    """
    return measure(policy, history, at, others=others)[milestone].due_if_resumed_at(at)
