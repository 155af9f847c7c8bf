"""How does one calendar stand in a document? As a week in a zone, and what differs from it."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, final

import attrs

from entitlements.calendars import Calendar, DatedHours, Holiday, HolidaySet
from entitlements.calendars.exceptions import WeekChange
from entitlements.calendars.week import Week, format_windows, stated_windows
from entitlements.documents.formats.nodes import Keyed, Node, is_hollow
from entitlements.documents.shapes.collections import DayRange, Maybe, Several, Table, items_of
from entitlements.documents.shapes.read_context import BROKEN, Broken, Reading, first_word
from entitlements.documents.shapes.records import record
from entitlements.documents.shapes.scalars import (
    Definitions,
    JsonSchema,
    Plain,
    Shape,
    Text,
    Writing,
)
from entitlements.kernel.hints import closest

_CLOSED: Final = "Mo-Su off"
_WINDOW: Final = {"type": "string", "description": "Such as 09:00-17:00, or off."}
_WINDOWS: Final = {"anyOf": [{"type": "array", "items": _WINDOW}, _WINDOW]}


@final
@attrs.frozen
class Windows(Shape):
    """The windows of one day, such as `09:00-12:30`; `off` and an empty list are none."""

    def read(self, node: Node, into: Reading) -> Any:
        """Return the windows as they are stated."""
        texts = Several(Text(), list).read(node, into)
        if isinstance(texts, Broken):
            return BROKEN
        if not all(map(str.strip, texts)):
            return into.problem(node, "an empty text is no window", "write `off` or `[]` for none")
        return into.guarded(node, lambda: _stated(texts))

    def write(self, value: Any, out: Writing) -> Plain:
        """Return a list with a text for each window."""
        del out
        return [format_windows((each,)) for each in value]

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a window or a list of them."""
        del defs
        return _WINDOWS


def _stated(texts: list[str]) -> tuple[tuple[int, int], ...]:
    return stated_windows(texts)


@final
@attrs.frozen
class WeekShape(Shape):
    """An ordinary week: `Mo-Fr 09:00-17:00`, or windows by weekday."""

    def read(self, node: Node, into: Reading) -> Any:
        """Return the week."""
        if isinstance(node, Keyed):
            return self._days(node, into)
        text = Text().read(node, into)
        if isinstance(text, Broken):
            return BROKEN
        if not text.strip():
            return into.problem(node, "an empty text is no week", f"write `{_CLOSED}`")
        # Blanks are run together first: a pattern of the week searches long runs slowly.
        return into.guarded(node, lambda: Week(" ".join(text.split())))

    def _days(self, node: Keyed, into: Reading) -> Any:
        if not node.entries:
            return into.problem(node, "an empty mapping is no week", f"write `{_CLOSED}`")
        days: dict[str, Any] = {}
        for key, each in node.entries.items():
            windows = Windows().read(each, into)
            named = first_word(key) if is_hollow(each) else key
            day = into.guarded(node.keys[key], partial(Week, {named: "off"}))
            broken = isinstance(windows, Broken) or isinstance(day, Broken)
            days[key] = BROKEN if broken else Windows().write(windows, Writing())
        if any(isinstance(each, Broken) for each in days.values()):
            return BROKEN
        return into.guarded(node, lambda: Week(days))

    def write(self, value: Any, out: Writing) -> Plain:
        """Return the week as one text."""
        del out
        return str(value.text) or _CLOSED

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return text, or windows by weekday."""
        del defs
        text = {"type": "string", "description": "Such as Mo-Fr 09:00-12:30,13:00-17:30; Sa off."}
        return {"anyOf": [text, {"type": "object", "additionalProperties": _WINDOWS}]}


WEEK: Final = WeekShape()
HOLIDAY: Final = record(Holiday, lone="date")
HOLIDAY_SET: Final = record(
    HolidaySet,
    shapes={
        "holidays": Several(HOLIDAY),
        "hours": Table(Windows()),
        "covered": Maybe(DayRange()),
    },
)


def _is_date(key: str) -> bool:
    """Return whether a key is that of a single holiday's date, if misspelled too."""
    return key not in HOLIDAY_SET.keys and closest(key, (*HOLIDAY_SET.keys, "date")) == "date"


@final
@attrs.frozen
class Holidays(Shape):
    """Dates, named dates, or whole sets that say what they cover."""

    def read(self, node: Node, into: Reading) -> Any:
        """Return sets and dates as a calendar takes them."""
        values = [self._shape(item).read(item, into) for item in items_of(node)]
        if any(isinstance(each, Broken) for each in values):
            return BROKEN
        loose = [each for each in values if not isinstance(each, HolidaySet)]
        sets = [each for each in values if isinstance(each, HolidaySet)]
        return (*sets, *([HolidaySet(holidays=loose)] if loose else []))

    def _shape(self, node: Node) -> Shape:
        whole = isinstance(node, Keyed) and not any(map(_is_date, node.entries))
        return HOLIDAY_SET if whole else HOLIDAY

    def write(self, value: Any, out: Writing) -> Plain:
        """Return sets, or the dates alone where there is one set that says no more."""
        alone = len(value) == 1 and value[0].holidays
        if alone and value[0] == HolidaySet(holidays=value[0].holidays):
            return [HOLIDAY.write(each, out) for each in value[0].holidays]
        return [HOLIDAY_SET.write(each, out) for each in value]

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a list of both."""
        either = [HOLIDAY.schema(defs), HOLIDAY_SET.schema(defs)]
        return {"anyOf": [{"type": "array", "items": {"anyOf": either}}, *either]}


CALENDAR: Final = record(
    Calendar,
    shapes={
        "week": WEEK,
        "changes": Several(record(WeekChange, shapes={"week": WEEK})),
        "holidays": Holidays(),
        "dated": Several(
            record(DatedHours, keys={"stated": "hours"}, shapes={"stated": Windows()})
        ),
    },
)
