"""Document section `policies`: SLA policies, targets and clock options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any, Final, final

import attrs

from entitlements.calendars import BusinessDays, BusinessHours, Landing
from entitlements.documents.formats.nodes import MappingNode, Node, ScalarNode, node_text
from entitlements.documents.sections.business_hours import PREDEFINED, HoursShape, comparison_text
from entitlements.documents.shapes.collections import ListShape, MappingShape, is_empty
from entitlements.documents.shapes.read_context import (
    UNREADABLE,
    ReadContext,
    Unreadable,
    suggestion,
)
from entitlements.documents.shapes.records import record_shape
from entitlements.documents.shapes.scalars import (
    DURATION,
    TEXT,
    Definitions,
    JsonSchema,
    NewIdShape,
    Plain,
    ReferenceShape,
    ScalarShape,
    Shape,
    WriteContext,
    enum_shape,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.sla.options import ClockOptions
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.presets import CLOCK_PRESETS
from entitlements.sla.targets import Target

_SHARE: Final = re.compile(r"(\d{1,9})/(\d{1,9})|(\d{1,3}(?:\.\d{1,9})?)%|(0?\.\d{1,12})", re.ASCII)
_DAYS: Final = record_shape(
    BusinessDays, title="number of business days", keys={"count": "business_days"}
)


@final
@attrs.frozen
class WithinShape(Shape):
    """The time of a target: `4h`, a number of business days, or `none` for no objective."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return a duration, a number of days, or None."""
        if is_empty(node):
            hint = "write `none` if nothing is promised"
            return into.problem(node, f"{node_text(node)} is not an amount of time", hint)
        if isinstance(node, ScalarNode) and node.text == "none":
            return None
        return (_DAYS if isinstance(node, MappingNode) else DURATION).read(node, into)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return a duration, a mapping for days, or `none`."""
        if value is None:
            return "none"
        return (DURATION if isinstance(value, timedelta) else _DAYS).write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return the three forms."""
        return {"anyOf": [DURATION.schema(defs), _DAYS.schema(defs), {"const": "none"}]}


def _parse_warning(text: str) -> Fraction | timedelta:
    share = _SHARE.fullmatch(text.strip())
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

TARGET: Final = record_shape(
    Target,
    shapes={
        "within": WithinShape(),
        "calendar": ReferenceShape(("calendar", "line calendar")),
        "severities": ListShape(ReferenceShape(("severity",))),
        "channels": ListShape(ReferenceShape(("channel",)), frozenset),
        "warn": ListShape(WARNING),
    },
)
_OPTIONS: Final = record_shape(
    ClockOptions,
    title="clock",
    shapes={
        "paused_by": MappingShape(ListShape(TEXT, frozenset)),
        # Deadlines are counted forward.
        "landing": enum_shape((Landing.CLOSING, Landing.NEXT_OPENING)),
    },
)


@final
@attrs.frozen
class ClockOptionsShape(Shape):
    """The options of clocks: their keys, or the name of a preset."""

    options: Shape = _OPTIONS

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the options."""
        if not isinstance(node, ScalarNode) or is_empty(node):
            return self.options.read(node, into)
        if node.text in CLOCK_PRESETS:
            return CLOCK_PRESETS[node.text]
        hint = suggestion(node.text, CLOCK_PRESETS) or f"known are {', '.join(CLOCK_PRESETS)}"
        return into.problem(node, f"no preset has the name {node_text(node)}", hint)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the options themselves, because a preset may change."""
        return self.options.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return the options, or one of the presets."""
        return {"anyOf": [self.options.schema(defs), {"enum": list(CLOCK_PRESETS)}]}


OPTIONS: Final = ClockOptionsShape()
CALENDARS: Final = MappingShape(HoursShape(), names="line calendar")

_POLICY: Final = record_shape(
    SlaPolicy,
    title="policy",
    keys={"options": "clock"},
    shapes={
        "id": NewIdShape("SLA policy"),
        "targets": ListShape(TARGET),
        "calendars": CALENDARS,
        "options": OPTIONS,
    },
    scopes=("line calendar",),
)


@final
@attrs.frozen
class PolicyShape(Shape):
    """An SLA policy; its targets may name the calendars of the document."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the policy."""
        node = _POLICY.mended(node, into)
        values = _POLICY.read_fields(node, into)
        if isinstance(values, Unreadable):
            return UNREADABLE
        return read_policy(node, values, into)

    def named(self) -> frozenset[str]:
        """Return those of the policy."""
        return _POLICY.named()

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the policy, with only the calendars that the document does not have."""
        return policy_parts(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return those of the policy."""
        return _POLICY.schema(defs)


def read_policy(
    node: Node,
    values: Mapping[str, Any],
    into: ReadContext,
    line_calendars: frozenset[str] = frozenset(),
) -> Any:
    """Return the policy made of `values`, with the calendars that its targets name.

    Args:
        node: The node of the policy.
        values: Arguments of the policy.
        into: The read context.
        line_calendars: Names that a contract line will bind; until then they are never open.
    """
    found: dict[str, Any] = dict(values.get("calendars", {}))
    for target in values["targets"]:
        name = target.calendar
        if name is not None and name not in found:
            hours = into.resolve(name)
            found[name] = (
                PREDEFINED["never"]
                if isinstance(hours, Unreadable) and name in line_calendars
                else hours
            )
    if any(isinstance(each, Unreadable) for each in found.values()):
        return UNREADABLE
    return _POLICY.build(node, {**values, "calendars": found}, into)


def policy_parts(
    policy: SlaPolicy, out: WriteContext, line_calendars: frozenset[str] = frozenset()
) -> dict[str, Plain]:
    """Return the keys of a policy, without the calendars that the document defines."""
    used = {target.calendar for target in policy.targets}
    known = {name for names in out.names.values() for name in names}
    own: dict[str, BusinessHours] = {}
    for name, hours in policy.calendars.items():
        named = name in out.names.get(comparison_text(hours), ())
        unbound = name in line_calendars and hours == PREDEFINED["never"] and name not in known
        if name not in used or not (named or unbound):
            own[name] = hours
    parts = _POLICY.write_keys(policy, out)
    parts.pop("calendars", None)
    return parts | ({"calendars": CALENDARS.write(own, out)} if own else {})
