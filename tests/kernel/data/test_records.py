"""Records as data: from the fields of a class, with defaults, tags and places of errors."""

from __future__ import annotations

from datetime import timedelta
from inspect import cleandoc
from typing import Any, final

import attrs
import pytest
from jsonschema import Draft202012Validator

from entitlements.contracts.records.changes import Block, Renewal
from entitlements.kernel.data.records import OneOf, Record, form_of
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.kernel.periods.spans import Span
from entitlements.kernel.requests import Request


@final
@attrs.frozen(kw_only=True)
class Visit:
    """A visit.

    Attributes:
        span: When it is, from its
            start to its end.
        drive: How long the drive takes.
        before: The visit before.
    """

    span: Span
    drive: timedelta | None = None
    before: Visit | None = None


NINE = Span("2026-03-02T09:00Z", "2026-03-02T10:00Z")
TEN = Span("2026-03-02T10:00Z", "2026-03-02T11:00Z")
PLAIN_NINE = {"start": "2026-03-02T09:00:00Z", "end": "2026-03-02T10:00:00Z"}


def test_a_record_has_a_key_for_each_field_and_durations_in_microseconds() -> None:
    visit = Visit(span=TEN, before=Visit(span=NINE, drive=timedelta(seconds=1)))
    form = Record(Visit)
    plain = form.write(visit)
    assert plain["before"] == {"span": PLAIN_NINE, "drive_micros": 1_000_000, "before": None}
    assert form.read(plain, "") == visit


def test_a_key_may_be_left_out_where_the_field_has_a_default() -> None:
    assert Record(Visit).read({"span": PLAIN_NINE}, "") == Visit(span=NINE)


def test_the_schema_names_records_that_hold_themselves_and_describes_their_keys() -> None:
    definitions: dict[str, Any] = {}
    reference = Record(Visit).schema(definitions)
    schema = {**reference, "$defs": definitions}
    Draft202012Validator(schema).validate(Record(Visit).write(Visit(span=NINE)))
    visit = definitions["Visit"]
    assert visit["required"] == ["span"]
    assert visit["properties"]["span"]["description"] == "When it is, from its start to its end."


def test_keys_are_described_however_a_docstring_is_indented() -> None:
    @attrs.frozen
    class Dedented:  # as Python 3.13 leaves the docstring of every class
        __doc__ = cleandoc(Visit.__doc__ or "")
        span: Span

    definitions: dict[str, Any] = {}
    Record(Dedented).schema(definitions)
    (found,) = (value for name, value in definitions.items() if "Dedented" in name)
    assert found["properties"]["span"]["description"] == "When it is, from its start to its end."


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ({"spam": 1}, "at.spam: no such key (did you mean `span`?)"),
        ({"drive_micros": 1}, "at.span: the key is missing"),
        ({"span": PLAIN_NINE, "before": {"span": {}}}, "at.before.span.start: the key is missing"),
        ([], "at: `[]` is not an object"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(plain: Any, message: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Record(Visit).read(plain, "at")
    assert str(caught.value) == message


def test_what_the_class_refuses_is_refused_with_its_place() -> None:
    backwards = {"start": PLAIN_NINE["end"], "end": PLAIN_NINE["start"]}
    with pytest.raises(EntitlementsError) as caught:
        Record(Visit).read({"span": backwards}, "")
    assert caught.value.path == "span"
    names = dict.fromkeys(("id", "customer", "contact", "product", "channel"), "x")
    with pytest.raises(EntitlementsError) as caught:
        Record(Request).read({**names, "contact": ""}, "request")
    assert caught.value.path == "request.contact"


def test_one_of_several_classes_is_named_by_its_tag() -> None:
    form = OneOf((Record(Block), Record(Renewal)))
    block = Block(id="B", start="2026-03-02T09:00Z")
    plain = form.write(block)
    assert plain["is"] == "block"
    assert form.read(plain, "") == block
    with pytest.raises(InvalidValueError, match="one of block, renewal"):
        form.read({**plain, "is": "blok"}, "")
    definitions: dict[str, Any] = {}
    schema = {**form.schema(definitions), "$defs": definitions}
    Draft202012Validator(schema).validate(plain)


def test_types_without_a_form_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="no form"):
        form_of(float)
    with pytest.raises(InvalidValueError, match="no form"):
        form_of(int | str)
