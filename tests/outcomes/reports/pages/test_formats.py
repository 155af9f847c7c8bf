from __future__ import annotations

import csv
import io
import json

from tests.outcomes.reports.test_report import example
from tests.outcomes.test_attainment import START, at, case

from entitlements.outcomes import report, report_to_csv, report_to_json, report_to_text
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
