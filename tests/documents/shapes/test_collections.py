from __future__ import annotations

from datetime import date

import pytest
from tests.documents.worlds import read

from entitlements.documents.shapes.collections import (
    DateRangeShape,
    ListShape,
    MappingShape,
    OptionalShape,
)
from entitlements.documents.shapes.scalars import IntegerShape, Shape, TextShape, WriteContext


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (ListShape(TextShape()), "[a, b]", ("a", "b")),
        (ListShape(TextShape()), "a", ("a",)),
        (ListShape(TextShape()), "null", ()),
        (ListShape(TextShape(), frozenset), "[b, a, b]", frozenset({"a", "b"})),
        (OptionalShape(IntegerShape()), "null", None),
        (OptionalShape(IntegerShape()), "3", 3),
        (MappingShape(IntegerShape()), "{a: 1}", {"a": 1}),
        (MappingShape(IntegerShape()), "~", {}),
        (MappingShape(IntegerShape(), short=ListShape(TextShape())), "[a, b]", ("a", "b")),
        (DateRangeShape(), "[2026-01-01, 2026-12-31]", (date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_what_people_write_is_read(shape: Shape, text: str, value: object) -> None:
    assert read(shape, text) == value


@pytest.mark.parametrize(
    ("shape", "text", "told"),
    [
        (
            ListShape(IntegerShape()),
            "[a, 1, b]",
            ["`a` is not a whole number", "`b` is not a whole number"],
        ),
        (MappingShape(IntegerShape()), "[a]", ["a list is not a mapping"]),
        (
            MappingShape(IntegerShape()),
            "{a: b, c: d}",
            ["`b` is not a whole number", "`d` is not a whole number"],
        ),
        (DateRangeShape(), "2026-01-01", ["`2026-01-01` is not a list of two dates"]),
        (DateRangeShape(), "[2026-01-01]", ["a list is not a list of two dates"]),
    ],
)
def test_every_problem_inside_is_told(shape: Shape, text: str, told: list[str]) -> None:
    assert read(shape, text) == told


def test_sets_and_mappings_are_written_in_order() -> None:
    assert ListShape(TextShape(), frozenset).write({"b", "a"}, WriteContext()) == ["a", "b"]
    assert list(MappingShape(IntegerShape()).write({"b": 1, "a": 2}, WriteContext())) == ["a", "b"]  # type: ignore[arg-type]
