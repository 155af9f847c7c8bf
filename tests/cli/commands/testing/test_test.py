"""`entitlements test` checks promise files: exit codes, coverage, JUnit XML, findings."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.testing.promises.test_read import FACTS, FIRST_LINE

from entitlements.cli.main import INTERRUPTED, main

KEPT = "  - {name: kept, ask: {severity: high}, expect: granted}\n"
BROKEN = "  - {name: broken, ask: {severity: low}, expect: granted}\n"


def write(folder: Path, promises: str, name: str = "gold.promises.yaml") -> str:
    file = folder / name
    file.write_text(f"{FACTS}\npromises:\n{promises}")
    return str(file)


def test_kept_promises_exit_with_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", write(tmp_path, KEPT)]) == 0
    assert capsys.readouterr().out == "1 of 1 promises hold\n"


def test_a_broken_promise_exits_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test", write(tmp_path, KEPT + BROKEN)]) == 1
    assert "broken\n  decision: expected granted" in capsys.readouterr().out


def test_a_folder_means_all_promise_files_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path, KEPT)
    write(tmp_path / "deep", KEPT, "more.promises.yml")
    (tmp_path / "facts.yaml").write_text("products: [db]\n")
    assert main(["test", "--coverage", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "2 of 2 promises hold" in told
    assert told.count("plan cells: 0 of 2") == 1, "equal facts are counted together"


def test_a_finding_does_not_keep_other_files_from_being_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, KEPT)
    write(tmp_path, "  - {expct: granted}\n", "slip.promises.yaml")
    assert main(["test", str(tmp_path)]) == 1
    shown = capsys.readouterr()
    assert "1 of 1 promises hold" in shown.out
    assert f"slip.promises.yaml:{FIRST_LINE}: promises[0].expct" in shown.err


def test_results_are_written_for_build_servers_and_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "junit.xml"
    file = write(tmp_path, KEPT)
    assert main(["test", "--format", "json", "--junit", str(target), file]) == 0
    assert '<testcase classname="' in target.read_text()
    assert [each["holds"] for each in json.loads(capsys.readouterr().out)["promises"]] == [True]


def test_files_are_checked_again_after_a_change(tmp_path: Path) -> None:
    file = write(tmp_path, KEPT)
    command = [sys.executable, "-m", "entitlements", "test", "--watch", file]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        try:
            assert watching.stdout.readline() == "1 of 1 promises hold\n"
            write(tmp_path, KEPT + KEPT)
            assert watching.stdout.readline() == "\n"
            assert watching.stdout.readline() == "2 of 2 promises hold\n"
        finally:
            watching.send_signal(signal.SIGINT)
        assert watching.wait(timeout=60) == INTERRUPTED


def test_a_folder_without_promises_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test", str(tmp_path)]) == 2
    assert "there is no promise file" in capsys.readouterr().err
