from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.shells import DEMO

from entitlements.cli.main import main

AT = ["--at", "2026-01-01T00:00Z"]


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    file = tmp_path / "new.yaml"
    text = DEMO.read_text(encoding="utf-8")
    before, plan, after = text.partition("id: github-premium-plus")
    assert "contact_limit: 40" in after
    after = after.replace("contact_limit: 40", "contact_limit: 20", 1)
    file.write_text(before + plan + after, encoding="utf-8")
    return file


def test_what_gets_worse_is_listed_and_exits_with_one(
    changed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", str(DEMO), str(changed), *AT]) == 1
    assert capsys.readouterr() == (
        "worse: plan github-premium-plus, named contacts: was 40, is now 20\n",
        "1 change: 1 worse\n",
    )


def test_what_gets_better_exits_with_zero(
    changed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", str(changed), str(DEMO), *AT, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "effect": "better",
            "place": "plan github-premium-plus, named contacts",
            "before": "20",
            "after": "40",
        }
    ]


def test_equal_documents_have_no_changes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", str(DEMO), str(DEMO)]) == 0
    assert capsys.readouterr() == ("", "nothing changes for customers\n")


def test_a_document_that_cannot_be_read_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", str(DEMO), str(tmp_path / "none.yaml")]) == 2
    assert "cannot be read" in capsys.readouterr().err
