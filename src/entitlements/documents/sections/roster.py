"""Document sections `agents`, `on_call` and `roster`: agents, schedules and workloads."""

from __future__ import annotations

from typing import Any, Final, final

import attrs

from entitlements.documents.formats.nodes import Node
from entitlements.documents.hours.business_hours import HoursShape
from entitlements.documents.shapes.collections import ListShape, MappingShape, OptionalShape
from entitlements.documents.shapes.read_context import ReadContext
from entitlements.documents.shapes.records import record_shape
from entitlements.documents.shapes.scalars import (
    INTEGER,
    TEXT,
    Definitions,
    JsonSchema,
    NewIdShape,
    Plain,
    ReferenceShape,
    Shape,
    WriteContext,
)
from entitlements.routing.agents.agent import Agent, RateLimit
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.on_call import OnCall, OnCallLayer, OnCallOverride
from entitlements.routing.agents.workload import AssignedWork, Workload
from entitlements.routing.roster import Roster
from entitlements.routing.work.requirements import Requirement, RoutingObligations

_LEVELS: Final = MappingShape(INTEGER, short=ListShape(TEXT))
_LIMITS: Final = MappingShape(OptionalShape(INTEGER), short=INTEGER)
_AGENTS: Final = ListShape(ReferenceShape(("agent",)))


@final
@attrs.frozen
class TogetherShape(Shape):
    """Agents who are on call together: one name, or a list of names."""

    agents: Shape = _AGENTS

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the names."""
        return self.agents.read(node, into)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the name, or the list of several."""
        written = self.agents.write(value, out)
        return written[0] if isinstance(written, list) and len(written) == 1 else written

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return both forms."""
        return self.agents.schema(defs)


AGENT: Final = record_shape(
    Agent,
    shapes={
        "id": NewIdShape("agent"),
        "groups": ListShape(ReferenceShape(("expert group",)), frozenset),
        "skills": _LEVELS,
        "capacity": _LIMITS,
        "channels": OptionalShape(MappingShape(OptionalShape(INTEGER), short=ListShape(TEXT))),
        "combines": MappingShape(ListShape(TEXT, frozenset)),
        "rate_limit": OptionalShape(record_shape(RateLimit, lone="count")),
        "shift": OptionalShape(HoursShape()),
        "clearances": _LEVELS,
        "tiers": _LEVELS,
    },
)
ON_CALL: Final = record_shape(
    OnCall,
    shapes={
        "id": NewIdShape("on-call schedule"),
        "layers": ListShape(
            record_shape(
                OnCallLayer,
                shapes={
                    "members": ListShape(TogetherShape()),
                    "hours": OptionalShape(HoursShape()),
                },
            )
        ),
        "overrides": ListShape(record_shape(OnCallOverride, shapes={"agents": _AGENTS})),
    },
)
_REQUIREMENT: Final = record_shape(
    Requirement,
    shapes={
        "skills": _LEVELS,
        "preferred": _LEVELS,
        "weights": MappingShape(INTEGER, short=INTEGER),
        "obligations": record_shape(RoutingObligations, shapes={"clearances": _LEVELS}),
    },
)
_ASSIGNED_WORK: Final = record_shape(
    AssignedWork,
    shapes={"requires": _REQUIREMENT, "override": OptionalShape(record_shape(AssignmentOverride))},
)
_WORKLOAD: Final = record_shape(Workload, shapes={"held": MappingShape(_ASSIGNED_WORK)})
ROSTER: Final = record_shape(
    Roster,
    shapes={"workloads": MappingShape(_WORKLOAD, refers="agent")},
    without=("agents", "on_call"),
)
