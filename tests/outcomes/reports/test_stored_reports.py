"""A report from a store is the report of the same cases and records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeVar

import attrs
import pytest
from sqlalchemy import update
from tests.databases import make_store, with_tables
from tests.engine.statements.acme import acme
from tests.service.records.acme_desk import OPENED, TENANT, adopt, opened_desk
from tests.service.records.test_after_sales import DOWN, EXPIRY, LATE, PLANNED

from entitlements.adapters.memory import MemoryStore
from entitlements.aftersales import SurveyRules
from entitlements.billing import WorkLog
from entitlements.kernel import InvalidValueError, Request, UnknownIdError, utc
from entitlements.outcomes import (
    KeptResults,
    ObjectiveWindow,
    ServiceObjective,
    Share,
    stored_report,
)
from entitlements.ports import Store
from entitlements.service import (
    AdoptCase,
    AnswerSurvey,
    Desk,
    LogWork,
    PlanMaintenance,
    RecordComplaint,
    RecordOutage,
    ReopenCase,
    RequestSurvey,
    SendNotice,
)
from entitlements.sla import Event, Target

__all__ = ["make_store"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
StoreT = TypeVar("StoreT", bound=Store)
MARCH = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")


def filled(store: StoreT) -> tuple[StoreT, Desk]:
    """Fill a store: R-1 is open, R-2 was answered late, R-3 in time; and records of each kind."""
    desk = opened_desk(store, cases=1)
    for id, after in (("R-2", 2), ("R-3", 1)):
        adopt(desk, id, OPENED, Event.responded(OPENED + after * HOUR / 2 + HOUR / 4))
    adopt(desk, "R-4", OPENED, Event.responded(OPENED + HOUR / 2), Event.resolved(OPENED + HOUR))
    over = attrs.evolve(DOWN, end=OPENED + 2 * HOUR)
    local = attrs.evolve(PLANNED, service="mail")
    whole = attrs.evolve(PLANNED, id="M-2", start=OPENED + HOUR, end=OPENED + 2 * HOUR)
    rules = SurveyRules(within=timedelta(days=20))
    at = OPENED + timedelta(days=10)
    desk.do_all(
        [
            RecordOutage(id="k-1", outage=over),
            PlanMaintenance(id="k-2", window=local),
            PlanMaintenance(id="k-3", window=whole),
            RequestSurvey(id="k-4", case="R-4", rules=rules),
            AnswerSurvey(id="k-5", case="R-4", score=5),
            RecordComplaint(id="k-6", complaint=LATE),
            SendNotice(id="k-7", notice=EXPIRY),
        ],
        at,
    )
    return store, desk


def test_a_month_is_reported_from_a_store(make_store: Callable[[], Store]) -> None:
    store = filled(make_store())[0]
    found = stored_report(store, *MARCH, tenant=TENANT, by="plan", services=["mail"])
    share = found.figure("attainment", "first_response", "share")
    assert share.value == Share(2, 4)  # R-1 was never answered, R-2 a quarter of an hour late
    assert share.ids == ("R-1", "R-2", "R-3", "R-4")
    assert {*found.groups("flow", "cases", "opened")} == {"gold"}
    assert found.figure("availability", "db", "down").value == HOUR  # the other was planned
    assert found.figure("availability", "mail", "excluded").value == 3 * HOUR
    assert found.figure("satisfaction", "csat", "score").value == Share(1, 1)
    assert found.broken == {}
    same = stored_report(
        store, *MARCH, tenant=TENANT, customer="acme", by="plan", services=["mail"]
    )
    assert same.figures == found.figures
    none = stored_report(store, *MARCH, tenant=TENANT, customer="other")
    assert none.figure("flow", "cases", "opened").value == 0
    later = stored_report(store, MARCH[1], utc("2026-05-01T00:00Z"), tenant=TENANT)
    assert later.figure("availability", "db", "down").value == timedelta()  # it was down once
    earlier = stored_report(store, utc("2026-02-01T00:00Z"), MARCH[0], tenant=TENANT)
    assert earlier.figure("flow", "cases", "opened").value == 0
    assert not [
        each for each in earlier.figures if each.section in {"availability", "satisfaction"}
    ]


def test_nonsense_is_refused() -> None:
    store = filled(with_tables("sqlite://"))[0]
    with pytest.raises(InvalidValueError, match="not after"):
        stored_report(store, MARCH[1], MARCH[0], tenant=TENANT)
    with pytest.raises(UnknownIdError, match="dimension"):
        stored_report(store, *MARCH, tenant=TENANT, by="mood")


def test_a_broken_case_is_reported_and_stops_nothing() -> None:
    store = with_tables("sqlite://")
    filled(store)
    with store.engine.begin() as connection:
        cases = store.tables.cases
        connection.execute(update(cases).where(cases.c.id == "R-2").values(body="{}"))
    found = stored_report(store, *MARCH, tenant=TENANT)
    assert [*found.broken] == ["R-2"]
    assert found.figure("attainment", "first_response", "share").value == Share(2, 3)


def test_what_was_recorded_later_is_left_out_of_every_section(
    make_store: Callable[[], Store],
) -> None:
    store = filled(make_store())[0]  # all records beside the cases are of the tenth day
    promised = ServiceObjective(
        id="up", service="db", percent=99, window=ObjectiveWindow(unit="days", count=31)
    )
    how = {"tenant": TENANT, "services": ["db"], "objectives": [promised]}
    recorded = OPENED + timedelta(days=10)
    whole = stored_report(store, *MARCH, **how)  # type: ignore[arg-type]
    assert stored_report(store, *MARCH, as_known_at=recorded, **how) == whole  # type: ignore[arg-type]
    assert whole.figure("error_budgets", "up", "down").value == HOUR
    assert whole.figure("error_budgets", "up", "allowed").value == 31 * 24 * HOUR / 100
    before = stored_report(store, *MARCH, as_known_at=recorded - HOUR, **how)  # type: ignore[arg-type]
    counts = {
        (each.section.value, each.measure): each.value
        for each in before.figures
        if each.is_total and each.section in {"complaints", "availability", "error_budgets"}
    }
    assert counts["complaints", "received"] == 0
    assert counts["availability", "down"] == counts["error_budgets", "down"] == timedelta()
    assert counts["availability", "excluded"] == timedelta()
    assert {each.section for each in whole.figures} - {each.section for each in before.figures} == {
        "complaint_causes",
        "satisfaction",
        "notices",
    }
    assert before.figure("flow", "cases", "opened").value == 4
    # An hour after the opening one case was over; the instant before, not.
    for after, over in ((HOUR, 1), (HOUR - timedelta(microseconds=1), 0)):
        found = stored_report(store, *MARCH, tenant=TENANT, as_known_at=OPENED + after)
        assert found.figure("flow", "cases", "over").value == over
    none = stored_report(store, *MARCH, tenant=TENANT, as_known_at=OPENED - HOUR)
    assert none.figure("flow", "cases", "opened").value == 0


def measured_up_to(kept: KeptResults, end: datetime) -> int:
    return sum(each.end == end for each in kept.values())


def test_a_day_more_reads_and_folds_what_changed_or_was_open() -> None:
    store = with_tables("sqlite://")
    desk = filled(store)[1]
    for number in range(30):
        adopt(desk, f"S-{number}", OPENED, Event.responded(OPENED), Event.resolved(OPENED + HOUR))
    kept: KeptResults = {}
    first = OPENED + timedelta(days=11)
    stored_report(store, MARCH[0], first, tenant=TENANT, kept=kept)
    assert measured_up_to(kept, first) == len(kept) == 34
    adopt(desk, "R-5", first)
    desk.execute(ReopenCase(id="again", case="R-4"), first + HOUR)
    with store.engine.begin() as connection:  # what is over is not read again
        events = store.tables.events
        connection.execute(update(events).where(events.c.case.like("S-%")).values(body="{}"))
    end = first + timedelta(days=1)
    found = stored_report(store, MARCH[0], end, tenant=TENANT, kept=kept, by="group")
    assert (measured_up_to(kept, end), len(kept)) == (5, 36)  # are open
    assert found.broken == {}
    assert found.figure("flow", "cases", "over").value == 31
    assert found.figure("flow", "cases", "reopened").ids == ("R-4",)
    again = stored_report(store, MARCH[0], end, tenant=TENANT, by="group")
    assert len(again.broken) == 30


def test_a_result_is_measured_again_where_its_terms_are_others() -> None:
    kept: KeptResults = {}  # the case is the same to the last byte, and only its terms differ
    for milestone in ("first_response", "resolution"):
        store = with_tables("sqlite://")
        targets = [Target(milestone=milestone, within=100 * HOUR)]
        facts = acme()
        policies = [attrs.evolve(each, targets=targets) for each in facts.policies.values()]
        facts = attrs.evolve(facts, policies=policies)
        desk = opened_desk(store, facts, cases=0)
        adopt(desk, "R-1", OPENED, Event.responded(OPENED + 2 * HOUR), Event.resolved(OPENED + DAY))
        found = stored_report(store, *MARCH, tenant=TENANT, kept=kept)
        assert found.figure("attainment", milestone, "share").value == Share(1, 1)


def test_pages_and_reports_without_ids_have_the_same_figures(
    make_store: Callable[[], Store],
) -> None:
    store = filled(make_store())[0]
    whole = stored_report(store, *MARCH, tenant=TENANT)
    kept: KeptResults = {}
    less = stored_report(store, *MARCH, tenant=TENANT, keep_ids=False, kept=kept)
    assert less.figures == tuple(attrs.evolve(each, ids=()) for each in whole.figures)
    assert stored_report(store, *MARCH, tenant=TENANT, kept=kept) == whole


# The allowance of the plan has a warranty of 48 hours, and the end of it lies outside.
@pytest.mark.parametrize(("hours", "is_free"), [(47, True), (48, False)])
def test_a_case_that_is_corrected_without_a_charge_is_in_the_report_and_in_the_statement(
    hours: int, *, is_free: bool
) -> None:
    desk = opened_desk(MemoryStore(), cases=0)
    adopt(desk, "R-1", OPENED, Event.resolved(OPENED + HOUR))
    again = OPENED + (1 + hours) * HOUR
    asked = Request(
        id="R-2",
        customer="acme",
        contact="dana",
        product="db",
        severity="high",
        channel="web",
        follows="R-1",
    )
    events = [Event.opened(again, severity="high", channel="web")]
    desk.execute(
        AdoptCase(id="a", request=asked, events=events, contract="C-1", line="main"), again
    )
    log = WorkLog(id="W-1", case="R-2", agent="ada", start=again, end=again + 3 * HOUR)
    desk.execute(LogWork(id="b", log=log), log.end)
    found = stored_report(desk.context.store, *MARCH, tenant=TENANT)
    assert found.figure("after_resolution", "cases", "follow_ups").ids == ("R-2",)
    corrections = found.figure("after_resolution", "cases", "corrections").ids
    assert corrections == (("R-2",) if is_free else ())
    sheet = desk.statement("acme", date(2026, 3, 1), date(2026, 4, 1)).sheet
    charged = [
        (each.kind.value, each.named, str(each.amount))
        for each in sheet.lines
        if each.source == "W-1"
    ]
    if is_free:
        assert charged == [("included", "R-1", "0.00 EUR")]
    else:  # an hour is included every month, and two are charged
        assert charged == [
            ("prepaid", None, "0.00 EUR"),
            ("time_and_materials", None, "200.00 EUR"),
        ]
