"""Document section `routing`: the routing policy, or the name of a preset."""

from __future__ import annotations

import re
from typing import Any, Final, final

import attrs

from entitlements.documents.formats.nodes import Node, ScalarNode, node_text
from entitlements.documents.hours.business_hours import HoursShape
from entitlements.documents.sections.strategies import QueueOrderShape, StrategyShape
from entitlements.documents.shapes.collections import (
    ListShape,
    MappingShape,
    OptionalShape,
    is_empty,
)
from entitlements.documents.shapes.read_context import ReadContext, suggestion
from entitlements.documents.shapes.records import record_shape
from entitlements.documents.shapes.scalars import (
    DURATION,
    INTEGER,
    TEXT,
    Definitions,
    JsonSchema,
    Plain,
    ReferenceShape,
    ScalarShape,
    Shape,
    WriteContext,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.routing.policies.fairness import FairnessBounds
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.routing.policies.presets import ROUTING_PRESETS
from entitlements.routing.work.queue_limits import QueueLimits
from entitlements.routing.work.relaxation import RelaxationPlan, RelaxationStep

_NUMBER: Final = re.compile(r"(\d{1,9}(?:\.\d{1,30})?(?:e-\d{1,3})?)(%?)", re.ASCII)


def _parse_share(text: str) -> float:
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        raise InvalidValueError(f"`{text}` is not a share", hint="write it as `0.75` or `75%`")
    number, percent = found.groups()
    return float(f"{number}e-2") if percent and "e" not in number else float(number)


_SHARE: Final = OptionalShape(
    ScalarShape(
        "a share",
        _parse_share,
        repr,
        {"type": ["string", "number"], "description": "Such as 0.75 or 75%."},
    )
)
_BOUNDS: Final = record_shape(
    FairnessBounds,
    shapes={
        "jain": _SHARE,
        "gini": _SHARE,
        "occupancy": _SHARE,
        "declined": _SHARE,
        "longest_wait": MappingShape(DURATION, key=INTEGER),
    },
)
_GROUP: Final = ReferenceShape(("expert group",))
_STEP: Final = record_shape(
    RelaxationStep,
    shapes={
        "lower": MappingShape(INTEGER, short=ListShape(TEXT)),
        "groups": ListShape(_GROUP, frozenset),
    },
)
_RELAXATION: Final = record_shape(
    RelaxationPlan, shapes={"steps": ListShape(_STEP), "hours": OptionalShape(HoursShape())}
)
_QUEUES: Final = record_shape(QueueLimits, shapes={"overflow": ListShape(_GROUP)})
_POLICY: Final = record_shape(
    RoutingPolicy,
    shapes={
        "strategy": StrategyShape(),
        "order": QueueOrderShape(),
        "bounds": _BOUNDS,
        "relaxation": OptionalShape(_RELAXATION),
        "queues": MappingShape(_QUEUES, refers="expert group"),
    },
)


@final
@attrs.frozen
class RoutingPolicyShape(Shape):
    """The routing policy: its keys, or the name of a preset."""

    policy: Shape = _POLICY

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the policy."""
        if not isinstance(node, ScalarNode) or is_empty(node):
            return self.policy.read(node, into)
        if node.text in ROUTING_PRESETS:
            return ROUTING_PRESETS[node.text]
        hint = suggestion(node.text, ROUTING_PRESETS) or f"known are {', '.join(ROUTING_PRESETS)}"
        return into.problem(node, f"no preset has the name {node_text(node)}", hint)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the policy itself, because a preset may change.

        Raises:
            InvalidValueError: The strategy or the queue order is made of functions of a program.
        """
        return self.policy.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return the policy, or one of the presets."""
        return {"anyOf": [self.policy.schema(defs), {"enum": list(ROUTING_PRESETS)}]}


ROUTING: Final = RoutingPolicyShape()
