"""Document section `calendars`: calendars, weeks, holidays and dated hours."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, final

import attrs

from entitlements.calendars import Calendar, DatedHours, Holiday, HolidaySet
from entitlements.calendars.exceptions import WeekChange
from entitlements.calendars.week import Week, format_windows, parse_windows_as_written
from entitlements.documents.formats.nodes import MappingNode, Node, is_empty_value
from entitlements.documents.shapes.collections import (
    DateRangeShape,
    ListShape,
    MappingShape,
    OptionalShape,
    items_of,
)
from entitlements.documents.shapes.read_context import (
    UNREADABLE,
    ReadContext,
    Unreadable,
    first_word,
)
from entitlements.documents.shapes.records import record_shape
from entitlements.documents.shapes.scalars import (
    TEXT,
    Definitions,
    JsonSchema,
    Plain,
    Shape,
    WriteContext,
)
from entitlements.kernel.hints import closest

_CLOSED: Final = "Mo-Su off"
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
        return into.guarded(node, lambda: Week(" ".join(text.split())))

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
HOLIDAY_SET: Final = record_shape(
    HolidaySet,
    shapes={
        "holidays": ListShape(HOLIDAY),
        "hours": MappingShape(WindowsShape()),
        "covered": OptionalShape(DateRangeShape()),
    },
)


def _is_date(key: str) -> bool:
    """Return whether a key is the `date` of a single holiday, even if misspelled."""
    return key not in HOLIDAY_SET.keys and closest(key, (*HOLIDAY_SET.keys, "date")) == "date"


@final
@attrs.frozen
class HolidaysShape(Shape):
    """Dates, named dates, or holiday sets."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the holiday sets, with single dates in one set."""
        values = [self._shape(item).read(item, into) for item in items_of(node)]
        if any(isinstance(each, Unreadable) for each in values):
            return UNREADABLE
        loose = [each for each in values if not isinstance(each, HolidaySet)]
        sets = [each for each in values if isinstance(each, HolidaySet)]
        return (*sets, *([HolidaySet(holidays=loose)] if loose else []))

    def _shape(self, node: Node) -> Shape:
        whole = isinstance(node, MappingNode) and not any(map(_is_date, node.entries))
        return HOLIDAY_SET if whole else HOLIDAY

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return sets, or only the dates if there is one set with nothing else."""
        alone = len(value) == 1 and value[0].holidays
        if alone and value[0] == HolidaySet(holidays=value[0].holidays):
            return [HOLIDAY.write(each, out) for each in value[0].holidays]
        return [HOLIDAY_SET.write(each, out) for each in value]

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a list of dates and sets."""
        either = [HOLIDAY.schema(defs), HOLIDAY_SET.schema(defs)]
        return {"anyOf": [{"type": "array", "items": {"anyOf": either}}, *either]}


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
)
