"""`entitlements conformance` checks this library, a program or a service against the corpus."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from entitlements.cli.main import main
from entitlements.testing.conformance import read_corpus

CASES = sum(len(each.cases) for each in read_corpus())


def test_this_library_conforms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # A page of the documentation asks the command line as a program.
    junit = tmp_path / "junit.xml"
    assert main(["conformance", "--junit", str(junit)]) == 0
    assert capsys.readouterr().out == f"{CASES} of {CASES} answers are as expected\n"
    assert junit.read_text().count("<testcase ") == CASES


def test_a_program_that_answers_nothing_differs_everywhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["conformance", "--command", "true", "--format", "json"]) == 1
    cases = json.loads(capsys.readouterr().out)["cases"]
    assert len(cases) == CASES
    assert not any(each["holds"] for each in cases)
    assert main(["conformance", "--command", "true"]) == 1
    told = capsys.readouterr().out
    assert f"and {CASES - 20} more" in told
    assert told.endswith(f"0 of {CASES} answers are as expected\n")


def test_questions_are_printed_without_the_expected_answers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["conformance", "--questions"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(each) for each in lines] == [each.questions for each in read_corpus()]
    assert '"expect"' not in "".join(lines)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--command", "no-such-program"], "`no-such-program` cannot be started"),
        (["--url", "ftp://here"], "`ftp://here` is not the address of a service"),
        (["--timeout", "0"], "`0` seconds (from 1 to 3600 seconds)"),
        (["--comand", "x"], "did you mean `--command`?"),
        (["--command", "true", "--url", "http://localhost"], "not allowed with"),
    ],
)
def test_mistakes_in_the_arguments_have_the_exit_code_two(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["conformance", *words]) == 2
    assert why in capsys.readouterr().err


def test_lines_that_are_not_json_are_answered_with_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("hello\n{}\n"))
    assert main(["conformance", "--answer"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert "the line is not JSON" in first["error"]
    assert "questions are an object" in second["error"]
