from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from entitlements.access import Granted
from entitlements.cli.document_template import (
    FirstAnswers,
    question_words,
    scalar,
    template_text,
)
from entitlements.documents import lint_facts, parse_facts
from entitlements.engine import Engine
from entitlements.kernel.ids import SEPARATOR
from entitlements.kernel.requests import Request

letters = st.characters(codec="ascii", exclude_categories=["C", "Z"], exclude_characters=SEPARATOR)
names = st.text(letters, min_size=1, max_size=8)


def answers(*severities: str, plan: str = "gold", customer: str = "acme") -> FirstAnswers:
    return FirstAnswers(
        plan=plan,
        zone="Europe/Berlin",
        week="Mo-Fr 09:00-12:30,13:00-17:00",
        severities=severities,
        responses=("1h always",) + ("4h",) * (len(severities) - 1),
        customer=customer,
        start=date(2026, 3, 2),
    )


@given(names)
def test_a_scalar_is_read_back_as_text(text: str) -> None:
    assert yaml.safe_load(f"[{scalar(text)}]") == [text]


@pytest.mark.parametrize(
    "text", ["no", "1", "1.5", "12:30", "0x10", "1e3", "~", "null", "2026-01-01"]
)
def test_words_that_mean_something_in_yaml_are_quoted(text: str) -> None:
    assert scalar(text) == f'"{text}"'


@given(st.lists(names, min_size=1, max_size=4, unique=True), names, names)
def test_any_answers_make_a_document_that_grants_access_at_once(
    severities: list[str], plan: str, customer: str
) -> None:
    facts = parse_facts(template_text(answers(*severities, plan=plan, customer=customer)))
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert lint_facts(facts, noon) == ()
    request = Request(
        id="R-1",
        customer=customer,
        contact="dana",
        product="product",
        severity=severities[0],
        channel="web",
    )
    assert isinstance(Engine(facts).assess(request, noon).decision, Granted)


def test_the_question_to_ask_names_the_first_severity() -> None:
    words = question_words(answers("urgent", "low"), "my.yaml")
    assert words[:3] == ["entitlements", "decide", "my.yaml"]
    assert words[words.index("--severity") + 1] == "urgent"
