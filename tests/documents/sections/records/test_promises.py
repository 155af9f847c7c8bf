from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.documents.sections.records.promises import read_promises
from entitlements.engine import Promises, PromiseVerdict
from entitlements.kernel import DocumentError, UnknownIdError

TEXT = """
verdicts:
  - {case: R-1, milestone: first_response, at: 2026-03-02T09:00Z, kept: false}
figures:
  - {contract: C-1, line: main, schedule: uptime, start: 2026-03-01, figure: 719/720}
claims:
  uptime 2026-02-01 of C-1 main: 2026-03-20T10:00Z
"""


def written(folder: Path, *texts: str) -> list[Path]:
    paths = [folder / f"{number}.yaml" for number, _ in enumerate(texts)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_verdicts_figures_and_claims_of_several_files_are_one(tmp_path: Path) -> None:
    more = "claims: {uptime 2026-01-01 of C-1 main: 2026-02-20T10:00Z}"
    verdict = PromiseVerdict(
        case="R-1", milestone="first_response", at="2026-03-02T09:00Z", kept=False
    )
    figure = MeasuredFigure(
        contract="C-1",
        line="main",
        schedule="uptime",
        start=date(2026, 3, 1),
        figure=Fraction(719, 720),
    )
    assert read_promises(written(tmp_path, TEXT, more, "")).promises == Promises(
        verdicts=[verdict],
        figures=[figure],
        claims={
            "uptime 2026-02-01 of C-1 main": "2026-03-20T10:00Z",
            "uptime 2026-01-01 of C-1 main": "2026-02-20T10:00Z",
        },
    )


def test_a_credit_that_is_claimed_at_two_instants_is_a_problem(tmp_path: Path) -> None:
    other = "claims:\n  uptime 2026-02-01 of C-1 main: 2026-03-21T10:00Z\n"
    with pytest.raises(DocumentError) as caught:
        read_promises(written(tmp_path, TEXT, other))
    (problem,) = caught.value.problems
    assert "1.yaml:2: " in problem
    assert "credit `uptime 2026-02-01 of C-1 main` was claimed twice" in problem


def test_an_error_about_a_figure_is_located(tmp_path: Path) -> None:
    read = read_promises(written(tmp_path, "figures: []", TEXT))
    wrong = UnknownIdError("contract line", "mian", known=["main"], path="figures[0].line")
    assert "1.yaml:5: " in str(read.located(wrong))
    other = UnknownIdError("case", "R-9", path="work_logs[W-1].case")
    assert read.located(other) is other
