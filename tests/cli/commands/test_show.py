from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.shells import DEMO, entitlements

from entitlements.cli.commands.demo import MORE_PLANS
from entitlements.cli.main import main

PAGE = Path(__file__).parents[3] / "docs" / "plans.md"
GITLAB = [str(DEMO), "--plan", "gitlab-priority", "--week", "2026-03-25"]


def test_a_plan_is_a_table_with_its_terms_and_a_picture_of_its_hours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["show", *GITLAB]) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[1] == "GitLab Priority"
    (row,) = (line for line in lines if line.startswith(" Highly degraded"))
    assert row.split("  ")[0:2] == [" Highly degraded", " 4h gitlab-24x5"]
    assert "channels: emergency-contact, web" in lines
    assert "  Fri 27 " + "█" * 34 + "·" * 14 in lines


def test_without_a_plan_all_plans_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(DEMO), "--format", "json"]) == 0
    plans = json.loads(capsys.readouterr().out)
    assert len(plans) == 14
    assert plans[0]["rows"][1]["targets"] == {"first response": "1h always"}


@pytest.mark.parametrize(
    ("format", "start"),
    [("markdown", "## GitLab Priority"), ("html", "<!doctype html>"), ("svg", "<svg ")],
)
def test_each_format_begins_as_such(
    format: str, start: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", *GITLAB, "--format", format]) == 0
    assert capsys.readouterr().out.startswith(start)


@pytest.mark.parametrize(
    ("ending", "start"),
    [("html", b"<!doctype html>"), ("SVG", b"<svg "), ("png", b"\x89PNG"), ("json", b"[\n")],
)
def test_the_ending_of_the_file_names_the_format(ending: str, start: bytes, tmp_path: Path) -> None:
    file = tmp_path / f"plans.{ending}"
    assert main(["show", *GITLAB, "--output", str(file)]) == 0
    assert file.read_bytes().startswith(start)
    assert main(["show", *GITLAB, "--format", "markdown", "--output", str(file)]) == 0
    assert file.read_bytes().startswith(b"## GitLab Priority")


def test_a_picture_is_written_into_a_file(tmp_path: Path) -> None:
    file = tmp_path / "plans.png"
    assert main(["show", *GITLAB, "--format", "png", "--output", str(file)]) == 0
    assert file.read_bytes().startswith(b"\x89PNG")


def test_text_in_a_file_is_markdown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "plans.md"
    assert main(["show", *GITLAB, "--output", str(file)]) == 0
    assert file.read_text(encoding="utf-8").startswith("## GitLab Priority")
    assert capsys.readouterr().err == f"wrote {file}\n"


def test_a_terminal_without_unicode_gets_ascii() -> None:
    done = entitlements("show", *GITLAB, PYTHONIOENCODING="ascii", COLUMNS="100")
    assert done.returncode == 0
    assert b"Fri 27 " + b"#" * 34 + b"." * 14 in done.stdout
    assert b"?" not in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--plan", "gitlab-priorit"], "--plan: no plan has the id `gitlab-priorit`"),
        (["--week", "next"], "--week: `next` is not a date"),
        (["--week", "0001-01-01"], "--week: instant `0001-01-01T00:00:00Z` lies outside"),
        (["--output", "plans.docx"], "--output: the ending of `plans.docx` names no format (use"),
        (["--output", "plans"], "--output: the ending of `plans` names no format (use"),
        (["--output", "/nowhere/plans.md"], "`/nowhere/plans.md` cannot be written: "),
    ],
)
def test_a_mistake_in_the_arguments_names_the_option(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", str(DEMO), *words]) == 2
    assert capsys.readouterr().err.startswith(f"entitlements: {message}")


def test_the_page_of_shipped_plans_is_what_the_command_prints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["show", str(DEMO), "--format", "markdown", "--week", "2026-03-25"]
    assert main(words) == 0
    demo = capsys.readouterr().out
    assert main(["show", str(DEMO.with_name(MORE_PLANS)), "--format", "markdown"]) == 0
    assert PAGE.read_text(encoding="utf-8").endswith(f"{demo}\n{capsys.readouterr().out}")


def test_documents_without_a_plan_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "team.yaml"
    file.write_text("groups: [dba]\n")
    assert main(["show", str(file)]) == 2
    assert (
        capsys.readouterr().err
        == "entitlements: the documents have no plan (add a section `plans`)\n"
    )
