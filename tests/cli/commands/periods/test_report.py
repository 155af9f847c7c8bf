from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.service.records.acme_desk import opened_desk

from entitlements.adapters.sql import SqlStore, migrate
from entitlements.cli.main import main

FACTS = """
calendars: [{name: berlin, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00"}]
groups: dba
plans:
  - id: gold
    hours: berlin
    group: dba
    severities: S1
    channels: web
    first_response: {S1: 1h}
"""


def case(id: str, at: str, *more: dict[str, Any], **fields: str) -> dict[str, Any]:
    opened = {"kind": "opened", "at": at, "severity": "S1"}
    stated = {"id": id, "customer": "acme", "policy": "gold", "severity": "S1"} | fields
    return stated | {"events": [opened, *more]}


ANSWERED = {"kind": "responded", "at": "2026-03-02T08:30:00Z"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "facts.yaml").write_text(FACTS, encoding="utf-8")
    cases = [
        case("R-1", "2026-03-02T08:00:00Z", ANSWERED),
        case("R-2", "2026-03-03T08:00:00Z", customer="globex"),
        # In Berlin this is the first day of April.
        case("R-3", "2026-03-31T22:30:00Z"),
        case("R-4", "2026-03-03T08:00:00Z", policy="golb"),
    ]
    data = {"schema_version": 1, "cases": cases}
    (tmp_path / "cases.json").write_text(json.dumps(data), encoding="utf-8")
    down = {"start": "2026-03-10T08:00:00Z", "end": "2026-03-10T09:00:00Z"}
    outages = [{"id": name, "service": name, **down} for name in ("mail", "wiki")]
    more = {"schema_version": 1, "services": ["web"], "outages": outages}
    (tmp_path / "more.json").write_text(json.dumps(more), encoding="utf-8")
    return tmp_path


def words(*more: str, period: str = "2026-03") -> list[str]:
    return ["report", "facts.yaml", "--cases", "cases.json", "--period", period, *more]


def figures(out: str) -> dict[tuple[str, str], Any]:
    found = json.loads(out)["figures"]
    return {(each["section"], each["measure"]): each for each in found if each["is_total"]}


def test_a_report_is_printed_with_what_was_left_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del folder
    assert main(words()) == 0
    out = capsys.readouterr().out
    assert "first_response  (all)     50.00 % (1 of 2)" in out
    assert "  R-4: cases[3].policy: no policy has the id `golb`" in out


def test_the_days_of_a_period_are_those_of_the_zone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del folder
    for zone, opened in (("UTC", ["R-1", "R-2", "R-3"]), ("Europe/Berlin", ["R-1", "R-2"])):
        assert main(words("--zone", zone, "--format", "json")) == 0
        assert figures(capsys.readouterr().out)["flow", "opened"]["ids"] == opened


def test_a_customers_report_and_several_files(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--customer", "globex", "--by", "customer", "--cases", "more.json"]
    more += ["--service", "mail"]  # the other service that was down is not the customer's
    assert main(words(*more, "--output", "report.json")) == 0
    assert "wrote report.json" in capsys.readouterr().err
    found = figures((folder / "report.json").read_text(encoding="utf-8"))
    assert found["attainment", "share"]["value"] == {"n": 0, "of": 1}
    text = (folder / "report.json").read_text(encoding="utf-8")
    shares = [each for each in json.loads(text)["figures"] if each["section"] == "availability"]
    assert {each["name"] for each in shares} == {"mail", "web"}
    for format, start in (("csv", "section,name,measure"), ("html", "<!doctype html>")):
        assert main(words("--format", format)) == 0
        assert capsys.readouterr().out.startswith(start)


@pytest.mark.parametrize(
    ("content", "more", "problem"),
    [
        pytest.param("{", [], "cases.json:1: the cases are not JSON", id="no JSON"),
        pytest.param("[" * 200_000, [], "cases.json: the cases are nested too", id="deep"),
        pytest.param("{}", [], "cases.json: schema_version", id="no case file"),
        pytest.param(None, ["--cases", "no.json"], "no.json: cannot be read", id="no file"),
        pytest.param(None, ["--customer", "acne"], "did you mean `acme`?", id="customer"),
        pytest.param(None, ["--zone", "Europe/Berlim"], "--zone", id="zone"),
        pytest.param(None, ["--output", "x.pdf"], "`x.pdf` does not end in", id="ending"),
        pytest.param(None, ["--period", "2026-13"], "is not a period", id="period"),
    ],
)
def test_what_cannot_be_used_is_refused(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    content: str | None,
    more: list[str],
    problem: str,
) -> None:
    if content is not None:
        (folder / "cases.json").write_text(content, encoding="utf-8")
    assert main(words(*more)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert problem in err


def test_a_review_is_a_page_and_trends_are_a_picture(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words("--review", "owner")) == 0
    assert capsys.readouterr().out.count('<section class="page">') == 4
    assert main(words("--review", "customer", "--customer", "acme", "-o", "acme.html")) == 0
    assert "customer acme" in (folder / "acme.html").read_text(encoding="utf-8")
    assert main(words("-o", "trends.svg")) == 0
    assert (folder / "trends.svg").read_text(encoding="utf-8").startswith("<svg")
    assert main(words("-o", "trends.png")) == 0
    assert (folder / "trends.png").read_bytes().startswith(b"\x89PNG")
    capsys.readouterr()
    assert main(words("--review", "owner", "--format", "csv")) == 2
    assert "--review: a review is a page" in capsys.readouterr().err


def test_a_report_is_made_from_a_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    migrate(url)
    with SqlStore.open(url) as store:
        opened_desk(store)
    asked = ["report", "--database", url, "--period", "2026-03", "--format", "json"]
    assert main(asked) == 0
    found = figures(capsys.readouterr().out)
    assert found["flow", "opened"]["ids"] == ["R-1", "R-2"]
    assert main([*asked, "--known-at", "2026-03-01T00:00Z"]) == 0
    assert figures(capsys.readouterr().out)["flow", "opened"]["ids"] == []
    assert main([*asked, "--customer", "acne"]) == 2
    assert "no customer has the id `acne` (did you mean `acme`?)" in capsys.readouterr().err
    assert main([*asked, "--cases", "x.json"]) == 2
    assert "`--cases` is not for a database" in capsys.readouterr().err
    assert main(["report", "facts.yaml", "--period", "2026-03"]) == 2
    assert "name the cases" in capsys.readouterr().err


SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: up, displayName: Uptime}
spec:
  service: NAME
  timeWindow: [{duration: 31d, isRolling: true}]
  budgetingMethod: Timeslices
  objectives: [{target: 0.99}]
"""


def test_error_budgets_of_objectives_are_reported(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "slo.yaml").write_text(SLO.replace("NAME", "mail"), encoding="utf-8")
    asked = words("--cases", "more.json", "--objectives", "slo.yaml", "--format", "json")
    assert main(asked) == 0
    out, err = capsys.readouterr()
    found = figures(out)
    hour = 3_600_000_000
    assert found["error_budgets", "allowed"]["value"] == {"micros": 31 * 24 * hour // 100}
    assert found["error_budgets", "down"]["value"] == {"micros": hour}
    assert err == "left out: slo.yaml:3: metadata.displayName: it has no place\n"
    for review in ("customer", "owner"):
        assert main([*asked[:-2], "--review", review]) == 0
        page = capsys.readouterr().out
        assert "Error budgets" in page
        assert "6h26m24s" in page
    (folder / "slo.yaml").write_text(SLO.replace("0.99", "1.99"), encoding="utf-8")
    assert main(asked) == 2
    assert capsys.readouterr().err.startswith(
        "slo.yaml:8: spec.objectives[0].percent: an objective"
    )


def test_availability_is_counted_as_a_credit_schedule_does(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schedule = (
        "credit_schedules: [{id: hosted, basis: availability, service: mail,"
        " bands: {below 99%: 10%}, exclusions: {causes: {customer: excluded}}}]\n"
    )
    (folder / "facts.yaml").write_text(FACTS + schedule, encoding="utf-8")
    down = {"start": "2026-03-10T08:00:00Z", "end": "2026-03-10T09:00:00Z"}
    outage = {"id": "O-1", "service": "mail", "cause": "customer", **down}
    more = {"schema_version": 1, "outages": [outage]}
    (folder / "more.json").write_text(json.dumps(more), encoding="utf-8")
    asked = words("--cases", "more.json", "--format", "json")
    hour = {"micros": 3_600_000_000}
    assert main(asked) == 0
    assert figures(capsys.readouterr().out)["availability", "down"]["value"] == hour
    assert main([*asked, "--exclusions", "hosted"]) == 0
    found = figures(capsys.readouterr().out)
    assert found["availability", "down"]["value"] == {"micros": 0}
    assert found["availability", "excluded"]["value"] == hour
    assert main([*asked, "--exclusions", "hosting"]) == 2
    assert "did you mean `hosted`" in capsys.readouterr().err


def test_what_documents_say_of_outages_surveys_and_complaints_counts(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    happened = """
outages: [{id: O-1, service: mail, start: 2026-03-10T08:00Z, end: 2026-03-10T11:00Z}]
maintenance: [{id: M-1, service: mail, start: 2026-03-10T10:00Z, end: 2026-03-10T12:00Z}]
surveys:
  - {case: R-1, customer: acme, kind: csat, asked: 2026-03-03T09:00Z, answered: 2026-03-03T10:00Z,
     score: 5}
complaints: [{id: B-1, customer: acme, case: R-1, received: 2026-03-04T09:00Z}]
"""
    (folder / "happened.yaml").write_text(happened, encoding="utf-8")
    asked = ["report", "facts.yaml", "happened.yaml", "--cases", "cases.json"]
    assert main([*asked, "--period", "2026-03", "--format", "json"]) == 0
    found = figures(capsys.readouterr().out)
    assert found["availability", "down"]["value"] == {"micros": 2 * 3_600_000_000}
    assert found["availability", "excluded"]["value"] == {"micros": 2 * 3_600_000_000}
    assert found["satisfaction", "score"]["value"] == {"n": 1, "of": 1}
    assert found["complaints", "received"]["ids"] == ["B-1"]


def test_a_store_has_the_exclusions_of_its_schedules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'own.db'}"
    migrate(url)
    with SqlStore.open(url) as store:
        opened_desk(store)
    asked = ["report", "--database", url, "--period", "2026-03", "--exclusions"]
    assert main([*asked, "gold availability"]) == 0
    assert main([*asked, "gold"]) == 2
    assert "--exclusions: no credit schedule has the id `gold`" in capsys.readouterr().err
