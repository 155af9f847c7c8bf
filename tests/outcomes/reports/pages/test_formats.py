from __future__ import annotations

import csv
import io
import json

from scipy.stats import binomtest
from tests.outcomes.reports.test_report import example
from tests.outcomes.test_attainment import START, at, case

from entitlements.aftersales import Survey
from entitlements.outcomes import (
    ReportRecords,
    report,
    report_to_csv,
    report_to_json,
    report_to_text,
)
from entitlements.sla import Event

EXPECTED = """
Attainment: promises met, of those decided in the period
                  severity              share  met  missed  running  paused  cancelled  no promise
  first_response  (all)      50.00 % (1 of 2)    1       1        0       0          0           0
  first_response  S1        100.00 % (1 of 1)    1       0        0       0          0           0
  first_response  S2          0.00 % (0 of 1)    0       1        0       0          0           0
"""


def test_text_has_a_table_for_each_section() -> None:
    text = report_to_text(example())
    assert text.startswith("Service report: 2026-03-01 (UTC), all cus")
    assert EXPECTED in text


def test_json_has_counts_and_ids_and_no_percentages() -> None:
    data = json.loads(report_to_json(example()))
    share, met, *_ = data["figures"]
    assert share["value"] == {"n": 1, "of": 2}
    assert share["ids"] == ["R-1", "R-2"]
    assert met["value"] == {"count": 1}
    values = {each["measure"]: each["value"] for each in data["figures"] if each["is_total"]}
    assert values["p90_elapsed"] is None
    assert values["median_elapsed"] == {"micros": 7_200_000_000}
    assert "percent" not in json.dumps(data)


def test_points_of_trends_have_their_ids_in_json() -> None:
    cases = [case("R-1", [Event.opened(START), Event.responded(at(2))])]
    for keep_ids, ids in ((True, ["R-1"]), (False, None)):
        found = report(cases, START, at(7 * 24), keep_ids=keep_ids)
        points = {
            each["name"]: each["points"] for each in json.loads(report_to_json(found))["trends"]
        }
        assert points["cases opened"] == [{"count": 1, "ids": ids}]
        assert points["first_response attainment"] == [{"n": 1, "of": 1, "ids": ids}]


def test_csv_has_one_row_for_each_figure_and_no_formula() -> None:
    evil = case("=1+1", [Event.opened(at(1))], severity="@x")
    found = report([evil], START, at(24), unread={"-2+3": "+not read"})
    rows = list(csv.DictReader(io.StringIO(report_to_csv(found))))
    assert len(rows) == len(found.figures) + 1
    assert not [cell for row in rows for cell in row.values() if cell[:1] in {*"=+-@"}]
    assert rows[0] | {"value": "0.00", "n": "0", "of": "1", "ids": "'=1+1"} == rows[0]
    by_measure = {row["measure"]: row for row in rows if row["is_total"] == "yes"}
    assert by_measure["p90_elapsed"]["value"] == "not known"
    assert by_measure["open_time"]["value"] == "82800.00"
    assert rows[-1]["broken"] == "'+not read"


def test_a_group_with_the_name_of_the_total_is_not_the_total() -> None:
    odd = case("R-1", [Event.opened(at(1))], severity="(all)")
    text = report_to_text(report([odd], START, at(24)))
    assert text.count("  cases  (all)") == 8


def test_an_interval_is_data_with_two_ends() -> None:
    cases = [case(f"R-{n}", [Event.opened(START)]) for n in range(4)]
    surveys = [
        Survey(case=f"R-{n}", kind=kind, asked=at(1), answered=at(2), score=score)  # type: ignore[arg-type]
        for n, (kind, score) in enumerate([("csat", 5), ("csat", 1), ("nps", 9), ("ces", 3)])
    ]
    found = report(cases, START, at(24), records=ReportRecords(surveys=surveys))
    intervals = {
        each["name"]: each["value"]
        for each in json.loads(report_to_json(found))["figures"]
        if each["measure"] == "interval" and each["is_total"]
    }
    low, high = binomtest(1, 2).proportion_ci(method="wilson")
    assert intervals == {
        "csat": {"low": round(low, 6), "high": round(high, 6)},
        "nps": {"low": 1.0, "high": 1.0},
        "ces": None,
    }
    rows = list(csv.DictReader(io.StringIO(report_to_csv(found))))
    shown = [
        (row["value"], row["unit"])
        for row in rows
        if row["measure"] == "interval" and row["is_total"] == "yes"
    ]
    assert shown == [("not known", ""), ("9.45 to 90.55", "percent"), ("1.00 to 1.00", "score")]
