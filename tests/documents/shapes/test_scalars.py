from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.documents.worlds import read

from entitlements.calendars import Anchor
from entitlements.documents.formats.files import Source, parse
from entitlements.documents.shapes.read_context import Reading
from entitlements.documents.shapes.scalars import (
    Choice,
    Day,
    DayOrInstant,
    Duration,
    Instant,
    Name,
    Reference,
    Shape,
    Text,
    Truth,
    Whole,
    Writing,
)
from entitlements.documents.write import as_text
from entitlements.kernel.errors import InvalidValueError

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (Text(), "1.10", "1.10"),
        (Text(), "007", "007"),
        (Text(), "'true'", "true"),
        (Whole(), "-7", -7),
        (Whole(), "9223372036854775807", 2**63 - 1),
        (Truth(), "TRUE", True),
        (Truth(), "false", False),
        (Choice(Anchor), "same_time", Anchor.SAME_TIME),
        (Duration(), "1h 30m", timedelta(minutes=90)),
        (Duration(), "PT4H", timedelta(hours=4)),
        (Duration(), "61.000002s", timedelta(seconds=61, microseconds=2)),
        (Day(), "2026-03-02", date(2026, 3, 2)),
        (Instant(), "2026-03-02T13:00+01:00", NOON),
        (DayOrInstant(), "2026-03-02", date(2026, 3, 2)),
        (DayOrInstant(), "2026-03-02T12:00Z", NOON),
        (Name("plan"), "gold", "gold"),
        (Reference(("plan",)), "gold", "gold"),
    ],
)
def test_what_people_write_is_read(shape: Shape, text: str, value: object) -> None:
    assert read(shape, text) == value


@pytest.mark.parametrize(
    ("shape", "text", "told"),
    [
        (Text(), "true", "`true` is not text"),
        (Text(), "~", "`~` is not text"),
        (Text(), "[a]", "a list is not text"),
        (Whole(), "1.0", "`1.0` is not a whole number"),
        (Whole(), "1e3", "`1e3` is not a whole number"),
        (Whole(), "'1'", "`1` is not a whole number"),
        (Whole(), "true", "`true` is not a whole number"),
        (Whole(), "010", "`010` is not a whole number"),
        (Whole(), "9223372036854775808", "`9223372036854775808` is not a whole number"),
        (Truth(), "yes", "`yes` is not `true` or `false`"),
        (Truth(), "1", "`1` is not `true` or `false`"),
        (Choice(Anchor), "edn", "`edn` is not one of same_time, start, end"),
        (Duration(), "4", "`4` is not a duration"),
        (Duration(), "2d", "`2d` does not say which kind of day"),
        (Day(), "20260302", "`20260302` is not a date"),
        (Day(), "2026-02-30", "`2026-02-30` is not a date"),
        (Instant(), "soon", "`soon` is not an instant"),
        (DayOrInstant(), "soon", "`soon` is not a date"),
    ],
)
def test_anything_else_is_refused(shape: Shape, text: str, told: str) -> None:
    assert read(shape, text) == [told]


SIMPLE: list[tuple[Shape, st.SearchStrategy[Any]]] = [
    (Text(), st.text(st.characters(codec="utf-8"))),
    (Whole(), st.integers(-(2**63) + 1, 2**63 - 1)),
    (Truth(), st.booleans()),
    (Choice(Anchor), st.sampled_from(Anchor)),
    (Duration(), st.timedeltas(timedelta(), timedelta(days=9_999))),
    (Day(), st.dates()),
    (Instant(), st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001 - the strategy adds it
    (DayOrInstant(), st.dates()),
]


@pytest.mark.parametrize(("shape", "values"), SIMPLE, ids=[type(s).__name__ for s, _ in SIMPLE])
@given(data=st.data())
def test_what_is_written_is_read_back_and_fits_the_schema(
    shape: Shape, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(values)
    written = shape.write(value, Writing())
    document = parse(Source("t", as_text({"it": written}, "yaml"), "yaml"), [])
    assert shape.read(document.entries["it"], Reading()) == value
    defs: dict[str, Any] = {}
    schema = shape.schema(defs)
    jsonschema.validate(written, {"$defs": defs, **schema})


def test_what_no_file_can_hold_is_not_written() -> None:
    with pytest.raises(InvalidValueError, match="cannot be written in UTF-8"):
        Text().write("\ud800", Writing())
    with pytest.raises(InvalidValueError, match="negative"):
        Duration().write(timedelta(seconds=-1), Writing())
