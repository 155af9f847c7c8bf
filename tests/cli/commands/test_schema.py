from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from entitlements.cli.commands.demo import document
from entitlements.cli.main import main
from entitlements.interchange import schema_of


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


@pytest.mark.parametrize("name", ["request", "answer", "explanation", "measurement", "messages"])
def test_the_schema_of_an_answer_is_printed_by_name(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", name]) == 0
    assert json.loads(capsys.readouterr().out) == schema_of(name)


def test_documents_are_what_is_printed_without_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for words in (["schema"], ["schema", "documents"]):
        assert main(words) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert main(["schema", "nothing"]) == 2
