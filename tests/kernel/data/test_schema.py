"""What fields state about their data, and errors that name a place."""

from __future__ import annotations

import attrs
import pytest

from entitlements.kernel.data.records import Record
from entitlements.kernel.data.schema import AS_INSTANT, OMIT_NONE, below, located, refuse
from entitlements.kernel.errors import InvalidValueError


@attrs.frozen
class Stay:
    since: int | None = attrs.field(default=None, metadata=AS_INSTANT)
    note: str | None = attrs.field(default=None, metadata=OMIT_NONE)


def test_a_number_of_microseconds_is_written_as_the_instant_that_it_means() -> None:
    form = Record(Stay)
    assert form.write(Stay(0)) == {"since": "1970-01-01T00:00:00Z"}
    assert form.read({"since": "1970-01-01T00:00:00Z"}, "") == Stay(0)
    assert form.write(Stay(None)) == {"since": None}


def test_what_is_not_stated_is_omitted_where_the_field_says_so() -> None:
    assert Record(Stay).write(Stay(0, "quiet"))["note"] == "quiet"
    assert "note" not in Record(Stay).write(Stay(0))


def test_a_refusal_shows_sixty_characters_and_the_place() -> None:
    with pytest.raises(InvalidValueError) as caught:
        refuse("x" * 100, "a word", "plans[0]")
    assert str(caught.value) == f"plans[0]: `'{'x' * 59}...` is not a word"


def test_places_are_joined_from_the_outside_in() -> None:
    assert (below("", "id"), below("plans[0]", "id")) == ("id", "plans[0].id")
    inner = InvalidValueError("wrong", path="id")
    assert located(inner, "plans[0]").path == "plans[0].id"
    assert located(InvalidValueError("wrong"), "plans[0]").path == "plans[0]"
    assert located(InvalidValueError("wrong", path="id"), "").path == "id"
