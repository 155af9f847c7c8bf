from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.shells import DEMO

from entitlements.cli.main import main

BROKEN = """\
products: [db]
groups: [dba]
plans:
  - id: gold
    severities: [S1, S2]
    channelz: [phone]
    channels: [phone]
    targets:
      - {milestone: first_response, severities: [S1], within: 4 hurs}
    rights:
      - {id: experts, group: dbaa}
"""


def test_the_demo_document_has_no_findings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(DEMO), "--at", "2024-06-01T00:00Z"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("no findings: 20 calendars, 13 products, 14 expert groups, 14 plans, ")


def test_advice_is_printed_and_is_a_finding_only_with_strict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    late = [str(DEMO), "--at", "2026-06-01T00:00Z"]
    assert main(["check", *late]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(
        "warning: calendars[1]: `hivemq-basic`: holidays `Bavaria` end on 2026-12-31"
    )
    assert err.startswith("no findings, 2 warnings: ")
    assert main(["check", "--strict", *late]) == 1


def test_without_an_instant_facts_are_used_from_now_on() -> None:
    assert main(["check", str(DEMO)]) == 0


def test_quiet_says_nothing_where_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--quiet", str(DEMO), "--at", "2024-06-01T00:00Z"]) == 0
    assert capsys.readouterr() == ("", "")


def test_all_findings_are_listed_with_their_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "support.yaml"
    file.write_text(BROKEN)
    assert main(["check", str(file)]) == 1
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert err == f"{len(lines)} findings\n"
    assert any(f"{file}:6: plans[0].channelz" in line and "`channels`" in line for line in lines)
    assert any(f"{file}:9: plans[0].targets[0].within" in line and "4h" in line for line in lines)
    assert any(f"{file}:11: plans[0].rights[0].group" in line and "`dba`" in line for line in lines)


def test_findings_can_be_read_by_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "support.yaml"
    file.write_text("productz: []\n")
    assert main(["check", "--format", "json", str(file)]) == 1
    out = json.loads(capsys.readouterr().out)
    assert len(out["findings"]) == 1
    assert "did you mean `products`?" in out["findings"][0]
    assert out["warnings"] == []
    assert main(["check", "--format", "json", str(DEMO), "--at", "2024-06-01T00:00Z"]) == 0
    assert json.loads(capsys.readouterr().out) == {"findings": [], "warnings": []}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"- a\n- list\n", id="a list"),
        pytest.param("name: J\xfcrgen\n".encode("latin-1"), id="Latin-1"),
        pytest.param(b"a: &a [x]\nb: *a\n", id="an alias"),
        pytest.param(b"x: " + b"y" * 10_485_760, id="10 MiB"),
        pytest.param(b"products: [db, db]\n", id="one id twice"),
        pytest.param(b"calendars: [{name: a, zone: Europe/Berln, week: Mo-Fr 9-17}]", id="zone"),
        pytest.param(b"a: [\n", id="no YAML"),
    ],
)
def test_bad_documents_are_findings_with_their_file(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(content)
    assert main(["check", str(file)]) == 1
    out, _ = capsys.readouterr()
    assert out.startswith(str(file))


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        pytest.param(
            "plan: hivemq-extended,", "plan: hivemq-extendet,", "`hivemq-extended`", id="no plan"
        ),
        pytest.param(
            "first_response: {L1: 30m, L2: 2h, L3: 8h, L4: 24h}",
            "first_response: {L1: 30m, L2: 2h, L4: 24h}",
            "severity `L3`",
            id="no target for a severity",
        ),
        pytest.param("zone: Europe/Madrid", "zone: Europe/Madird", "`Europe/Madrid`", id="zone"),
        pytest.param(
            "start: 2025-03-30\n", "start: 2025-02-30\n", "`2025-02-30` is not a date", id="date"
        ),
        pytest.param(
            "start: 2026-04-02T08:00+01:00", "start: 2026-04-02T08:00", "no time zone", id="naive"
        ),
        pytest.param("customer: quarry", "customer: orchard", "`orchard`", id="customer twice"),
    ],
)
def test_one_slip_in_the_demo_document_is_found_where_it_is(
    right: str,
    wrong: str,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = DEMO.read_text(encoding="utf-8")
    assert right in text
    changed = text.replace(right, wrong, 1)
    file = tmp_path / "my.yaml"
    file.write_text(changed, encoding="utf-8")
    assert main(["check", str(file)]) == 1
    out, _ = capsys.readouterr()
    assert out.startswith(f"{file}:")
    assert message in out
