"""Document section `policies`: SLA policies and clock options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, final

import attrs

from entitlements.calendars import BusinessHours, Landing
from entitlements.documents.formats.nodes import (
    MappingNode,
    Node,
    ScalarKind,
    ScalarNode,
    node_text,
)
from entitlements.documents.hours.business_hours import PREDEFINED, HoursShape, comparison_text
from entitlements.documents.plans.amounts import ALWAYS
from entitlements.documents.plans.milestone_tables import milestones, tables_of, with_targets
from entitlements.documents.plans.written_targets import (
    TargetWriter,
    calendars_of,
    common_anchor,
    common_cut_off,
    common_warnings,
    shortest,
    with_keys_first,
)
from entitlements.documents.sections.targets import (
    HOURS,
    TARGET,
    TARGET_KEY_TEXTS,
    TARGET_KEYS,
    WARNINGS,
)
from entitlements.documents.shapes.collections import ListShape, MappingShape, is_empty, items_of
from entitlements.documents.shapes.read_context import (
    UNREADABLE,
    ReadContext,
    Unreadable,
    suggestion,
)
from entitlements.documents.shapes.records import record_shape
from entitlements.documents.shapes.scalars import (
    TEXT,
    Definitions,
    JsonSchema,
    NewIdShape,
    Plain,
    Shape,
    WriteContext,
    enum_shape,
)
from entitlements.sla.options.clock_options import ClockOptions
from entitlements.sla.options.presets import CLOCK_PRESETS
from entitlements.sla.policy import SlaPolicy

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
    derived=("targets",),
    scopes=("line calendar",),
    beside=TARGET_KEYS,
    described=TARGET_KEY_TEXTS,
)


@final
@attrs.frozen
class PolicyShape(Shape):
    """An SLA policy; its targets may name the calendars of the document."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the policy."""
        node = policy_with_targets(node, into)
        with names_always(node, into):
            values = _POLICY.read_fields(node, into)
            if isinstance(values, Unreadable):
                return UNREADABLE
            if "targets" not in values:
                return UNREADABLE if _is_lossy(node) else into.problem(node, *NO_TARGETS)
            return read_policy(node, values, into)

    def named(self) -> frozenset[str]:
        """Return those of the policy."""
        return _POLICY.named()

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the policy in its shortest form, with the calendars the document does not have."""
        parts = policy_parts(value, out)
        written = shortest(
            calendars_of(value.targets),
            lambda hours: written_targets(value, parts, hours, out, frozenset(_POLICY.keys)),
        )
        return with_keys_first({**parts, **written}, ("id", "hours", "cut_off", "anchor", *written))

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return those of the policy."""
        return with_custom_tables(_POLICY.schema(defs), defs)


NO_TARGETS: Final = (
    "no milestone has a target",
    "write a table such as `first_response: {S1: 1h, S2: 4h}`",
)


def with_custom_tables(reference: JsonSchema, defs: Definitions) -> JsonSchema:
    """Let an object have tables of milestones that the document declares."""
    whole = defs[reference["$ref"].rpartition("/")[2]]
    whole["additionalProperties"] = {"$ref": "#/$defs/milestone"}
    return reference


def policy_with_targets(node: Node, into: ReadContext) -> Node:
    """Return a policy with all its targets in one list."""
    if not isinstance(node, MappingNode):
        return node
    node = _POLICY.mended_mapping(node, into, milestones(into))
    tables = tables_of(node, into, _POLICY.keys)
    with names_always(node, into):
        return with_targets(with_named_hours(node, into), tables, TARGET, into)


def with_named_hours(node: MappingNode, into: ReadContext) -> MappingNode:
    """Return a plan or policy whose `hours` are a name, also where they are written in place."""
    hours = node.entries.get("hours")
    if not isinstance(hours, MappingNode):
        return node
    name = HOURS.read(hours, into)
    kind, text = (
        (ScalarKind.BROKEN, "") if isinstance(name, Unreadable) else (ScalarKind.TEXT, str(name))
    )
    named = ScalarNode(hours.file, hours.line, hours.path, kind, text)
    return attrs.evolve(node, entries={**node.entries, "hours": named})


@contextmanager
def names_always(node: Node, into: ReadContext) -> Iterator[None]:
    """Note whether a plan or policy defines a calendar `always` of its own, while it is read."""
    before, own = into.always_is_a_name, set[str]()
    if isinstance(node, MappingNode):
        calendars, lines = node.entries.get("calendars"), node.entries.get("line_calendars")
        own |= set(calendars.entries) if isinstance(calendars, MappingNode) else set()
        own |= {node_text(each) for each in (() if lines is None else items_of(lines))}
    into.always_is_a_name = before or ALWAYS in own or f"`{ALWAYS}`" in own
    yield
    into.always_is_a_name = before


def _is_lossy(node: Node) -> bool:
    return isinstance(node, MappingNode) and node.lossy


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
    if not values["targets"] and _is_lossy(node):
        return UNREADABLE
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
        named = named and (name != ALWAYS or ALWAYS in out.defined)
        unbound = name in line_calendars and hours == PREDEFINED["never"] and name not in known
        if name not in used or not (named or unbound):
            own[name] = hours
    parts = _POLICY.write_keys(policy, out, without=("targets", "calendars"))
    return parts | ({"calendars": CALENDARS.write(own, out)} if own else {})


def written_targets(
    policy: SlaPolicy,
    parts: Mapping[str, Plain],
    hours: str | None,
    out: WriteContext,
    reserved: frozenset[str],
    line_calendars: frozenset[str] = frozenset(),
) -> dict[str, Plain]:
    """Return the targets of a policy beside `hours` of its plan.

    Args:
        policy: The policy.
        parts: Its other keys, as `policy_parts` returns them.
        hours: The calendar of the plan; None for none.
        out: The write context.
        reserved: Keys that are no tables.
        line_calendars: Names that a contract line binds.

    Raises:
        InvalidValueError: A target cannot be written beside these hours.
    """
    anchor = common_anchor(policy.targets)
    own = parts.get("calendars", {})
    is_name = is_always_a_name(out, line_calendars) or (isinstance(own, dict) and ALWAYS in own)
    cut_off = common_cut_off(policy.targets, hours)
    warn = common_warnings(policy.targets)
    writer = TargetWriter(TARGET, out, hours, anchor, cut_off, warn, reserved, is_name)
    return {
        **({} if hours is None else {"hours": hours}),
        **({} if cut_off is None else {"cut_off": cut_off}),
        **({} if anchor is None else {"anchor": anchor.value}),
        **({"warn": WARNINGS.write(warn, out)} if warn else {}),
        **writer.write(policy.targets),
    }


def is_always_a_name(out: WriteContext, line_calendars: frozenset[str]) -> bool:
    """Return whether `always` is the name of a calendar in a plan, and not the word."""
    return ALWAYS in out.defined or ALWAYS in line_calendars
