from __future__ import annotations

from pathlib import Path

import pytest

from entitlements.cli.main import main
from entitlements.documents import parse_facts, read_facts
from entitlements.interchange import public_holidays

TEXT = """
calendars: {name: berlin, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00", holidays: DE-BE 2026}
"""


def test_a_frozen_document_needs_nobody_who_looks_holidays_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hours.yaml"
    file.write_text(TEXT)
    assert main(["freeze", str(file)]) == 0
    frozen = capsys.readouterr().out
    assert "date: 2026-12-25" in frozen
    assert parse_facts(frozen) == read_facts(file, holidays=public_holidays)
    assert main(["freeze", str(file), "--format", "json"]) == 0
    assert parse_facts(capsys.readouterr().out, format="json") == parse_facts(frozen)


def test_every_command_looks_holidays_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hours.yaml"
    file.write_text(TEXT)
    assert main(["check", str(file), "--at", "2026-01-01T00:00Z"]) == 0
    file.write_text(TEXT.replace("DE-BE", "DE-XX"))
    assert main(["check", str(file)]) == 1
    assert "does not have subdivision XX" in capsys.readouterr().out
