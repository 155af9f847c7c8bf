"""Lists become tuples, times become UTC, text never falls apart into letters."""

from datetime import UTC, datetime
from enum import StrEnum

import pytest

from entitlements.kernel.converters import (
    as_text,
    as_tuple,
    enum_member,
    frozen_map,
    optional_tuple,
    utc_or_none,
)
from entitlements.kernel.errors import InvalidValueError


def test_any_iterable_becomes_a_tuple_in_its_order() -> None:
    assert as_tuple(iter([2, 1])) == (2, 1)


def test_text_is_refused_instead_of_split() -> None:
    with pytest.raises(InvalidValueError, match="`abc` is one value"):
        as_tuple("abc")


def test_nothing_stays_nothing() -> None:
    assert optional_tuple(None) is None
    assert optional_tuple([]) == ()
    assert utc_or_none(None) is None


def test_a_time_becomes_utc() -> None:
    assert utc_or_none("2026-03-02T10:00+01:00") == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_mapping_is_kept_as_it_is_and_apart_from_its_source() -> None:
    ages = {"dana": 7}
    frozen = frozen_map(ages)
    ages["dana"] = 8
    assert frozen == {"dana": 7}


class Landing(StrEnum):
    CLOSING = "closing"
    NEXT_OPENING = "next_opening"


@pytest.mark.parametrize("value", ["closing", Landing.CLOSING])
def test_a_member_and_its_word_are_that_member(value: str) -> None:
    assert enum_member(Landing, value) is Landing.CLOSING


@pytest.mark.parametrize("value", ["closng", "CLOSING", "", 1, None, [], object(), "x" * 100_000])
def test_an_unknown_word_is_refused_with_the_known_ones(value: object) -> None:
    with pytest.raises(InvalidValueError, match="is not a known landing") as refused:
        enum_member(Landing, value)
    assert "`closing`" in (refused.value.hint or "")
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("value", [5, None, object()])
def test_what_is_no_list_no_mapping_and_no_text_is_refused(value: object) -> None:
    for convert in (as_tuple, frozen_map, as_text):
        with pytest.raises(InvalidValueError):
            convert(value)  # type: ignore[operator]
