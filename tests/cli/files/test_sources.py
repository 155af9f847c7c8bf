from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.shells import DEMO, entitlements

from entitlements.cli.files.sources import facts_from, place_in
from entitlements.kernel import DocumentError, InvalidValueError


def test_facts_may_be_split_over_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "products.yaml").write_text("products: [db]\n")
    (tmp_path / "groups.json").write_text('{"groups": ["dba"]}')
    together = facts_from([str(tmp_path / "products.yaml"), str(tmp_path / "groups.json")])
    assert together == facts_from([str(tmp_path)])
    assert [each.id for each in together.catalog.products] == ["db"]


def test_a_missing_file_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "support.yaml").write_text("products: [db]\n")
    with pytest.raises(InvalidValueError, match=r"did you mean `support\.yaml`"):
        facts_from([str(tmp_path / "support.yml")])


def test_a_link_to_nowhere_is_not_guessed_to_be_itself(tmp_path: Path) -> None:
    (tmp_path / "support.yaml").symlink_to(tmp_path / "gone.yaml")
    with pytest.raises(InvalidValueError) as refused:
        facts_from([str(tmp_path / "support.yaml")])
    assert refused.value.hint is None


def test_standard_input_cannot_be_combined_with_files() -> None:
    with pytest.raises(InvalidValueError, match="together with files"):
        facts_from(["-", str(DEMO)])


def test_a_folder_without_documents_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no document"):
        facts_from([str(tmp_path)])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(b"products: [db]\n", 0, id="YAML"),
        pytest.param(b'{"products": ["db"]}', 0, id="JSON"),
        pytest.param("products: [Jürgen]".encode("latin-1"), 1, id="Latin-1"),
        pytest.param(b"", 1, id="nothing"),
        pytest.param(b"a: " + b"x" * 2_000_000, 1, id="too much"),
    ],
)
def test_standard_input_is_read_as_a_file_is(text: bytes, code: int) -> None:
    ran = entitlements("check", "-", stdin=text)
    assert ran.returncode == code
    assert b"Traceback" not in ran.stderr
    assert ran.stdout.startswith(b"<stdin>") is bool(code)


def test_a_path_into_the_facts_is_a_file_and_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("accounts: [{customer: acme}]\n")
    (tmp_path / "b.yaml").write_text("products: [db]\naccounts:\n  - customer: blox\n    assets:\n")
    files = [str(tmp_path)]
    assert place_in(files, "accounts[0]") == f"{tmp_path / 'a.yaml'}:1"
    assert place_in(files, "accounts[1].assets") == f"{tmp_path / 'b.yaml'}:4"
    assert place_in(files, "accounts[1].ledger") == f"{tmp_path / 'b.yaml'}:3"
    assert place_in(files, "accounts[2]") is None
    assert place_in(files, "roster.assignment_count") is None
    assert place_in(files, None) is None
    assert place_in(["-"], "accounts[0]") is None
