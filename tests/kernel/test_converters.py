"""Lists become tuples, times become UTC, text never falls apart into letters."""

from datetime import UTC, datetime

import pytest

from entitlements.kernel.converters import as_map, as_tuple, optional_tuple, optional_utc
from entitlements.kernel.errors import InvalidValueError


def test_any_iterable_becomes_a_tuple_in_its_order() -> None:
    assert as_tuple(iter([2, 1])) == (2, 1)


def test_text_is_refused_instead_of_split() -> None:
    with pytest.raises(InvalidValueError, match="`abc` is one value"):
        as_tuple("abc")


def test_nothing_stays_nothing() -> None:
    assert optional_tuple(None) is None
    assert optional_tuple([]) == ()
    assert optional_utc(None) is None


def test_a_time_becomes_utc() -> None:
    assert optional_utc("2026-03-02T10:00+01:00") == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_mapping_is_kept_as_it_is_and_apart_from_its_source() -> None:
    ages = {"dana": 7}
    frozen = as_map(ages)
    ages["dana"] = 8
    assert frozen == {"dana": 7}
