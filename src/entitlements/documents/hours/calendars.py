"""Document section `calendars`: calendars, weeks, holidays and dated hours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final, final

import attrs

from entitlements.calendars import Calendar, DatedHours, Holiday, HolidaySet
from entitlements.calendars.exceptions import WeekChange
from entitlements.calendars.week import Week, format_windows, parse_windows_as_written
from entitlements.documents.formats.nodes import MappingNode, Node, ScalarNode, is_empty_value
from entitlements.documents.hours.meant_weeks import meant_week
from entitlements.documents.shapes.collections import (
    DateRangeShape,
    ListShape,
    MappingShape,
    OptionalShape,
    items_of,
)
from entitlements.documents.shapes.key_words import first_word
from entitlements.documents.shapes.read_context import (
    UNREADABLE,
    ReadContext,
    Unreadable,
)
from entitlements.documents.shapes.records import RecordShape, record_shape
from entitlements.documents.shapes.scalars import (
    TEXT,
    Definitions,
    JsonSchema,
    NewIdShape,
    Plain,
    ReferenceShape,
    Shape,
    WriteContext,
)
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.hints import closest
from entitlements.kernel.ids import identifier

_CLOSED: Final = "Mo-Su off"
_CLOSED_WORDS: Final = frozenset({"no", "none", "closed", "-", "n/a", "holiday"})
_WINDOW: Final = {"type": "string", "description": "Such as 09:00-17:00, or off."}
_WINDOWS: Final = {"anyOf": [{"type": "array", "items": _WINDOW}, _WINDOW]}


@final
@attrs.frozen
class WindowsShape(Shape):
    """The windows of one day, such as `09:00-12:30`; `off` and an empty list are none."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the windows as they are written."""
        texts = ListShape(TEXT, list).read(node, into)
        if isinstance(texts, Unreadable):
            return UNREADABLE
        closed = next((each for each in texts if each.strip().lower() in _CLOSED_WORDS), None)
        if closed is not None:
            return into.problem(node, f"`{closed}` is not a window", "write `off` for none")
        if not all(map(str.strip, texts)):
            return into.problem(
                node, "an empty text is not a window", "write `off` or `[]` for none"
            )
        return into.guarded(node, lambda: parse_windows_as_written(texts))

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return a list with a text for each window."""
        del out
        return [format_windows((each,)) for each in value]

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a window or a list of them."""
        del defs
        return _WINDOWS


@final
@attrs.frozen
class WeekShape(Shape):
    """A week: `Mo-Fr 09:00-17:00`, or windows by weekday."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the week."""
        if isinstance(node, MappingNode):
            return self._days(node, into)
        text = TEXT.read(node, into)
        if isinstance(text, Unreadable):
            return UNREADABLE
        if not text.strip():
            return into.problem(node, "an empty text is not a week", f"write `{_CLOSED}`")
        # Blanks are reduced first: the pattern of a week is slow for many blanks.
        try:
            return Week(" ".join(text.split()))
        except EntitlementsError as error:
            return into.problem(node, error.message, meant_week(text) or error.hint)

    def _days(self, node: MappingNode, into: ReadContext) -> Any:
        if not node.entries:
            return into.problem(node, "an empty mapping is not a week", f"write `{_CLOSED}`")
        days: dict[str, Any] = {}
        for key, each in node.entries.items():
            windows = WindowsShape().read(each, into)
            named = first_word(key) if is_empty_value(each) else key
            day = into.guarded(node.keys[key], partial(Week, {named: "off"}))
            broken = isinstance(windows, Unreadable) or isinstance(day, Unreadable)
            days[key] = UNREADABLE if broken else WindowsShape().write(windows, WriteContext())
        if any(isinstance(each, Unreadable) for each in days.values()):
            return UNREADABLE
        return into.guarded(node, lambda: Week(days))

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the week as one text."""
        del out
        return str(value.text) or _CLOSED

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return text, or windows by weekday."""
        del defs
        text = {"type": "string", "description": "Such as Mo-Fr 09:00-12:30,13:00-17:30; Sa off."}
        return {"anyOf": [text, {"type": "object", "additionalProperties": _WINDOWS}]}


WEEK: Final = WeekShape()
HOLIDAY: Final = record_shape(Holiday, lone="date")

_PUBLIC: Final = re.compile(
    r"([A-Z]{2})(?:-([A-Za-z0-9]{1,6}))?(?:\s+(\d{4})(?:\s*(?:-|to)\s*(\d{4}))?)?", re.ASCII
)
_COUNTRY: Final = re.compile(r"(?![A-Z]{2}\b)[^\W\d_]+(?: [^\W\d_]+)*(?: (\d{4}(?:-\d{4})?))?")
_PUBLIC_KEYS: Final[dict[str, Shape]] = {"public": TEXT, "years": TEXT}
_PUBLIC_TEXTS: Final = {
    "public": "Country or region, such as `DE-BE`, whose public holidays these are.",
    "years": "The years for which they are looked up, such as `2026-2028`.",
}


_HOLIDAY_SET: Final = record_shape(
    HolidaySet,
    shapes={
        "holidays": ListShape(HOLIDAY),
        "hours": MappingShape(WindowsShape()),
        "covered": OptionalShape(DateRangeShape()),
    },
    beside=_PUBLIC_KEYS,
    described=_PUBLIC_TEXTS,
)


@final
@attrs.frozen
class HolidaySetShape(Shape):
    """A holiday set: its dates, or the country whose public holidays they are."""

    record: RecordShape = _HOLIDAY_SET

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the set."""
        node = self.record.mended(node, into)
        if not isinstance(node, MappingNode) or _PUBLIC_KEYS.keys().isdisjoint(node.entries):
            return self.record.read(node, into)
        values = self.record.read_fields(node, into)
        missing = [key for key in _PUBLIC_KEYS if key not in node.entries]
        if missing:
            hint = "write `public: DE-BE` and `years: 2026-2028`"
            return into.problem(node, f"`{missing[0]}` is missing in this holiday set", hint)
        texts = [TEXT.read(node.entries[key], into) for key in _PUBLIC_KEYS]
        if any(isinstance(each, Unreadable) for each in (values, *texts)):
            return UNREADABLE
        found = parse_public_holidays(" ".join(texts), node.entries["public"], into)
        if isinstance(found, Unreadable) or isinstance(values, Unreadable):
            return UNREADABLE
        if "holidays" in values:
            values = {**values, "holidays": (*found.holidays, *values["holidays"])}
        return into.guarded(node, lambda: attrs.evolve(found, **values))

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the set with its dates, its name first."""
        written = self.record.write_keys(value, out)
        return {**({"name": written["name"]} if "name" in written else {}), **written}

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return that of the record."""
        return self.record.schema(defs)


HOLIDAY_SET: Final = HolidaySetShape()


def parse_public_holidays(text: str, node: Node, into: ReadContext) -> Any:
    """Return the public holidays of a country and a range of years, such as `DE-BE 2026-2028`.

    Args:
        text: Country, region and years.
        node: Where they are written.
        into: The read context, with the function that looks holidays up.
    """
    found = _PUBLIC.fullmatch(text.strip())
    if found is None:
        hint = "write country, region and years: `DE-BE 2026-2028`"
        return into.problem(node, f"`{text}` are no public holidays", hint)
    country, region, first, last = found.groups()
    place = f"{country}-{region}" if region else country
    if first is None:
        hint = f"write `{place} 2026-2028`"
        return into.problem(node, f"`{text}` does not say for which years", hint)
    years = range(int(first), int(last or first) + 1)
    if not years:
        hint = f"write `{place} {last}-{first}`"
        return into.problem(node, f"`{text}` ends before it begins", hint)
    look_up = into.public_holidays
    if look_up is None:
        return into.problem(
            node,
            f"the public holidays of `{place}` are not in the document",
            "pass a function that looks them up: `holidays=public_holidays`",
        )
    return into.guarded(node, lambda: look_up(country, subdivision=region, years=years))


def read_holiday_sets(nodes: Sequence[Node], into: ReadContext) -> None:
    """Note the named holiday sets of all documents, which calendars may share.

    Args:
        nodes: The nodes of `holidays`, one for each document.
        into: The read context.
    """
    for node in (item for each in nodes for item in items_of(each)):
        named = node.entries.get("name") if isinstance(node, MappingNode) else None
        if named is None:
            into.lose("holiday set")
            if not (isinstance(node, MappingNode) and node.lossy):
                into.problem(node, "`name` is missing in this holiday set")
            continue
        name = NewIdShape("holiday set").read(named, into)
        if not isinstance(name, Unreadable) and name[:1].isdigit():
            into.problem(named, f"`{name}` looks like a date", "begin with a letter")
        found = HOLIDAY_SET.read(node, into)
        if not isinstance(name, Unreadable):
            into.holiday_sets.setdefault(name, found)


def shared_holiday_sets(calendars: Iterable[object]) -> dict[str, HolidaySet]:
    """Return the holiday sets with a name that several calendars have, by name."""
    used: dict[str, list[HolidaySet]] = {}
    for each in calendars:
        for found in each.holidays if isinstance(each, Calendar) else ():
            used.setdefault(found.name, []).append(found)
    return {
        name: sets[0]
        for name, sets in sorted(used.items())
        if len(sets) > 1 and _can_be_named(name) and all(each == sets[0] for each in sets)
    }


def _can_be_named(name: str) -> bool:
    try:
        return identifier(name) == name and not name[0].isdigit()
    except EntitlementsError:
        return False


def _is_date(key: str) -> bool:
    """Return whether a key is the `date` of a single holiday, even if misspelled."""
    known = (*HOLIDAY_SET.record.keys, *_PUBLIC_KEYS)
    return key not in known and closest(key, (*known, "date")) == "date"


@final
@attrs.frozen
class HolidaysShape(Shape):
    """Dates, named dates, holiday sets and their names."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the holiday sets, with single dates in one set."""
        values = [self._read(item, into) for item in items_of(node)]
        if any(isinstance(each, Unreadable) for each in values):
            return UNREADABLE
        loose = [each for each in values if not isinstance(each, HolidaySet)]
        sets = [each for each in values if isinstance(each, HolidaySet)]
        return (*sets, *([HolidaySet(holidays=loose)] if loose else []))

    def _read(self, node: Node, into: ReadContext) -> Any:
        if isinstance(node, MappingNode):
            whole = not any(map(_is_date, node.entries))
            return (HOLIDAY_SET if whole else HOLIDAY).read(node, into)
        if not isinstance(node, ScalarNode) or not node.text[:1].isalpha():
            return HOLIDAY.read(node, into)
        if self._is_country(node, into):
            return UNREADABLE
        if node.text in into.holiday_sets or not _PUBLIC.fullmatch(node.text.strip()):
            into.refer(node, "holiday set")
            return into.holiday_sets.get(node.text, UNREADABLE)
        return parse_public_holidays(node.text, node, into)

    def _is_country(self, node: ScalarNode, into: ReadContext) -> bool:
        """Return whether a name is that of a country or region, after adding the problem."""
        found = _COUNTRY.fullmatch(node.text)
        if found is None or node.text in into.holiday_sets or (into.holiday_sets and not found[1]):
            return False
        years = found[1] or "2026-2028"
        hint = f"write the code of the country and the years: `DE {years}`"
        into.problem(node, f"no holiday set has the name `{node.text}`", hint)
        return True

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return sets, or only the dates if there is one set with nothing else."""
        alone = len(value) == 1 and value[0].holidays
        if alone and value[0] == HolidaySet(holidays=value[0].holidays):
            return [HOLIDAY.write(each, out) for each in value[0].holidays]
        return [
            each.name if out.holiday_sets.get(each.name) == each else HOLIDAY_SET.write(each, out)
            for each in value
        ]

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a list of dates and sets."""
        named = {
            "type": "string",
            "pattern": r"^[^\d\s]",
            "description": "The name of a holiday set, or public holidays such as DE-BE 2026-2028.",
            "examples": ["DE-BE 2026-2028"],
        }
        either = [HOLIDAY.schema(defs), named, HOLIDAY_SET.schema(defs)]
        return {"anyOf": [{"type": "array", "items": {"anyOf": either}}, *either]}


@final
@attrs.frozen
class ExceptedHours:
    """The calendars that one excludes, which are read where calendars are composed."""

    def named(self) -> frozenset[str]:
        """Return nothing: these are references."""
        return frozenset()

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return hours, or a list of them."""
        del defs
        hours = {"$ref": "#/$defs/hours"}
        return {"anyOf": [{"type": "array", "items": hours}, hours]}


CALENDAR: Final = record_shape(
    Calendar,
    shapes={
        "week": WEEK,
        "changes": ListShape(record_shape(WeekChange, shapes={"week": WEEK})),
        "holidays": HolidaysShape(),
        "dated": ListShape(
            record_shape(DatedHours, keys={"stated": "hours"}, shapes={"stated": WindowsShape()})
        ),
    },
    beside={"based_on": ReferenceShape(("calendar",)), "except": ExceptedHours()},
    described={
        "based_on": "The calendar whose keys hold here, unless they are stated.",
        "except": "Calendars whose hours are excluded from this one.",
    },
)
