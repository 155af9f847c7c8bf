"""OpenSLO files: several documents in one, problems and losses by file and line."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from entitlements.interchange import read_openslo_files
from entitlements.kernel import DocumentError

SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: NAME}
spec:
  service: db
  indicator:
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Timeslices
  objectives: [{target: 0.999}]
"""
SERVICE = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: db}\n"


def written(folder: Path, text: str, name: str = "slo.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_file_may_hold_several_documents(tmp_path: Path) -> None:
    text = "---\n".join(
        ["# ours\n", SERVICE, SLO.replace("NAME", "fast"), SLO.replace("NAME", "slow")]
    )
    found = read_openslo_files(written(tmp_path, text))
    assert [(each.id, each.percent) for each in found.objectives] == [
        ("fast", Fraction(999, 10)),
        ("slow", Fraction(999, 10)),
    ]
    # An empty value is none, as in the examples of OpenSLO; losses are named by their lines.
    assert [str(each).replace(f"{tmp_path}/", "") for each in found.lost] == [
        "slo.yaml:3: objects of kind `Service` have no place",
        "slo.yaml:12: spec.indicator: outages are the indicator",
        "slo.yaml:22: spec.indicator: outages are the indicator",
    ]


def test_json_may_be_a_list(tmp_path: Path) -> None:
    one = {
        "apiVersion": "openslo/v1",
        "kind": "SLO",
        "metadata": {"name": "up"},
        "spec": {
            "service": "db",
            "timeWindow": [{"duration": "1M", "calendar": {
                "startTime": "2026-01-01 00:00:00", "timeZone": "Europe/Berlin"}}],
            "budgetingMethod": "Timeslices",
            "objectives": [{"targetPercent": 99}],
        },
    }  # fmt: skip
    (found,) = read_openslo_files(written(tmp_path, json.dumps([one, one]), "slo.json")).objectives
    assert (found.id, found.percent, found.window.zone) == ("up", 99, "Europe/Berlin")


def test_problems_are_named_with_file_and_line(tmp_path: Path) -> None:
    broken = SLO.replace("NAME", "a").replace("0.999", "1.5")
    other = SLO.replace("NAME", "b").replace("28d", "a month")
    twice = SLO.replace("NAME", "c").replace("0.999", "0.5") + "---\n" + SLO.replace("NAME", "c")
    with pytest.raises(DocumentError) as raised:
        read_openslo_files(written(tmp_path, f"{broken}---\n{other}---\n{twice}"))
    found = [each.replace(f"{tmp_path}/", "") for each in raised.value.problems]
    assert [each.partition(": ")[0] for each in found] == [
        "slo.yaml:9",
        "slo.yaml:17",
        "slo.yaml:31",
    ]
    assert "150" in found[0]
    assert "a month" in found[1]
    assert "another objective `c`" in found[2]
    with pytest.raises(DocumentError, match="is not an object"):
        read_openslo_files(written(tmp_path, "99.9"))
    with pytest.raises(DocumentError, match="cannot be read"):
        read_openslo_files(tmp_path / "none.yaml")
