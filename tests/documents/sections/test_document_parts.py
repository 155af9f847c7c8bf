from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from entitlements.documents.sections.document_parts import LISTS, SHAPES
from entitlements.documents.shapes.records import RecordShape
from entitlements.documents.shapes.scalars import Shape


def records_in(part: Any, seen: set[int]) -> Iterator[RecordShape]:
    if id(part) in seen:
        return
    seen.add(id(part))
    if isinstance(part, RecordShape):
        yield part
        for key in part.keys.values():
            yield from records_in(key.shape, seen)
    elif isinstance(part, dict):
        for each in part.values():
            yield from records_in(each, seen)
    elif isinstance(part, Shape):
        for field in attrs.fields(type(part)):
            yield from records_in(getattr(part, field.name), seen)


def test_every_part_has_its_shape() -> None:
    assert set(LISTS) < set(SHAPES)
    assert next(iter(SHAPES)) == "schema_version"


def test_records_of_one_title_are_equal() -> None:
    # The schema has one definition for each title.
    titles: dict[str, RecordShape] = {}
    for record in records_in(dict(SHAPES), set()):
        other = titles.setdefault(record.title, record)
        assert other.of is record.of
        assert other.lone == record.lone, record.title
        assert list(other.keys) == list(record.keys)
