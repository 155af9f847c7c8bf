from __future__ import annotations

from datetime import date

import pytest
from tests.documents.worlds import read

from entitlements.documents.shapes.collections import DayRange, Maybe, Several, Table
from entitlements.documents.shapes.scalars import Shape, Text, Whole, Writing


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (Several(Text()), "[a, b]", ("a", "b")),
        (Several(Text()), "a", ("a",)),
        (Several(Text()), "null", ()),
        (Several(Text(), frozenset), "[b, a, b]", frozenset({"a", "b"})),
        (Maybe(Whole()), "null", None),
        (Maybe(Whole()), "3", 3),
        (Table(Whole()), "{a: 1}", {"a": 1}),
        (Table(Whole()), "~", {}),
        (Table(Whole(), short=Several(Text())), "[a, b]", ("a", "b")),
        (DayRange(), "[2026-01-01, 2026-12-31]", (date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_what_people_write_is_read(shape: Shape, text: str, value: object) -> None:
    assert read(shape, text) == value


@pytest.mark.parametrize(
    ("shape", "text", "told"),
    [
        (Several(Whole()), "[a, 1, b]", ["`a` is not a whole number", "`b` is not a whole number"]),
        (Table(Whole()), "[a]", ["a list is not a mapping"]),
        (
            Table(Whole()),
            "{a: b, c: d}",
            ["`b` is not a whole number", "`d` is not a whole number"],
        ),
        (DayRange(), "2026-01-01", ["`2026-01-01` is not a list of two dates"]),
        (DayRange(), "[2026-01-01]", ["a list is not a list of two dates"]),
    ],
)
def test_every_problem_inside_is_told(shape: Shape, text: str, told: list[str]) -> None:
    assert read(shape, text) == told


def test_sets_and_mappings_are_written_in_order() -> None:
    assert Several(Text(), frozenset).write({"b", "a"}, Writing()) == ["a", "b"]
    assert list(Table(Whole()).write({"b": 1, "a": 2}, Writing())) == ["a", "b"]  # type: ignore[arg-type]
