"""Rights of a plan: listed, or the expert group from which they follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import attrs

from entitlements.contracts.plans import AccessRight, Plan
from entitlements.documents.formats.nodes import ListNode, MappingNode, Node
from entitlements.documents.plans.amounts import ALWAYS
from entitlements.documents.plans.derived_rights import derived_rights
from entitlements.documents.sections.catalog import GROUP_NAME, SEVERITIES
from entitlements.documents.sections.policies import is_always_a_name
from entitlements.documents.sections.targets import ANCHOR, HOURS
from entitlements.documents.shapes.collections import ListShape, OptionalShape, items_of
from entitlements.documents.shapes.read_context import UNREADABLE, ReadContext, Unreadable
from entitlements.documents.shapes.records import record_shape
from entitlements.documents.shapes.scalars import (
    NewIdShape,
    Plain,
    ReferenceShape,
    WriteContext,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.sla.policy import SlaPolicy

RIGHT: Final = record_shape(
    AccessRight,
    shapes={
        "id": NewIdShape("right"),
        "group": GROUP_NAME,
        "severities": SEVERITIES,
        "channels": ListShape(ReferenceShape(("channel",)), frozenset),
        "products": ListShape(ReferenceShape(("product",)), frozenset),
        "hours": OptionalShape(HOURS),
        "allowance": OptionalShape(ReferenceShape(("allowance",))),
    },
)
RIGHT_ALLOWANCE: Final = ReferenceShape(("allowance",))
QUEUE: Final = ListShape(ReferenceShape(("channel",)), frozenset)


@final
@attrs.frozen
class RightsSource:
    """What the rights of a plan follow from, if it does not list them.

    Attributes:
        node: The plan.
        group: The expert group; None for a plan that lists its rights.
        hours: The plan's own calendar.
        queue: The channels of the group's queue.
        allowance: The allowance from which requests take units, or None.
    """

    node: MappingNode
    group: str | None
    hours: str | None
    queue: frozenset[str]
    allowance: str | None

    @classmethod
    def read(cls, node: MappingNode, into: ReadContext) -> RightsSource | Unreadable:
        """Return what is stated beside the tables."""
        entries = node.entries
        read: dict[str, Any] = {
            "hours": HOURS.read(entries["hours"], into) if "hours" in entries else None,
            "queue": QUEUE.read(entries["queue"], into) if "queue" in entries else frozenset(),
            "group": GROUP_NAME.read(entries["group"], into) if "group" in entries else None,
        }
        if "allowance" in entries:
            read["allowance"] = RIGHT_ALLOWANCE.read(entries["allowance"], into)
        if "anchor" in entries:
            read["anchor"] = ANCHOR.read(entries["anchor"], into)
        if "group" not in entries and "rights" not in entries:
            if node.lossy:
                return UNREADABLE
            hint = "name the expert group that is reached, or list `rights`"
            return into.problem(node, "`group` is missing in this plan", hint)
        if any(isinstance(each, Unreadable) for each in read.values()):
            return UNREADABLE
        group = None if "rights" in entries else read["group"]
        return cls(node, group, read["hours"], read["queue"], read.get("allowance"))

    def added_to(self, values: dict[str, Any], policy: SlaPolicy | None) -> dict[str, Any]:
        """Return the arguments of a plan with the rights that follow from its tables."""
        if self.group is None:
            return values
        rights = derived_rights(
            self.group,
            hours=self.hours,
            queue=self.queue,
            allowance=self.allowance,
            severities=values["severities"],
            channels=values["channels"],
            targets=() if policy is None else policy.targets,
        )
        return {**values, "rights": rights}


def with_plan_defaults(node: MappingNode) -> MappingNode:
    """Return a plan whose rights have its group, hours and allowance unless they state others."""
    listed = node.entries.get("rights")
    given: dict[str, Node] = {
        key: node.entries[key] for key in ("group", "hours", "allowance") if key in node.entries
    }
    if listed is None or not (given or node.lossy):
        return node
    items = tuple(_with_keys(item, given, node) for item in items_of(listed))
    rights = ListNode(listed.file, listed.line, listed.path, items)
    return attrs.evolve(node, entries={**node.entries, "rights": rights})


def _with_keys(node: Node, given: Mapping[str, Node], plan: MappingNode) -> Node:
    if not isinstance(node, MappingNode):
        return node
    keys = {key: plan.keys[key] for key in given}
    entries = {**given, **node.entries}
    lossy = node.lossy or (plan.lossy and "group" not in entries)
    return attrs.evolve(node, entries=entries, keys={**keys, **node.keys}, lossy=lossy)


def written_rights(
    plan: Plan, policy: SlaPolicy | None, hours: str | None, out: WriteContext
) -> dict[str, Plain]:
    """Return the group from which the rights of a plan follow, or all of them.

    Raises:
        InvalidValueError: A right cannot be written beside these hours.
    """
    groups = {right.group for right in plan.rights}
    group = plan.rights[0].group if len(groups) == 1 else None
    if group is not None:
        queued = [right.channels or plan.channels for right in plan.rights if not right.immediate]
        queue = frozenset[str]().union(*queued)
        allowance = plan.rights[0].allowance
        derived = derived_rights(
            group,
            hours=hours,
            queue=queue,
            allowance=allowance,
            severities=plan.severities,
            channels=plan.channels,
            targets=() if policy is None else policy.targets,
        )
        if derived == plan.rights:
            channels: list[Plain] = [*sorted(queue)]
            return {
                "group": group,
                **({"queue": channels} if queue else {}),
                **({} if allowance is None else {"allowance": allowance}),
            }
    listed = [_written_right(right, group, hours, plan, out) for right in plan.rights]
    return {**({} if group is None else {"group": group}), "rights": listed}


def _written_right(
    right: AccessRight, group: str | None, hours: str | None, plan: Plan, out: WriteContext
) -> Plain:
    written = RIGHT.write_keys(right, out)
    is_name = is_always_a_name(out, plan.line_calendars)
    if (right.hours == ALWAYS and not is_name) or (hours is not None and hours == ALWAYS):
        raise InvalidValueError(f"`{ALWAYS}` is no calendar here")
    if group is not None:
        del written["group"]
    if hours is not None and right.hours == hours:
        del written["hours"]
    if hours is not None and right.hours is None:
        if is_name:
            raise InvalidValueError(f"`{ALWAYS}` is the name of a calendar here")
        written["hours"] = ALWAYS
    return written
