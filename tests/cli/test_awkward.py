"""Wrong use of every command: a mistake gives a message and an exit code, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.shells import DEMO, entitlements

from entitlements.cli.main import COMMANDS, main

ASKED = {
    "--customer": "orchard",
    "--contact": "olu",
    "--product": "broker",
    "--severity": "P1",
    "--channel": "web",
    "--at": "2026-03-28T20:00Z",
}


def decide(**changed: str) -> list[str]:
    options = ASKED | {f"--{name}": value for name, value in changed.items()}
    return ["decide", str(DEMO), *(word for pair in options.items() for word in pair)]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("word", ["--no-such-option", "--=", "--\udcff", "-\udcff"])
def test_no_command_takes_an_option_it_does_not_have(
    name: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name, word]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["\udcff"], id="half a character for a command"),
        pytest.param(["check", "\udcff.yaml"], id="half a character in a file"),
        pytest.param(["check", "a\x00b"], id="a null in a file"),
        pytest.param(["check", str(DEMO), "--at", "\udcff"], id="half a character for an instant"),
        pytest.param(["demo", "--write", "a\x00b"], id="a null in a new file"),
        pytest.param(["demo", "--write", ""], id="no name for a new file"),
        pytest.param(["demo", "--requests", "9" * 5_000], id="more digits than are read"),
        pytest.param(["demo", "--database", "sqlite:///a\x00b"], id="a null in an address"),
        pytest.param(["demo", "--database", "sqlite:///\udcff"], id="half a character in one"),
        pytest.param(["work", "--database", "sqlite:///a\x00b", "--once"], id="a null at work"),
        pytest.param(["work", "--database", "x", "--poll", "nan"], id="no number of seconds"),
        pytest.param(["work", "--database", "x", "--poll", "1e999"], id="seconds without end"),
        pytest.param(["work", "--database", "x", "--batch", "9" * 20], id="a batch without end"),
        pytest.param(["work", "--database", "no address"], id="no address"),
        pytest.param(["migrate", "--database", "sqlite:///a\x00b"], id="a null in a migration"),
        pytest.param(["migrate", "--database", "no address"], id="no address of a migration"),
        pytest.param(["migrate", "--database", ""], id="an empty address"),
        pytest.param(decide(customer="\udcff"), id="half a character for a customer"),
        pytest.param(decide(contact="\udcff"), id="half a character for a contact"),
        pytest.param(decide(contact="Zu\u0308rich"), id="a letter and its dots apart"),
        pytest.param(decide(contact=" "), id="a blank for a contact"),
        pytest.param(decide(contact="x" * 201), id="a contact without end"),
        pytest.param(decide(at="9999-12-31T23:59:59Z"), id="an instant after all years"),
        pytest.param(decide(at="0001-01-01T00:00Z"), id="an instant before all years"),
        pytest.param(decide(skill="a=" + "9" * 5_000), id="a level without end"),
        pytest.param(decide(skill="a=1e3"), id="a level that is no number"),
        pytest.param(decide(id=""), id="no name for the request"),
    ],
)
def test_what_no_command_can_use_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    err.encode()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("a.yaml", b"", "the document is empty", id="empty"),
        pytest.param("a.json", b"", "the document is empty", id="empty JSON"),
        pytest.param("a.yaml", b"\xff\xfep\x00", "is not UTF-8", id="UTF-16"),
        pytest.param("a.yaml", b"products: [\x9f]", "is not UTF-8", id="Latin-1"),
        pytest.param("a.json", b'{"products": ["\\ud800"]}', "surrogate", id="half a character"),
        pytest.param("a.json", b'{"a": 1, "a": 2}', "key `a` is repeated", id="a key twice"),
        pytest.param("a.json", b'{"schema_version": NaN}', "`NaN` was found where", id="NaN"),
        pytest.param("a.json", b'{"schema_version": 1e999}', "not a whole number", id="1e999"),
        pytest.param(
            "a.json", b'{"schema_version": ' + b"9" * 9_999 + b"}", "the largest is", id="huge"
        ),
        pytest.param("a.json", b'{"schema_version": 2}', "version `2` is not known", id="newer"),
        pytest.param("a.yaml", b"products: [\x00]", "U+0000 is not allowed", id="a null"),
    ],
)
def test_a_document_that_cannot_be_read_is_a_finding(
    name: str, content: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert main(["check", str(path)]) == 1
    assert message in capsys.readouterr().out
    assert main(["decide", str(path), *decide()[2:]]) == 2
    out, err = capsys.readouterr()
    assert (out, message in err) == ("", True)


@pytest.mark.parametrize("name", ["a.yaml", "a.json"])
def test_a_byte_order_mark_is_not_part_of_a_document(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b'\xef\xbb\xbf{"products": ["db"]}')
    assert main(["check", "--quiet", str(tmp_path)]) == 0


def test_a_folder_with_the_name_of_a_document_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").mkdir()
    assert main(["check", str(tmp_path)]) == 1
    assert "a.yaml: cannot be read" in capsys.readouterr().out


def test_contradicting_documents_are_reported_with_both_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text("products: [{id: db, name: A}]")
    (tmp_path / "b.yaml").write_text("groups: dba\nproducts: [{id: db, name: B}]")
    assert main(["check", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "b.yaml:2: products[0].id: two products have the name `db` (first on" in out
    assert out.count("\n") == 1


def shell(line: str) -> subprocess.CompletedProcess[bytes]:
    program = f"{sys.executable} -m entitlements"
    words = ["bash", "-c", line.replace("entitlements", program)]
    return subprocess.run(words, capture_output=True, check=False, timeout=120)


@pytest.mark.skipif(os.name == "nt", reason="there is no such shell")
@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param("entitlements schema > /dev/full", 2, id="a full disk"),
        pytest.param("entitlements demo --requests 20 > /dev/full", 2, id="a full disk, drawn"),
        pytest.param("entitlements chekk 2> /dev/full", 2, id="a full disk for messages"),
        pytest.param("entitlements schema >&-", 0, id="no output"),
        pytest.param("entitlements chekk 2>&-", 2, id="no place for messages"),
        pytest.param("entitlements check - <&-", 1, id="no input"),
        pytest.param("set -o pipefail; entitlements demo --requests 20 | true", 0, id="no reader"),
        pytest.param(
            "set -o pipefail; entitlements demo --document | head -c 1", 0, id="one who stops"
        ),
    ],
)
def test_whatever_becomes_of_the_streams_there_is_no_traceback(line: str, code: int) -> None:
    if "/dev/full" in line and not Path("/dev/full").exists():
        line = line.replace("/dev/full", "/dev/null; exit 2")
    done = shell(line)
    assert (done.returncode, b"Traceback" in done.stderr) == (code, False), done.stderr
    assert b"Exception ignored" not in done.stderr


def test_a_name_in_any_bytes_is_refused() -> None:
    done = entitlements(*decide(contact="\udcff"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"is not an id" in done.stderr
