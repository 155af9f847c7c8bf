"""`entitlements fuzz` prints surprises with the command that shows each; exit code 1 for any."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.testing.surprises.test_search import GOOD

from entitlements.cli.main import main


@pytest.fixture
def bad(tmp_path: Path) -> str:
    file = tmp_path / "support.yaml"
    file.write_text(GOOD.replace("{high: 4h, low: 8h}", "{high: 8h, low: 4h}"))
    return str(file)


def test_surprises_exit_with_one(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", bad, "--from", "2026-03-02T00:00Z", "--instants", "5"]) == 1
    shown = capsys.readouterr()
    assert shown.out.startswith("later_than_less_severe basic: severity high")
    assert shown.err == "1 surprise\n"


def test_data_is_for_programs(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["fuzz", bad, "--from", "2026-03-02T00:00Z", "--instants", "5", "--format", "json"])
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["severities"]) == ("later_than_less_severe", ["high"])


def test_no_surprise_exits_with_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "support.yaml"
    file.write_text(GOOD)
    assert main(["fuzz", str(file), "--from", "2026-03-02T00:00Z", "--instants", "5"]) == 0
    assert capsys.readouterr().err == "no surprises\n"


def test_a_number_out_of_range_is_refused(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", bad, "--days", "0"]) == 2
    assert "`0` days (from 1 to 3660)" in capsys.readouterr().err


def test_questions_begin_at_a_whole_minute_by_default(
    bad: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fuzz", bad, "--days", "1", "--instants", "1"]) == 1
    assert re.search(r"--at \S+T\d\d:\d\d:00Z$", capsys.readouterr().out, re.MULTILINE)
