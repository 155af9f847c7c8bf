"""How do business hours stand in a document? By name, in place, or composed of others.

Two hours are the same here if they are written the same: hours that are equal may still differ in
what they know, such as the years that their holidays cover.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, final

import attrs

from entitlements.calendars import BusinessHours, Calendar
from entitlements.calendars.composite import Composite
from entitlements.calendars.options import Operator
from entitlements.documents.formats.nodes import Keyed, Leaf, Node, shown
from entitlements.documents.sections.calendars import CALENDAR
from entitlements.documents.shapes.collections import Several, items_of
from entitlements.documents.shapes.read_context import BROKEN, Broken, Reading
from entitlements.documents.shapes.records import Record, record
from entitlements.documents.shapes.scalars import (
    Definitions,
    JsonSchema,
    Name,
    Plain,
    Shape,
    Text,
    Writing,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.hints import closest

PREDEFINED: Final[Mapping[str, BusinessHours]] = {
    "always": Calendar.always(),
    "never": Calendar.never(),
}
"""Hours that every document can name."""

DEEPEST: Final = 16
"""How many compositions may be made of one another."""


@attrs.frozen(kw_only=True)
class _AnyOf:
    """Open when one of the parts is.

    Attributes:
        any_of: Names of calendars, or calendars in place.
        zone: The zone in which days are counted; left out for the zone that all parts share.
    """

    name: str = ""
    any_of: tuple[BusinessHours, ...]
    zone: str | None = None


@attrs.frozen(kw_only=True)
class _AllOf:
    """Open when all of the parts are.

    Attributes:
        all_of: Names of calendars, or calendars in place.
        zone: The zone in which days are counted; left out for the zone that all parts share.
    """

    name: str = ""
    all_of: tuple[BusinessHours, ...]
    zone: str | None = None


@attrs.frozen(kw_only=True)
class _Without:
    """Open when one calendar is and none of the others.

    Attributes:
        of: Name of a calendar, or a calendar in place.
        others: Those that take time from it.
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
        other: Name of that calendar, or the calendar in place.
        zone: The zone in which days are counted; left out for the zone of the other.
    """

    name: str = ""
    other: BusinessHours
    zone: str | None = None


@final
@attrs.frozen
class Hours(Shape):
    """Business hours: the name of a calendar, or hours written in place."""

    def read(self, node: Node, into: Reading) -> Any:
        """Return the hours; an unknown name is told when all is read."""
        if isinstance(node, Keyed):
            return read_hours(node, into)
        name = Text().read(node, into)
        if isinstance(name, Broken) or not isinstance(node, Leaf):
            return BROKEN
        into.refer(node, "calendar")
        return into.resolve(name)

    def write(self, value: Any, out: Writing) -> Plain:
        """Return the name of the same hours, or the hours where nothing names them."""
        names = out.names.get(form(value), ())
        if names:
            return value.name if value.name in names else names[0]
        return write_hours(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a name, or hours in place."""
        defs.setdefault("hours", {})
        if not defs["hours"]:
            defs["hours"] = {"anyOf": []}  # compositions refer to themselves
            defs["hours"]["anyOf"] = [{"type": "string"}, *in_place(defs)]
        return {"$ref": "#/$defs/hours"}


@final
@attrs.frozen
class NamedHours(Shape):
    """A calendar with a name, as `calendars` lists them."""

    def read(self, node: Node, into: Reading) -> Any:
        """Return the hours."""
        return read_hours(node, into) if isinstance(node, Keyed) else BROKEN

    def named(self) -> frozenset[str]:
        """Return calendars."""
        return frozenset({"calendar"})

    def write(self, value: Any, out: Writing) -> Plain:
        """Return hours in place."""
        return write_hours(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return hours that have a name."""
        Hours().schema(defs)
        return {"anyOf": in_place(defs), "required": ["name"]}


_HOURS: Final = Hours()
_PARTS: Final = Several(_HOURS)
_FORMS: Final[Mapping[str, Record]] = {
    "any_of": record(_AnyOf, title="calendar any of", shapes={"any_of": _PARTS}),
    "all_of": record(_AllOf, title="calendar all of", shapes={"all_of": _PARTS}),
    "except": record(
        _Without,
        title="calendar except",
        keys={"others": "except"},
        shapes={"of": _HOURS, "others": _PARTS},
    ),
    "not": record(_Not, title="calendar not", keys={"other": "not"}, shapes={"other": _HOURS}),
}


def in_place(defs: Definitions) -> list[JsonSchema]:
    """Return the schemas of all hours that are no names."""
    return [shape.schema(defs) for shape in (CALENDAR, *_FORMS.values())]


def read_hours(node: Keyed, into: Reading) -> Any:
    """Return the hours that are written in place at `node`."""
    value = _form(node).read(node, into)
    if isinstance(value, Calendar | Broken):
        return value
    hours = into.guarded(node, lambda: _composed(value))
    if isinstance(hours, Composite) and depth(hours) > DEEPEST:
        return into.problem(node, f"calendars are composed more than {DEEPEST} deep")
    return hours


def _form(node: Keyed) -> Record:
    """Return the form in which hours are written: by the key that says it, if misspelled too."""
    key = next((key for key in _FORMS if key in node.entries), None)
    if key is None and "week" not in node.entries:
        strange = [each for each in node.entries if each not in CALENDAR.keys]
        meant = (closest(each, [*CALENDAR.keys, *_FORMS]) for each in strange)
        key = next((each for each in meant if each in _FORMS), None)
    return CALENDAR if key is None else _FORMS[key]


def _composed(form: Any) -> Composite:
    match form:
        case _AnyOf(any_of=parts):
            operator = Operator.ANY
        case _AllOf(all_of=parts):
            operator = Operator.ALL
        case _Without(of=first, others=others):
            operator, parts = Operator.EXCEPT, (first, *others)
        case _Not(other=other):
            operator, parts = Operator.NOT, (other,)
        case _:
            raise AssertionError(f"{type(form)} is no form of hours")
    return Composite(operator, parts, name=form.name, day_zone=form.zone)


def depth(hours: BusinessHours) -> int:
    """Return how many compositions stand inside one another."""
    return 1 + max(map(depth, hours.parts)) if isinstance(hours, Composite) else 0


def write_hours(hours: BusinessHours, out: Writing) -> dict[str, Plain]:
    """Return hours in place.

    Raises:
        InvalidValueError: They are of a kind that has no form in a document.
    """
    if isinstance(hours, Calendar):
        return _name_first(CALENDAR.write_keys(hours, out))
    if not isinstance(hours, Composite):
        raise InvalidValueError(f"hours `{hours.name}` have no form in a document")
    said: dict[str, Any] = {"name": hours.name, "zone": hours.day_zone}
    match hours.operator:
        case Operator.ANY:
            return _FORMS["any_of"].write_keys(_AnyOf(any_of=hours.parts, **said), out)
        case Operator.ALL:
            return _FORMS["all_of"].write_keys(_AllOf(all_of=hours.parts, **said), out)
        case Operator.EXCEPT:
            value = _Without(of=hours.parts[0], others=hours.parts[1:], **said)
            return _FORMS["except"].write_keys(value, out)
        case Operator.NOT:
            return _FORMS["not"].write_keys(_Not(other=hours.parts[0], **said), out)


def _name_first(written: dict[str, Plain]) -> dict[str, Plain]:
    return {"name": written["name"], **written} if "name" in written else written


def form(hours: BusinessHours) -> str:
    """Return one text for all hours that are written the same, whatever they are called."""
    written = write_hours(hours, Writing())
    return json.dumps({key: each for key, each in written.items() if key != "name"})


def naming(calendars: Mapping[str, BusinessHours]) -> Writing:
    """Return what a writer must know to write hours by their names."""
    names: dict[str, list[str]] = {}
    for name, hours in {**PREDEFINED, **calendars}.items():
        names.setdefault(form(hours), []).append(name)
    return Writing(names={key: tuple(each) for key, each in names.items()})


def write_calendars(calendars: Mapping[str, BusinessHours], out: Writing) -> list[Plain]:
    """Return named calendars as a list."""
    return [{"name": name, **_unnamed(hours, out)} for name, hours in calendars.items()]


def _unnamed(hours: BusinessHours, out: Writing) -> dict[str, Plain]:
    return {key: each for key, each in write_hours(hours, out).items() if key != "name"}


def read_calendars(nodes: Sequence[Node], into: Reading) -> dict[str, BusinessHours]:
    """Return the calendars of all documents by name; `into` knows them afterwards.

    Args:
        nodes: What stands below `calendars` in each document.
        into: Where problems and names go.
    """
    entries = _Entries(into)
    for node in nodes:
        for item in items_of(node):
            entries.add(item)
    return entries.build()


@final
class _Entries:
    """Calendars by name, built in the order in which they need one another."""

    def __init__(self, into: Reading) -> None:
        self._into = into
        self._nodes: dict[str, Keyed] = {}
        self._doubles: list[Keyed] = []
        self._building: list[str] = []
        self._built: dict[str, Any] = {}

    def add(self, node: Node) -> None:
        """Note a calendar under its name."""
        if not isinstance(node, Keyed):
            self._into.lose("calendar")
            self._into.problem(node, f"{shown(node)} is not a calendar", "write its `name:`")
            return
        node = _form(node).mended_mapping(node, self._into)
        if "name" not in node.entries or node.lossy:
            self._into.lose("calendar")
        if "name" not in node.entries:
            if not node.lossy:
                self._into.problem(node, "`name` is missing in this calendar")
            return
        name = Name("calendar").read(node.entries["name"], self._into)
        if not isinstance(name, Broken) and self._nodes.setdefault(name, node) is not node:
            self._doubles.append(node)

    def build(self) -> dict[str, BusinessHours]:
        """Return those that can be built; the others are broken."""
        for name in PREDEFINED:
            self._into.mention("calendar", name)
        self._into.resolve = self._resolve
        hours = {name: self._resolve(name) for name in self._nodes}
        for node in self._doubles:
            read_hours(node, self._into)  # only for what is wrong with it
        return {name: each for name, each in hours.items() if not isinstance(each, Broken)}

    def _resolve(self, name: str) -> Any:
        if name in self._built:
            return self._built[name]
        if name not in self._nodes:
            return PREDEFINED.get(name, BROKEN)
        node = self._nodes[name]
        if name in self._building or len(self._building) > DEEPEST:
            circle = name in self._building
            what = "made of itself" if circle else f"composed more than {DEEPEST} deep"
            return self._into.problem(node, f"calendar `{name}` is {what}")
        self._building.append(name)
        self._built[name] = read_hours(node, self._into)
        self._building.pop()
        return self._built[name]
