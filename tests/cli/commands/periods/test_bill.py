from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.service.records import test_statements as months
from tests.service.records.acme_desk import opened_desk

from entitlements.adapters.sql import SqlStore, migrate
from entitlements.cli.main import main
from entitlements.service import Desk, LogWork

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
    charge: time_and_materials
    commercial:
      price: 310 EUR/month in advance on day 1
      rates: {default: 120 EUR/h, after hours: x1.5, on site: 150 EUR/h}
accounts:
  - customer: acme
    contracts:
      - {id: C-1, zone: Europe/Berlin, start: 2026-03-11, end: 2026-12-31, any_contact: true,
         lines: [{id: main, plan: gold}]}
    cases: [{id: R-1, contract: C-1, line: main, product: db, opened: 2026-03-16T09:00+01:00}]
"""
HEADER = "id,case,agent,start,end,kind,recorded"
FIRST = "W-1,R-1,ada,2026-03-16T16:00+01:00,2026-03-16T17:30+01:00,,"
LATE = "W-2,R-1,ada,2026-03-17T09:00+01:00,2026-03-17T09:30+01:00,on_site,2026-04-02T09:00+02:00"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "facts.yaml").write_text(FACTS, encoding="utf-8")
    record(tmp_path, FIRST)
    return tmp_path


def record(folder: Path, *rows: str) -> None:
    (folder / "work.csv").write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")


def words(*more: str, period: str = "2026-03") -> list[str]:
    asked = ["--customer", "acme", "--period", period, "--work", "work.csv"]
    return ["bill", "facts.yaml", *asked, *more]


def test_a_statement_is_printed_in_sentences_with_local_times(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del folder
    assert main(words()) == 0
    out, err = capsys.readouterr()
    assert err == ""
    # 21 of 31 days of 310 EUR; an hour at 120 EUR and half an hour at 180 EUR
    head, fee, first, second, *totals = out.splitlines()
    assert head.endswith("from 2026-03-01 to 2026-03-31 in Europe/Berlin, in EUR.")
    days = "2026-03-11 00:00 CET to 2026-04-01 00:00 CEST"
    assert (
        fee == f"{days}, `gold`: a whole period costs 310.00 EUR; 210.00 EUR; a part of a period."
    )
    assert first.startswith("2026-03-16 16:00 CET to 2026-03-16 17:00 CET, work by ada on case R-1")
    assert "1h billed; at 120.00 EUR an hour (rate `default`); 120.00 EUR;" in first
    assert "30m billed; at 180.00 EUR an hour after hours (rate `default`); 90.00 EUR;" in second
    assert totals == [
        "Time and materials: 210.00 EUR.",
        "Standing: 210.00 EUR.",
        "Total: 420.00 EUR.",
    ]


def test_a_later_statement_beside_the_issued_one_has_what_was_missing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words("--output", "march.json")) == 0
    assert capsys.readouterr() == ("", "wrote march.json\n")
    record(folder, FIRST, LATE)
    assert main(words("--issued", "march.json", "-o", "april.csv", period="2026-04")) == 0
    rows = list(csv.DictReader((folder / "april.csv").read_text("utf-8").splitlines()))
    # the month of 310 EUR, and half an hour on site at 150 EUR
    assert [(each["source"], each["amount"]) for each in rows] == [
        ("W-2", "75.00"),
        ("gold", "310.00"),
    ]
    assert main(words("--known-at", "2026-04-01T00:00Z")) == 0
    assert "Total: 420.00 EUR." in capsys.readouterr().out


def test_shapes_of_other_programs_are_json(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del folder
    assert main(words("--shape", "lago")) == 0
    fees = json.loads(capsys.readouterr().out)["invoice"]["fees"]
    assert [each["unit_amount_cents"] for each in fees] == [21000, 12000, 9000]
    assert main(words("--shape", "kill-bill", "--account", "k-7")) == 0
    charges = json.loads(capsys.readouterr().out)["charges"]
    assert {each["accountId"] for each in charges} == {"k-7"}
    assert charges[0]["startDate"] == "2026-03-11"
    assert main(words("--shape", "invoice-ninja", "--format", "json")) == 0
    assert json.loads(capsys.readouterr().out)["client_id"] == "acme"
    assert main(words("--shape", "lago", "--format", "csv")) == 2
    assert "--shape: shapes are JSON, not csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        pytest.param(FIRST.replace("R-1", "R-9"), "case: no case has the id `R-9`", id="case"),
        pytest.param(
            FIRST.replace("03-16T", "03-10T"), "start: work began at `2026-03-10", id="before"
        ),
        pytest.param(FIRST.replace("2026-", "2027-"), "end: work ended at `2027-", id="after"),
        pytest.param(
            FIRST.replace(",,", ",on-site,"), "kind: no kind of work has the name", id="kind"
        ),
        pytest.param(FIRST.replace("T17:30", "T15:30"), "end: work log `W-1` ends", id="negative"),
    ],
)
def test_a_log_that_cannot_be_charged_is_named_with_file_line_and_field(
    folder: Path, capsys: pytest.CaptureFixture[str], row: str, problem: str
) -> None:
    record(folder, LATE, row)
    assert main(words("--output", "bill.json")) == 2
    assert f"work.csv:3: [1].{problem}" in capsys.readouterr().err
    assert not (folder / "bill.json").exists()


def test_records_of_work_that_were_left_out_are_a_warning(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words("--output", "march.json")) == 0
    record(folder, LATE)
    assert main(words("--issued", "march.json", period="2026-04")) == 0
    out, err = capsys.readouterr()
    assert "warning: --work: `W-1` on issued statements, and not among the records" in err
    assert "-210.00 EUR" in out


def test_an_agent_at_two_cases_at_once_is_a_warning(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(folder, FIRST, FIRST.replace("W-1", "W-3").replace("T16:00", "T16:30"))
    assert main(words()) == 0
    out, err = capsys.readouterr()
    assert err.startswith("warning: work.csv:3: [1].start: `ada` works on `W-1` and `W-3` at once")
    assert "Total: 570.00 EUR." in out  # half an hour at 120 EUR and one at 180 EUR more


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        pytest.param(["--period", "2026-13"], "--period: `2026-13` is not a period", id="month"),
        pytest.param(["--customer", "acne"], "did you mean `acme`?", id="customer"),
        pytest.param(["--zone", "Europe/Berln"], "--zone: `Europe/Berln`", id="zone"),
        pytest.param(["--known-at", "2026-03-01T00:00"], "--known-at: instant", id="naive"),
        pytest.param(["--work", "none.csv"], "none.csv: cannot be read", id="no file"),
        pytest.param(["--issued", "facts.yaml"], "facts.yaml:2: the statement is not", id="issued"),
        pytest.param(["--issued", "deep.json"], "deep.json: the statement is nested", id="deep"),
        pytest.param(["--issued", "other.json"], "other.json: schema_version", id="no statement"),
        pytest.param(["--output", "bill.pdf"], "`bill.pdf` does not end in", id="ending"),
        pytest.param(["--output", "no/bill.json"], "cannot be written", id="folder"),
    ],
)
def test_arguments_and_files_that_cannot_be_used_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], more: list[str], problem: str
) -> None:
    (folder / "deep.json").write_text("[" * 200_000, encoding="utf-8")
    (folder / "other.json").write_text("{}", encoding="utf-8")
    assert main(words(*more)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert problem in err


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Return the address of a store with the customer, a case and work on it."""
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    migrate(url)
    with SqlStore.open(url) as store:
        desk = opened_desk(store)
        call = months.CALL
        desk.execute(LogWork(id="k-1", log=call), call.end)
    return url


def test_a_statement_is_made_and_issued_from_a_database(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["bill", "--database", database, "--customer", "acme", "--period"]
    assert main([*asked, "2026-03"]) == 0
    out, err = capsys.readouterr()
    assert ("Total: 455.83 EUR." in out.splitlines(), err) == (True, "")
    assert main([*asked, "2026-03", "--issue"]) == 0
    assert capsys.readouterr().out == out
    with SqlStore.open(database) as store:
        desk = Desk(store, "tenant")
        (issued,) = desk.issued_statements("acme")
        assert str(issued.total) == "455.83 EUR"
        desk.execute(LogWork(id="k-2", log=months.LATE), months.ISSUED)
    assert main([*asked, "2026-03"]) == 0  # what the customer got does not change
    assert capsys.readouterr().out == out
    assert main([*asked, "2026-04"]) == 0
    out = capsys.readouterr().out
    assert "`acme 2026-03-01`" in out
    assert "Adjustment: 50.00 EUR." in out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["facts.yaml", "--database", "sqlite://"], "the facts are in files or in a database"),
        ([], "the facts are in files or in a database"),
        (["facts.yaml", "--issue"], "`--issue` is not for files"),
        (["--database", "sqlite://", "--work", "work.csv"], "`--work` is not for a database"),
    ],
)
def test_facts_are_in_files_or_in_a_database(
    more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bill", *more, "--customer", "acme", "--period", "2026-03"]) == 2
    assert message in capsys.readouterr().err


def test_an_unknown_customer_of_a_database_is_refused(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["bill", "--database", database, "--customer", "acne", "--period", "2026-03"]
    assert main(asked) == 2
    assert "no customer has the id `acne` (did you mean `acme`?)" in capsys.readouterr().err
