"""Document sections `services`, `products` and `groups`; allowances, and lead times of plans."""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction
from typing import Any, Final, final

import attrs

from entitlements.contracts.allowances.allowance import Allowance, Cycle, Rollover, Unit
from entitlements.contracts.catalog import ExpertGroup
from entitlements.contracts.plan_terms.commercial_terms import UptimePromise
from entitlements.contracts.plan_terms.lead_time import LeadTime
from entitlements.contracts.plan_terms.priority_matrix import PriorityMatrix
from entitlements.contracts.plan_terms.quantity_steps import QuantityStep
from entitlements.contracts.products import Product, ProductVersion, ServiceProduct
from entitlements.documents.formats.nodes import MappingNode, Node, ScalarNode, node_text
from entitlements.documents.plans.amounts import (
    ALWAYS,
    Amount,
    format_amount,
    is_plain,
    parse_amount,
)
from entitlements.documents.shapes.collections import (
    ListShape,
    MappingShape,
    OptionalShape,
    is_empty,
)
from entitlements.documents.shapes.read_context import UNREADABLE, ReadContext, Unreadable
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
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.sla.targets import Commitment

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
_CYCLE_KEYS: Final = record_shape(Cycle, lone="period")
_CYCLES: Final = re.compile(r"(\d{1,4}) (week|month|quarter|year)s?")


@final
@attrs.frozen
class CycleShape(Shape):
    """A cycle: its period, several of them such as `3 months`, or both as keys."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the cycle."""
        found = _CYCLES.fullmatch(node.text) if isinstance(node, ScalarNode) else None
        if found is None:
            return _CYCLE_KEYS.read(node, into)
        return into.guarded(node, lambda: Cycle(found[2], int(found[1])))

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return its keys, or the period alone."""
        return _CYCLE_KEYS.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return that of the keys, or of the text."""
        several = {"type": "string", "pattern": f"^{_CYCLES.pattern}$"}
        return {"anyOf": [_CYCLE_KEYS.schema(defs), several]}


CYCLE: Final = CycleShape()
_CYCLE: Final = OptionalShape(CYCLE)
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

_LEAD_TIME: Final = record_shape(
    LeadTime,
    shapes={"calendar": OptionalShape(ReferenceShape(("calendar", "line calendar")))},
)


@final
@attrs.frozen
class LeadTimeShape(Shape):
    """A lead time as a price list states it: `48h`, `2 business days office`."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the lead time."""
        if not isinstance(node, ScalarNode) or is_empty(node):
            return _LEAD_TIME.read(node, into)
        amount = into.guarded(node, lambda: parse_amount(node.text))
        if isinstance(amount, Unreadable):
            return UNREADABLE
        plain = amount.commitment is Commitment.GUARANTEE and not amount.exclusive
        if amount.choices or not plain or not amount.within:
            hint = (
                "write elapsed time such as `48h` or `2 days always`, or `2 business days office`"
            )
            return into.problem(node, f"{node_text(node)} is not a lead time", hint)
        name, within = amount.calendar, amount.within
        if isinstance(within, timedelta):
            name = None if name == ALWAYS else name
            return into.guarded(node, lambda: LeadTime(time=within, calendar=name))
        if name is not None:
            into.refer(attrs.evolve(node, text=name), "calendar", "line calendar")
        return into.guarded(node, lambda: LeadTime(business_days=within, calendar=name))

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return it as text, or as a mapping where the name of the calendar needs it."""
        amount = Amount(value.time or value.business_days, value.calendar)
        return format_amount(amount) if is_plain(amount) else _LEAD_TIME.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return text, or a mapping."""
        text = {"type": "string", "examples": ["48h", "2 business days office"]}
        return {"anyOf": [text, _LEAD_TIME.schema(defs)]}


LEAD_TIME: Final = LeadTimeShape()
_PERCENT: Final = re.compile(r"(\d{1,3}(?:\.\d{1,9})?)\s*%|(\d{1,18}/\d{1,18})", re.ASCII)


def _parse_share(text: str) -> Fraction:
    share = _PERCENT.fullmatch(text.strip())
    if share is None:
        raise InvalidValueError(f"`{text}` is not a share of time", hint="write it as `99.9%`")
    return Fraction(share[1]) / 100 if share[1] is not None else Fraction(share[2])


def share_text(share: Fraction) -> str:
    """Return a share as a percentage, or as a fraction where that would be rounded.

    >>> share_text(Fraction(9995, 10000)), share_text(Fraction(1, 3))
    ('99.95%', '1/3')
    """
    hundredths = share * 100 * 10**9
    if hundredths.denominator != 1:
        return str(share)
    digits = f"{int(hundredths):010d}"
    decimals = digits[-9:].rstrip("0")
    return f"{digits[:-9]}{'.' if decimals else ''}{decimals}%"


UPTIME: Final = record_shape(
    UptimePromise,
    lone="share",
    shapes={
        "share": ScalarShape(
            "a share of time", _parse_share, share_text, {"type": "string", "examples": ["99.9%"]}
        ),
    },
)


@final
@attrs.frozen
class MatrixShape(Shape):
    """The severity by impact and urgency; null for none."""

    rows = OptionalShape(MappingShape(MappingShape(ReferenceShape(("severity",)))))

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the matrix."""
        rows = self.rows.read(node, into)
        if rows is None or isinstance(rows, Unreadable):
            return rows
        try:
            return PriorityMatrix(rows)
        except EntitlementsError as error:
            return into.failed(node, error)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the rows."""
        return None if value is None else self.rows.write(value.rows, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return that of the rows."""
        return self.rows.schema(defs)


PRIORITIES: Final = MatrixShape()
QUANTITY_STEPS: Final = ListShape(
    record_shape(QuantityStep, shapes={"amounts": MappingShape(QUANTITY)})
)
