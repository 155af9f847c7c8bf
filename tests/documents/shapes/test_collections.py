from __future__ import annotations

from datetime import date

import pytest
from tests.documents.examples import read

from entitlements.documents.shapes.collections import (
    DateRangeShape,
    ListShape,
    MappingShape,
    OptionalShape,
)
from entitlements.documents.shapes.scalars import INTEGER, TEXT, Shape, WriteContext


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (ListShape(TEXT), "[a, b]", ("a", "b")),
        (ListShape(TEXT), "a", ("a",)),
        (ListShape(TEXT), "null", ()),
        (ListShape(TEXT, frozenset), "[b, a, b]", frozenset({"a", "b"})),
        (OptionalShape(INTEGER), "null", None),
        (OptionalShape(INTEGER), "3", 3),
        (MappingShape(INTEGER), "{a: 1}", {"a": 1}),
        (MappingShape(INTEGER), "~", {}),
        (MappingShape(INTEGER, short=ListShape(TEXT)), "[a, b]", ("a", "b")),
        (DateRangeShape(), "[2026-01-01, 2026-12-31]", (date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_written_forms_are_read(shape: Shape, text: str, value: object) -> None:
    assert read(shape, text) == value


@pytest.mark.parametrize(
    ("shape", "text", "expected"),
    [
        (
            ListShape(INTEGER),
            "[a, 1, b]",
            ["`a` is not a whole number", "`b` is not a whole number"],
        ),
        (MappingShape(INTEGER), "[a]", ["a list is not a mapping"]),
        (
            MappingShape(INTEGER),
            "{a: b, c: d}",
            ["`b` is not a whole number", "`d` is not a whole number"],
        ),
        (DateRangeShape(), "2026-01-01", ["`2026-01-01` is not a list of two dates"]),
        (DateRangeShape(), "[2026-01-01]", ["a list is not a list of two dates"]),
    ],
)
def test_every_problem_inside_is_found(shape: Shape, text: str, expected: list[str]) -> None:
    assert read(shape, text) == expected


def test_sets_and_mappings_are_written_in_order() -> None:
    assert ListShape(TEXT, frozenset).write({"b", "a"}, WriteContext()) == ["a", "b"]
    assert list(MappingShape(INTEGER).write({"b": 1, "a": 2}, WriteContext())) == ["a", "b"]  # type: ignore[arg-type]
