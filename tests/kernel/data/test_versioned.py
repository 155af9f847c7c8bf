"""Data with a version: written with it, and refused where it is not known."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from entitlements.kernel.data.versioned import VersionedData
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.periods.spans import Span

SPANS = VersionedData("span", "A span of time", Span, version=2)
NINE = Span("2026-03-02T09:00Z", "2026-03-02T10:00Z")


def test_data_carries_its_version_and_is_read_back() -> None:
    data = SPANS.write(NINE)
    assert data["schema_version"] == 2
    assert SPANS.read(data) == SPANS.read({**data, "schema_version": 1}) == NINE


def test_the_schema_has_an_id_with_the_version_and_fits_what_is_written() -> None:
    schema = SPANS.schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == "urn:entitlements:schema:span:2"
    validator = Draft202012Validator(schema)
    validator.validate(SPANS.write(NINE))
    assert not validator.is_valid({**SPANS.write(NINE), "schema_version": 3})
    assert not validator.is_valid({**SPANS.write(NINE), "more": 1})


@pytest.mark.parametrize("version", [0, 3, "1", True, None, 1.0])
def test_another_version_is_refused_by_name(version: Any) -> None:
    with pytest.raises(InvalidValueError) as caught:
        SPANS.read({**SPANS.write(NINE), "schema_version": version})
    assert caught.value.path == "schema_version"
    assert "versions 1 to 2" in str(caught.value)


@pytest.mark.parametrize("data", [None, [], "x", {"start": "2026-03-02T09:00:00Z"}])
def test_what_has_no_version_is_refused(data: Any) -> None:
    with pytest.raises(InvalidValueError):
        SPANS.read(data)
