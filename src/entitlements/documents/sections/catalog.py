"""Document sections `services`, `products`, `groups` and `plans`."""

from __future__ import annotations

from typing import Any, Final, final

import attrs

from entitlements.contracts.allowances.allowance import Allowance, Cycle, Rollover
from entitlements.contracts.catalog import ExpertGroup
from entitlements.contracts.plans import AccessRight, Grace, Plan
from entitlements.contracts.products import Product, ProductVersion, ServiceProduct
from entitlements.documents.formats.nodes import MappingNode, Node
from entitlements.documents.sections.policies import (
    CALENDARS,
    OPTIONS,
    TARGET,
    policy_parts,
    read_policy,
)
from entitlements.documents.shapes.collections import ListShape, OptionalShape
from entitlements.documents.shapes.read_context import UNREADABLE, ReadContext, Unreadable
from entitlements.documents.shapes.records import record_shape
from entitlements.documents.shapes.scalars import (
    Definitions,
    JsonSchema,
    NewIdShape,
    Plain,
    ReferenceShape,
    Shape,
    WriteContext,
)
from entitlements.sla.policy import SlaPolicy

SERVICE: Final = record_shape(ServiceProduct, shapes={"id": NewIdShape("service product")})
PRODUCT: Final = record_shape(
    Product,
    lone="id",
    shapes={
        "id": NewIdShape("product"),
        "versions": ListShape(record_shape(ProductVersion, lone="id")),
    },
)
GROUP: Final = record_shape(ExpertGroup, lone="id", shapes={"id": NewIdShape("expert group")})

ROLLOVER: Final = record_shape(Rollover, lone="most")
_CYCLE: Final = OptionalShape(record_shape(Cycle, lone="period"))
_SEVERITIES: Final = ListShape(ReferenceShape(("severity",)), frozenset)
_GROUP: Final = ReferenceShape(("expert group",))

ALLOWANCE: Final = record_shape(
    Allowance,
    shapes={
        "id": NewIdShape("allowance"),
        "recurrence": _CYCLE,
        "lifetime": _CYCLE,
        "rollover": OptionalShape(ROLLOVER),
        "severities": _SEVERITIES,
        "groups": ListShape(_GROUP, frozenset),
    },
)
RIGHT: Final = record_shape(
    AccessRight,
    shapes={
        "id": NewIdShape("right"),
        "group": _GROUP,
        "severities": _SEVERITIES,
        "channels": ListShape(ReferenceShape(("channel",)), frozenset),
        "products": ListShape(ReferenceShape(("product",)), frozenset),
        "hours": OptionalShape(ReferenceShape(("calendar", "line calendar"))),
        "allowance": OptionalShape(ReferenceShape(("allowance",))),
    },
)
_POLICY_PARTS: Final[dict[str, Shape]] = {
    "policy": ReferenceShape(("SLA policy",)),
    "targets": ListShape(TARGET),
    "clock": OPTIONS,
    "calendars": CALENDARS,
}
_PLAN: Final = record_shape(
    Plan,
    shapes={
        "service": OptionalShape(ReferenceShape(("service product",))),
        "severities": ListShape(NewIdShape("severity")),
        "may_not_open": _SEVERITIES,
        "channels": ListShape(NewIdShape("channel"), frozenset),
        "rights": ListShape(RIGHT),
        "general_group": OptionalShape(_GROUP),
        "allowances": ListShape(ALLOWANCE),
        "grace": OptionalShape(
            record_shape(
                Grace,
                lone="days",
                shapes={"rights": ListShape(ReferenceShape(("right",)), frozenset)},
            )
        ),
        "line_calendars": ListShape(NewIdShape("line calendar"), frozenset),
    },
    without=("policy",),
    beside=_POLICY_PARTS,
)
_KINDS: Final = frozenset({"plan", "plan version", "SLA policy"})
_SCOPES: Final = ("severity", "channel", "right", "allowance", "line calendar")


@final
@attrs.frozen(eq=False)
class ReadPlan:
    """A plan, its node, and the policy that belongs to it alone, if it has one."""

    plan: Plan
    node: Node
    policy: SlaPolicy | None


@final
@attrs.frozen
class PlanShape(Shape):
    """A plan; it names a policy, or has the targets of its own policy."""

    def read(self, node: Node, into: ReadContext) -> ReadPlan | Unreadable:
        """Return the plan and its own policy, if it has one."""
        node = _PLAN.mended(node, into)
        with into.scope(*_SCOPES):
            values = _PLAN.read_fields(node, into)
            if not isinstance(node, MappingNode):
                into.lose(*self.named())
                return UNREADABLE
            id = _register(node, into)
            parts = self._parts(node, into)
            into.need("severity", "channel")
            unresolved = into.unresolved("severity", "channel", "right", "allowance")
        if isinstance(values, Unreadable) or isinstance(parts, Unreadable):
            return UNREADABLE
        policy: Any = None
        if "policy" not in parts:
            names = values.get("line_calendars", frozenset())
            policy = read_policy(node, {**parts, "id": id}, into, names)
        with into.silent(unresolved):
            plan = _PLAN.build(node, {**values, "policy": parts.get("policy", id)}, into)
        if isinstance(plan, Unreadable) or isinstance(policy, Unreadable):
            return UNREADABLE
        return ReadPlan(plan, node, policy)

    def named(self) -> frozenset[str]:
        """Return the names that a plan defines, for all documents and inside it."""
        return _PLAN.named() | _KINDS

    def _parts(self, node: MappingNode, into: ReadContext) -> dict[str, Any] | Unreadable:
        parts = {
            "options" if name == "clock" else name: shape.read(node.entries[name], into)
            for name, shape in _POLICY_PARTS.items()
            if name in node.entries
        }
        if "policy" in parts and len(parts) > 1:
            other = "clock" if "options" in parts else "targets"
            message = f"a plan names a policy or has `{other}` of its own, not both"
            return into.problem(node.keys["policy"], message)
        if "policy" not in parts and "targets" not in parts and node.lossy:
            return UNREADABLE
        if "policy" not in parts and "targets" not in parts:
            hint = "list its targets, or name a `policy`"
            return into.problem(node, "`targets` is missing in this plan", hint)
        return UNREADABLE if any(isinstance(each, Unreadable) for each in parts.values()) else parts

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return a plan with the targets of its own policy, or the name of another.

        Args:
            value: The plan, and its own policy or None.
            out: The write context.
        """
        plan, policy = value
        written = _PLAN.write_keys(plan, out)
        if policy is None:
            return {**written, "policy": plan.policy}
        parts = policy_parts(policy, out, plan.line_calendars)
        return {**written, **{name: parts[name] for name in _POLICY_PARTS if name in parts}}

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return those of the plan."""
        return _PLAN.schema(defs)


def own_policy(id: str, version: str) -> str:
    """Return the id of the policy that belongs to a plan.

    >>> own_policy("gold", "1"), own_policy("gold", "2")
    ('gold', 'gold@2')
    """
    return id if version == "1" else f"{id}@{version}"


def _register(node: MappingNode, into: ReadContext) -> str:
    """Define the names of a plan, also if it has problems, and return that of its policy."""
    texts = [getattr(node.entries.get(key), "text", "") for key in ("id", "version")]
    if not texts[0] or node.lossy:
        into.lose(*_KINDS)
    if not texts[0]:
        return ""
    id, version = texts[0], texts[1] or "1"
    place = node.entries["id"]
    into.define("plan", id)
    into.name("plan version", f"{id} {version}", place)
    own = own_policy(id, version)
    if "policy" not in node.entries:
        into.define("SLA policy", own)
    return own
