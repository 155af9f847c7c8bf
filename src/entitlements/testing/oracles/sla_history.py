"""What happened to a case, as a person would note it down: lists of changes with their times.

The bottom of the walk in `entitlements.testing.oracles.sla`; it shares no code with the clocks.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import attrs

from entitlements.sla import Event, EventKind, SlaPolicy, Target

_ORDER = list(EventKind)

Terms: TypeAlias = tuple[SlaPolicy, str, frozenset[str]]
"""A policy, the channel and what the customer has declared."""


@attrs.define
class Facts:
    """The case as it was at each moment, as lists of changes."""

    opened: datetime
    events: list[Event]
    severities: list[tuple[datetime, str | None]]
    terms: list[tuple[datetime, Terms]]
    pauses: list[tuple[datetime, datetime | None, str]]
    resolved: list[tuple[datetime, datetime | None]]


def possible(events: list[Event]) -> list[Event]:
    """Return the events that can have happened, in order."""
    left = sorted(set(events), key=_turn)
    accepted: list[Event] = []
    status, reasons = "new", set[str]()
    while left:
        moment = [each for each in left if each.at == left[0].at]
        legal = next((each for each in moment if _is_legal(each, status, reasons)), None)
        if legal is None:
            left = left[len(moment) :]
            continue
        left.remove(legal)
        accepted.append(legal)
        status = _after(legal, status, reasons)
    return accepted


def _turn(event: Event) -> tuple[object, ...]:
    """Return what decides who is first: time, sequence, kind, and then the alphabet."""
    words = (event.severity, event.reason, event.name, event.policy, event.channel)
    rest = (*words, event.by, event.id, event.corrects, *sorted(event.conditions or ()))
    return (
        event.at,
        event.sequence,
        _ORDER.index(event.kind),
        tuple(each or "" for each in rest),
    )


def _is_legal(  # noqa: PLR0911 - one line for each kind
    event: Event, status: str, reasons: set[str]
) -> bool:
    match event.kind:
        case EventKind.OPENED:
            return status == "new"
        case EventKind.PAUSED:
            return status == "open" and event.reason not in reasons
        case EventKind.RESUMED:
            return status == "open" and bool(reasons) and event.reason in {None, *reasons}
        case EventKind.REOPENED:
            return status == "resolved"
        case EventKind.RESOLVED | EventKind.CANCELLED:
            return status == "open"
        case EventKind.CORRECTED:
            return False
        case _:
            return status in {"open", "resolved"}


def _after(event: Event, status: str, reasons: set[str]) -> str:
    if event.kind is EventKind.PAUSED:
        reasons.add(event.reason or "")
    elif event.kind is EventKind.RESUMED:
        reasons.intersection_update(set() if event.reason is None else reasons - {event.reason})
    ends = {EventKind.RESOLVED: "resolved", EventKind.CLOSED: "gone", EventKind.CANCELLED: "gone"}
    if event.kind in ends:
        reasons.clear()
        return ends[event.kind]
    return "open" if event.kind in {EventKind.OPENED, EventKind.REOPENED} else status


def facts_of(policy: SlaPolicy, happened: list[Event], known: dict[str, SlaPolicy]) -> Facts:
    """Return what the possible events say, change by change."""
    opening = happened[0]
    now = (policy, opening.channel or "", opening.conditions or frozenset())
    facts = Facts(
        opened=opening.at,
        events=happened,
        severities=[(opening.at, opening.severity)],
        terms=[(opening.at, now)],
        pauses=[],
        resolved=[],
    )
    for event in happened[1:]:
        now = _note(facts, event, now, known)
    return facts


def _note(facts: Facts, event: Event, now: Terms, known: dict[str, SlaPolicy]) -> Terms:
    """Write down what the event changes, and return the terms after it."""
    if event.kind is EventKind.SEVERITY_CHANGED:
        if facts.severities[-1][1] is None:
            facts.severities = [(facts.opened, event.severity)]
        elif facts.severities[-1][1] != event.severity:
            facts.severities.append((event.at, event.severity))
    elif event.kind is EventKind.TERMS_CHANGED:
        now = terms_after(event, now, known)
        facts.terms.append((event.at, now))
    elif event.kind is EventKind.PAUSED:
        facts.pauses.append((event.at, None, event.reason or ""))
    elif event.kind is EventKind.RESUMED:
        facts.pauses = [_ended(each, event.at, event.reason) for each in facts.pauses]
    elif event.kind in {EventKind.RESOLVED, EventKind.CLOSED}:
        facts.pauses = [_ended(each, event.at, None) for each in facts.pauses]
        if not facts.resolved or facts.resolved[-1][1] is not None:
            facts.resolved.append((event.at, None))
    elif event.kind is EventKind.REOPENED:
        facts.resolved[-1] = (facts.resolved[-1][0], event.at)
    return now


def terms_after(event: Event, now: Terms, known: dict[str, SlaPolicy]) -> Terms:
    """Return the terms after a change: what the event does not name stays."""
    return (
        known[event.policy] if event.policy else now[0],
        event.channel or now[1],
        now[2] if event.conditions is None else event.conditions,
    )


def _ended(
    pause: tuple[datetime, datetime | None, str], at: datetime, reason: str | None
) -> tuple[datetime, datetime | None, str]:
    start, end, why = pause
    return (start, at, why) if end is None and reason in {None, why} else pause


def target_for(name: str, severity: str | None, terms: Terms) -> Target | None:
    """Return the first target of the milestone that is for such a case."""
    policy, channel, conditions = terms
    for target in policy.targets:
        if (
            target.milestone == name
            and (not target.severities or severity in target.severities)
            and (not target.channels or channel in target.channels)
            and all(each in conditions for each in target.conditions)
        ):
            return target
    return None
