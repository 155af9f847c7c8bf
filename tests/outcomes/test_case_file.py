from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from entitlements.calendars import Calendar
from entitlements.kernel import InvalidValueError, utc
from entitlements.outcomes import CaseFile, CaseRecord, read_case_file, report
from entitlements.sla import Event, History, SlaPolicy, Target

OFFICE = Calendar(zone="UTC", week="Mo-Fr 08:00-16:00")
ALWAYS = Calendar.always()
TARGET = Target(milestone="first_response", within=timedelta(hours=4), calendar="support")
GOLD = SlaPolicy(id="gold", targets=[TARGET], calendars={"support": ALWAYS})
OPENED: dict[str, Any] = {"kind": "opened", "at": "2026-03-02T09:00:00Z", "conditions": []}
CASE: dict[str, Any] = {"id": "R-1", "customer": "acme", "policy": "gold", "events": [OPENED]}


def read(*cases: object, **more: object) -> CaseFile:
    data = {"schema_version": 1, "cases": list(cases), **more}
    return read_case_file(data, {"gold": GOLD}, {"office": OFFICE})


def test_a_case_is_read_with_its_history_and_the_calendars_that_are_bound() -> None:
    paused = {"kind": "paused", "at": "2026-03-02T10:00:00Z", "reason": "customer", "by": "bob"}
    bound = CASE | {"severity": "S1", "calendars": {"support": "office"}, "warranty": "720h"}
    found = read(bound | {"events": [paused, OPENED]}, CASE | {"id": "R-2"})
    events = [
        Event.opened("2026-03-02T09:00Z"),
        Event.paused("2026-03-02T10:00Z", "customer", by="bob"),
    ]
    assert found.cases[0] == CaseRecord(
        id="R-1",
        customer="acme",
        severity="S1",
        warranty=timedelta(days=30),
        history=History(events),
        policy=GOLD.with_calendars({"support": OFFICE}),
    )
    assert found.cases[1].policy == GOLD
    assert found.unread == {}


def test_a_change_of_terms_finds_the_policy_that_it_names() -> None:
    silver = SlaPolicy(
        id="silver", targets=[Target(milestone="first_response", within=timedelta(hours=8))]
    )
    events = [OPENED, {"kind": "terms_changed", "at": "2026-03-02T10:00:00Z", "policy": "silver"}]
    data = {"schema_version": 1, "cases": [CASE | {"events": events}]}
    found = read_case_file(data, {"gold": GOLD, "silver": silver}, {})
    for hour, verdict in ((16, "running"), (18, "missed")):
        made = report(found.cases, utc("2026-03-02T00:00Z"), utc(f"2026-03-02T{hour}:00Z"))
        assert made.broken == {}
        assert made.figure("attainment", "first_response", verdict).ids == ("R-1",)


@pytest.mark.parametrize(
    ("broken", "id", "why"),
    [
        (CASE | {"policy": "golb"}, "R-1", "cases[0].policy: no policy has the id `golb`"),
        (CASE | {"calendars": {"support": "x"}}, "R-1", "cases[0].calendars: no calendar has"),
        (CASE | {"events": [OPENED | {"kind": "open"}]}, "R-1", "cases[0].events[0].kind"),
        (CASE | {"events": [OPENED | {"at": "2026-03-02T09:00"}]}, "R-1", "cases[0].events[0].at"),
        (
            CASE | {"events": [OPENED | {"kind": "responded"}]},
            "R-1",
            "cases[0].events: the case was never",
        ),
        (CASE | {"events": []}, "R-1", "cases[0].events: the case was never opened"),
        (CASE | {"warranty": "30d"}, "R-1", "cases[0].warranty: `30d` does not say which kind"),
        (CASE | {"warranty": 30}, "R-1", "cases[0].warranty: `30` is not text"),
        (CASE | {"severty": "S1"}, "R-1", "did you mean `severity`?"),
        ({"customer": "acme"}, "cases[0]", "cases[0].id: the key is missing"),
        ("R-1", "cases[0]", "is not an object"),
    ],
)
def test_one_broken_case_is_reported_and_stops_nothing(broken: object, id: str, why: str) -> None:
    found = read(broken, CASE | {"id": "R-2"})
    assert [each.id for each in found.cases] == ["R-2"]
    assert list(found.unread) == [id]
    assert why in found.unread[id]


def test_two_broken_cases_with_one_id_are_both_reported() -> None:
    assert list(read({"id": "R-1"}, {"id": "R-1"}).unread) == ["R-1", "cases[1]"]


def test_records_beside_the_cases_must_be_right() -> None:
    outage = {"id": "O-1", "service": "db", "start": "2026-03-02T09:00:00Z"}
    found = read(outages=[outage], services=["web"]).records
    assert (found.outages[0].service, found.outages[0].end, found.services) == (
        "db",
        None,
        ("web",),
    )
    with pytest.raises(InvalidValueError, match=r"outages\[0\]\.service: the key is missing"):
        read(outages=[{"id": "O-1", "start": "2026-03-02T09:00:00Z"}])
    with pytest.raises(InvalidValueError, match="not on the scale"):
        read(
            surveys=[
                {
                    "case": "R-1",
                    "kind": "csat",
                    "asked": "2026-03-02T09:00:00Z",
                    "answered": "2026-03-02T10:00:00Z",
                    "score": 9,
                }
            ]
        )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "is not an object"),
        ({"cases": []}, "schema_version: the key is missing"),
        ({"schema_version": 2}, "is not known"),
        ({"schema_version": 1, "cases": {}}, "is not a list"),
        ({"schema_version": 1, "case": []}, "no such key"),
    ],
)
def test_what_is_no_case_file_is_refused(data: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        read_case_file(data, {}, {})


def test_the_case_file_of_the_documentation_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "outcomes.md").read_text(encoding="utf-8")
    data = json.loads(page.partition(":caption: cases.json\n")[2].partition("```")[0])
    found = read_case_file(data, {"gold": GOLD}, {})
    assert found.unread == {}
    assert [each.id for each in found.cases] == ["R-1"]
    beside = found.records
    for each in (beside.surveys, beside.outages, beside.maintenance, beside.complaints):
        assert len(each) == 1


def test_a_case_that_was_never_opened_is_reported() -> None:
    plain = {"id": "R-1", "customer": "acme", "policy": "gold", "events": []}
    found = read_case_file({"schema_version": 1, "cases": [plain]}, {"gold": GOLD}, {})
    assert found.unread == {"R-1": "cases[0].events: the case was never opened"}
