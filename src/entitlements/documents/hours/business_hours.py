"""Business hours in documents: by name, inline, or composed of others.

Two hours are the same here if they are written the same: equal hours may still differ in their
details, such as the years that their holidays cover.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, final

import attrs

from entitlements.calendars import BusinessHours, Calendar
from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.calendars.options import SetOperator
from entitlements.documents.formats.nodes import MappingNode, Node, ScalarNode, node_text
from entitlements.documents.hours.calendars import CALENDAR
from entitlements.documents.hours.meant_weeks import meant_hours
from entitlements.documents.plans.amounts import ALWAYS
from entitlements.documents.plans.inheritance import BASED_ON, whole_calendar
from entitlements.documents.shapes.collections import ListShape, items_of
from entitlements.documents.shapes.read_context import UNREADABLE, ReadContext, Unreadable
from entitlements.documents.shapes.records import RecordShape, record_shape
from entitlements.documents.shapes.scalars import (
    TEXT,
    Definitions,
    JsonSchema,
    NewIdShape,
    Plain,
    Shape,
    WriteContext,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.hints import closest

PREDEFINED: Final[Mapping[str, BusinessHours]] = {
    "always": Calendar.always(),
    "never": Calendar.never(),
}
"""Hours that are defined in every document."""

MAX_COMPOSITION_DEPTH: Final = 16
"""The deepest nesting of compositions."""


@attrs.frozen(kw_only=True)
class _AnyOf:
    """Open when one of the parts is open.

    Attributes:
        any_of: Names of calendars, or inline calendars.
        zone: The zone in which days are counted; left out for the zone that all parts share.
    """

    name: str = ""
    any_of: tuple[BusinessHours, ...]
    zone: str | None = None


@attrs.frozen(kw_only=True)
class _AllOf:
    """Open when all of the parts are open.

    Attributes:
        all_of: Names of calendars, or inline calendars.
        zone: The zone in which days are counted; left out for the zone that all parts share.
    """

    name: str = ""
    all_of: tuple[BusinessHours, ...]
    zone: str | None = None


@attrs.frozen(kw_only=True)
class _Without:
    """Open when one calendar is open and none of the others.

    Attributes:
        of: Name of a calendar, or an inline calendar.
        others: The calendars whose hours are excluded from it.
        zone: The zone in which days are counted; left out for the zone that all parts share.
    """

    name: str = ""
    of: BusinessHours
    others: tuple[BusinessHours, ...]
    zone: str | None = None


@attrs.frozen(kw_only=True)
class _Not:
    """Open when another calendar is closed.

    Attributes:
        other: Name of that calendar, or the inline calendar.
        zone: The zone in which days are counted; left out for the zone of the other.
    """

    name: str = ""
    other: BusinessHours
    zone: str | None = None


_ZONE: Final = re.compile(r"[A-Za-z_]+/[A-Za-z_/+-]+", re.ASCII)
_WEEK: Final = re.compile(r"(mo|tu|we|th|fr|sa|su)\w*\b.*\d", re.IGNORECASE)


def is_hours_without_zone(node: ScalarNode, into: ReadContext) -> bool:
    """Return whether a name looks like hours of the week, after adding the problem."""
    if node.text in into.names_of("calendar") or not _WEEK.match(node.text):
        return False
    week, _, zone = node.text.rpartition(" ")
    if not (zone == "UTC" or _ZONE.fullmatch(zone)):
        week, zone = node.text, "Europe/Berlin"
    week = meant_hours(week) or week
    hint = f'write them with their zone: `{{zone: {zone}, week: "{week}"}}`'
    into.problem(node, f"no calendar has the name `{node.text}`", hint)
    return True


@final
@attrs.frozen
class HoursShape(Shape):
    """Business hours: the name of a calendar, or inline hours."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the hours; an unknown name becomes a problem after reading everything."""
        if isinstance(node, MappingNode):
            return read_hours(node, into)
        name = TEXT.read(node, into)
        if isinstance(name, Unreadable) or not isinstance(node, ScalarNode):
            return UNREADABLE
        if not is_hours_without_zone(node, into):
            into.refer(node, "calendar")
        return into.resolve(name)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the name of the hours, or inline hours if they have no name."""
        names = out.names.get(comparison_text(value), ())
        if names:
            return value.name if value.name in names else names[0]
        return write_hours(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a name, or inline hours."""
        defs.setdefault("hours", {})
        if not defs["hours"]:
            defs["hours"] = {"anyOf": []}  # compositions refer to `hours`
            defs["hours"]["anyOf"] = [{"type": "string"}, *inline_schemas(defs)]
        return {"$ref": "#/$defs/hours"}


@final
@attrs.frozen
class NamedHoursShape(Shape):
    """A named calendar, as an item of `calendars`."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the hours."""
        return read_hours(node, into) if isinstance(node, MappingNode) else UNREADABLE

    def named(self) -> frozenset[str]:
        """Return calendars."""
        return frozenset({"calendar"})

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return inline hours."""
        return write_hours(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return inline hours with a required name."""
        HoursShape().schema(defs)
        return {"anyOf": inline_schemas(defs), "required": ["name"]}


_HOURS: Final = HoursShape()
_PARTS: Final = ListShape(_HOURS)
_FORMS: Final[Mapping[str, RecordShape]] = {
    "any_of": record_shape(_AnyOf, title="calendar any of", shapes={"any_of": _PARTS}),
    "all_of": record_shape(_AllOf, title="calendar all of", shapes={"all_of": _PARTS}),
    "except": record_shape(
        _Without,
        title="calendar except",
        keys={"others": "except"},
        shapes={"of": _HOURS, "others": _PARTS},
    ),
    "not": record_shape(
        _Not, title="calendar not", keys={"other": "not"}, shapes={"other": _HOURS}
    ),
}


def inline_schemas(defs: Definitions) -> list[JsonSchema]:
    """Return the schemas of all inline hours."""
    found = [shape.schema(defs) for shape in (CALENDAR, *_FORMS.values())]
    if needed := defs["calendar"].pop("required", None):  # a base may have what is not stated
        defs["calendar"]["anyOf"] = [{"required": needed}, {"required": [BASED_ON]}]
    return found


def read_hours(node: MappingNode, into: ReadContext) -> Any:
    """Return the inline hours at `node`."""
    node = _mended(node, into)
    if _excepts(node):
        return _with_exceptions(node, into)
    node = whole_calendar(node, into, lambda base: _form(base) is CALENDAR)
    value = _form(node).read(node, into)
    if isinstance(value, Calendar | Unreadable):
        return value
    hours = into.guarded(node, lambda: _composed(value))
    if isinstance(hours, CompositeCalendar) and depth(hours) > MAX_COMPOSITION_DEPTH:
        return into.problem(node, f"calendars are composed more than {MAX_COMPOSITION_DEPTH} deep")
    return hours


def _excepts(node: MappingNode) -> bool:
    """Return whether this is a calendar of its own without the hours of others."""
    return "except" in node.entries and "of" not in node.entries


def _mended(node: MappingNode, into: ReadContext) -> MappingNode:
    return (CALENDAR if _excepts(node) else _form(node)).mended_mapping(node, into)


def _with_exceptions(node: MappingNode, into: ReadContext) -> Any:
    """Return the hours of a calendar without those of others."""
    others = _PARTS.read(node.entries["except"], into)
    entries = {k: each for k, each in node.entries.items() if k not in {"except", "name"}}
    base = entries.get(BASED_ON)
    if list(entries) == [BASED_ON] and isinstance(base, ScalarNode):
        first = _HOURS.read(base, into)
    else:
        first = read_hours(attrs.evolve(node, entries=entries), into)
    if isinstance(others, Unreadable) or isinstance(first, Unreadable):
        return UNREADABLE
    name = getattr(node.entries.get("name"), "text", "")
    hours = into.guarded(
        node, lambda: CompositeCalendar(SetOperator.EXCEPT, (first, *others), name=name)
    )
    if isinstance(hours, CompositeCalendar) and depth(hours) > MAX_COMPOSITION_DEPTH:
        return into.problem(node, f"calendars are composed more than {MAX_COMPOSITION_DEPTH} deep")
    return hours


def _form(node: MappingNode) -> RecordShape:
    """Return the form of inline hours, by the key that distinguishes it, even if misspelled."""
    key = next((key for key in _FORMS if key in node.entries), None)
    if key is None and "week" not in node.entries:
        unknown = [each for each in node.entries if each not in CALENDAR.keys]
        meant = (closest(each, [*CALENDAR.keys, *_FORMS]) for each in unknown)
        key = next((each for each in meant if each in _FORMS), None)
    return CALENDAR if key is None else _FORMS[key]


def _composed(form: Any) -> CompositeCalendar:
    match form:
        case _AnyOf(any_of=parts):
            operator = SetOperator.ANY
        case _AllOf(all_of=parts):
            operator = SetOperator.ALL
        case _Without(of=first, others=others):
            operator, parts = SetOperator.EXCEPT, (first, *others)
        case _Not(other=other):
            operator, parts = SetOperator.NOT, (other,)
        case _:
            raise AssertionError(f"{type(form)} is not a form of hours")
    return CompositeCalendar(operator, parts, name=form.name, day_zone=form.zone)


def depth(hours: BusinessHours) -> int:
    """Return how deep compositions are nested."""
    return 1 + max(map(depth, hours.parts)) if isinstance(hours, CompositeCalendar) else 0


def write_hours(hours: BusinessHours, out: WriteContext) -> dict[str, Plain]:
    """Return inline hours.

    Raises:
        InvalidValueError: They are of a class that has no form in a document.
    """
    if isinstance(hours, Calendar):
        return _name_first(CALENDAR.write_keys(hours, out))
    if not isinstance(hours, CompositeCalendar):
        raise InvalidValueError(f"hours `{hours.name}` have no form in a document")
    common: dict[str, Any] = {"name": hours.name, "zone": hours.day_zone}
    match hours.operator:
        case SetOperator.ANY:
            return _FORMS["any_of"].write_keys(_AnyOf(any_of=hours.parts, **common), out)
        case SetOperator.ALL:
            return _FORMS["all_of"].write_keys(_AllOf(all_of=hours.parts, **common), out)
        case SetOperator.EXCEPT:
            value = _Without(of=hours.parts[0], others=hours.parts[1:], **common)
            return _FORMS["except"].write_keys(value, out)
        case SetOperator.NOT:
            return _FORMS["not"].write_keys(_Not(other=hours.parts[0], **common), out)


def _name_first(written: dict[str, Plain]) -> dict[str, Plain]:
    return {"name": written["name"], **written} if "name" in written else written


def comparison_text(hours: BusinessHours) -> str:
    """Return a text that is equal for hours that are written the same, names aside."""
    written = write_hours(hours, WriteContext())
    return json.dumps({key: each for key, each in written.items() if key != "name"})


def write_context(calendars: Mapping[str, BusinessHours]) -> WriteContext:
    """Return the context for writing hours by their names."""
    names: dict[str, list[str]] = {}
    for name, hours in {**PREDEFINED, **calendars}.items():
        names.setdefault(comparison_text(hours), []).append(name)
    found = {key: tuple(each) for key, each in names.items()}
    return WriteContext(names=found, defined=frozenset(calendars))


def write_calendars(calendars: Mapping[str, BusinessHours], out: WriteContext) -> list[Plain]:
    """Return a list of named calendars."""
    return [{"name": name, **_unnamed(hours, out)} for name, hours in calendars.items()]


def _unnamed(hours: BusinessHours, out: WriteContext) -> dict[str, Plain]:
    return {key: each for key, each in write_hours(hours, out).items() if key != "name"}


def read_calendars(nodes: Sequence[Node], into: ReadContext) -> dict[str, BusinessHours]:
    """Return the calendars of all documents by name, and let `into` resolve them.

    Args:
        nodes: The nodes of `calendars`, one for each document.
        into: The read context.
    """
    entries = _Entries(into)
    for node in nodes:
        for item in items_of(node):
            entries.add(item)
    return entries.build()


@final
class _Entries:
    """Calendars by name, built in the order of their dependencies."""

    def __init__(self, into: ReadContext) -> None:
        self._into = into
        self._nodes: dict[str, MappingNode] = {}
        self._repeated: list[MappingNode] = []
        self._building: list[str] = []
        self._built: dict[str, Any] = {}

    def add(self, node: Node) -> None:
        """Add a calendar under its name."""
        if not isinstance(node, MappingNode):
            self._into.lose("calendar")
            self._into.problem(node, f"{node_text(node)} is not a calendar", "write its `name:`")
            return
        node = _mended(node, self._into)
        if "name" not in node.entries or node.lossy:
            self._into.lose("calendar")
        if "name" not in node.entries:
            if not node.lossy:
                self._into.problem(node, "`name` is missing in this calendar")
            return
        name = NewIdShape("calendar").read(node.entries["name"], self._into)
        if not isinstance(name, Unreadable) and self._nodes.setdefault(name, node) is not node:
            self._repeated.append(node)

    def build(self) -> dict[str, BusinessHours]:
        """Return the calendars that can be built."""
        for name in PREDEFINED:
            self._into.define("calendar", name)
        self._into.resolve = self._resolve
        self._into.calendar_nodes = self._nodes
        self._into.always_is_a_name = ALWAYS in self._nodes
        hours = {name: self._resolve(name) for name in self._nodes}
        for node in self._repeated:
            read_hours(node, self._into)  # only for its problems
        return {name: each for name, each in hours.items() if not isinstance(each, Unreadable)}

    def _resolve(self, name: str) -> Any:
        if name in self._built:
            return self._built[name]
        if name not in self._nodes:
            return self._into.in_place.get(name, PREDEFINED.get(name, UNREADABLE))
        node = self._nodes[name]
        if name in self._building or len(self._building) > MAX_COMPOSITION_DEPTH:
            is_cycle = name in self._building
            problem = (
                "made of itself" if is_cycle else f"composed more than {MAX_COMPOSITION_DEPTH} deep"
            )
            return self._into.problem(node, f"calendar `{name}` is {problem}")
        self._building.append(name)
        self._built[name] = read_hours(node, self._into)
        self._building.pop()
        return self._built[name]
