"""Calendar names in plans and contracts, with hours written in place of a name.

Plans and contract lines hold names of calendars. Hours in place get a name that says what they are,
such as `Mo-Fr 09:00-17:00 Europe/Berlin`, and are a calendar of the document from then on.
"""

from __future__ import annotations

from itertools import count
from typing import Any, Final, final

import attrs

from entitlements.calendars import BusinessHours, Calendar
from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.calendars.options import SetOperator
from entitlements.documents.formats.nodes import MappingNode, Node, ScalarNode
from entitlements.documents.hours.business_hours import (
    HoursShape,
    comparison_text,
    is_hours_without_zone,
    read_hours,
)
from entitlements.documents.plans.amounts import ALWAYS
from entitlements.documents.shapes.read_context import UNREADABLE, ReadContext, Unreadable
from entitlements.documents.shapes.scalars import (
    Definitions,
    JsonSchema,
    Plain,
    ReferenceShape,
    Shape,
    WriteContext,
)

_MAX_NAME: Final = 180
_WORDS: Final = {
    SetOperator.ANY: " or ",
    SetOperator.ALL: " and ",
    SetOperator.EXCEPT: " except ",
}


@final
@attrs.frozen
class CalendarNameShape(Shape):
    """The name of a calendar, or hours in place of one.

    Attributes:
        kinds: The kinds of names that it may be.
        has_always: Whether `always` is the word for around the clock, which is None.
    """

    kinds: tuple[str, ...] = ("calendar", "line calendar")
    has_always: bool = True

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the name; None for around the clock."""
        if isinstance(node, MappingNode):
            hours = read_hours(node, into)
            return UNREADABLE if isinstance(hours, Unreadable) else named_in_place(hours, into)
        if isinstance(node, ScalarNode) and is_hours_without_zone(node, into):
            return UNREADABLE
        is_word = isinstance(node, ScalarNode) and node.text == ALWAYS
        if self.has_always and is_word and not into.always_is_a_name:
            return None
        return ReferenceShape(self.kinds).read(node, into)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the name."""
        return ReferenceShape(self.kinds).write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a name, or inline hours."""
        return HoursShape().schema(defs)


def named_in_place(hours: BusinessHours, into: ReadContext) -> str:
    """Return the name of hours that are written in place, and note it."""
    wanted, text = hours.name or description(hours)[:_MAX_NAME].strip(), comparison_text(hours)
    for number in count(1):
        name = wanted if number == 1 else f"{wanted} {number}"
        known = into.in_place.get(name)
        if known is not None and comparison_text(known) == text:
            return name
        if known is None and name not in into.names_of("calendar"):
            into.in_place[name] = hours
            into.define("calendar", name)
            return name
    raise AssertionError("there is always a free name")


def description(hours: BusinessHours) -> str:
    """Return what hours are, in a few words.

    >>> description(Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00"))
    'Mo-Fr 09:00-17:00 Europe/Berlin'
    """
    if isinstance(hours, Calendar):
        return f"{hours.week.text or 'closed'} {hours.zone}"
    if not isinstance(hours, CompositeCalendar):
        return "hours"
    names = [each.name or description(each) for each in hours.parts]
    if hours.operator is SetOperator.NOT:
        return f"not {names[0]}"
    return _WORDS[hours.operator].join(names)
