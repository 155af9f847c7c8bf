from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from entitlements.cli.commands.demo import document
from entitlements.cli.main import main


def test_the_printed_schema_is_one_and_the_demo_document_keeps_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    # Dates are text in JSON, and so they are to the schema.
    plain = json.loads(json.dumps(yaml.safe_load(document()), default=str))
    errors = jsonschema.Draft202012Validator(schema).iter_errors(plain)
    assert [f"{error.json_path}: {error.message}"[:200] for error in errors] == []
