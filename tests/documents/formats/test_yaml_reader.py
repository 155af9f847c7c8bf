from __future__ import annotations

import sys

import pytest
from tests.documents.examples import problems

from entitlements.documents import parse_facts
from entitlements.documents.formats.yaml_reader import load_yaml
from entitlements.kernel.errors import DocumentError

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nproducts: [*c]\n"


def test_aliases_are_not_expanded() -> None:
    found = [each for each in problems(BOMB) if "alias" in each]
    assert found[0] == "2: b[0]: alias `*a` is not allowed (repeat the value)"
    assert len(found) == 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: [1\nb: 2", "1: this is not YAML: a `,` or `]` is missing", id="bracket"),
        pytest.param("a:\n\t- b", "2: this is not YAML", id="tab"),
        pytest.param("products: [db]\n---\ngroups: []", "2: a second document starts", id="second"),
        pytest.param("products: !!python/object:os.x [a]", "1: tag `tag:yaml.org", id="object"),
        pytest.param("products: [!!str a]", "1: products[0]: tag `tag:yaml.org", id="tag"),
        pytest.param("a: \x01", "1: the control character U+0001 is not allowed", id="control"),
        pytest.param("? [a]\n: b", "1: a list or mapping cannot be a key", id="key"),
        pytest.param('a: "\\UFFFFFFFF"', "1: this is not YAML", id="escape"),
        pytest.param("products: a\nproducts: b", "2: products: key `products` is repeated", id="2"),
    ],
)
def test_a_syntax_error_has_its_line(text: str, expected: str) -> None:
    assert problems(text)[0].startswith(expected)


@pytest.mark.parametrize(
    "key", ["effective", "rights", "grace", "name", "allowances", "contact_limit"]
)
def test_an_alias_is_one_problem_wherever_it_is(key: str) -> None:
    rest = "" if key == "rights" else "rights: [], "
    text = f"plans: [{{id: p, severities: s, channels: c, policy: q, {rest}{key}: *a}}]"
    found = problems(f"policies: {{id: q, targets: {{milestone: update, within: 1h}}}}\n{text}")
    assert [each for each in found if "alias" not in each] == []


@pytest.mark.parametrize("word", ["no", "off", "y", "12:30", "2026-01-01", "0x1F", "1_000", "1.10"])
def test_words_with_another_meaning_in_yaml_1_1_stay_text(word: str) -> None:
    assert parse_facts(f"products: [{word}]").catalog.products[0].id == word


@pytest.mark.parametrize("word", ["true", "null", "~"])
def test_names_like_true_and_null_need_quotes(word: str) -> None:
    assert len(problems(f"products: [{{id: {word}}}]")) == 1
    assert parse_facts(f"products: ['{word}']").catalog.products[0].id == word


def test_without_pyyaml_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(DocumentError, match=r"a.yaml: YAML needs PyYAML.*`entitlements\[yaml\]`"):
        load_yaml("a.yaml")


def test_the_non_specific_tag_is_allowed() -> None:
    assert parse_facts('products: [! "1"]').catalog.products[0].id == "1"
