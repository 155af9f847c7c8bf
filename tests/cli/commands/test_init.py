from __future__ import annotations

import io
import shlex
from pathlib import Path

import pytest

from entitlements.cli.main import main


class Terminal(io.StringIO):
    """Standard input of a person who types these lines."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_defaults_make_a_document_that_passes_check_and_answers(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--yes"]) == 0
    assert (folder / "support.yaml").is_file()
    check, decide = capsys.readouterr().err.splitlines()[1:]
    assert main(["check", "--strict", *shlex.split(check)[2:]]) == 0
    capsys.readouterr()
    assert main(["decide", *shlex.split(decide)[2:]]) == 0
    assert "Granted: desk is reached at once" in capsys.readouterr().out


def test_six_answers_on_a_terminal_are_what_the_document_says(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = "silver\nAsia/Tokyo\nMo-Sa 08:00-20:00\nP1, P2\n30m always, 2 business days\nzebra\n"
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    assert main(["init", "desk.yaml"]) == 0
    text = (folder / "desk.yaml").read_text(encoding="utf-8")
    assert 'zone: Asia/Tokyo\n    week: "Mo-Sa 08:00-20:00"' in text
    assert "first_response: {P1: 30m always, P2: 2 business days}" in text
    assert capsys.readouterr().err.count("?") == 6


def test_a_wrong_answer_is_asked_again_with_the_reason(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = "\nEurope/Berlim\nEurope/Berlin\n\n\n1h, 2h\n1h, 2x, 3h, 4h\n1h, 2h, 3h, 4h\n\n"
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    assert main(["init", "desk.yaml"]) == 0
    said = capsys.readouterr().err
    assert "`Europe/Berlin`" in said.splitlines()[0] or "Europe/Berlin" in said
    assert "there are 4 severities and 2 first responses" in said
    assert "`2x`" in said
    assert (folder / "desk.yaml").is_file()


def test_flags_answer_without_a_terminal(folder: Path) -> None:
    flags = ["--severities", "high, low", "--first-response", "1h, none", "--customer", "bank"]
    assert main(["init", *flags]) == 0
    text = (folder / "support.yaml").read_text(encoding="utf-8")
    assert "first_response: {high: 1h, low: none}" in text
    assert "- customer: bank" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--zone", "Berlin"], "--zone: "),
        (["--hours", "always open"], "--hours: "),
        (["--severities", "high, high"], "--severities: a severity is listed twice"),
        (["--severities", ","], "--severities: there is no severity"),
        (["--first-response", "1h"], "--first-response: there are 4 severities and 1 first"),
        (["--first-response", "1h, 2h, 3h, soon"], "--first-response: "),
    ],
)
def test_a_flag_that_cannot_be_used_is_refused_and_nothing_is_written(
    words: list[str], message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", *words]) == 2
    assert capsys.readouterr().err.startswith(f"entitlements: {message}")
    assert list(folder.iterdir()) == []


def test_a_file_that_exists_is_not_changed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "support.yaml").write_text("mine")
    assert main(["init", "--yes"]) == 2
    assert "already exists" in capsys.readouterr().err
    assert (folder / "support.yaml").read_text() == "mine"


def test_input_that_ends_early_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("gold\n"))
    assert main(["init"]) == 2
    assert capsys.readouterr().err.endswith("the input ended (use `--yes` for the defaults)\n")
    assert list(folder.iterdir()) == []


def test_the_commands_in_the_document_name_its_file(folder: Path) -> None:
    assert main(["init", "prices.yaml", "--yes"]) == 0
    text = (folder / "prices.yaml").read_text(encoding="utf-8")
    assert "#     entitlements check prices.yaml " in text
    assert "support.yaml" not in text
