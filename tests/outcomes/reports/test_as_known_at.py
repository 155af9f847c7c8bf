"""A report as it was known at an instant is the report that was made then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.databases import make_store
from tests.effort import tries
from tests.engine.statements.acme import acme
from tests.service.records.acme_desk import TENANT, opened_desk

from entitlements.adapters.memory import MemoryStore
from entitlements.aftersales import Complaint, MaintenanceWindow, Outage, SurveyRules
from entitlements.billing import WorkLog
from entitlements.kernel import EntitlementsError, Request, utc
from entitlements.outcomes import (
    KeptResults,
    ObjectiveWindow,
    Report,
    ServiceObjective,
    stored_report,
)
from entitlements.ports import Store
from entitlements.service import (
    AdmitRequest,
    AdoptCase,
    AnswerSurvey,
    CorrectWork,
    Desk,
    DeskCommand,
    IssueStatement,
    LogWork,
    PlanMaintenance,
    RecordComplaint,
    RecordEvent,
    RecordOutage,
    RequestSurvey,
)
from entitlements.sla import Event

__all__ = ["make_store"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = utc("2026-03-02T09:00Z")
MARCH = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
UP = ServiceObjective(
    id="up",
    service="db",
    percent=99,
    window=ObjectiveWindow(unit="days", count=31),
)
EVENTS: dict[str, Callable[..., Event]] = {
    "responded": Event.responded,
    "paused": lambda at, **named: Event.paused(at, "customer", **named),
    "resumed": Event.resumed,
    "resolved": Event.resolved,
    "reopened": Event.reopened,
}
OTHERS = (
    *("admit", "adopt", "correct", "outage", "plan"),
    *("complain", "ask", "answer", "work", "redo"),
)


def asked(id: str) -> Request:
    return Request(
        id=id, customer="acme", contact="dana", product="db", severity="high", channel="web"
    )


def command_of(what: str, number: int, case: str, at: datetime, back: int) -> DeskCommand:
    """Return a command that is carried out at an instant and is about some hours before it."""
    id, then = f"k-{number}", at - back * HOUR
    name = f"R-{number}"
    commands: dict[str, Callable[[], DeskCommand]] = {
        "admit": lambda: AdmitRequest(id=id, request=asked(name)),
        "adopt": lambda: AdoptCase(
            id=id,
            request=asked(name),
            events=[Event.opened(then, severity="high", channel="web"), Event.responded(at)],
            contract="C-1",
            line="main",
        ),
        "correct": lambda: RecordEvent(
            id=id, case=case, event=Event.corrected(at, f"e-{number - 1}")
        ),
        "outage": lambda: RecordOutage(
            id=id, outage=Outage(id=f"O-{back % 2}", service="db", start=then, end=at)
        ),
        "plan": lambda: PlanMaintenance(
            id=id, window=MaintenanceWindow(id=f"M-{back % 2}", start=then, end=at)
        ),
        "complain": lambda: RecordComplaint(
            id=id, complaint=Complaint(id=f"B-{back % 2}", customer="acme", received=then)
        ),
        "ask": lambda: RequestSurvey(id=id, case=case, rules=SurveyRules(within=90 * DAY)),
        "answer": lambda: AnswerSurvey(id=id, case=case, score=back % 5 + 1),
        "work": lambda: LogWork(
            id=id, log=WorkLog(id=f"W-{back % 2}", case=case, agent="ada", start=then, end=at)
        ),
        "redo": lambda: CorrectWork(
            id=id, log=WorkLog(id=f"W-{back % 2}", case=case, agent="bob", start=then, end=at)
        ),
    }
    if what in EVENTS:
        return RecordEvent(id=id, case=case, event=EVENTS[what](then, id=f"e-{number}"))
    return commands[what]()


Step = tuple[str, int, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from([*EVENTS, *OTHERS]),
        st.integers(0, 3),
        st.integers(1, 90),
        st.integers(1, 120),
    ),
    min_size=1,
    max_size=14,
)


def reported(
    store: Store, known_at: datetime | None = None, kept: KeptResults | None = None
) -> Report:
    return stored_report(
        store,
        *MARCH,
        tenant=TENANT,
        services=["db"],
        objectives=[UP],
        as_known_at=known_at,
        kept=kept,
    )


def statement_of(desk: Desk, known_at: datetime) -> Any:
    made = desk.statement("acme", date(2026, 3, 1), date(2026, 4, 1), known_at=known_at)
    return made.sheet.lines, made.credits


def carried_out(desk: Desk, drawn: list[Step], store: Store) -> list[tuple[datetime, Report, Any]]:
    """Carry out all steps, and return what was reported and charged after each of them."""
    now, cases, seen = START, ["R-1"], []
    for number, (what, case, wait, back) in enumerate(drawn, start=100):
        now += wait * HOUR
        try:
            desk.execute(command_of(what, number, cases[case % len(cases)], now, back), now)
        except EntitlementsError:
            continue  # it could not happen, and left nothing
        if what in {"admit", "adopt"}:
            cases.append(f"R-{number}")
        moment = now + HOUR / 2
        seen.append((moment, reported(store), statement_of(desk, moment)))
    return seen


@settings(max_examples=tries(40))
@given(steps)
def test_a_report_as_it_was_known_is_the_report_that_was_made_then(drawn: list[Step]) -> None:
    store = MemoryStore()
    desk = opened_desk(store, acme(), cases=1)
    kept: KeptResults = {}
    for moment, report, charged in carried_out(desk, drawn, store):
        assert reported(store, moment) == report
        assert reported(store, moment, kept) == reported(store, moment, kept) == report
        assert statement_of(desk, moment) == charged


def test_an_event_counts_from_when_it_was_recorded(make_store: Callable[[], Store]) -> None:
    store = make_store()
    desk = opened_desk(store, acme(), cases=1)
    before = reported(store)
    late = START + 30 * DAY
    response = Event.responded(START + HOUR / 2, id="e-1")
    desk.execute(RecordEvent(id="k-1", case="R-1", event=response), late)
    share = ("attainment", "first_response", "share")
    assert before.figure(*share).value != reported(store).figure(*share).value
    assert reported(store, late - HOUR) == before
    assert reported(store, late) == reported(store)


def test_an_adopted_case_is_known_from_its_adoption(make_store: Callable[[], Store]) -> None:
    store = make_store()
    desk = opened_desk(store, acme(), cases=0)
    adoption = AdoptCase(
        id="k-1",
        request=asked("R-9"),
        events=[Event.opened(START, severity="high", channel="web")],
        contract="C-1",
        line="main",
    )
    desk.execute(adoption, START + 5 * DAY)
    opened = ("flow", "cases", "opened")
    assert reported(store, START + 5 * DAY).figure(*opened).value == 1
    assert reported(store, START + 4 * DAY).figure(*opened).value == 0


def test_a_statement_as_it_was_known_has_the_credits_of_then(
    make_store: Callable[[], Store],
) -> None:
    desk = opened_desk(make_store(), acme(), cases=1)  # R-1 misses its first response
    issued = MARCH[1] + DAY
    issue = IssueStatement(id="k-1", customer="acme", start=date(2026, 3, 1), end=date(2026, 4, 1))
    desk.execute(issue, issued)
    then = statement_of(desk, issued)
    response = Event.responded(START + HOUR / 2, id="e-1")
    desk.execute(RecordEvent(id="k-2", case="R-1", event=response), issued + DAY)
    assert statement_of(desk, issued) == then
    assert [str(each.amount) for each in then[1]] == ["15.50 EUR"]
    assert statement_of(desk, issued + DAY)[1] == ()
    assert all(each.same for each in desk.replay_all())
