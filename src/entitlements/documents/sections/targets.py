"""Targets in documents: amounts of time, warnings, and the tables of milestones."""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction
from typing import Any, Final, final

import attrs

from entitlements.calendars import Anchor, BusinessDays
from entitlements.documents.formats.nodes import MappingNode, Node, ScalarNode, node_text
from entitlements.documents.hours.calendar_names import CalendarNameShape
from entitlements.documents.plans.amounts import NONE
from entitlements.documents.shapes.collections import ListShape, OptionalShape, is_empty
from entitlements.documents.shapes.read_context import ReadContext
from entitlements.documents.shapes.records import KeyBeside, record_shape
from entitlements.documents.shapes.scalars import (
    DURATION,
    DURATION_PATTERN,
    TEXT,
    Definitions,
    JsonSchema,
    Plain,
    ReferenceShape,
    ScalarShape,
    Shape,
    WriteContext,
    enum_shape,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.sla.targets import Target

_SHARE: Final = re.compile(r"(\d{1,9})/(\d{1,9})|(\d{1,3}(?:\.\d{1,9})?)%|(0?\.\d{1,12})", re.ASCII)
_DAYS: Final = record_shape(
    BusinessDays, title="number of business days", keys={"count": "business_days"}
)
_AMOUNT: Final = {
    "type": "string",
    "pattern": (
        r"^\s*(none|best effort|(objective\s+)?(less than\s+)?"
        r"((same|next)\s+business day|\d+\s*(business\s+)?(days?|d|weeks?|w)|PT[0-9HMS]+|"
        rf"{DURATION_PATTERN}))(\s+\S.*|\s*)$"
    ),
    "description": (
        "An amount of time: hours and minutes, `2 business days`, `2 days always`, `none`, or "
        "`best effort`. A calendar's name behind it, or `always`, says what is counted; "
        "`objective` before it makes it no promise, `less than` makes the due instant late. "
        "`from EVENT`, `by phone or chat`, `if CONDITION` and `warn at 75%` follow last."
    ),
    "examples": [
        *("4h", "1h always", "1 business day", "objective 3 business days", "none"),
        *("4h always by phone", "1h always if asked", "4h warn at 75%"),
    ],
}


@final
@attrs.frozen
class WithinShape(Shape):
    """The time of a target: `4h`, a number of business days, or `none` for no objective."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return a duration, a number of days, or None."""
        if is_empty(node):
            hint = "write `none` if nothing is promised"
            return into.problem(node, f"{node_text(node)} is not an amount of time", hint)
        if isinstance(node, ScalarNode) and node.text == NONE:
            return None
        return (_DAYS if isinstance(node, MappingNode) else DURATION).read(node, into)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return a duration, a mapping for days, or `none`."""
        if value is None:
            return NONE
        return (DURATION if isinstance(value, timedelta) else _DAYS).write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return an amount as text, or a number of business days with its anchor."""
        defs["amount"] = _AMOUNT
        days = {**_DAYS.schema(defs)}
        defs[days["$ref"].rpartition("/")[2]]["required"] = ["business_days"]
        return {"anyOf": [{"$ref": "#/$defs/amount"}, days]}


def _parse_warning(text: str) -> Fraction | timedelta:
    share = _SHARE.fullmatch(text.strip())
    if share is None and _SHARE.fullmatch("".join(text.split())):
        raise InvalidValueError(f"`{text}` is not a share", hint=f"write `{''.join(text.split())}`")
    if share is None and text.strip().isdecimal():
        raise InvalidValueError(f"`{text}` is not a share", hint=f"write `{text.strip()}%`")
    if share is None:
        found: timedelta = DURATION.parse(text)
        return found
    over, under, percent, decimal = share.groups()
    if percent is not None:
        return Fraction(percent) / 100
    if decimal is not None:
        return Fraction(decimal)
    if int(under) == 0:
        raise InvalidValueError(f"`{text}` is not a share", hint="write it as `75%`")
    return Fraction(int(over), int(under))


def _warning_form(value: Fraction | timedelta) -> Plain:
    """Return per cent where they are whole, else a fraction or a duration."""
    if isinstance(value, timedelta):
        return DURATION.form(value)
    if value.denominator in {1, 2, 4, 5, 10, 20, 25, 50, 100}:
        return f"{int(value * 100)}%"
    return f"{value.numerator}/{value.denominator}"


WARNING: Final = ScalarShape(
    "a share or a duration",
    _parse_warning,
    _warning_form,
    {"type": ["string", "number"], "description": "Such as 75%, 3/4 or 30m."},
)
"""When to warn: a share of the target such as `75%`, or counted time left such as `30m`."""

WARNINGS: Final = ListShape(WARNING)
TARGET: Final = record_shape(
    Target,
    shapes={
        "milestone": ReferenceShape(("milestone",)),
        "within": WithinShape(),
        "calendar": OptionalShape(CalendarNameShape()),
        "severities": ListShape(ReferenceShape(("severity",))),
        "channels": ListShape(ReferenceShape(("channel",)), frozenset),
        "kinds": ListShape(ReferenceShape(("kind of request",)), frozenset),
        "warn": WARNINGS,
    },
)
ANCHOR: Final = enum_shape(Anchor)
HOURS: Final = CalendarNameShape()


@final
@attrs.frozen
class MilestoneTable:
    """The table of one milestone, which is read into targets."""

    described: str

    def named(self) -> frozenset[str]:
        """Return nothing: a table defines no names."""
        return frozenset()

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a cell for every severity, or a table of cells by severity."""
        TARGET.schema(defs)
        if "milestone_table" not in defs:
            whole = defs["target"]
            keys = {k: v for k, v in whole["properties"].items() if k not in _PLACE}
            described = "Several targets of one severity: the first that fits counts."
            defs["cell"] = {
                "anyOf": [
                    {"$ref": "#/$defs/amount"},
                    {**whole, "properties": keys, "required": ["within"]},
                    {
                        "type": "array",
                        "items": {"$ref": "#/$defs/cell"},
                        "minItems": 1,
                        "description": described,
                    },
                ]
            }
            cell = {"$ref": "#/$defs/cell"}
            defs["milestone_table"] = {
                "type": "object",
                "additionalProperties": cell,
                "minProperties": 1,
                "description": "Amounts by severity.",
                "examples": [{"S1": "1h always", "S2": "4h", "S3": "1 business day"}],
            }
        cell, table = {"$ref": "#/$defs/cell"}, {"$ref": "#/$defs/milestone_table"}
        defs["milestone"] = {"anyOf": [cell, table]}
        return {"$ref": "#/$defs/milestone", "description": self.described}


_PLACE: Final = ("milestone", "severities")
TABLES: Final = {
    "first_response": MilestoneTable("By when an agent answers first, by severity."),
    "next_response": MilestoneTable("By when an agent answers a customer's message, by severity."),
    "update": MilestoneTable("How often the agents report while the case is open, by severity."),
    "resolution": MilestoneTable("By when the work ends, by severity."),
}
TARGET_KEYS: Final[dict[str, KeyBeside]] = {
    "hours": HOURS,
    "cut_off": OptionalShape(TEXT),
    "anchor": ANCHOR,
    "warn": WARNINGS,
    **TABLES,
}
TARGET_KEY_TEXTS: Final = {
    "hours": "The calendar by which targets count and the group is reached, unless said otherwise.",
    "cut_off": "The time of a business day, such as 15:00, after which a request counts as "
    "received on the next one; for targets that count by the hours of the plan.",
    "anchor": "When business days end: `end` at the closing of the last one, `start` at its "
    "opening, `same_time` at the time of day at which they began.",
    "warn": "When to warn, for targets that do not state it.",
}
