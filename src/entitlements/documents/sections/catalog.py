"""How do products, groups and plans stand in a document?"""

from __future__ import annotations

from typing import Any, Final, final

import attrs

from entitlements.contracts.allowances.allowance import Allowance, Cycle, Rollover
from entitlements.contracts.catalog import ExpertGroup
from entitlements.contracts.plans import AccessRight, Grace, Plan
from entitlements.contracts.products import Product, ProductVersion, ServiceProduct
from entitlements.documents.formats.nodes import Keyed, Node
from entitlements.documents.sections.policies import (
    CALENDARS,
    OPTIONS,
    TARGET,
    policy_parts,
    read_policy,
)
from entitlements.documents.shapes.collections import Maybe, Several
from entitlements.documents.shapes.read_context import BROKEN, Broken, Reading
from entitlements.documents.shapes.records import record
from entitlements.documents.shapes.scalars import (
    Definitions,
    JsonSchema,
    Name,
    Plain,
    Reference,
    Shape,
    Writing,
)
from entitlements.sla.policy import SlaPolicy

SERVICE: Final = record(ServiceProduct, shapes={"id": Name("service product")})
PRODUCT: Final = record(
    Product,
    lone="id",
    shapes={
        "id": Name("product"),
        "versions": Several(record(ProductVersion, lone="id")),
    },
)
GROUP: Final = record(ExpertGroup, lone="id", shapes={"id": Name("expert group")})

ROLLOVER: Final = record(Rollover, lone="most")
_CYCLE: Final = Maybe(record(Cycle, lone="period"))
_SEVERITIES: Final = Several(Reference(("severity",)), frozenset)
_GROUP: Final = Reference(("expert group",))

ALLOWANCE: Final = record(
    Allowance,
    shapes={
        "id": Name("allowance"),
        "recurrence": _CYCLE,
        "lifetime": _CYCLE,
        "rollover": Maybe(ROLLOVER),
        "severities": _SEVERITIES,
        "groups": Several(_GROUP, frozenset),
    },
)
RIGHT: Final = record(
    AccessRight,
    shapes={
        "id": Name("right"),
        "group": _GROUP,
        "severities": _SEVERITIES,
        "channels": Several(Reference(("channel",)), frozenset),
        "products": Several(Reference(("product",)), frozenset),
        "hours": Maybe(Reference(("calendar", "line calendar"))),
        "allowance": Maybe(Reference(("allowance",))),
    },
)
_OF_POLICY: Final[dict[str, Shape]] = {
    "policy": Reference(("SLA policy",)),
    "targets": Several(TARGET),
    "clock": OPTIONS,
    "calendars": CALENDARS,
}
_PLAN: Final = record(
    Plan,
    shapes={
        "service": Maybe(Reference(("service product",))),
        "severities": Several(Name("severity")),
        "may_not_open": _SEVERITIES,
        "channels": Several(Name("channel"), frozenset),
        "rights": Several(RIGHT),
        "general_group": Maybe(_GROUP),
        "allowances": Several(ALLOWANCE),
        "grace": Maybe(
            record(Grace, lone="days", shapes={"rights": Several(Reference(("right",)), frozenset)})
        ),
        "line_calendars": Several(Name("line calendar"), frozenset),
    },
    without=("policy",),
    beside=_OF_POLICY,
)
_KINDS: Final = frozenset({"plan", "plan version", "SLA policy"})
_SCOPES: Final = ("severity", "channel", "right", "allowance", "line calendar")


@final
@attrs.frozen(eq=False)
class ReadPlan:
    """A plan, the policy that stands inside it, and where it stands."""

    plan: Plan
    node: Node
    policy: SlaPolicy | None


@final
@attrs.frozen
class PlanShape(Shape):
    """A plan; it names a policy, or holds the targets of one that is its own."""

    def read(self, node: Node, into: Reading) -> ReadPlan | Broken:
        """Return the plan and its own policy, if it has one."""
        node = _PLAN.mended(node, into)
        with into.scope(*_SCOPES):
            values = _PLAN.read_fields(node, into)
            if not isinstance(node, Keyed):
                into.lose(*self.named())
                return BROKEN
            id = _register(node, into)
            parts = self._parts(node, into)
            into.need("severity", "channel")
            unresolved = into.unresolved("severity", "channel", "right", "allowance")
        if isinstance(values, Broken) or isinstance(parts, Broken):
            return BROKEN
        policy: Any = None
        if "policy" not in parts:
            names = values.get("line_calendars", frozenset())
            policy = read_policy(node, {**parts, "id": id}, into, names)
        with into.silent(unresolved):
            plan = _PLAN.build(node, {**values, "policy": parts.get("policy", id)}, into)
        if isinstance(plan, Broken) or isinstance(policy, Broken):
            return BROKEN
        return ReadPlan(plan, node, policy)

    def named(self) -> frozenset[str]:
        """Return what a plan names everywhere, and what inside."""
        return _PLAN.named() | _KINDS

    def _parts(self, node: Keyed, into: Reading) -> dict[str, Any] | Broken:
        parts = {
            "options" if name == "clock" else name: shape.read(node.entries[name], into)
            for name, shape in _OF_POLICY.items()
            if name in node.entries
        }
        if "policy" in parts and len(parts) > 1:
            other = "clock" if "options" in parts else "targets"
            message = f"a plan names a policy or has `{other}` of its own, not both"
            return into.problem(node.keys["policy"], message)
        if "policy" not in parts and "targets" not in parts and node.lossy:
            return BROKEN
        if "policy" not in parts and "targets" not in parts:
            hint = "list its targets, or name a `policy`"
            return into.problem(node, "`targets` is missing in this plan", hint)
        return BROKEN if any(isinstance(each, Broken) for each in parts.values()) else parts

    def write(self, value: Any, out: Writing) -> Plain:
        """Return a plan with the targets of its own policy, or the name of another.

        Args:
            value: The plan, and its own policy or None.
            out: What the writer knows.
        """
        plan, policy = value
        written = _PLAN.write_keys(plan, out)
        if policy is None:
            return {**written, "policy": plan.policy}
        parts = policy_parts(policy, out, plan.line_calendars)
        return {**written, **{name: parts[name] for name in _OF_POLICY if name in parts}}

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return the plan's own."""
        return _PLAN.schema(defs)


def own_policy(id: str, version: str) -> str:
    """Return the id of the policy that stands inside a plan.

    >>> own_policy("gold", "1"), own_policy("gold", "2")
    ('gold', 'gold@2')
    """
    return id if version == "1" else f"{id}@{version}"


def _register(node: Keyed, into: Reading) -> str:
    """Note the names of a plan, whatever else is wrong with it, and return its own policy's."""
    texts = [getattr(node.entries.get(key), "text", "") for key in ("id", "version")]
    if not texts[0] or node.lossy:
        into.lose(*_KINDS)
    if not texts[0]:
        return ""
    id, version = texts[0], texts[1] or "1"
    place = node.entries["id"]
    into.mention("plan", id)
    into.name("plan version", f"{id} {version}", place)
    own = own_policy(id, version)
    if "policy" not in node.entries:
        into.mention("SLA policy", own)
    return own
