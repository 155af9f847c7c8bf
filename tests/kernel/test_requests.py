from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest
from jsonschema import Draft202012Validator

from entitlements.kernel import FrozenMap, InvalidValueError, Request
from entitlements.kernel.requests import REQUEST_DATA, skill_levels

FIXTURES = sorted((Path(__file__).parent / "fixtures" / "v1").glob("*.json"))
PLAIN = Request(
    id="R-1", customer="acme", contact="dana", product="db", severity="S1", channel="phone"
)
NAMES = [each.name for each in attrs.fields(Request) if each.name not in {"skills", "conditions"}]


def test_omitted_fields_are_none_or_empty() -> None:
    assert PLAIN.group is PLAIN.contract is PLAIN.version is PLAIN.asset is PLAIN.site is None
    assert PLAIN.skills == {}
    assert PLAIN.conditions == frozenset()


def test_it_is_hashable_and_equal_by_value() -> None:
    skilled = attrs.evolve(PLAIN, skills={"sql": 2, "dba": 1}, conditions=["b", "a"])
    same = attrs.evolve(PLAIN, skills={"dba": 1, "sql": 2}, conditions=("a", "b", "a"))
    assert skilled == same
    assert hash(skilled) == hash(same)
    assert skilled != PLAIN


def test_a_request_cannot_be_changed() -> None:
    levels = {"sql": 2}
    request = attrs.evolve(PLAIN, skills=levels)
    levels["sql"] = 3
    assert request.skills == FrozenMap({"sql": 2})
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        request.severity = "S4"  # type: ignore[misc]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["", " x", "a\nb"], ids=["empty", "padded", "two lines"])
def test_every_id_is_checked(name: str, value: str) -> None:
    with pytest.raises(InvalidValueError, match="is not an id"):
        attrs.evolve(PLAIN, **{name: value})


def test_a_condition_is_an_id() -> None:
    with pytest.raises(InvalidValueError, match="is not an id"):
        attrs.evolve(PLAIN, conditions=["contact-reachable", ""])


def test_a_single_text_is_one_condition() -> None:
    assert attrs.evolve(PLAIN, conditions="on-site").conditions == {"on-site"}


def test_levels_are_kept_as_they_are() -> None:
    assert skill_levels({"sql": 2}) == FrozenMap({"sql": 2})


def test_a_request_is_written_as_data_and_read_back() -> None:
    asked = attrs.evolve(PLAIN, skills={"sql": 2, "dba": 1}, conditions=["b", "a"])
    data = asked.to_dict()
    assert Request.from_dict(data) == asked
    assert data["skills"] == {"dba": 1, "sql": 2}
    Draft202012Validator(REQUEST_DATA.schema()).validate(data)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_request_that_was_written_under_version_1_reads_for_ever(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    found = Request.from_dict(data).to_dict()
    assert {key: found[key] for key in data} == data


def test_there_are_fixtures_of_requests() -> None:
    assert {path.stem for path in FIXTURES} == {"request-full", "request-least"}
    assert REQUEST_DATA.version == 1, "keep fixtures of the new version in a folder of its own"


def test_data_with_a_misspelled_key_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="custmer: no such key"):
        Request.from_dict({**PLAIN.to_dict(), "custmer": "acme"})
