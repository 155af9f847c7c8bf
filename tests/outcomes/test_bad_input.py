"""What is wrong in a store: refused with a name, or reported; it never stops a report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs
import pytest
from sqlalchemy import update
from tests.databases import with_tables
from tests.outcomes.reports.test_stored_reports import MARCH, filled
from tests.service.records.acme_desk import OPENED, TENANT, adopt
from tests.service.records.test_after_sales import DOWN, PLANNED

from entitlements.adapters.memory import MemoryStore
from entitlements.aftersales import Survey, measure_availability
from entitlements.kernel import InvalidValueError, utc
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import to_micros
from entitlements.loading import apply, stored_facts
from entitlements.outcomes import Report, ServiceObjective, Share, stored_report
from entitlements.outcomes.services.objectives import ObjectiveWindow
from entitlements.service import AnswerSurvey, Desk, PlanMaintenance, RecordOutage
from entitlements.sla import Event

HOUR = timedelta(hours=1)
LATER = OPENED + timedelta(days=11)


def reported(desk: Desk) -> Report:
    return stored_report(desk.context.store, *MARCH, tenant=TENANT, services=["db"])


def test_a_history_that_ends_before_it_begins_is_reported() -> None:
    store = with_tables("sqlite://")
    _, desk = filled(store)
    early = Event.resolved(OPENED - HOUR)
    with pytest.raises(EntitlementsError):
        adopt(desk, "R-9", OPENED, early)
    events = store.tables.events
    with store.engine.begin() as connection:  # as no command would write it
        row = events.c.case == "R-4", events.c.number == 3
        at = to_micros(early.at)
        body = f'{{"kind":"resolved","at":{at}}}'
        connection.execute(update(events).where(*row).values(body=body))
    found = reported(Desk(store, TENANT))
    assert "is before the opening and does not count" in found.broken["R-4"]
    assert found.figure("flow", "cases", "opened").value == 4


def test_a_survey_of_an_unknown_case_is_reported() -> None:
    store, desk = filled(MemoryStore())
    survey = Survey(case="R-9", kind="nps", asked=OPENED, customer="acme")  # type: ignore[arg-type]
    apply(store, stored_facts(store, tenant=TENANT), tenant=TENANT, records=[survey])
    found = reported(desk)
    assert found.broken == {"R-9": "a survey is about this case, which is not known"}
    assert found.figure("satisfaction", "csat", "response_rate").value == Share(1, 1)


def test_an_answer_outside_of_the_scale_is_refused_and_changes_nothing() -> None:
    _, desk = filled(MemoryStore())
    before = reported(desk)
    for score in (0, 6, 11):
        with pytest.raises(InvalidValueError, match=f"`{score}` is not on the scale from 1 to 5"):
            desk.execute(AnswerSurvey(id=f"k-{score + 20}", case="R-4", score=score), LATER)
    assert reported(desk) == before


def test_an_outage_without_an_end_and_overlapping_maintenance_have_stated_answers() -> None:
    _, desk = filled(MemoryStore())
    start = MARCH[1] - 5 * HOUR
    open_ended = attrs.evolve(DOWN, id="O-2", start=start)
    desk.execute(RecordOutage(id="k-21", outage=open_ended), MARCH[1])
    for number, hours in enumerate((2, 3)):
        window = attrs.evolve(
            PLANNED, id=f"M-{number + 3}", start=start + number * HOUR, end=start + hours * HOUR
        )
        desk.execute(PlanMaintenance(id=f"k-{number + 22}", window=window), MARCH[1])
    found = reported(desk)
    # Three of the five hours are planned; another hour was down before, and one was planned then.
    assert found.figure("availability", "db", "down").value == (5 - 3 + 1) * HOUR
    assert found.figure("availability", "db", "excluded").value == (3 + 1) * HOUR


@pytest.mark.parametrize(
    "ask",
    [
        lambda at: stored_report(MemoryStore(), at, at, tenant=TENANT),
        lambda at: stored_report(MemoryStore(), at, at - HOUR, tenant=TENANT),
        lambda at: measure_availability([], at, at),
        lambda at: Desk(MemoryStore(), TENANT).statement("acme", at.date(), at.date()),
    ],
)
def test_a_period_of_nothing_is_refused(ask: Callable[[datetime], object]) -> None:
    with pytest.raises(EntitlementsError):
        ask(OPENED)


# Samoa went over the date line at the end of 2011: 30 December did not exist there. In Berlin the
# clocks went forward on 29 March 2026. In both months the budget is that of the hours there were.
@pytest.mark.parametrize(
    ("zone", "month", "hours"),
    [("Pacific/Apia", "2011-12", 30 * 24), ("Europe/Berlin", "2026-03", 31 * 24 - 1)],
)
def test_a_zone_that_changes_in_the_middle_of_a_month_has_the_hours_that_there_were(
    zone: str, month: str, hours: int
) -> None:
    window = ObjectiveWindow(unit="months", starts=datetime.fromisoformat(f"{month}-01"), zone=zone)
    promised = ServiceObjective(id="up", service="db", percent=99, window=window)  # type: ignore[arg-type]
    start, end = window.around(utc(f"{month}-15T00:00Z"))
    assert end - start == hours * HOUR
    found = stored_report(
        MemoryStore(),
        start,
        end,
        tenant=TENANT,
        services=["db"],
        objectives=[promised],
        zone=zone,
    )
    assert found.figure("availability", "db", "up").value == hours * HOUR
    assert found.figure("error_budgets", "up", "allowed").value == hours * HOUR / 100
