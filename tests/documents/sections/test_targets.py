from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from tests.documents.examples import read

from entitlements.calendars import Anchor, BusinessDays
from entitlements.documents.sections.targets import WARNING, WithinShape
from entitlements.documents.shapes.scalars import WriteContext


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4h", timedelta(hours=4)),
        ("none", None),
        ("{business_days: 2, anchor: end}", BusinessDays(2, anchor=Anchor.END)),
    ],
)
def test_the_time_of_a_target_is_read(text: str, value: object) -> None:
    assert read(WithinShape(), text) == value


@pytest.mark.parametrize(
    ("text", "value", "written"),
    [
        ("75%", Fraction(3, 4), "75%"),
        ("0.75", Fraction(3, 4), "75%"),
        ("12.5%", Fraction(1, 8), "1/8"),
        ("2/3", Fraction(2, 3), "2/3"),
        ("30m", timedelta(minutes=30), "30m"),
    ],
)
def test_warnings_are_read_and_written(text: str, value: object, written: str) -> None:
    assert read(WARNING, text) == value
    assert WARNING.write(value, WriteContext()) == written


@pytest.mark.parametrize(
    ("text", "expected"), [("1/0", "`1/0` is not a share"), ("often", "`often` is")]
)
def test_an_invalid_warning_is_a_problem(text: str, expected: str) -> None:
    assert read(WARNING, text)[0].startswith(expected)
