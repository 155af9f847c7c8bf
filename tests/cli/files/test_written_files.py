"""Commands write files whole, or say why they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from entitlements.cli.files.written_files import write_file
from entitlements.cli.main import main
from entitlements.kernel.errors import InvalidValueError


def test_text_is_written_in_utf_8_and_bytes_as_they_are(tmp_path: Path) -> None:
    write_file(tmp_path / "a", "Grüße\n")
    write_file(str(tmp_path / "b"), b"\x00\r\n")
    assert (tmp_path / "a").read_bytes() == b"Gr\xc3\xbc\xc3\x9fe\n"
    assert (tmp_path / "b").read_bytes() == b"\x00\r\n"


def test_a_file_that_must_be_new_is_never_changed(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("before")
    with pytest.raises(InvalidValueError, match="already exists"):
        write_file(file, "after", new=True)
    assert file.read_text() == "before"


@pytest.mark.parametrize("path", ["no/such/folder/a", "a\0b", "."])
def test_what_cannot_be_written_is_named(path: str) -> None:
    with pytest.raises(InvalidValueError, match="cannot be written"):
        write_file(path, "")


def test_a_report_for_a_build_server_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.promises.yaml"
    file.write_text(
        "given: {}\nat: 2026-03-02T09:00Z\nask: {customer: a, contact: b, product: c, channel: d}\n"
        "promises: [{expect: {reasons: customer_unknown}}]\n"
    )
    assert main(["test", "--junit", "no/such/junit.xml", str(file)]) == 2
    assert "`no/such/junit.xml` cannot be written: no such file" in capsys.readouterr().err
