from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.outcomes.test_attainment import START, at, case

from entitlements.aftersales import Complaint, Survey
from entitlements.kernel import InvalidValueError
from entitlements.outcomes import CaseRecord, ReportRecords, Share, report, report_to_json
from entitlements.outcomes.reports.measured_cases import measured
from entitlements.outcomes.reports.report import Question
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


def streamed(customers: int, cases: int) -> Iterator[CaseRecord]:
    """Yield the same cases for each customer, all different for one."""
    for customer in range(customers):
        for number in range(cases):
            opened = at(number / 2)
            events = [
                Event.opened(opened),
                Event.responded(opened + timedelta(hours=number % 5)),
                Event.paused(opened + timedelta(hours=5), "vendor", by="bob"),
                Event.resolved(opened + timedelta(hours=6)),
            ]
            id = f"R-{customer}-{number}"
            yield case(id, events, customer=f"C-{customer}", product="db", warranty=timedelta(1))


def size_of_what_is_kept(customers: int, *, keep_ids: bool = False) -> int:
    question = Question.of(START, at(48), by="severity", zone="UTC", customer=None)
    found = question.collector(keep_ids=keep_ids)
    for each in streamed(customers, 20):
        found.add(measured(each, question.period))
    assert list(found.figures())
    return len(pickle.dumps(found))


def test_a_report_without_ids_keeps_the_same_for_any_number_of_cases() -> None:
    few, many = size_of_what_is_kept(3), size_of_what_is_kept(24)
    assert many < 1.1 * few  # numbers are longer, and customers are known by name
    assert size_of_what_is_kept(24, keep_ids=True) > 2 * many


def test_a_report_without_ids_has_the_figures_of_the_one_with_ids() -> None:
    records = ReportRecords(surveys=[Survey(case="R-1-3", kind="csat", asked=at(3))])
    cases = list(streamed(3, 8))
    whole = report(cases, START, at(24), records=records, by="customer")
    less = report(cases, START, at(24), records=records, by="customer", keep_ids=False)
    assert less.figures == tuple(attrs.evolve(each, ids=()) for each in whole.figures)
    assert (less.trends, less.broken, less.has_ids) == (whole.trends, {}, False)
    assert json.loads(report_to_json(less))["figures"][0]["ids"] is None


def test_without_ids_cases_come_customer_by_customer() -> None:
    mixed = [*streamed(2, 1), *streamed(1, 1)]
    with pytest.raises(InvalidValueError, match="cases of customer `C-0` come after those"):
        report(mixed, START, at(24), keep_ids=False)


def test_a_case_that_comes_later_leaves_the_report_of_a_period_as_it_was() -> None:
    known = list(streamed(2, 3))
    later = case("R-9", [Event.opened(at(50))], severity="S9", customer="new")
    for by in ("severity", "customer"):
        before = report(known, START, at(24), by=by)
        assert report([later, *known], START, at(24), by=by) == before


def test_a_record_may_name_a_case_that_cannot_be_read() -> None:
    records = ReportRecords(surveys=[survey(1, 5)])
    found = report([], START, at(24), records=records, unread={"R-1": "no events"})
    assert found.broken == {"R-1": "no events"}
