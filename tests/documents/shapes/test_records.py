from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from tests.documents.examples import problems, read

from entitlements.documents.shapes.records import descriptions, record_shape, shape_of
from entitlements.documents.shapes.scalars import WriteContext
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier


@attrs.frozen(kw_only=True)
class Parcel:
    """Something sent.

    Attributes:
        id: Names the parcel.
        waits: How long it may lie
            before it is fetched.
    """

    id: str = attrs.field(converter=identifier)
    waits: timedelta = timedelta(hours=1)
    stamps: tuple[int, ...] = ()

    def __attrs_post_init__(self) -> None:
        if sum(self.stamps) > 9:
            raise InvalidValueError("too many stamps", path="stamps[0]")


PARCEL = record_shape(Parcel, lone="id", keys={"stamps": "paid"})


def test_fields_are_keys_with_defaults() -> None:
    assert read(PARCEL, "{id: p, waits: 2h}") == Parcel(id="p", waits=timedelta(hours=2))


def test_a_single_value_is_read_and_written_for_its_key() -> None:
    assert read(PARCEL, "p") == Parcel(id="p")
    assert PARCEL.write(Parcel(id="p"), WriteContext()) == "p"


def test_defaults_are_not_written() -> None:
    written = PARCEL.write(Parcel(id="p", stamps=[1]), WriteContext())
    assert written == {"id": "p", "paid": [1]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{id: ' p'}", ["` p` is not an id"]),
        ("{waits: 2h}", ["`id` is missing in this parcel"]),
        ("{id: p, wiats: 2h, waits: 2x}", ["`wiats` is not a key here", "`2x` is not a duration"]),
        ("{id: p, paid: [9, 9]}", ["too many stamps"]),
        ("[p]", ["a list is not a parcel"]),
        ("null", ["`null` is not a parcel"]),
    ],
)
def test_every_problem_is_found(text: str, expected: list[str]) -> None:
    found = read(PARCEL, text)
    assert found == expected or (found == Parcel(id="p") and "key here" in expected[0])


def test_the_schema_is_closed_and_has_the_descriptions_of_the_class() -> None:
    defs: dict[str, object] = {}
    assert PARCEL.schema(defs) == {"$ref": "#/$defs/parcel"}
    closed = defs["parcel"]["anyOf"][0]  # type: ignore[index]
    assert closed["additionalProperties"] is False
    assert closed["required"] == ["id"]
    assert closed["properties"]["id"]["description"] == "Names the parcel."


def test_descriptions_come_from_the_docstring() -> None:
    assert descriptions(Parcel)["waits"] == "How long it may lie before it is fetched."


def test_a_type_without_a_shape_is_an_error() -> None:
    with pytest.raises(TypeError, match="no shape is known"):
        shape_of(complex)


def test_two_misspelled_keys_are_not_both_read_as_one_key() -> None:
    found = problems("products: [{id: db, nmae: x, naem: y}]")
    assert [each.rpartition(" (")[2] for each in found] == [
        "did you mean `name`?)",
        "`nmae` is defined already; known here: groups, versions, life_cycle)",
    ]
