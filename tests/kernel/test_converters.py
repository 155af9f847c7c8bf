"""Converters: tuples, UTC, enum members, whole numbers."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from entitlements.engine import Facts
from entitlements.kernel.converters import (
    MAX_INT64,
    MAX_TEXT_LENGTH,
    as_text,
    as_tuple,
    count,
    enum_member,
    frozen_map,
    instance_of,
    limit,
    optional_tuple,
    positive,
    remark,
    tuple_of,
    utc_or_none,
    whole_number,
    with_article,
)
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.requests import Request
from entitlements.sla import Event


def test_any_iterable_becomes_a_tuple_in_its_order() -> None:
    assert as_tuple(iter([2, 1])) == (2, 1)


def test_text_is_refused_instead_of_split() -> None:
    with pytest.raises(InvalidValueError, match="`abc` is one value"):
        as_tuple("abc")


def test_none_stays_none() -> None:
    assert optional_tuple(None) is None
    assert optional_tuple([]) == ()
    assert utc_or_none(None) is None


def test_a_time_becomes_utc_and_may_not_be_naive() -> None:
    assert utc_or_none("2026-03-02T10:00+01:00") == datetime(2026, 3, 2, 9, tzinfo=UTC)
    with pytest.raises(InvalidValueError, match="no time zone"):
        utc_or_none("2026-03-02T10:00")


def test_a_frozen_map_does_not_change_with_its_source() -> None:
    ages = {"dana": 7}
    frozen = frozen_map(ages)
    ages["dana"] = 8
    assert frozen == {"dana": 7}


class Landing(StrEnum):
    CLOSING = "closing"
    NEXT_OPENING = "next_opening"


@pytest.mark.parametrize("value", ["closing", Landing.CLOSING])
def test_text_becomes_the_member_it_names(value: str) -> None:
    assert enum_member(Landing, value) is Landing.CLOSING


@pytest.mark.parametrize("value", ["closng", "CLOSING", "", 1, None, [], object(), "x" * 100_000])
def test_an_unknown_value_is_refused_with_the_known_ones(value: object) -> None:
    with pytest.raises(InvalidValueError, match="is not a known landing") as refused:
        enum_member(Landing, value)
    assert "`closing`" in (refused.value.hint or "")
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("value", [5, None, object()])
def test_other_types_are_refused(value: object) -> None:
    for convert in (as_tuple, frozen_map, as_text):
        with pytest.raises(InvalidValueError):
            convert(value)  # type: ignore[operator]


@pytest.mark.parametrize("value", [1.0, True, "3", None])
def test_only_an_integer_is_a_whole_number(value: object) -> None:
    with pytest.raises(InvalidValueError, match="weight must be a whole number, not `"):
        whole_number(value, "weight")


def test_a_whole_number_lies_between_its_limits() -> None:
    assert (whole_number(0), whole_number(-3, least=-3), whole_number(5, most=5)) == (0, -3, 5)
    assert whole_number(2**63 - 1) == MAX_INT64
    assert whole_number(-MAX_INT64, least=-MAX_INT64) == -(2**63 - 1)
    with pytest.raises(InvalidValueError, match="share must be at least 1, not `0`"):
        whole_number(0, "share", least=1)
    with pytest.raises(LimitExceededError, match="share must be at most 5, not `6`"):
        whole_number(6, "share", most=5)
    for value in (2**63, -(2**63), -(2**70)):
        with pytest.raises(LimitExceededError):
            whole_number(value, least=-(2**80))


@pytest.mark.parametrize("convert", [count, positive, limit])
def test_counts_and_limits_fit_into_32_bits(convert: Callable[[int], int | None]) -> None:
    assert convert(2**31 - 1) == 2**31 - 1
    for value in (2**31, -1, 1.0, True, "3"):
        with pytest.raises(InvalidValueError):
            convert(value)  # type: ignore[arg-type]


def test_a_count_may_be_zero_and_a_limit_missing() -> None:
    assert (count(0), positive(1), limit(None), limit(0)) == (0, 1, None, 0)
    with pytest.raises(InvalidValueError):
        positive(0)


def test_free_text_has_at_most_10_000_characters_that_every_store_can_keep() -> None:
    for text in ("", "on a break\nback at two", "x" * MAX_TEXT_LENGTH, "\ud7ff\ue000"):
        assert remark(text) == text
    with pytest.raises(LimitExceededError, match="more than 10000 characters"):
        remark("x" * (MAX_TEXT_LENGTH + 1))
    for bad in ("a\0b", "a\ud800b", "a\udfffb"):
        with pytest.raises(InvalidValueError, match="half of a surrogate pair"):
            remark(bad)


def test_elements_must_have_the_type() -> None:
    assert (instance_of(int, 5), tuple_of(int, [1, 2])) == (5, (1, 2))
    with pytest.raises(InvalidValueError, match="`'x'` is not an int"):
        instance_of(int, "x")
    with pytest.raises(InvalidValueError, match="`'x'` is not an int"):
        tuple_of(int, [1, "x"])  # type: ignore[list-item]


def test_a_thing_has_its_article() -> None:
    words = ("account", "plan", "unit", "uptime promise", "facts", "desk rules", "work", "workload")
    assert [with_article(each) for each in words] == [
        *("an account", "a plan", "a unit", "an uptime promise"),
        *("facts", "desk rules", "work", "a workload"),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (Event, None, "`None` is not an event (pass an `Event`)"),
        (Facts, 5, "`5` is not facts (pass `Facts`)"),
        (Request, 5, "`5` is not a request (pass a `Request`)"),
        (
            Request,
            {},
            "`{}` is not a request (pass a `Request`, which `Request.from_dict` reads from data)",
        ),
    ],
)
def test_what_has_another_type_is_refused_with_the_name_of_the_right_one(
    kind: type, value: object, message: str
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        instance_of(kind, value)
    assert str(caught.value) == message
