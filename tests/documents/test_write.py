from __future__ import annotations

import attrs
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.documents.examples import DOCUMENT
from tests.documents.values import TEMPTING

from entitlements.documents import parse_facts, write_facts
from entitlements.documents.write import document_data, document_text
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import InvalidValueError


def test_the_canonical_form_is_a_fixed_point() -> None:
    facts = parse_facts(DOCUMENT)
    text = write_facts(facts)
    assert parse_facts(text) == facts
    assert write_facts(parse_facts(text)) == text


def test_empty_parts_are_not_written() -> None:
    assert write_facts(Facts()) == "schema_version: 1\n"
    assert write_facts(Facts(), format="json") == '{\n  "schema_version": 1\n}\n'


def test_an_empty_order_of_precedence_is_written() -> None:
    facts = parse_facts("precedence: []")
    assert parse_facts(write_facts(facts)) == facts
    assert facts.catalog.precedence == ()


@given(st.sampled_from(TEMPTING) | st.text(st.characters(codec="utf-8")))
def test_text_stays_text_for_every_reader_of_yaml(text: str) -> None:
    written = document_text({"it": [text, {"at": text}]}, "yaml")
    read = yaml.safe_load(written)["it"]
    assert [str(read[0]).partition(" ")[0], type(read[0]) is str] in (
        [text.partition(" ")[0], True],
        # A date is written plain: readers of YAML 1.1 read it as a date.
        [text.replace("T", " ").partition(" ")[0], False],
    )


def test_a_policy_with_more_severities_than_its_plan_is_written_separately() -> None:
    facts = parse_facts(DOCUMENT)
    policy = facts.policies["gold"]
    wider = [*policy.targets, attrs.evolve(policy.targets[0], severities=["S9"])]
    changed = attrs.evolve(facts, policies=[attrs.evolve(policy, targets=wider)])
    document = document_data(changed)
    assert document["plans"][0]["policy"] == "gold"  # type: ignore[index, call-overload]
    assert parse_facts(write_facts(changed)) == changed


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="`toml` is not a format"):
        write_facts(Facts(), format="toml")  # type: ignore[arg-type]
