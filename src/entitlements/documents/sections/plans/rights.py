"""Rights of a plan: the expert group from which they follow, and others that are listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, final

import attrs

from entitlements.contracts.plans import AccessRight, Plan
from entitlements.documents.formats.nodes import ListNode, MappingNode, Node, ScalarNode
from entitlements.documents.plans.derived_rights import GroupAccess, derived_rights
from entitlements.documents.sections.catalog import GROUP_NAME, SEVERITIES
from entitlements.documents.sections.targets import ANCHOR, HOURS, WARNINGS
from entitlements.documents.shapes.collections import (
    ListShape,
    MappingShape,
    OptionalShape,
    is_empty,
    items_of,
)
from entitlements.documents.shapes.read_context import UNREADABLE, ReadContext, Unreadable
from entitlements.documents.shapes.records import record_shape
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
from entitlements.kernel.ids import identifier
from entitlements.sla.policy import SlaPolicy

RIGHT: Final = record_shape(
    AccessRight,
    shapes={
        "id": NewIdShape("right"),
        "group": GROUP_NAME,
        "severities": SEVERITIES,
        "channels": ListShape(ReferenceShape(("channel",)), frozenset),
        "products": ListShape(ReferenceShape(("product",)), frozenset),
        "kinds": ListShape(ReferenceShape(("kind of request",)), frozenset),
        "hours": OptionalShape(HOURS),
        "allowance": OptionalShape(ReferenceShape(("allowance",))),
    },
)
EXPERTS: Final = ListShape(attrs.evolve(TEXT, parse=identifier))
RIGHT_ALLOWANCE: Final = ReferenceShape(("allowance",))
QUEUE: Final = ListShape(ReferenceShape(("channel",)), frozenset)
GROUP_OF_PLAN: Final = MappingShape(GROUP_NAME, refers="severity", short=GROUP_NAME)
"""The group of a plan, or a table of groups by severity."""

ALL: Final = "all"
"""The word for every severity, where channels open severities."""
_CHANNELS: Final = ListShape(NewIdShape("channel"), frozenset)


@final
@attrs.frozen
class ChannelsShape(Shape):
    """The channels of a plan: a list, or the severities that each of them opens."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the channels."""
        if not isinstance(node, MappingNode):
            return _CHANNELS.read(node, into)
        if node.lossy:
            into.lose("channel")
        keys = tuple(node.keys[key] for key in node.entries)
        return _CHANNELS.read(ListNode(node.file, node.line, node.path, keys), into)

    def named(self) -> frozenset[str]:
        """Return the kind `channel`."""
        return _CHANNELS.named()

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the list."""
        return _CHANNELS.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return either form."""
        severities = {
            "anyOf": [{"const": ALL}, SEVERITIES.schema(defs)],
            "description": "The severities that it opens, or `all`.",
        }
        table = {
            "type": "object",
            "additionalProperties": severities,
            "minProperties": 1,
            "examples": [{"web": ALL, "phone": ["S1", "S2"]}],
        }
        return {"anyOf": [*_CHANNELS.schema(defs)["anyOf"], table]}


PLAN_CHANNELS: Final = ChannelsShape()


@final
@attrs.frozen
class RightsSource:
    """What the rights of a plan follow from, beside those that it lists.

    Attributes:
        node: The plan.
        stated: What is stated about its group; None for a plan without a group.
    """

    node: MappingNode
    stated: dict[str, Any] | None

    @classmethod
    def read(cls, node: MappingNode, into: ReadContext) -> RightsSource | Unreadable:
        """Return what is stated beside the tables."""
        entries = node.entries
        has_groups = _has_every_group(node, into)
        read = {
            key: shape.read(entries[key], into)
            for key, shape in _SOURCES.items()
            if key in entries and (has_groups or key != "group")
        }
        if "group" not in entries and "rights" not in entries:
            if node.lossy:
                return UNREADABLE
            hint = "name the expert group that is reached, or list `rights`"
            return into.problem(node, "`group` is missing in this plan", hint)
        channels = entries.get("channels")
        if isinstance(channels, MappingNode):
            read["opens"] = _opens(channels, into)
        if not has_groups or any(isinstance(each, Unreadable) for each in read.values()):
            return UNREADABLE
        if "group" in entries:
            return cls(node, read)
        without = next((key for key in _OF_GROUP if key in read), None)
        if without is not None:
            place = node.keys["channels" if without == "opens" else without]
            return into.problem(place, *_NO_GROUP[without == "opens"])
        return cls(node, None)

    def channels_of(self, plan: Plan) -> Mapping[str | None, frozenset[str]]:
        """Return the channels by which each severity is opened; empty where rights are listed."""
        if self.stated is None:
            return {}
        limited = _by_severity(self.stated.get("opens"), plan.scale)
        return {severity: limited.get(severity, plan.channels) for severity in plan.scale}

    def added_to(self, values: dict[str, Any], policy: SlaPolicy | None) -> dict[str, Any]:
        """Return the arguments of a plan with the rights that follow from its tables."""
        if self.stated is None:
            return values
        stated, severities = self.stated, values.get("severities") or (None,)
        group = stated["group"]
        groups = group if isinstance(group, Mapping) else dict.fromkeys(severities, group)
        access = GroupAccess(
            groups={each: groups[each] for each in severities},
            hours=stated["reached"] if "reached" in stated else stated.get("hours"),
            in_hours_only="reached" in stated,
            channels=values["channels"],
            channels_by_severity=_by_severity(stated.get("opens"), severities),
            queue=stated.get("queue", frozenset()),
            allowance=stated.get("allowance"),
            experts=stated.get("experts", ()),
        )
        rights = derived_rights(access, () if policy is None else policy.targets)
        return {**values, "rights": (*rights, *values.get("rights", ()))}


_OF_GROUP: Final = ("queue", "reached", "experts", "opens")
_ADD_GROUP: Final = "name the `group`, or say it in each of the `rights`"
_NO_GROUP: Final = (
    ("this says how the group of the plan is reached, and it has none", _ADD_GROUP),
    ("severities of channels limit the rights to the group of the plan", _ADD_GROUP),
)
_SOURCES: Final[Mapping[str, Shape]] = {
    "group": GROUP_OF_PLAN,
    "hours": HOURS,
    "reached": HOURS,
    "queue": QUEUE,
    "allowance": RIGHT_ALLOWANCE,
    "experts": EXPERTS,
    "anchor": ANCHOR,
    "warn": WARNINGS,
}


def _opens(node: MappingNode, into: ReadContext) -> Any:
    """Return the severities that each channel opens; None for all of them."""
    named = into.names_of("severity")
    found = {
        channel: None
        if isinstance(each, ScalarNode) and each.text == ALL and ALL not in named
        else SEVERITIES.read(each, into)
        for channel, each in node.entries.items()
    }
    return UNREADABLE if any(isinstance(each, Unreadable) for each in found.values()) else found


def _by_severity(
    opens: Mapping[str, frozenset[str] | None] | None,
    severities: Iterable[str | None],
) -> dict[str | None, frozenset[str]]:
    """Return the channels by severity, for those that not every channel opens."""
    if opens is None:
        return {}
    found = {
        severity: frozenset(
            channel for channel, opened in opens.items() if opened is None or severity in opened
        )
        for severity in severities
    }
    return {severity: each for severity, each in found.items() if len(each) < len(opens)}


def _names_no_group(node: Node, severities: Sequence[str]) -> bool:
    if isinstance(node, MappingNode):
        return not node.entries and not node.lossy and not severities
    return is_empty(node)


def _has_every_group(node: MappingNode, into: ReadContext) -> bool:
    """Return whether a table of groups has all severities, after adding the problem if not."""
    table, severities = node.entries.get("group"), into.names_of("severity")
    if table is not None and _names_no_group(table, severities):
        into.problem(table, "there is no expert group", "write its name, or remove the key")
        return False
    if not isinstance(table, MappingNode) or not severities:
        return True
    missing = [each for each in severities if each not in table.entries]
    if not table.lossy and len(missing) == len(severities):
        hint = f"write its name alone, or a group for each severity: `{{{severities[0]}: ...}}`"
        into.problem(table, "a mapping is not the name of an expert group", hint)
    elif missing and not table.lossy and table.entries.keys() <= {*severities}:
        message = f"severity `{missing[0]}` has no group"
        into.problem(table, message, f"add `{missing[0]}: ` and its group to the table")
    elif missing:
        GROUP_OF_PLAN.read(table, into)  # a severity is misspelled, which is the problem
    return not missing


_DEFAULTS: Final = {
    "group": "group",
    "allowance": "allowance",
    "hours": "hours",
    "reached": "hours",
}
"""Keys of a plan, and the keys of its rights that they are the defaults of."""
_NAMES: Final = ("group", "allowance")


def with_plan_defaults(node: MappingNode) -> MappingNode:
    """Return a plan whose rights have its group, hours and allowance unless they state others."""
    listed = node.entries.get("rights")
    given: dict[str, Node] = {}
    keys: dict[str, ScalarNode] = {}
    for key, of_right in _DEFAULTS.items():
        each = node.entries.get(key)
        if isinstance(each, ScalarNode) or (each is not None and key not in _NAMES):
            given[of_right], keys[of_right] = each, node.keys[key]
    if listed is None or not (given or node.lossy):
        return node
    items = tuple(_with_keys(item, given, keys, node) for item in items_of(listed))
    rights = ListNode(listed.file, listed.line, listed.path, items)
    return attrs.evolve(node, entries={**node.entries, "rights": rights})


def _with_keys(
    node: Node, given: Mapping[str, Node], keys: Mapping[str, ScalarNode], plan: MappingNode
) -> Node:
    if not isinstance(node, MappingNode):
        return node
    entries = {**given, **node.entries}
    lossy = node.lossy or (plan.lossy and "group" not in entries)
    return attrs.evolve(node, entries=entries, keys={**keys, **node.keys}, lossy=lossy)
