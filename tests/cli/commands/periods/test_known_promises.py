from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from entitlements.cli.main import main

FACTS = """
calendars: [{name: berlin, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00"}]
products: db
groups: dba
plans:
  - id: gold
    hours: berlin
    group: dba
    severities: S1
    channels: web
    first_response: {S1: 1h}
    commercial:
      price: 400 EUR/month in advance on day 1
      credits:
        missed: {1-2: 5%, 3+: 10%}
        availability:
          bands: {below 99.9%: 10%, below 99%: 25%}
          service: portal
          window: {days: 30, after: month}
accounts:
  - customer: acme
    contracts:
      - {id: C-1, zone: Europe/Berlin, start: 2026-01-01, any_contact: true,
         lines: [{id: main, plan: gold}]}
    cases: [{id: R-1, contract: C-1, line: main, product: db, opened: 2026-03-16T09:00+01:00}]
"""
CREDIT = "gold availability 2026-03-01 of C-1 main"
# 744 hours of March, less the hour that Berlin loses; an hour of 743 is 0.13 percent
OUTAGE = {
    "id": "O-1",
    "service": "portal",
    "start": "2026-03-10T10:00:00Z",
    "end": "2026-03-10T11:00:00Z",
}
UNANSWERED = {
    "id": "R-1",
    "customer": "acme",
    "policy": "gold",
    "events": [{"kind": "opened", "at": "2026-03-16T08:00:00Z", "severity": "S1"}],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "facts.yaml").write_text(FACTS, encoding="utf-8")
    return tmp_path


def cases(folder: Path, *listed: dict[str, Any], **more: object) -> None:
    data = {"schema_version": 1, "cases": listed, **more}
    (folder / "cases.json").write_text(json.dumps(data), encoding="utf-8")


def words(*more: str, period: str = "2026-03") -> list[str]:
    return ["bill", "facts.yaml", "--customer", "acme", "--period", period, *more]


def test_cases_and_outages_earn_credits(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases(folder, UNANSWERED, outages=[OUTAGE])
    assert main(words("--cases", "cases.json")) == 0
    out, err = capsys.readouterr()
    assert err == ""
    *_, title, missed, down = out.splitlines()
    assert "Total: 380.00 EUR." in out  # 400 less 5 percent; the other credit was not claimed
    assert title == "Service credits:"
    assert missed == (
        "`gold missed 2026-03-01 of C-1 main`: 1 promise missed; 5 percent of 400.00 EUR; "
        "20.00 EUR; earned, without a claim."
    )
    assert down == (
        f"`{CREDIT}`: available for about 99.8654 percent of the time; 10 percent of 400.00 EUR; "
        "40.00 EUR; claimable until 2026-05-01 00:00 CEST."
    )


def test_an_outage_in_a_document_earns_a_credit(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "happened.yaml").write_text(
        "outages: [{id: O-1, service: portal, start: 2026-03-10T10:00Z, end: 2026-03-10T11:00Z}]",
        encoding="utf-8",
    )
    asked = ["bill", "facts.yaml", "happened.yaml", "--customer", "acme", "--period", "2026-03"]
    assert main(asked) == 0
    assert f"`{CREDIT}`: available for about 99.8654 percent" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("claim", "at", "state"),
    [
        pytest.param("", "2026-04-30T21:59Z", "claimable until 2026-05-01 00:00 CEST", id="open"),
        pytest.param("", "2026-04-30T22:00Z", "lapsed at 2026-05-01 00:00 CEST", id="lapsed"),
        pytest.param(
            "2026-04-20T10:00Z", "2026-05-02T00:00Z", "claimed at 2026-04-20 12:00 CEST", id="claim"
        ),
        pytest.param(
            "2026-04-20T10:00Z", "2026-04-19T00:00Z", "claimable until 2026-05-01", id="before"
        ),
    ],
)
def test_figures_and_claims_are_stated_in_a_file(
    folder: Path, capsys: pytest.CaptureFixture[str], claim: str, at: str, state: str
) -> None:
    figure = (
        "{contract: C-1, line: main, schedule: gold availability, start: 2026-03-01, figure: 98.5}"
    )
    claims = f'claims: {{"{CREDIT}": {claim}}}' if claim else ""
    (folder / "promises.yaml").write_text(f"figures: [{figure}]\n{claims}\n", encoding="utf-8")
    assert main(words("--promises", "promises.yaml", "--at", at)) == 0
    (line,) = [
        each for each in capsys.readouterr().out.splitlines() if each.startswith(f"`{CREDIT}`")
    ]
    assert f"98.5 percent of the time; 25 percent of 400.00 EUR; 100.00 EUR; {state}" in line


def test_a_credit_that_was_claimed_is_on_the_statement_of_the_claim(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases(folder, outages=[OUTAGE])
    assert main(words("--cases", "cases.json", "-o", "march.json")) == 0
    march = json.loads((folder / "march.json").read_text("utf-8"))
    (credit,) = march["credits"]
    assert credit["figure"] == "74200/743"
    assert (credit["state"], credit["claimable_until"]) == ("claimable", "2026-04-30T22:00:00Z")
    (folder / "claims.yaml").write_text(f'claims: {{"{CREDIT}": 2026-04-20T10:00Z}}', "utf-8")
    known = ["--cases", "cases.json", "--promises", "claims.yaml"]
    for more in ([], ["--issued", "march.json"]):
        assert main(words(*known, *more, "-o", "april.html", period="2026-04")) == 0
        page = (folder / "april.html").read_text("utf-8")
        assert "-40.00 EUR" in page
        assert "claimed at 2026-04-20 12:00 CEST" in page
        assert "360.00 EUR" in page  # the month less the credit
    # It is claimed in April, and was open or claimed when April began; May has nothing of it.
    for period, listed in (("2026-02", False), ("2026-04", True), ("2026-05", False)):
        capsys.readouterr()
        assert main(words(*known, period=period)) == 0
        assert ("Service credits" in capsys.readouterr().out) is listed


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            f'claims:\n  "{CREDIT}": 2026-05-01T00:00+02:00',
            f"promises.yaml:2: claims.{CREDIT}: credit `{CREDIT}` was claimed at",
            id="too late",
        ),
        pytest.param(
            f'claims:\n  "{CREDIT.replace("main", "mian")}": 2026-04-05T00:00+02:00',
            f"no service credit has the id `{CREDIT.replace('main', 'mian')}` (did you mean "
            f"`{CREDIT}`?)",
            id="credit",
        ),
        pytest.param(
            "figures:\n  - {contract: C-1, line: mian, schedule: gold availability,"
            " start: 2026-03-01, figure: 99}",
            "promises.yaml:2: figures[0].line: no contract line has the id `mian`",
            id="line",
        ),
        pytest.param(
            "figures:\n  - {contract: C-1, line: main, schedule: gold availability,"
            " start: 2026-03-01, figure: 99.9.9}",
            "promises.yaml:2: figures[0].figure: `99.9.9` is not an exact number",
            id="figure",
        ),
        pytest.param("verdits: []", "promises.yaml:1", id="key"),
        pytest.param("[1, 2]", "promises.yaml:1", id="list"),
    ],
)
def test_a_file_of_promises_that_cannot_be_used_is_refused_with_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, problem: str
) -> None:
    cases(folder, outages=[OUTAGE])
    (folder / "promises.yaml").write_text(text, encoding="utf-8")
    assert main(words("--promises", "promises.yaml", "--cases", "cases.json", "-o", "x.json")) == 2
    assert problem in capsys.readouterr().err
    assert not (folder / "x.json").exists()


def test_cases_that_cannot_earn_a_credit_are_warnings(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = [UNANSWERED | {"id": "R-9"}, UNANSWERED | {"id": "R-8", "policy": "golb"}]
    cases(folder, UNANSWERED | {"customer": "globex"}, *wrong)
    assert main(words("--cases", "cases.json")) == 0
    out, err = capsys.readouterr()
    assert "Service credits" not in out
    unread, strange = err.splitlines()
    assert unread.startswith("warning: R-8 cannot be read: cases[2].policy: no policy has the id")
    assert strange == "warning: case R-9 is no case of acme in the facts, and earns no credit"
