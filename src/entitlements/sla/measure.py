"""By when, and how does each milestone stand?

`measure` is a pure function of a policy, a history and an instant. What happened after the instant
does not count; what cannot have happened is refused, and listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from entitlements.kernel.instants import from_micros, to_micros
from entitlements.sla.clock import Clock, Cycle
from entitlements.sla.compiled import CompiledPolicy
from entitlements.sla.events import Event
from entitlements.sla.fold import Fold
from entitlements.sla.history import Entry, History, Refusal
from entitlements.sla.measurements import Measurement
from entitlements.sla.milestones import MilestoneState
from entitlements.sla.options import WhilePaused
from entitlements.sla.policy import PolicyVersions, SlaPolicy
from entitlements.sla.readings import Reading


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
    fold = Fold(chosen, {each.id: each.compiled for each in others})
    for entry in entries:
        fold.take(entry)
    return read(fold, micros, refused)


def _version(
    policy: SlaPolicy | PolicyVersions, entries: list[Entry], at: datetime
) -> CompiledPolicy:
    if isinstance(policy, SlaPolicy):
        return policy.compiled
    return policy.at(from_micros(entries[0][0]) if entries else at).compiled


def read(fold: Fold, at: int, refused: tuple[Refusal, ...], *, keep: bool = False) -> Measurement:
    """Return all readings of `fold` at `at`; `keep` them apart from a fold that goes on."""
    hidden = fold.policy.options.while_paused is WhilePaused.HIDDEN
    readings: dict[str, Reading] = {}
    earlier: dict[str, tuple[Clock, list[Cycle]]] = {}
    for name in fold.clocks or fold.policy.milestones:
        clock = fold.clocks.get(name)
        if clock is None or not clock.cycles:
            readings[name] = _not_started(fold, name, at)
            continue
        readings[name] = Reading.of(clock, clock.cycles[-1], at, hidden=hidden, keep=keep)
        if len(clock.cycles) > 1:
            earlier[name] = (clock, clock.cycles[:-1])
    return Measurement(fold.policy.id, from_micros(at), readings, earlier, refused)


def _not_started(fold: Fold, name: str, at: int) -> Reading:
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


def due_if_severity(
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


def due_if_resumed_at(
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
