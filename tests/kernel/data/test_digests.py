from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from hashlib import sha256

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts import Expire, Void
from entitlements.kernel import FrozenMap, InvalidValueError, Request
from entitlements.kernel.data.digests import (
    canonical_json,
    decimal_text,
    digest,
    first_different_field,
    plain_data,
    plain_json,
)
from entitlements.sla import Event


class Colour(StrEnum):
    RED = "red"


class Rank(IntEnum):
    FIRST = 1


@attrs.frozen
class Unnamed:
    name: str


# Without truth values: to Python `True` is 1, to a reader of the text it is not.
leaves = st.none() | st.integers() | st.text()
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3).map(FrozenMap)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(None, "null", id="nothing"),
        pytest.param("ü", '"ü"', id="text is not escaped"),
        pytest.param(True, "true", id="truth"),
        pytest.param(Colour.RED, '"red"', id="an enum of text"),
        pytest.param(Rank.FIRST, "1", id="an enum of numbers"),
        pytest.param(date(2026, 3, 2), '{"date":"2026-03-02"}', id="a date"),
        pytest.param(
            datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), '{"instant":1000000}', id="instant"
        ),
        pytest.param(timedelta(minutes=-1), '{"micros":-60000000}', id="an amount of time"),
        pytest.param(Fraction(1, 3), '{"ratio":[1,3]}', id="a fraction"),
        pytest.param((1, [2, 3]), "[1,[2,3]]", id="sequences"),
        pytest.param({"b": 1, "a": 2}, '{"a":2,"b":1}', id="keys are sorted"),
        pytest.param({10, 9}, "[10,9]", id="sets are sorted as text"),
        pytest.param(Void(key="k", hold="h"), '{"void":{"hold":"h","key":"k"}}', id="a value"),
    ],
)
def test_each_type_of_value_has_one_text(value: object, text: str) -> None:
    assert canonical_json(value) == text


@given(st.lists(values, max_size=4))
def test_a_set_has_one_text_in_whatever_order_it_was_filled(members: list[object]) -> None:
    assert canonical_json(frozenset(members)) == canonical_json(frozenset(reversed(members)))


def test_mappings_in_sets_are_compared_without_their_order() -> None:
    one = {FrozenMap({"a": 1, "b": 2}), FrozenMap({"a": 1, "c": 0})}
    same = {FrozenMap({"b": 2, "a": 1}), FrozenMap({"a": 1, "c": 0})}
    assert one == same
    assert canonical_json(one) == canonical_json(same)


@given(st.dictionaries(st.text(), values, max_size=5))
def test_the_order_of_a_mapping_does_not_count(mapping: dict[str, object]) -> None:
    turned = dict(reversed(mapping.items()))
    assert digest(FrozenMap(mapping)) == digest(turned)


@given(values, values)
def test_equal_texts_mean_equal_values(one: object, other: object) -> None:
    if canonical_json(one) == canonical_json(other):
        assert one == other


@given(st.datetimes(min_value=datetime(1800, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_an_instant_has_one_text_in_every_zone(naive: datetime) -> None:
    at = naive.replace(tzinfo=UTC)
    assert canonical_json(at) == canonical_json(
        at.astimezone(timezone(timedelta(hours=5, minutes=45)))
    )


def test_values_of_different_classes_differ() -> None:
    assert digest(Void(key="k", hold="h")) != digest(Expire(key="k", hold="h"))


def test_fields_that_equality_ignores_are_not_in_the_text() -> None:
    text = canonical_json(Event.responded("2026-03-02T09:00Z"))
    assert '"at":{"instant":1772442000000000}' in text
    assert "micros" not in text


def test_a_digest_is_the_hash_of_the_text() -> None:
    assert digest({"a": 1}) == sha256(b'{"a":1}').hexdigest()


def test_a_digest_is_the_same_in_another_process() -> None:
    request = Request(
        id="R-1", customer="acme", contact="dana", product="db", severity="S1", channel="phone",
        conditions=["x", "y", "z"],
    )  # fmt: skip
    script = (
        "from entitlements.kernel import Request;"
        "from entitlements.kernel.data.digests import digest;"
        "print(digest(Request(id='R-1', customer='acme', contact='dana', product='db',"
        "severity='S1', channel='phone', conditions=['z', 'y', 'x'])))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == digest(request)


@pytest.mark.parametrize(
    "value",
    [1.5, pytest.param(object(), id="object"), b"bytes", {"a": 1.5}],
    ids=lambda value: str(type(value).__name__),
)
def test_values_without_a_canonical_form_are_refused(value: object) -> None:
    with pytest.raises(InvalidValueError, match="has no canonical form"):
        canonical_json(value)


def test_a_class_without_a_stored_name_is_not_digested() -> None:
    with pytest.raises(InvalidValueError, match="`Unnamed` are never stored or digested"):
        canonical_json(Unnamed("x"))


@pytest.mark.parametrize(
    ("before", "now", "field"),
    [
        ({}, {}, None),
        ({"unit": "hours", "amount": None}, {"amount": None, "unit": "hours"}, None),
        ({"unit": "hours", "amount": 1}, {"unit": "days", "amount": 2}, "unit"),
        ({"unit": "hours"}, {"amount": None, "unit": "hours"}, "amount"),
        ({"unit": "hours", "amount": None}, {"unit": "hours"}, "amount"),
    ],
)
def test_contents_differ_in_a_field_that_one_lacks_or_whose_values_differ(
    before: dict[str, object], now: dict[str, object], field: str | None
) -> None:
    assert first_different_field(before, now) == field


@attrs.frozen
class Named:
    name: str
    words: tuple[str, ...] = ()
    counts: FrozenMap[str, int] = attrs.field(factory=FrozenMap)
    since: datetime | None = None
    computed: int = attrs.field(default=1, eq=False)


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
requests = st.builds(
    Request,
    **{
        name: st.sampled_from(["a", "b"])
        for name in ("id", "customer", "contact", "product", "severity", "channel")
    },
    group=st.none() | st.just("g"),
    skills=st.dictionaries(st.sampled_from(["german", "sql"]), st.integers(1, 5)),
    conditions=st.sets(st.sampled_from(["x", "y", "z"])),
)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        pytest.param(None, None, id="nothing"),
        pytest.param(True, True, id="truth"),
        pytest.param(Colour.RED, "red", id="an enum"),
        pytest.param(date(2026, 3, 2), "2026-03-02", id="a date"),
        pytest.param(datetime(2026, 3, 2, tzinfo=UTC), "2026-03-02T00:00:00Z", id="an instant"),
        pytest.param(timedelta(seconds=1), 1_000_000, id="a duration"),
        pytest.param({"b", "a"}, ["a", "b"], id="a set"),
        pytest.param(FrozenMap({Colour.RED: (1, 2)}), {"red": [1, 2]}, id="a mapping"),
        pytest.param(Named("n"), {"name": "n"}, id="defaults are left out"),
        pytest.param(
            Named("n", ("w",), FrozenMap({"a": 1}), computed=2),
            {"name": "n", "words": ["w"], "counts": {"a": 1}},
            id="other values are written, unless they are not compared",
        ),
        pytest.param(
            Event.responded("2026-03-02T09:00Z"),
            {"kind": "responded", "at": "2026-03-02T09:00:00Z"},
            id="an event",
        ),
    ],
)
def test_each_type_of_value_has_one_plain_form(value: object, plain: object) -> None:
    assert plain_data(value) == plain


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="cannot be stored"):
        plain_data(0.5)


@given(plain_values)
def test_the_text_of_plain_data_is_its_canonical_text(value: object) -> None:
    assert plain_json(value) == canonical_json(value)
    assert json.loads(plain_json(value)) == value == plain_data(value)


@given(requests, requests)
def test_plain_requests_are_read_back_and_are_equal_only_if_the_requests_are(
    one: Request, other: Request
) -> None:
    assert Request(**json.loads(plain_json(plain_data(one)))) == one
    assert (plain_data(one) == plain_data(other)) == (one == other)


@pytest.mark.parametrize(
    ("text", "written"),
    [("4.50", "4.5"), ("100", "100"), ("1E+2", "100"), ("-0.00", "0"), ("1E-7", "0.0000001")],
)
def test_equal_decimals_have_one_text(text: str, written: str) -> None:
    assert decimal_text(Decimal(text)) == plain_data(Decimal(text)) == written
