from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.outcomes.test_attainment import START, at, case

from entitlements.aftersales import Complaint
from entitlements.outcomes import CaseRecord, ReportRecords, Share, report
from entitlements.sla import Event

DAY = timedelta(days=1)


def done(id: str, opened: float, resolved: float | None = None, **fields: Any) -> CaseRecord:
    events = [Event.opened(at(opened))]
    if resolved is not None:
        events.append(Event.resolved(at(resolved)))
    return case(id, events, **{"product": "db", "warranty": 10 * DAY} | fields)


def after(cases: list[CaseRecord], measure: str, start: float = 0, end: float = 2000) -> Any:
    return report(cases, at(start), at(end)).figure("after_resolution", "cases", measure)


# The warranty of 10 days from hour 10 on ends with hour 250, which is outside.
@pytest.mark.parametrize(
    ("opened", "free"), [(10, ["R-2"]), (249.99, ["R-2"]), (250, []), (9.9, [])]
)
def test_a_follow_up_within_the_warranty_is_a_correction(opened: float, free: list[str]) -> None:
    cases = [done("R-1", 0, 10), done("R-2", opened, follows="R-1")]
    assert after(cases, "follow_ups").ids == ("R-2",)
    assert after(cases, "corrections").ids == tuple(free)
    assert after(cases, "corrections", end=opened).value == 0


def test_a_follow_up_of_a_follow_up_does_not_make_the_warranty_longer() -> None:
    chain = [
        done("R-1", 0, 10),
        done("R-2", 200, 201, follows="R-1"),
        done("R-3", 240, 241, follows="R-2"),
        done("R-4", 300, follows="R-3"),
    ]
    assert after(chain, "corrections").ids == ("R-2", "R-3")
    circle = [done("R-1", 5, 10, follows="R-2"), done("R-2", 20, 30, follows="R-1")]
    assert after(circle, "corrections").value == 0
    assert after([done("R-2", 20, follows="R-9")], "corrections").value == 0
    for other in ({"customer": "globex"}, {"product": "web"}):
        stranger = [done("R-1", 0, 10), done("R-2", 20, follows="R-1", **other)]
        assert after(stranger, "corrections").value == 0


def test_resolutions_reopenings_and_repeats_count_in_the_period_in_which_they_happen() -> None:
    again = case(
        "R-1",
        [
            Event.opened(at(0)),
            Event.responded(at(1)),
            Event.resolved(at(2)),
            Event.reopened(at(30)),
            Event.resolved(at(31)),
        ],
        product="db",
        warranty=DAY,
    )
    cases = [again, done("R-2", 3, 4), done("R-3", 31 + 7 * 24), done("R-4", 5, product="web")]
    assert after(cases, "resolved").ids == ("R-1", "R-1", "R-2")
    assert after(cases, "without_response").ids == ("R-2",)
    assert after(cases, "reopened", 30, 31).ids == ("R-1",)
    assert after(cases, "reopened", 0, 30).value == 0
    assert after(cases, "reopened_in_warranty").value == 0
    assert after(cases, "repeat_contacts").ids == ("R-2",)
    near = [*cases[:2], done("R-3", 30.99 + 7 * 24)]
    assert after(near, "repeat_contacts").ids == ("R-2", "R-3")


def test_complaints_are_counted_from_reception_to_the_answer() -> None:
    cases = [done("R-1", 0, 1, severity="S1"), done("R-2", 3, follows="R-1")]
    came = {"customer": "acme", "received": at(2)}
    records = ReportRecords(
        complaints=[
            Complaint(
                id="B-1",
                case="R-1",
                acknowledged=at(3),
                answered=at(6),
                is_upheld=True,
                cause="wrong part",
                correction="R-2",
                **came,
            ),
            Complaint(id="B-2", case="R-1", answered=at(40), is_upheld=False, **came),
            Complaint(id="B-3", **came | {"received": at(-5)}, answered=at(1), is_upheld=False),
        ]
    )
    found = report(cases, START, at(24), records=records)
    assert found.broken == {}
    values = {
        measure: found.figure("complaints", "complaints", measure).value
        for measure in ("received", "acknowledged", "answered", "median_answer", "upheld")
    }
    assert values == {
        "received": 2,
        "acknowledged": Share(1, 2),
        "answered": Share(1, 2),
        "median_answer": timedelta(hours=4),
        "upheld": Share(1, 2),
    }
    assert found.figure("complaints", "complaints", "corrected").ids == ("B-1",)
    assert found.figure("after_resolution", "cases", "corrections").ids == ("R-2",)
    assert found.figure("complaint_causes", "wrong part", "received").ids == ("B-1",)
    groups = found.groups("complaints", "complaints", "received")
    assert {group: each.ids for group, each in groups.items()} == {"S1": ("B-1", "B-2"), None: ()}
    assert report([], START, at(24)).figure("complaints", "complaints", "received").value == 0


def test_what_happens_to_a_complaint_at_the_end_belongs_to_the_next_period() -> None:
    late = Complaint(
        id="B-1", customer="acme", received=at(1), answered=at(24), is_upheld=True, cause="late"
    )
    records = ReportRecords(complaints=[late])
    for start, end, received, answered, upheld in (
        (0, 24, 1, Share(0, 1), Share(0, 0)),
        (24, 48, 0, Share(0, 0), Share(1, 1)),
    ):
        found = report([], at(start), at(end), records=records)
        measures = ("received", "answered", "upheld")
        values = [found.figure("complaints", "complaints", each).value for each in measures]
        assert values == [received, answered, upheld]
