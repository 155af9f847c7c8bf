"""Simple values as data: one spelling each, and errors that name the place."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from entitlements.kernel.data.forms import INSTANT, SCALARS, Code, Nullable
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import from_micros


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


VALUES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    int: st.integers(),
    bool: st.booleans(),
    datetime: st.integers(-(10**15), 10**16).map(from_micros),
    date: st.dates(),
    timedelta: st.timedeltas(),
    Fraction: st.fractions(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False, places=2),
}


@given(st.data())
def test_a_simple_value_is_read_back_and_fits_its_schema(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(VALUES, key=str)))
    value, form = data.draw(VALUES[kind]), SCALARS[kind]
    plain = form.write(value)
    assert form.read(plain, "here") == value
    assert form.write(form.read(plain, "here")) == plain
    Draft202012Validator(form.schema({})).validate(plain)


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        (str, 5),
        (int, True),
        (int, 1.0),
        (bool, 1),
        (datetime, "2026-03-02T09:00:00+00:00"),
        (datetime, "2026-03-02T09:00:00"),
        (datetime, "2026-03-02T09:00:00.5Z"),
        (datetime, 5),
        (date, "20260302"),
        (timedelta, "5"),
        (timedelta, 10**30),
        (Fraction, "2/4"),
        (Fraction, "1/0"),
        (Decimal, "1e5"),
        (Decimal, "nonsense"),
        (Decimal, 1.5),
    ],
)
def test_another_type_or_spelling_is_refused_with_its_place(kind: Any, plain: Any) -> None:
    with pytest.raises(InvalidValueError) as caught:
        SCALARS[kind].read(plain, "milestones[0].due")
    assert str(caught.value).startswith("milestones[0].due: `")


def test_an_instant_has_microseconds_only_where_there_are_any() -> None:
    assert INSTANT.write(from_micros(0)) == "1970-01-01T00:00:00Z"
    assert INSTANT.write(from_micros(1)) == "1970-01-01T00:00:00.000001Z"


def test_an_unknown_code_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(
        InvalidValueError, match=r"light: `'reed'` is not .* \(did you mean `red`\?\)"
    ):
        Code(Light).read("reed", "light")
    assert Code(Light).read("red", "") is Light.RED
    names: dict[str, Any] = {}
    assert Code(Light).schema(names) == {"$ref": "#/$defs/Light"}
    assert names == {"Light": {"enum": ["red", "green"]}}


def test_none_is_null() -> None:
    form = Nullable(INSTANT)
    assert form.write(None) is None
    assert form.read(None, "") is None
    Draft202012Validator(form.schema({})).validate(None)
