from __future__ import annotations

import json
from pathlib import Path

import pytest

from entitlements.billing import WorkLog
from entitlements.documents.sections.records.work_logs import read_work_logs
from entitlements.kernel.errors import DocumentError, UnknownIdError

LOG = {
    "id": "W-1",
    "case": "R-1",
    "agent": "ada",
    "start": "2026-03-16T09:05+01:00",
    "end": "2026-03-16T10:10+01:00",
    "billable": False,
}
TABLE = "id,case,agent,start,end,billable\n" + ",".join(str(each) for each in LOG.values())
YAML = "work_logs:\n  - " + json.dumps(LOG)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problem_of(path: Path) -> str:
    with pytest.raises(DocumentError) as refused:
        read_work_logs(path)
    assert len(refused.value.problems) == 1
    return refused.value.problems[0].removeprefix(str(path))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("work.csv", TABLE, id="table"),
        pytest.param("work.csv", "\ufeff" + TABLE.replace("\n", "\r\n"), id="of a spreadsheet"),
        pytest.param("work.json", json.dumps([LOG]), id="list"),
        pytest.param("work.yaml", YAML, id="mapping"),
    ],
)
def test_one_log_is_the_same_in_every_format(tmp_path: Path, name: str, text: str) -> None:
    expected = WorkLog(
        id="W-1",
        case="R-1",
        agent="ada",
        start="2026-03-16T08:05Z",
        end="2026-03-16T09:10Z",
        billable=False,
    )
    assert read_work_logs(written(tmp_path, name, text)).logs == (expected,)


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        pytest.param(
            "start", 1774000000.5, "[0].start: `1774000000.5` is not an instant", id="float"
        ),
        pytest.param("end", "2026-03-16T09:00+01:00", "[0].end: work log", id="negative"),
        pytest.param("start", "2026-03-16T09:05", "[0].start: instant", id="naive"),
        pytest.param("billable", "maybe", "[0].billable: `maybe` is not `true`", id="truth"),
        pytest.param("agnt", "ada", "[0].agnt: `agnt` is not a key here", id="unknown key"),
        pytest.param("recorded", "2026-03-15T09:00Z", "[0].recorded: work log", id="too early"),
    ],
)
def test_a_problem_names_file_line_and_field(
    tmp_path: Path, key: str, value: object, problem: str
) -> None:
    text = "[\n" + json.dumps({**LOG, key: value}) + "]"
    assert problem_of(written(tmp_path, "work.json", text)).startswith(f":2: {problem}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param('[{\n"start": NaN}]', ":2: `NaN` was found", id="NaN"),
        pytest.param("7", ":1: the document is one scalar", id="scalar"),
        pytest.param('{"work_log": []}', ":1: work_log: `work_log` is not a key", id="other key"),
        pytest.param("[" * 50_000, ":1: lists and mappings are nested", id="too deep"),
    ],
)
def test_what_is_no_list_of_work_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    assert problem_of(written(tmp_path, "work.json", text)).startswith(problem)


def test_a_kind_without_a_price_is_refused_where_kinds_have_prices(tmp_path: Path) -> None:
    path = written(tmp_path, "work.json", json.dumps([{**LOG, "kind": "onsite"}]))
    with pytest.raises(DocumentError, match=r"kind: .*`onsite` \(did you mean `on_site`\?\)"):
        read_work_logs(path, {"on_site"})
    assert read_work_logs(path).logs[0].kind == "onsite"
    assert read_work_logs(written(tmp_path, "other.yaml", YAML), {"on_site"}).logs


def test_two_records_of_one_log_at_one_instant_are_refused(tmp_path: Path) -> None:
    text = "[" + json.dumps(LOG) + ",\n" + json.dumps({**LOG, "agent": "bob"}) + "]"
    problem = problem_of(written(tmp_path, "work.json", text))
    assert problem.startswith(":2: [1]: work log `W-1` was recorded twice")


def test_an_error_about_a_log_is_placed_at_its_last_record(tmp_path: Path) -> None:
    later = {**LOG, "case": "R-9", "recorded": "2026-03-17T09:00Z"}
    text = "[" + json.dumps(LOG) + ",\n" + json.dumps(later) + "]"
    work = read_work_logs(written(tmp_path, "work.json", text))
    error = UnknownIdError("case", "R-9", path="work_logs[W-1].case")
    assert ":2: [1].case: no case has the id `R-9`" in str(work.located(error))
    other = UnknownIdError("account", "acme")
    assert work.located(other) is other


def test_an_agent_who_works_on_two_things_at_once_is_a_warning(tmp_path: Path) -> None:
    text = "[" + json.dumps(LOG) + ",\n" + json.dumps({**LOG, "id": "W-2", "case": "R-2"}) + "]"
    work = read_work_logs(written(tmp_path, "work.json", text))
    [warning] = work.warnings()
    assert ":2: [1].start: `ada` works on `W-1` and `W-2` at once" in warning
