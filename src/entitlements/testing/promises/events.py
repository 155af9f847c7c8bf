"""Events of promise cases: what happens to the case before its deadlines are compared.

An event is written as its kind with the instant: `{paused: 2026-03-02T10:00Z, reason: on_hold}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from entitlements.documents.formats.nodes import MappingNode, Node, node_text
from entitlements.documents.shapes.collections import ListShape, items_of
from entitlements.documents.shapes.read_context import UNREADABLE, ReadContext, Unreadable
from entitlements.documents.shapes.scalars import INSTANT, TEXT, Shape
from entitlements.sla.case_history.events import ONE_CONDITION, Event, EventKind

_KINDS: Final = {
    kind.value: kind
    for kind in EventKind
    if kind not in {EventKind.OPENED, EventKind.TERMS_CHANGED, EventKind.CORRECTED}
}
_WORDS: Final[Mapping[str, Shape]] = {
    "severity": TEXT,
    "reason": TEXT,
    "name": TEXT,
    "conditions": ListShape(TEXT, frozenset),
}
"""What an event may say beside its kind and its instant."""

_NEEDED: Final = {
    EventKind.SEVERITY_CHANGED: "severity",
    EventKind.PAUSED: "reason",
    EventKind.REACHED: "name",
    **dict.fromkeys(ONE_CONDITION, "conditions"),
}


def read_events(node: Node, into: ReadContext) -> tuple[Event, ...] | Unreadable:
    """Return the events in their order, or `UNREADABLE` after adding problems."""
    found = [_event(item, into) for item in items_of(node)]
    if any(isinstance(each, Unreadable) for each in found):
        return UNREADABLE
    events = [each for each in found if isinstance(each, Event)]
    for item, earlier, later in zip(items_of(node)[1:], events, events[1:], strict=False):
        if later.at < earlier.at:
            return into.problem(item, "the event is before the one above it", "sort them by time")
    return tuple(events)


def _event(node: Node, into: ReadContext) -> Event | Unreadable:
    if not isinstance(node, MappingNode):
        hint = "write its kind with the instant, such as `responded: 2026-03-02T10:00Z`"
        return into.problem(node, f"{node_text(node)} is not an event", hint)
    node = into.mended(node, (*_KINDS, *_WORDS))
    kinds = [name for name in node.entries if name in _KINDS]
    if len(kinds) != 1:
        return into.problem(node, f"an event has one kind, not {len(kinds)}")
    words: dict[str, Any] = {
        name: _WORDS[name].read(each, into) for name, each in node.entries.items() if name in _WORDS
    }
    kind, at = _KINDS[kinds[0]], INSTANT.read(node.entries[kinds[0]], into)
    needed = _NEEDED.get(kind)
    if needed is not None and needed not in words:
        return into.problem(node, f"`{needed}` is missing in this event")
    if isinstance(at, Unreadable) or any(isinstance(each, Unreadable) for each in words.values()):
        return UNREADABLE
    made: Event | Unreadable = into.guarded(node, lambda: Event(kind=kind, at=at, **words))
    return made
