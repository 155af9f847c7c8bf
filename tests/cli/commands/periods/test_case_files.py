from __future__ import annotations

import json
from pathlib import Path

import pytest

from entitlements.cli.commands.periods.case_files import read_case_files
from entitlements.documents import DocumentContent
from entitlements.engine import Facts
from entitlements.kernel import DocumentError


def test_several_case_files_are_read_as_one(tmp_path: Path) -> None:
    hour = {"start": "2026-03-10T10:00:00Z", "end": "2026-03-10T11:00:00Z"}
    planned = {"id": "M-1", **hour}
    parts = [
        {"services": ["web"], "cases": [{"id": "R-1"}]},
        {"outages": [{"id": "O-1", "service": "db", **hour}], "maintenance": [planned]},
    ]
    names = [str(tmp_path / f"{number}.json") for number, _ in enumerate(parts)]
    for name, part in zip(names, parts, strict=True):
        Path(name).write_text(json.dumps({"schema_version": 1, **part}), encoding="utf-8")
    found = read_case_files(names, DocumentContent(facts=Facts()))
    assert found.records.services == ("web",)
    assert [each.id for each in found.records.outages] == ["O-1"]
    assert len(found.records.maintenance) == 1
    assert [*found.unread] == ["R-1"]
    with pytest.raises(DocumentError, match="cannot be read"):
        read_case_files([*names, str(tmp_path / "none.json")], DocumentContent(facts=Facts()))
