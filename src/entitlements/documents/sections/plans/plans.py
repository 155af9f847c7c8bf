"""Document section `plans`: plans with their targets and rights, in the short or the long form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, final

import attrs

from entitlements.contracts.plans import Grace, Plan
from entitlements.documents.formats.nodes import MappingNode, Node, find
from entitlements.documents.plans.inheritance import BASED_ON, Bases, whole_plan
from entitlements.documents.plans.milestone_tables import milestones, tables_of, with_targets
from entitlements.documents.plans.own_prices import with_own_prices
from entitlements.documents.plans.written_targets import calendars_of, shortest, with_keys_first
from entitlements.documents.sections.catalog import (
    ALLOWANCE,
    GROUP_NAME,
    LEAD_TIME,
    PRIORITIES,
    QUANTITY_STEPS,
    SEVERITIES,
)
from entitlements.documents.sections.plans.rights import (
    EXPERTS,
    GROUP_OF_PLAN,
    PLAN_CHANNELS,
    QUEUE,
    RIGHT,
    RIGHT_ALLOWANCE,
    RightsSource,
    with_plan_defaults,
)
from entitlements.documents.sections.plans.written_rights import written_rights
from entitlements.documents.sections.policies import (
    CALENDARS,
    OPTIONS,
    names_always,
    policy_parts,
    read_policy,
    with_custom_tables,
    with_named_hours,
    written_targets,
)
from entitlements.documents.sections.prices import COMMERCIAL
from entitlements.documents.sections.targets import (
    HOURS,
    TABLES,
    TARGET,
    TARGET_KEY_TEXTS,
    TARGET_KEYS,
)
from entitlements.documents.shapes.collections import ListShape, MappingShape, OptionalShape
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
from entitlements.sla.policy import SlaPolicy

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
        "requires_plan": ListShape(ReferenceShape(("plan",)), frozenset),
        "suspended_by": ListShape(ReferenceShape(("plan",)), frozenset),
        "unlimited_roles": ListShape(TEXT, frozenset),
        "severities": ListShape(NewIdShape("severity")),
        "may_not_open": SEVERITIES,
        "opened_by": MappingShape(ListShape(TEXT, frozenset), refers="severity"),
        "priority_matrix": PRIORITIES,
        "channels": PLAN_CHANNELS,
        "kinds": ListShape(NewIdShape("kind of request"), frozenset),
        "rights": ListShape(RIGHT),
        "general_group": OptionalShape(GROUP_NAME),
        "allowances": ListShape(ALLOWANCE),
        "quantity_steps": QUANTITY_STEPS,
        "lead_time": OptionalShape(LEAD_TIME),
        "commercial": OptionalShape(COMMERCIAL),
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
    derived=("rights",),
    beside={
        BASED_ON: ReferenceShape(("plan",)),
        **TARGET_KEYS,
        "group": GROUP_OF_PLAN,
        "reached": HOURS,
        "queue": QUEUE,
        "allowance": RIGHT_ALLOWANCE,
        "experts": EXPERTS,
        **_POLICY_PARTS,
    },
    described={
        BASED_ON: "The plan whose keys hold here, unless they are stated.",
        **TARGET_KEY_TEXTS,
        "group": "The expert group that is reached, or one for each severity; rights follow from "
        "it and the first responses.",
        "reached": "The calendar in which the group is reached, if it is not that of the targets.",
        "queue": "Channels by which the group is reached through its queue, and not at once.",
        "allowance": "The allowance from which requests take units, where no right states another.",
        "experts": "Designated experts of the group, asked first, in this order.",
        "policy": "The SLA policy with the targets, if several plans share it.",
        "targets": "Targets that do not fit in the table of their milestone.",
        "clock": "Options of the clocks, or the name of a preset.",
        "calendars": "Other hours for calendar names of the targets.",
    },
)
_HEAD: Final = (
    *("id", "version", "name", "service", "requires_plan", "suspended_by", "hours", "reached"),
    *("cut_off", "group", "experts", "severities", "may_not_open", "opened_by"),
    *("priority_matrix", "channels", "kinds", "queue", "allowance", "anchor", "warn"),
)
_KINDS: Final = frozenset({"plan", "plan version", "SLA policy"})
_SCOPES: Final = ("severity", "channel", "kind of request", "right", "allowance", "line calendar")


@final
@attrs.frozen(eq=False)
class ReadPlan:
    """A plan, its node, and what is stated beside it.

    Attributes:
        plan: The plan.
        node: Its node.
        policy: The policy that belongs to it alone, if it has one.
        channels: The channels by which each severity is opened, where rights follow from a group.
    """

    plan: Plan
    node: Node
    policy: SlaPolicy | None
    channels: Mapping[str | None, frozenset[str]]


def plan_bases(nodes: Iterable[Node], into: ReadContext) -> Bases:
    """Return the plans that others may be based on, by the id of the policy of their own."""
    found: dict[str, MappingNode] = {}
    for node in nodes:
        if isinstance(node, MappingNode):
            found.setdefault(own_policy(*_id_and_version(node)), node)
    return Bases("plan", found, lambda node: _mended(node, into))


def _mended(node: MappingNode, into: ReadContext) -> MappingNode:
    return _PLAN.mended_mapping(node, into, milestones(into))


@final
@attrs.frozen
class PlanShape(Shape):
    """A plan; it names a policy, or has the targets of its own policy.

    Attributes:
        bases: The plans that it may be based on.
    """

    bases: Bases | None = None

    def read(self, node: Node, into: ReadContext) -> ReadPlan | Unreadable:
        """Return the plan and its own policy, if it has one."""
        if not isinstance(node, MappingNode):
            into.lose(*self.named())
            _PLAN.read_fields(node, into)
            return UNREADABLE
        node = _mended(node, into)
        id = _register(node, into)
        node = whole_plan(node, self.bases or plan_bases((), into), into)
        with into.scope(*_SCOPES), names_always(node, into):
            tables = tables_of(node, into, _PLAN.keys)
            node = with_own_prices(node, id, _id_and_version(node)[0], into)
            node = with_plan_defaults(with_named_hours(node, into))
            node = with_targets(node, tables, TARGET, into)
            values = _PLAN.read_fields(node, into)
            parts = self._parts(node, tables, into)
            rights = RightsSource.read(node, into)
            if _lacks_severities(node, into):
                return into.problem(find(node, "severities"), *_NO_SEVERITIES)
            into.need("severity", "channel")
            unresolved = into.unresolved(*_SCOPES[:-1])
        if isinstance(values, Unreadable) or isinstance(parts, Unreadable):
            return UNREADABLE
        policy: Any = None
        if "policy" not in parts:
            names = values.get("line_calendars", frozenset())
            policy = read_policy(node, {**parts, "id": id}, into, names)
        if isinstance(policy, Unreadable) or isinstance(rights, Unreadable):
            return UNREADABLE
        with into.silent(unresolved):
            arguments = rights.added_to({**values, "policy": parts.get("policy", id)}, policy)
            plan = _PLAN.build(node, arguments, into)
        if isinstance(plan, Unreadable):
            return UNREADABLE
        return ReadPlan(plan, node, policy, rights.channels_of(plan))

    def named(self) -> frozenset[str]:
        """Return the names that a plan defines, for all documents and inside it."""
        return _PLAN.named() | _KINDS

    def _parts(
        self, node: MappingNode, tables: Sequence[str], into: ReadContext
    ) -> dict[str, Any] | Unreadable:
        parts = {
            "options" if name == "clock" else name: shape.read(node.entries[name], into)
            for name, shape in _POLICY_PARTS.items()
            if name in node.entries
        }
        if "policy" in parts and len(parts) > 1:
            other = next(iter(tables), "clock" if "options" in parts else "targets")
            message = f"a plan names a policy or has `{other}` of its own, not both"
            return into.problem(node.keys["policy"], message)
        if "policy" not in parts and "targets" not in parts and node.lossy:
            return UNREADABLE
        if "policy" not in parts and "targets" not in parts:
            hint = "write a table such as `first_response: {S1: 1h, S2: 4h}`, or name a `policy`"
            return into.problem(node, "`first_response` is missing in this plan", hint)
        return UNREADABLE if any(isinstance(each, Unreadable) for each in parts.values()) else parts

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return a plan with the targets of its own policy, or the name of another.

        Args:
            value: The plan, and its own policy or None.
            out: The write context.
        """
        plan, policy = value
        written = _PLAN.write_keys(plan, out, without=("rights",))
        if policy is None:
            parts: dict[str, Plain] = {"policy": plan.policy}
        else:
            parts = policy_parts(policy, out, plan.line_calendars)
            del parts["id"]
        targets = () if policy is None else policy.targets
        hours = dict.fromkeys([*calendars_of(targets), *(each.hours for each in plan.rights)])

        def keys(hours: str | None) -> dict[str, Plain]:
            of_policy: dict[str, Plain] = {} if hours is None else {"hours": hours}
            if policy is not None:
                reserved = frozenset(_PLAN.keys) | (frozenset(_PLAN.beside) - TABLES.keys())
                own = plan.line_calendars
                of_policy = written_targets(policy, parts, hours, out, reserved, own)
            return {**of_policy, **parts, **written_rights(plan, policy, hours, out)}

        found = shortest(hours, keys)
        return with_keys_first({**written, **found}, [*_HEAD, *found])

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return those of the plan."""
        reference = with_custom_tables(_PLAN.schema(defs), defs)
        defs["plan"]["required"] = ["id"]  # the rest may be inherited
        defs["access_right"]["required"] = ["id"]  # the group may be that of the plan
        return reference


_NO_SEVERITIES: Final = (
    "`severities` is missing in this plan",
    "list them, worst first: `severities: [S1, S2, S3]`",
)


def _lacks_severities(node: MappingNode, into: ReadContext) -> bool:
    """Return whether a plan lists no severities, and refers to some."""
    names = into.known("severity")
    if node.lossy or names is None or names.nodes or names.lost or not names.used:
        return False
    names.lost = True
    return True


def own_policy(id: str, version: str) -> str:
    """Return the id of the policy that belongs to a plan.

    >>> own_policy("gold", "1"), own_policy("gold", "2")
    ('gold', 'gold@2')
    """
    return id if version == "1" else f"{id}@{version}"


def _id_and_version(node: MappingNode) -> tuple[str, str]:
    texts = [getattr(node.entries.get(key), "text", "") for key in ("id", "version")]
    return texts[0], texts[1] or "1"


def _register(node: MappingNode, into: ReadContext) -> str:
    """Define the names of a plan, also if it has problems, and return that of its policy."""
    id, version = _id_and_version(node)
    if not id or node.lossy:
        into.lose(*_KINDS)
    if not id:
        return ""
    place = node.entries["id"]
    into.define("plan", id)
    into.name("plan version", f"{id} {version}", place)
    own = own_policy(id, version)
    if "policy" not in node.entries:
        into.define("SLA policy", own)
    return own
