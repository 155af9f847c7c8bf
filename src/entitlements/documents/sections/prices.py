"""Document sections of billing: rate cards, price lists, work rules, credits, commercial terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any, Final, final

import attrs

from entitlements.billing.billing_accounts import BillingAccount
from entitlements.billing.credits.credit_schedules import CreditBand, CreditBasis, CreditSchedule
from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.billing.fees.billing_periods import BillingSchedule
from entitlements.billing.fees.discounts import Discount, MinimumCommitment
from entitlements.billing.fees.prepaid_blocks import PrepaidBlock
from entitlements.billing.fees.price_lists import PriceList
from entitlements.billing.work.rates import AfterHours, Rate, RateCard
from entitlements.billing.work.rounding import Rounding
from entitlements.billing.work.work_rules import WorkRules
from entitlements.contracts.plan_terms.availability_rules import AvailabilityRules
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms
from entitlements.documents.formats.nodes import MappingNode, Node, ScalarNode
from entitlements.documents.hours.business_hours import HoursShape
from entitlements.documents.plans.own_prices import with_band_list, with_rate_list
from entitlements.documents.sections.catalog import CYCLE, QUANTITY, UPTIME
from entitlements.documents.shapes.collections import (
    ListShape,
    MappingShape,
    OptionalShape,
    is_empty,
)
from entitlements.documents.shapes.money_texts import (
    EXACT,
    HOURLY,
    PERCENT,
    parse_exact,
    parse_hourly,
)
from entitlements.documents.shapes.read_context import UNREADABLE, ReadContext, Unreadable
from entitlements.documents.shapes.records import RecordShape, record_shape
from entitlements.documents.shapes.scalars import (
    DURATION,
    DURATION_PATTERN,
    Definitions,
    JsonSchema,
    NewIdShape,
    Plain,
    ReferenceShape,
    Shape,
    WriteContext,
)
from entitlements.kernel.errors import InvalidValueError

_AFTER_HOURS: Final = record_shape(AfterHours, shapes={"hourly": OptionalShape(HOURLY)})
_AFTER_TEXT: Final = re.compile(r"(?:x\s*(\S+)|(\+)?\s*(\S.*?))\s+outside\s+(\S.*)", re.ASCII)


@final
@attrs.frozen
class TextOr(Shape):
    """A record that may also be written as one line of text.

    Attributes:
        record: The record.
        parse: Returns the value of a text, or raises.
        example: An example of the text.
    """

    record: RecordShape
    parse: Any
    example: str

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the value."""
        if not isinstance(node, ScalarNode) or is_empty(node):
            return self.record.read(node, into)
        return into.guarded(node, lambda: self.parse(node.text.strip()))

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the record."""
        return self.record.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return either."""
        text = {"type": "string", "examples": [self.example]}
        return {"anyOf": [text, self.record.schema(defs)]}


def parse_after_hours(text: str) -> AfterHours:
    """Return what work after hours costs.

    >>> parse_after_hours("x1.5 outside business").multiplier
    Decimal('1.5')
    >>> parse_after_hours("+30 EUR/h outside business").surcharge
    Money('30', 'EUR')

    Raises:
        InvalidValueError: It is not such a text.
    """
    found = _AFTER_TEXT.fullmatch(text)
    if found is None:
        raise InvalidValueError(
            f"`{text}` is not a price after hours",
            hint="write it as `x1.5 outside business`, with the name of a calendar",
        )
    factor, plus, price, hours = found.groups()
    if factor is not None:
        exact = parse_exact(factor)
        return AfterHours(hours=hours, multiplier=Decimal(exact.numerator) / exact.denominator)
    if plus:
        return AfterHours(hours=hours, surcharge=parse_hourly(price))
    return AfterHours(hours=hours, hourly=parse_hourly(price))


_ROUNDING: Final = re.compile(
    rf"(?P<increment>{DURATION_PATTERN})(?P<direction>up|down|nearest)?\s*"
    rf"(?:per\s+(?P<per>case|day|entry))?\s*(?:,?\s*at\s+least\s+(?P<minimum>{DURATION_PATTERN}))?",
    re.ASCII,
)


def parse_rounding(text: str) -> Rounding:
    """Return how worked time is rounded.

    >>> parse_rounding("15m per case, at least 30m").per
    RoundingScope.CASE

    Raises:
        InvalidValueError: It is not such a text.
    """
    found = _ROUNDING.fullmatch(text)
    if found is None:
        raise InvalidValueError(
            f"`{text}` is not a rounding", hint="write it as `15m per case, at least 30m`"
        )
    stated: dict[str, Any] = {name: each for name, each in found.groupdict().items() if each}
    for name in ("increment", "minimum"):
        if name in stated:
            stated[name] = DURATION.parse(stated[name])
    return Rounding(**stated)


AFTER_HOURS: Final = TextOr(_AFTER_HOURS, parse_after_hours, "x1.5 outside business")
ROUNDING: Final = TextOr(record_shape(Rounding), parse_rounding, "15m per case, at least 30m")
RATE: Final = record_shape(
    Rate,
    shapes={"id": NewIdShape("rate"), "hourly": HOURLY, "after_hours": OptionalShape(AFTER_HOURS)},
)
_RATE_CARD: Final = record_shape(
    RateCard,
    shapes={"id": NewIdShape("rate card"), "rates": ListShape(RATE)},
    derived=("currency", "zone"),
    scopes=("rate",),
)
_PRICE_LIST: Final = record_shape(
    PriceList,
    shapes={"id": NewIdShape("price list"), "every": CYCLE},
    derived=("currency",),
)
WORK_RULES: Final = record_shape(
    WorkRules,
    shapes={
        "id": NewIdShape("work rule set"),
        "rounding": ROUNDING,
        "unit_factors": MappingShape(EXACT),
        "overage_hourly": OptionalShape(HOURLY),
    },
)
_SCHEDULE: Final = record_shape(
    CreditSchedule,
    shapes={
        "id": NewIdShape("credit schedule"),
        "bands": ListShape(
            record_shape(
                CreditBand,
                shapes={
                    "credit": OptionalShape(PERCENT),
                    **{
                        name: OptionalShape(EXACT)
                        for name in ("times", "at_least", "above", "below", "at_most")
                    },
                },
            )
        ),
        "cap": PERCENT,
        "exclusions": record_shape(
            AvailabilityRules, shapes={"within": OptionalShape(HoursShape())}
        ),
    },
)
_BLOCK: Final = record_shape(
    PrepaidBlock,
    shapes={
        "id": NewIdShape("prepaid block"),
        "amount": QUANTITY,
        "lifetime": CYCLE,
        "cap": OptionalShape(QUANTITY),
    },
)
_SCHEDULE_OF_PERIODS: Final = record_shape(BillingSchedule, shapes={"every": CYCLE})
BILLING_ACCOUNT: Final = record_shape(
    BillingAccount,
    shapes={
        "customer": NewIdShape("billing account"),
        "blocks": ListShape(_BLOCK),
        "figures": ListShape(record_shape(MeasuredFigure, shapes={"figure": EXACT})),
        "discounts": ListShape(record_shape(Discount, shapes={"percent": PERCENT})),
        "commitments": ListShape(
            record_shape(MinimumCommitment, shapes={"schedule": _SCHEDULE_OF_PERIODS})
        ),
    },
)


@final
@attrs.frozen
class PricedShape(Shape):
    """A rate card or price list, whose currency is that of its first price."""

    record: RecordShape

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the value; a card without dated rates needs no zone."""
        if isinstance(node, MappingNode):
            node = with_rate_list(self.record.mended_mapping(node, into))
        values = self.record.read_fields(node, into)
        if isinstance(values, Unreadable):
            return UNREADABLE
        first = next(iter(values.get("rates") or values.get("prices") or ()), None)
        if "currency" not in values and first is None:
            return into.problem(node, f"this {self.record.title} has no prices")
        if first is not None:
            price = getattr(first, "hourly", None) or first.amount
            values.setdefault("currency", price.currency)
        if "rates" in values and "zone" not in values:
            if any(each.start or each.end for each in values["rates"]):
                return into.problem(
                    node,
                    "rates with dates need a zone",
                    "write the zone in which their days begin, such as `zone: Europe/Berlin`",
                )
            values["zone"] = "UTC"
        return self.record.build(node, values, into)

    def named(self) -> frozenset[str]:
        """Return the names that the record defines."""
        return self.record.named()

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the record."""
        return self.record.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return that of the record; rates may also be a mapping."""
        reference = self.record.schema(defs)
        rates = defs[reference["$ref"].rpartition("/")[2]]["properties"].get("rates")
        if rates is not None and {"type": "object"} not in rates["anyOf"]:
            rates["anyOf"].append({"type": "object"})
        return reference


@final
@attrs.frozen
class ScheduleShape(Shape):
    """A credit schedule; its bands may be a mapping from figures to credits."""

    record: RecordShape = _SCHEDULE

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the schedule."""
        if not isinstance(node, MappingNode):
            return self.record.read(node, into)
        found = with_band_list(self.record.mended_mapping(node, into), into)
        return UNREADABLE if isinstance(found, Unreadable) else self.record.read(found, into)

    def named(self) -> frozenset[str]:
        """Return the names that the record defines."""
        return self.record.named()

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the record."""
        return self.record.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return that of the record; bands may also be a mapping."""
        reference = self.record.schema(defs)
        bands = defs[reference["$ref"].rpartition("/")[2]]["properties"]["bands"]
        if {"type": "object"} not in bands["anyOf"]:
            bands["anyOf"].append({"type": "object"})
        return reference


RATE_CARD: Final = PricedShape(_RATE_CARD)
PRICE_LIST: Final = PricedShape(_PRICE_LIST)
CREDIT_SCHEDULE: Final = ScheduleShape()


@final
@attrs.frozen
class InPlaceShape(Shape):
    """The name of what something costs; a document may have the thing itself in its place.

    Reading finds names only: what is written in place became a value of its own before
    (`with_own_prices`). The schema knows both.

    Attributes:
        name: The name, or a list of names.
        forms: Returns the schemas of what may be written in place.
    """

    name: Shape
    forms: Callable[[Definitions], tuple[JsonSchema, ...]]

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the name."""
        return self.name.read(node, into)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the name."""
        return self.name.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return the name, or what may be written in its place."""
        return {"anyOf": [self.name.schema(defs), *self.forms(defs)]}


def _unnamed(shape: Shape, defs: Definitions, *, left_out: Collection[str] = ()) -> JsonSchema:
    """Return the schema of a record that is written in place: its id follows from its owner."""
    record = defs[shape.schema(defs)["$ref"].rpartition("/")[2]]
    keys = {key: each for key, each in record["properties"].items() if key not in left_out}
    needed = [key for key in record["required"] if key not in {"id", *left_out}]
    return {"type": "object", "properties": keys, "required": needed, "additionalProperties": False}


def _prices_in_place(defs: Definitions) -> tuple[JsonSchema, ...]:
    """Return a price list, or one price with the periods of a list."""
    prices = _unnamed(PRICE_LIST, defs)
    own = {key: defs["price"]["properties"][key] for key in ("amount", "per_unit")}
    keys = {**prices["properties"], **own}
    del keys["prices"]
    one = {**prices, "properties": keys, "required": ["amount"]}
    return (prices, one)


def _rates_in_place(defs: Definitions) -> tuple[JsonSchema, ...]:
    """Return a rate card, or a mapping from kinds of work to rates."""
    rate = {"anyOf": [{"type": ["string", "number"]}, _unnamed(RATE, defs)]}
    card = _unnamed(RATE_CARD, defs)
    kinds = {key: card["properties"][key] for key in ("zone", "currency")}
    kinds |= {key: AFTER_HOURS.schema(defs) for key in ("after hours", "after_hours")}
    return (card, {"type": "object", "properties": kinds, "additionalProperties": rate})


def _credits_in_place(defs: Definitions) -> tuple[JsonSchema, ...]:
    """Return a mapping from the basis of a schedule to its bands, or to the rest of it."""
    rest = _unnamed(CREDIT_SCHEDULE, defs, left_out=["basis"])
    bands = {"type": "object", "additionalProperties": {"type": ["string", "number"]}}
    either = {"anyOf": [rest, bands]}
    keys = {each.value: either for each in CreditBasis}
    return ({"type": "object", "properties": keys, "additionalProperties": False},)


COMMERCIAL: Final = record_shape(
    CommercialTerms,
    shapes={
        "price": OptionalShape(InPlaceShape(ReferenceShape(("price list",)), _prices_in_place)),
        "rates": OptionalShape(InPlaceShape(ReferenceShape(("rate card",)), _rates_in_place)),
        "work": OptionalShape(
            InPlaceShape(
                ReferenceShape(("work rule set",)), lambda defs: (_unnamed(WORK_RULES, defs),)
            )
        ),
        "credits": InPlaceShape(ListShape(ReferenceShape(("credit schedule",))), _credits_in_place),
        "uptime": OptionalShape(UPTIME),
    },
)
