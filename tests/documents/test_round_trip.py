"""Every field of every value class is kept when it is written and read.

The classes and their fields come from attrs, not from the shapes: a field without a form in
documents is a failing test with its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.documents.values import facts, fields_of, values
from tests.effort import tries

from entitlements.billing import AfterHours, CreditSchedule, PriceList, RateCard, Rounding
from entitlements.billing.price_book import PriceBook
from entitlements.calendars import BusinessHours, Calendar, Week
from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.plan_terms.priority_matrix import PriorityMatrix
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.contract import Contract, Coverage
from entitlements.documents import parse_facts, write_facts
from entitlements.documents.formats.files import Source, parse_document
from entitlements.documents.hours import business_hours as hours
from entitlements.documents.hours import calendars
from entitlements.documents.sections import (
    accounts,
    catalog,
    policies,
    prices,
    roster,
    routing,
    targets,
)
from entitlements.documents.sections.plans import plans, rights
from entitlements.documents.sections.records import notices
from entitlements.documents.shapes.read_context import ReadContext
from entitlements.documents.shapes.records import RecordShape
from entitlements.documents.shapes.scalars import Shape
from entitlements.documents.write import document_text
from entitlements.engine.facts import Facts
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.money.money import Money
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.strategy import RandomSample, SortKeyPart, Strategy
from entitlements.sla.policy import SlaPolicy

#: Classes with a shape that is more than a record.
OWN_SHAPES: dict[type, Shape] = {
    Calendar: hours.HoursShape(),
    CompositeCalendar: hours.HoursShape(),
    Coverage: accounts.CoverageShape(),
    PriorityMatrix: catalog.MatrixShape(),
    Contract: accounts.ContractShape(),
    Account: accounts.AccountShape(),
    SlaPolicy: policies.PolicyShape(),
    RoutingPolicy: routing.RoutingPolicyShape(),
    Plan: plans.PlanShape(),
    RateCard: prices.RATE_CARD,
    PriceList: prices.PRICE_LIST,
    CreditSchedule: prices.CREDIT_SCHEDULE,
    AfterHours: prices.AFTER_HOURS,
    Rounding: prices.ROUNDING,
}


def classes_in(hint: Any) -> Iterator[type]:
    """Yield the value classes that a type holds, at any depth of the type."""
    for each in get_args(hint):
        yield from classes_in(each)
    if hint is BusinessHours:
        yield from (Calendar, CompositeCalendar)
    elif isinstance(hint, type) and attrs.has(hint):
        yield hint


def reachable(kind: type, found: dict[str, type]) -> dict[str, type]:
    """Return all value classes that can be reached from the fields of `kind`, by name."""
    for name in fields_of(kind):
        for each in classes_in(get_type_hints(kind)[name]):
            if each.__name__ not in found:
                found[each.__name__] = each
                reachable(each, found)
    return found


def records_in(part: Any, found: dict[type, Shape]) -> dict[type, Shape]:
    """Return the records in a shape, by their value class."""
    if isinstance(part, RecordShape):
        if part.of in found:
            return found
        found[part.of] = part
        for key in part.keys.values():
            records_in(key.shape, found)
        for beside in part.beside.values():
            records_in(beside, found)
    elif isinstance(part, dict):
        for each in part.values():
            records_in(each, found)
    elif isinstance(part, Shape):
        for field in attrs.fields(type(part)):
            records_in(getattr(part, field.name), found)
    return found


MODULES = (
    *(accounts, calendars, catalog, hours, plans),
    *(notices, policies, prices, rights, roster, routing, targets),
)
SHAPES: dict[type, Shape] = {}
for module in MODULES:
    for thing in vars(module).values():
        records_in(thing, SHAPES)
SHAPES |= OWN_SHAPES

#: Tested as whole facts, because their names must be defined, or written as one text.
WHOLE = (Facts, Catalog, PriceBook, Roster, Week, Money, Strategy, SortKeyPart, RandomSample)
CLASSES = [
    each
    for each in reachable(Entry, reachable(Facts, {})).values()
    if each not in WHOLE and not each.__name__.startswith("_")
]
#: No shrinking, which takes minutes for such large values; a failing test names its field.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
FIELDS = [(each, name) for each in CLASSES for name in fields_of(each)]


def written_and_read(value: Any) -> Any:
    """Return the value that is read from the document in which `value` was written."""
    shape = SHAPES[type(value)]
    written = shape.write(
        (value, None) if isinstance(value, Plan) else value, hours.write_context({})
    )
    text = document_text({"it": written}, "yaml")
    into = ReadContext()
    into.resolve = hours.PREDEFINED.__getitem__
    into.declare("milestone")
    for name in value.milestones if isinstance(value, SlaPolicy) else ():
        into.define("milestone", name)
    read = shape.read(parse_document(Source("it", text, "yaml"), into.problems).entries["it"], into)
    assert [str(each) for each in into.problems] == [], text
    return read.plan if isinstance(value, Plan) else read


def differences(value: Any, other: Any, at: str) -> Iterator[str]:
    """Yield the fields in which two values differ, also those that equality ignores."""
    if type(value) is not type(other):
        yield at
    elif isinstance(value, tuple):
        if len(value) != len(other):
            yield at
        for index, (one, two) in enumerate(zip(value, other, strict=False)):
            yield from differences(one, two, f"{at}[{index}]")
    elif isinstance(value, FrozenMap):
        if set(value) != set(other):
            yield at
        for key in set(value) & set(other):
            yield from differences(value[key], other[key], f"{at}[{key}]")
    elif attrs.has(type(value)) and not isinstance(value, Week):
        for name, field in fields_of(type(value)).items():
            if not (isinstance(value, BusinessHours) and name == "name") and field.eq is not False:
                yield from differences(getattr(value, name), getattr(other, name), f"{at}.{name}")
    elif value != other:
        yield at


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=[f"{k.__name__}.{n}" for k, n in FIELDS])
@settings(max_examples=tries(4, deep=100), phases=PHASES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_field_is_kept_when_written_and_read(kind: type, field: str, data: st.DataObject) -> None:
    value = data.draw(values(kind, drawn=field))
    assert list(differences(value, written_and_read(value), kind.__name__)) == []


def test_every_class_that_facts_can_hold_has_a_shape() -> None:
    assert [each.__name__ for each in CLASSES if each not in SHAPES] == []


@pytest.mark.parametrize("form", ["yaml", "json"])
@settings(max_examples=tries(12), phases=PHASES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_facts_are_kept_when_written_and_read_and_their_document_too(
    form: Any, data: st.DataObject
) -> None:
    before = data.draw(facts())
    text = write_facts(before, format=form)
    after = parse_facts(text, format=form)
    assert after == before
    assert list(differences(before, after, "facts")) == []
    assert write_facts(after, format=form) == text
