"""Document sections `services`, `products` and `groups`, and allowances."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, final

import attrs

from entitlements.contracts.allowances.allowance import Allowance, Cycle, Rollover, Unit
from entitlements.contracts.catalog import ExpertGroup
from entitlements.contracts.products import Product, ProductVersion, ServiceProduct
from entitlements.documents.formats.nodes import MappingNode, Node, ScalarNode
from entitlements.documents.shapes.collections import ListShape, OptionalShape
from entitlements.documents.shapes.read_context import ReadContext
from entitlements.documents.shapes.records import RecordShape, record_shape
from entitlements.documents.shapes.scalars import (
    DURATION,
    INTEGER,
    Definitions,
    JsonSchema,
    NewIdShape,
    Plain,
    ReferenceShape,
    ScalarShape,
    Shape,
    WriteContext,
)
from entitlements.kernel.errors import InvalidValueError

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

ROLLOVER: Final = record_shape(Rollover, lone="at_most")
_CYCLE: Final = OptionalShape(record_shape(Cycle, lone="period"))
SEVERITIES: Final = ListShape(ReferenceShape(("severity",)), frozenset)
GROUP_NAME: Final = ReferenceShape(("expert group",))

_QUANTITIES: Final = ("amount", "cap", "cost")


def _parse_quantity(text: str) -> int:
    """Return a whole number, or the whole minutes of an amount of time."""
    if text.lstrip("-").isdigit():
        number: int = INTEGER.parse(text)
        return number
    amount: timedelta = DURATION.parse(text)
    minutes, rest = divmod(amount, timedelta(minutes=1))
    if rest:
        raise InvalidValueError(f"`{text}` is not a whole number of minutes")
    return minutes


QUANTITY: Final = ScalarShape(
    "a whole number",
    _parse_quantity,
    int,
    {
        "anyOf": [{"type": "integer"}, DURATION.json],
        "description": "A whole number of units; minutes may be an amount of time such as 25h.",
    },
)
"""A number of units; of minutes also as an amount of time such as `25h`."""

_ALLOWANCE: Final = record_shape(
    Allowance,
    shapes={
        "id": NewIdShape("allowance"),
        "amount": QUANTITY,
        "cap": OptionalShape(QUANTITY),
        "cost": QUANTITY,
        "recurrence": _CYCLE,
        "lifetime": _CYCLE,
        "rollover": OptionalShape(ROLLOVER),
        "severities": SEVERITIES,
        "groups": ListShape(GROUP_NAME, frozenset),
    },
)


@final
@attrs.frozen
class AllowanceShape(Shape):
    """An allowance; only one in minutes has amounts of time."""

    record: RecordShape = _ALLOWANCE

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the allowance."""
        node = self.record.mended(node, into)
        unit = node.entries.get("unit") if isinstance(node, MappingNode) else None
        if isinstance(node, MappingNode) and isinstance(unit, ScalarNode):
            for key in _QUANTITIES:
                value = node.entries.get(key)
                if isinstance(value, ScalarNode) and unit.text in set(Unit) - {Unit.MINUTES}:
                    INTEGER.read(value, into)
        return self.record.read(node, into)

    def named(self) -> frozenset[str]:
        """Return those of the record."""
        return self.record.named()

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the allowance with whole numbers."""
        return self.record.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return that of the record."""
        return self.record.schema(defs)


ALLOWANCE: Final = AllowanceShape()
