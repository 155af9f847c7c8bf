from __future__ import annotations

import sys

import pytest
from tests.documents.worlds import problems

from entitlements.documents import parse_facts
from entitlements.documents.formats.yaml_reader import load_yaml
from entitlements.kernel.errors import DocumentError

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nproducts: [*c]\n"


def test_a_bomb_of_aliases_never_goes_off() -> None:
    told = [each for each in problems(BOMB) if "alias" in each]
    assert told[0] == "2: b[0]: alias `*a` is not allowed (write it out)"
    assert len(told) == 5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("a: [1\nb: 2", "1: this is not YAML: did not find expected", id="bracket"),
        pytest.param("a:\n\t- b", "2: this is not YAML", id="tab"),
        pytest.param("products: [db]\n---\ngroups: []", "2: a second document starts", id="second"),
        pytest.param("products: !!python/object:os.x [a]", "1: tag `tag:yaml.org", id="object"),
        pytest.param("products: [!!str a]", "1: products[0]: tag `tag:yaml.org", id="tag"),
        pytest.param("a: \x01", "1: the control character U+0001 is not allowed", id="control"),
        pytest.param("? [a]\n: b", "1: a list or mapping cannot be a key", id="key"),
        pytest.param('a: "\\UFFFFFFFF"', "1: this is not YAML", id="escape"),
        pytest.param(
            "products: a\nproducts: b", "2: products: key `products` is there twice", id="2"
        ),
    ],
)
def test_what_yaml_forbids_or_we_do_is_told_with_its_line(text: str, told: str) -> None:
    assert problems(text)[0].startswith(told)


@pytest.mark.parametrize(
    "key", ["effective", "rights", "grace", "name", "allowances", "contact_limit"]
)
def test_what_is_broken_is_told_once_wherever_it_stands(key: str) -> None:
    rest = "" if key == "rights" else "rights: [], "
    text = f"plans: [{{id: p, severities: s, channels: c, policy: q, {rest}{key}: *a}}]"
    told = problems(f"policies: {{id: q, targets: {{milestone: x, within: 1h}}}}\n{text}")
    assert [each for each in told if "alias" not in each] == []


@pytest.mark.parametrize("word", ["no", "off", "y", "12:30", "2026-01-01", "0x1F", "1_000", "1.10"])
def test_words_that_old_yaml_reads_as_something_else_stay_words(word: str) -> None:
    assert parse_facts(f"products: [{word}]").catalog.products[0].id == word


@pytest.mark.parametrize("word", ["true", "null", "~"])
def test_words_that_mean_something_need_quotes_to_be_names(word: str) -> None:
    assert len(problems(f"products: [{{id: {word}}}]")) == 1
    assert parse_facts(f"products: ['{word}']").catalog.products[0].id == word


def test_without_pyyaml_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(DocumentError, match=r"a.yaml: YAML needs PyYAML.*`entitlements\[yaml\]`"):
        load_yaml("a.yaml")
