"""Schemas by name: the files in the package say what the library says."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from entitlements.interchange.answers import schemas
from entitlements.interchange.answers.schemas import MESSAGES, SCHEMA_NAMES, schema_of, schema_text
from entitlements.kernel.errors import UnknownIdError

FOLDER = Path(schemas.__file__).parent


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_the_file_in_the_package_is_the_schema(name: str) -> None:
    file = FOLDER / f"{name}.schema.json"
    assert file.read_text(encoding="utf-8") == schema_text(name), "write `schema_text(name)` to it"


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_a_schema_is_one(name: str) -> None:
    found = schema_of(name)
    for each in found.values() if name == MESSAGES else [found]:
        Draft202012Validator.check_schema(each)
        assert each["$id"].startswith("urn:entitlements:schema:")
        assert each["additionalProperties"] is False


def test_every_key_of_a_request_and_an_answer_is_described() -> None:
    for name in ("request", "answer", "explanation", "measurement"):
        properties = schema_of(name)["properties"]
        assert [key for key, each in properties.items() if "description" not in each] == []


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownIdError, match="did you mean `answer`"):
        schema_of("anwser")
