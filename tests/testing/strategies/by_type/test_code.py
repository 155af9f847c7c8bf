"""A drawn value can be pasted: its code builds an equal value, and a short `repr` does too."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis.vendor.pretty import pretty
from tests.testing.strategies.by_type.test_value_classes import DEEP, drawn, value_classes

from entitlements.access import Denied
from entitlements.calendars import Calendar
from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.contracts import ContractLine, Coverage, Ledger
from entitlements.engine import Facts
from entitlements.kernel import InvalidValueError
from entitlements.sla.case_history.history import History
from entitlements.testing.strategies.by_type import code_of
from entitlements.testing.strategies.by_type.value_classes import of_type

ONLY_MADE_BY_THE_LIBRARY = {
    "Assessment",
    "Assigned",
    "Deferred",
    "Denied",
    "Granted",
    "LazyValues",
    "Unroutable",
    "Waiting",
    "function",
}


SHORT_ON_PURPOSE = {"Catalogue", "LoadPlan", "PromiseFile"}
"""They hold the sentences of a language, whole catalogs before and after, and all facts."""

SHORTENED = re.compile(r"<\d+ elements>|<CompositeCalendar|Ledger\(\d")


def kinds_in(value: Any) -> Iterator[type]:
    """Yield the classes whose names stand in the code of a value."""
    yield type(value)
    if isinstance(value, Mapping):
        value = (*value.keys(), *value.values())
    elif isinstance(value, History):
        value = value.events
    elif isinstance(value, CompositeCalendar):
        value = value.parts
    elif isinstance(value, Ledger):
        value = tuple(value.entries)
    elif attrs.has(type(value)):
        value = tuple(getattr(value, each.name) for each in attrs.fields(type(value)))
    if isinstance(value, tuple | frozenset | list) and not isinstance(value, Enum):
        for each in value:
            yield from kinds_in(each)


def pasted(value: object, code: str) -> object:
    names = {each.__name__: each for each in kinds_in(value)}
    return eval(code, {**names, "datetime": dt, "Decimal": Decimal, "Fraction": Fraction})  # noqa: S307 - our own text


@pytest.mark.parametrize("kind", value_classes(), ids=lambda kind: kind.__qualname__)
def test_every_public_value_is_drawn_and_its_code_builds_it_again(kind: type) -> None:
    seen = drawn(of_type(kind), 100 if DEEP else 2)
    assert seen
    for value in seen:
        assert isinstance(value, kind)
        try:
            code = code_of(value)
        except InvalidValueError as error:
            named = str(error).split("`")[1]
            assert named in ONLY_MADE_BY_THE_LIBRARY or named.startswith("_")
        else:
            assert pasted(value, code) == value
            shown = repr(value)
            if not SHORTENED.search(shown) and kind.__name__ not in SHORT_ON_PURPOSE:
                assert pasted(value, shown) == value


def test_the_representation_of_a_value_for_a_log_can_be_pasted_too() -> None:
    line = ContractLine(id="l", plan="gold", coverage=Coverage(level="product", ids=["db"]))
    covered = "Coverage(level=CoverageLevel.PRODUCT, ids=frozenset({'db'}))"
    assert repr(line) == f"ContractLine(id='l', plan='gold', coverage={covered})"
    desk = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", holidays=["2026-12-25"])
    night = Calendar(zone="UTC", week="Mo 22:00-30:00")
    both = ((night & night) - night).named("both").in_zone("UTC")
    for value in (line, desk, ~desk, night | night, both):
        assert pasted(value, repr(value)) == value == pasted(value, code_of(value))
    assert repr(pasted(both, repr(both))) == repr(both)
    assert repr(both).endswith(".in_zone('UTC')).named('both')")


def test_hypothesis_prints_a_failing_example_as_code() -> None:
    line = ContractLine(id="l", plan="gold", quantity=2)
    assert pretty([line]) == f"[{code_of(line)}]"


def test_long_code_is_printed_over_several_lines() -> None:
    line = ContractLine(id="l", plan="gold", coverage=Coverage(level="product", ids=["db"]))
    assert pretty([line]).splitlines() == [
        "[ContractLine(",
        "     id='l',",
        "     plan='gold',",
        "     coverage=Coverage(level='product', ids={'db'}),",
        " )]",
    ]
    for value in drawn(of_type(Facts), 3):
        assert pasted(value, pretty(value)) == value


def test_hypothesis_prints_an_answer_as_ever() -> None:
    (answer,) = drawn(of_type(Denied))
    assert pretty(answer) == repr(answer)
