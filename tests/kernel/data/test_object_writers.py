from __future__ import annotations

import json
from datetime import datetime

import attrs

from entitlements.kernel.data.object_writers import (
    NO_DEFAULT,
    WrittenField,
    default_of,
    object_writer,
)
from entitlements.kernel.instants import utc


@attrs.frozen
class Thing:
    name: str
    text: str = "none"
    each: int = attrs.field(default=0, converter=int)
    at: datetime | None = attrs.field(default="2026-03-02T09:00Z", converter=utc)
    many: tuple[str, ...] = attrs.field(factory=tuple)
    half: int = attrs.field(default=attrs.Factory(lambda self: self.each // 2, takes_self=True))


def test_fields_are_written_in_their_order_and_left_out_at_their_default() -> None:
    fields = [
        WrittenField("text", "none", json.dumps),
        WrittenField("name", NO_DEFAULT, json.dumps),
        WrittenField("each", 0, str),
    ]
    write = object_writer(fields)
    assert write(Thing("a")) == '{"name":"a"}'
    assert json.loads(write(Thing('"', "value", 7))) == {"text": "value", "name": '"', "each": 7}
    assert object_writer([])(Thing("a")) == "{}"


def test_a_value_is_written_as_its_kind_is() -> None:
    write = object_writer([WrittenField("name"), WrittenField("many", ())], {str: repr, tuple: str})
    assert write(Thing("a", many=("b",))) == """{"name":'a',"many":('b',)}"""


def test_a_default_is_the_value_that_a_field_has_without_one() -> None:
    defaults = {each.name: default_of(each) for each in attrs.fields(Thing)}
    for name in ("text", "each", "at", "many"):
        assert defaults[name] == getattr(Thing("a"), name)
    assert defaults["name"] is NO_DEFAULT
    assert defaults["half"] is NO_DEFAULT
