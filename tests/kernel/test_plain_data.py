from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import FrozenMap, InvalidValueError, Request
from entitlements.kernel.digests import canonical_json
from entitlements.kernel.plain_data import plain_data, plain_json
from entitlements.sla import Event


class Colour(StrEnum):
    RED = "red"


@attrs.frozen
class Named:
    name: str
    words: tuple[str, ...] = ()
    counts: FrozenMap[str, int] = attrs.field(factory=FrozenMap)
    since: datetime | None = None
    computed: int = attrs.field(default=1, eq=False)


data = st.recursive(
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
def test_each_type_of_value_has_one_form(value: object, plain: object) -> None:
    assert plain_data(value) == plain


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="cannot be stored"):
        plain_data(0.5)


@given(data)
def test_the_text_of_plain_data_is_its_canonical_text(value: object) -> None:
    assert plain_json(value) == canonical_json(value)
    assert json.loads(plain_json(value)) == value == plain_data(value)


@given(requests, requests)
def test_plain_requests_are_read_back_and_are_equal_only_if_the_requests_are(
    one: Request, other: Request
) -> None:
    assert Request(**json.loads(plain_json(plain_data(one)))) == one
    assert (plain_data(one) == plain_data(other)) == (one == other)
