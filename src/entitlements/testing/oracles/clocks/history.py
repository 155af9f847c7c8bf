"""Oracle of case histories: possible events, and lists of changes with their instants.

Part of the walk in `entitlements.testing.oracles.sla`; it shares no code with the clocks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeAlias

import attrs

from entitlements.sla import Event, EventKind, SlaPolicy, Target

_ORDER = list(EventKind)

Terms: TypeAlias = tuple[SlaPolicy, str, frozenset[str], str | None]
"""A policy, the channel, the conditions that the customer has declared, the kind of request."""


@attrs.define
class CaseFacts:
    """The state of a case over time, as lists of changes."""

    opened: datetime
    events: list[Event]
    severities: list[tuple[datetime, str | None]]
    terms: list[tuple[datetime, Terms]]
    pauses: list[tuple[datetime, datetime | None, str]]
    resolved: list[tuple[datetime, datetime | None]]


def possible(events: list[Event]) -> list[Event]:
    """Return the possible events, in order."""
    left = sorted(set(events), key=_sort_key)
    accepted: list[Event] = []
    status, reasons = "new", set[str]()
    while left:
        same_instant = [each for each in left if each.at == left[0].at]
        next_event = next(
            (each for each in same_instant if _is_possible(each, status, reasons)), None
        )
        if next_event is None:
            left = left[len(same_instant) :]
            continue
        left.remove(next_event)
        accepted.append(next_event)
        status = _after(next_event, status, reasons)
    return accepted


def _sort_key(event: Event) -> tuple[object, ...]:
    """Return the sort key: instant, sequence, kind, and then the texts."""
    texts = (event.severity, event.reason, event.name, event.policy, event.channel)
    rest = (*texts, event.request_kind, event.by, event.id, event.corrects)
    conditions = [] if event.conditions is None else [True, *sorted(event.conditions)]
    return (
        event.at,
        event.sequence,
        _ORDER.index(event.kind),
        tuple(each or "" for each in rest),
        conditions,
    )


def _is_possible(  # noqa: PLR0911 - one line for each kind
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
    ends = {EventKind.RESOLVED: "resolved", EventKind.CLOSED: "ended", EventKind.CANCELLED: "ended"}
    if event.kind in ends:
        reasons.clear()
        return ends[event.kind]
    return "open" if event.kind in {EventKind.OPENED, EventKind.REOPENED} else status


TERMS_EVENTS: Final = {
    EventKind.TERMS_CHANGED,
    EventKind.CONDITION_ENDED,
    EventKind.CONDITION_MET,
}
"""The events that change policy, channel, kind or conditions."""


def facts_of(policy: SlaPolicy, happened: list[Event], known: dict[str, SlaPolicy]) -> CaseFacts:
    """Return the changes that the possible events make."""
    opening = happened[0]
    declared = opening.conditions or frozenset()
    now = (policy, opening.channel or "", declared, opening.request_kind)
    facts = CaseFacts(
        opened=opening.at,
        events=happened,
        severities=[(opening.at, opening.severity)],
        terms=[(opening.at, now)],
        pauses=[],
        resolved=[],
    )
    for event in happened[1:]:
        now = _record(facts, event, now, known)
    return facts


def _record(facts: CaseFacts, event: Event, now: Terms, known: dict[str, SlaPolicy]) -> Terms:
    """Record the changes that an event makes, and return the terms after it."""
    if event.kind is EventKind.SEVERITY_CHANGED:
        if facts.severities[-1][1] is None:
            facts.severities = [(facts.opened, event.severity)]
        elif facts.severities[-1][1] != event.severity:
            facts.severities.append((event.at, event.severity))
    elif event.kind in TERMS_EVENTS:
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
    """Return the terms after a change; parts that the event does not name stay."""
    return (
        known[event.policy] if event.policy else now[0],
        event.channel or now[1],
        conditions_after(event, now[2]),
        event.request_kind or now[3],
    )


def conditions_after(event: Event, held: frozenset[str]) -> frozenset[str]:
    """Return the conditions that hold after a change."""
    named = event.conditions
    if event.kind is EventKind.CONDITION_ENDED:
        return frozenset(each for each in held if each not in (named or ()))
    if event.kind is EventKind.CONDITION_MET:
        return frozenset([*held, *(named or ())])
    return held if named is None else named


def _ended(
    pause: tuple[datetime, datetime | None, str], at: datetime, reason: str | None
) -> tuple[datetime, datetime | None, str]:
    start, end, why = pause
    return (start, at, why) if end is None and reason in {None, why} else pause


def target_for(name: str, severity: str | None, terms: Terms) -> Target | None:
    """Return the first target of the milestone that fits such a case."""
    policy, channel, conditions, kind = terms
    for target in policy.targets:
        if (
            target.milestone == name
            and (not target.severities or severity in target.severities)
            and (not target.channels or channel in target.channels)
            and all(each in conditions for each in target.conditions)
            and (len(target.kinds) == 0 or any(each == kind for each in target.kinds))
        ):
            return target
    return None
