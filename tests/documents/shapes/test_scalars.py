from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.documents.examples import problems, read

from entitlements.calendars import Anchor
from entitlements.documents.formats.files import Source, parse_document
from entitlements.documents.shapes.read_context import ReadContext
from entitlements.documents.shapes.scalars import (
    BOOLEAN,
    DATE,
    DATE_OR_INSTANT,
    DURATION,
    INSTANT,
    INTEGER,
    TEXT,
    NewIdShape,
    ReferenceShape,
    ScalarShape,
    Shape,
    WriteContext,
    enum_shape,
)
from entitlements.documents.write import document_text
from entitlements.kernel.errors import InvalidValueError

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (TEXT, "1.10", "1.10"),
        (TEXT, "007", "007"),
        (TEXT, "'true'", "true"),
        (INTEGER, "-7", -7),
        (INTEGER, "9223372036854775807", 2**63 - 1),
        (BOOLEAN, "TRUE", True),
        (BOOLEAN, "false", False),
        (enum_shape(Anchor), "same_time", Anchor.SAME_TIME),
        (DURATION, "1h 30m", timedelta(minutes=90)),
        (DURATION, "PT4H", timedelta(hours=4)),
        (DURATION, "61.000002s", timedelta(seconds=61, microseconds=2)),
        (DURATION, "12.5s", timedelta(seconds=12, milliseconds=500)),
        (DATE, "2026-03-02", date(2026, 3, 2)),
        (INSTANT, "2026-03-02T13:00+01:00", NOON),
        (DATE_OR_INSTANT, "2026-03-02", date(2026, 3, 2)),
        (DATE_OR_INSTANT, "2026-03-02T12:00Z", NOON),
        (NewIdShape("plan"), "gold", "gold"),
        (ReferenceShape(("plan",)), "gold", "gold"),
    ],
)
def test_written_forms_are_read(shape: Shape, text: str, value: object) -> None:
    assert read(shape, text) == value


@pytest.mark.parametrize(
    ("shape", "text", "expected"),
    [
        (TEXT, "true", "`true` is not text"),
        (TEXT, "~", "`~` is not text"),
        (TEXT, "[a]", "a list is not text"),
        (INTEGER, "1.0", "`1.0` is not a whole number"),
        (INTEGER, "1e3", "`1e3` is not a whole number"),
        (INTEGER, "'1'", "`1` is not a whole number"),
        (INTEGER, "true", "`true` is not a whole number"),
        (INTEGER, "010", "`010` is not a whole number"),
        (INTEGER, "9223372036854775808", "`9223372036854775808` is not a whole number"),
        (BOOLEAN, "yes", "`yes` is not `true` or `false`"),
        (BOOLEAN, "1", "`1` is not `true` or `false`"),
        (enum_shape(Anchor), "edn", "`edn` is not one of same_time, start, end"),
        (DURATION, "4", "`4` is not a duration"),
        (DURATION, "2d", "`2d` does not say which kind of day"),
        (DATE, "20260302", "`20260302` is not a date"),
        (DATE, "2026-02-30", "`2026-02-30` is not a date"),
        (INSTANT, "soon", "`soon` is not an instant"),
        (DATE_OR_INSTANT, "soon", "`soon` is not a date"),
    ],
)
def test_another_form_is_a_problem(shape: Shape, text: str, expected: str) -> None:
    assert read(shape, text) == [expected]


SIMPLE: list[tuple[ScalarShape, st.SearchStrategy[Any]]] = [
    (TEXT, st.text(st.characters(codec="utf-8"))),
    (INTEGER, st.integers(-(2**63) + 1, 2**63 - 1)),
    (BOOLEAN, st.booleans()),
    (enum_shape(Anchor), st.sampled_from(Anchor)),
    (DURATION, st.timedeltas(timedelta(), timedelta(days=9_999))),
    (DATE, st.dates()),
    (
        INSTANT,
        st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    ),
    (DATE_OR_INSTANT, st.dates()),
]


@pytest.mark.parametrize(("shape", "values"), SIMPLE, ids=[each.expected for each, _ in SIMPLE])
@given(data=st.data())
def test_a_written_value_is_read_back_and_valid(
    shape: Shape, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(values)
    written = shape.write(value, WriteContext())
    document = parse_document(Source("t", document_text({"it": written}, "yaml"), "yaml"), [])
    assert shape.read(document.entries["it"], ReadContext()) == value
    defs: dict[str, Any] = {}
    schema = shape.schema(defs)
    jsonschema.validate(written, {"$defs": defs, **schema})


def test_a_value_without_a_form_is_not_written() -> None:
    with pytest.raises(InvalidValueError, match="cannot be written in UTF-8"):
        TEXT.write("\ud800", WriteContext())
    with pytest.raises(InvalidValueError, match="negative"):
        DURATION.write(timedelta(seconds=-1), WriteContext())


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("+7", "write it as `7`"),
        ("007", "write it as `7`"),
        ("+999999999999999999", "write it as `999999999999999999`"),
        ("9223372036854775808", "the largest is 9223372036854775807"),
        ("1.5", "fractions are not counted"),
    ],
)
def test_a_number_in_another_form_has_a_hint(text: str, hint: str) -> None:
    (found,) = problems(f"roster: {{assignment_count: {text}}}")
    assert found.endswith(f"({hint})")
