from __future__ import annotations

from typing import Any

from tests.outcomes.test_attainment import START, at, case

from entitlements.aftersales import Complaint, Survey
from entitlements.outcomes import ReportRecords, Share, report
from entitlements.sla import Event

CASES = [case("R-1", [Event.opened(START)]), case("R-2", [Event.opened(START)], customer="globex")]


def survey(asked: float, score: int) -> Survey:
    return Survey(case="R-1", kind="csat", asked=at(asked), answered=at(9), score=score)  # type: ignore[arg-type]


def complaint(**fields: Any) -> Complaint:
    return Complaint(**{"id": "B-1", "customer": "globex", "received": at(1)} | fields)


def test_of_two_surveys_of_a_case_the_first_one_counts() -> None:
    records = ReportRecords(surveys=[survey(2, 1), survey(1, 5)])
    found = report(CASES, START, at(24), records=records)
    assert found.figure("satisfaction", "csat", "score").value == Share(1, 1)
    assert found.broken == {"R-1": "there are several surveys `R-1`; the earliest one counts"}


def test_a_complaint_counts_once_and_names_what_is_known() -> None:
    records = ReportRecords(
        complaints=[complaint(received=at(2)), complaint(case="R-9", correction="R-2")]
    )
    found = report(CASES, START, at(24), by="customer", records=records)
    assert found.figure("complaints", "complaints", "received").value == 1
    assert found.groups("complaints", "complaints", "received")["globex"].value == 1
    assert found.broken.keys() == {"B-1", "R-9"}
    own = report(CASES, START, at(24), customer="acme", records=records)
    assert own.figure("complaints", "complaints", "received").value == 0
