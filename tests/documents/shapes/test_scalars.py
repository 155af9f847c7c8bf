from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.documents.worlds import read

from entitlements.calendars import Anchor
from entitlements.documents.formats.files import Source, parse_document
from entitlements.documents.shapes.read_context import ReadContext
from entitlements.documents.shapes.scalars import (
    BooleanShape,
    DateOrInstantShape,
    DateShape,
    DurationShape,
    EnumShape,
    InstantShape,
    IntegerShape,
    NewIdShape,
    ReferenceShape,
    Shape,
    TextShape,
    WriteContext,
)
from entitlements.documents.write import document_text
from entitlements.kernel.errors import InvalidValueError

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (TextShape(), "1.10", "1.10"),
        (TextShape(), "007", "007"),
        (TextShape(), "'true'", "true"),
        (IntegerShape(), "-7", -7),
        (IntegerShape(), "9223372036854775807", 2**63 - 1),
        (BooleanShape(), "TRUE", True),
        (BooleanShape(), "false", False),
        (EnumShape(Anchor), "same_time", Anchor.SAME_TIME),
        (DurationShape(), "1h 30m", timedelta(minutes=90)),
        (DurationShape(), "PT4H", timedelta(hours=4)),
        (DurationShape(), "61.000002s", timedelta(seconds=61, microseconds=2)),
        (DateShape(), "2026-03-02", date(2026, 3, 2)),
        (InstantShape(), "2026-03-02T13:00+01:00", NOON),
        (DateOrInstantShape(), "2026-03-02", date(2026, 3, 2)),
        (DateOrInstantShape(), "2026-03-02T12:00Z", NOON),
        (NewIdShape("plan"), "gold", "gold"),
        (ReferenceShape(("plan",)), "gold", "gold"),
    ],
)
def test_what_people_write_is_read(shape: Shape, text: str, value: object) -> None:
    assert read(shape, text) == value


@pytest.mark.parametrize(
    ("shape", "text", "told"),
    [
        (TextShape(), "true", "`true` is not text"),
        (TextShape(), "~", "`~` is not text"),
        (TextShape(), "[a]", "a list is not text"),
        (IntegerShape(), "1.0", "`1.0` is not a whole number"),
        (IntegerShape(), "1e3", "`1e3` is not a whole number"),
        (IntegerShape(), "'1'", "`1` is not a whole number"),
        (IntegerShape(), "true", "`true` is not a whole number"),
        (IntegerShape(), "010", "`010` is not a whole number"),
        (IntegerShape(), "9223372036854775808", "`9223372036854775808` is not a whole number"),
        (BooleanShape(), "yes", "`yes` is not `true` or `false`"),
        (BooleanShape(), "1", "`1` is not `true` or `false`"),
        (EnumShape(Anchor), "edn", "`edn` is not one of same_time, start, end"),
        (DurationShape(), "4", "`4` is not a duration"),
        (DurationShape(), "2d", "`2d` does not say which kind of day"),
        (DateShape(), "20260302", "`20260302` is not a date"),
        (DateShape(), "2026-02-30", "`2026-02-30` is not a date"),
        (InstantShape(), "soon", "`soon` is not an instant"),
        (DateOrInstantShape(), "soon", "`soon` is not a date"),
    ],
)
def test_anything_else_is_refused(shape: Shape, text: str, told: str) -> None:
    assert read(shape, text) == [told]


SIMPLE: list[tuple[Shape, st.SearchStrategy[Any]]] = [
    (TextShape(), st.text(st.characters(codec="utf-8"))),
    (IntegerShape(), st.integers(-(2**63) + 1, 2**63 - 1)),
    (BooleanShape(), st.booleans()),
    (EnumShape(Anchor), st.sampled_from(Anchor)),
    (DurationShape(), st.timedeltas(timedelta(), timedelta(days=9_999))),
    (DateShape(), st.dates()),
    (
        InstantShape(),
        st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)),
    ),
    (DateOrInstantShape(), st.dates()),
]


@pytest.mark.parametrize(("shape", "values"), SIMPLE, ids=[type(s).__name__ for s, _ in SIMPLE])
@given(data=st.data())
def test_what_is_written_is_read_back_and_fits_the_schema(
    shape: Shape, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(values)
    written = shape.write(value, WriteContext())
    document = parse_document(Source("t", document_text({"it": written}, "yaml"), "yaml"), [])
    assert shape.read(document.entries["it"], ReadContext()) == value
    defs: dict[str, Any] = {}
    schema = shape.schema(defs)
    jsonschema.validate(written, {"$defs": defs, **schema})


def test_what_no_file_can_hold_is_not_written() -> None:
    with pytest.raises(InvalidValueError, match="cannot be written in UTF-8"):
        TextShape().write("\ud800", WriteContext())
    with pytest.raises(InvalidValueError, match="negative"):
        DurationShape().write(timedelta(seconds=-1), WriteContext())
