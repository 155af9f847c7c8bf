from __future__ import annotations

from pathlib import Path

import pytest
from tests.documents.examples import problems

from entitlements.documents import parse_facts, read_facts
from entitlements.documents.formats.files import MAX_SIZE
from entitlements.kernel.errors import DocumentError


def refused(path: Path) -> str:
    with pytest.raises(DocumentError) as caught:
        read_facts(path)
    return str(caught.value).replace(str(path), path.name)


def written(tmp_path: Path, content: bytes, name: str = "support.yaml") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_latin_1_is_a_problem_at_its_byte(tmp_path: Path) -> None:
    path = written(tmp_path, b"products:\n- {id: db, name: Caf\xe9}\n")
    assert refused(path) == "support.yaml:2: byte 30 (0xE9) is not UTF-8"


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    assert read_facts(written(tmp_path, b"\xef\xbb\xbfproducts: [db]")).catalog.product("db")


def test_ten_mebibytes_are_refused_before_they_are_parsed(tmp_path: Path) -> None:
    path = written(tmp_path, b"[" * 10_485_760)
    assert refused(path) == f"support.yaml: the document is larger than {MAX_SIZE} bytes; split it over files"  # fmt: skip # noqa: E501 - one message
    assert problems("x" * (MAX_SIZE + 1)) == [
        f"the document is larger than {MAX_SIZE} bytes; split it over files"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "the document is empty", id="nothing"),
        pytest.param("# only a comment\n", "the document is empty", id="comment"),
        pytest.param("- a", "1: the document is a list; write a mapping", id="list"),
        pytest.param("\n\nabc", "3: the document is one scalar, not a mapping", id="scalar"),
        pytest.param("a: \ud800", "1: there is half of a surrogate pair", id="surrogate"),
    ],
)
def test_text_that_is_not_a_document_is_refused(text: str, expected: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert found[0].startswith(expected)


def test_an_empty_mapping_holds_no_facts() -> None:
    assert parse_facts("{}").catalog.plans == ()
    assert parse_facts("{}", format="json").catalog.plans == ()


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    assert refused(tmp_path / "gone.yaml") == "gone.yaml: cannot be read: no such file or directory"
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path / "empty") == "empty: there is no document in this folder"
