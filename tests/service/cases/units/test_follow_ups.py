"""A follow-up is free, or not, by the warranty that there was when it was opened."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.service.records.acme_desk import OPENED, TENANT, adopt, opened_desk

from entitlements.adapters.memory import MemoryStore
from entitlements.billing import WorkLog
from entitlements.kernel import Request, utc
from entitlements.kernel.ids import key_parts
from entitlements.outcomes import stored_report
from entitlements.service import AdoptCase, Desk, IssueStatement, LogWork, ReopenCase, ResolveCase
from entitlements.sla import Event

HOUR = timedelta(hours=1)
SECOND = OPENED + 11 * HOUR
MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))
FREE = [("included", "0.00 EUR")]
# An hour is included every month, and two in the evening are charged at 150 EUR.
CHARGED = [("prepaid", "0.00 EUR"), ("time_and_materials", "300.00 EUR")]


def desk_with_follow_up(*events: Event) -> Desk:
    """Return a desk with R-1, resolved after an hour, and R-2, which follows it ten hours later."""
    desk = opened_desk(MemoryStore(), cases=0)
    adopt(desk, "R-1", OPENED, Event.resolved(OPENED + HOUR), *events)
    follow_up(desk, "R-2", "R-1", SECOND)
    log = WorkLog(id="W-1", case="R-2", agent="ada", start=SECOND, end=SECOND + 3 * HOUR)
    desk.execute(LogWork(id="log", log=log), log.end)
    return desk


def follow_up(desk: Desk, id: str, follows: str, at: object) -> None:
    asked = Request(
        id=id,
        customer="acme",
        contact="dana",
        product="db",
        severity="high",
        channel="web",
        follows=follows,
    )
    opened = [Event.opened(at, severity="high", channel="web")]  # type: ignore[arg-type]
    desk.execute(
        AdoptCase(id=f"adopt {id}", request=asked, events=opened, contract="C-1", line="main"),
        opened[0].at,
    )


def charged(desk: Desk, start: date = MARCH, end: date = APRIL) -> list[tuple[str, str]]:
    lines = desk.statement("acme", start, end).sheet.lines
    return [(each.kind.value, str(each.amount)) for each in lines if each.source == "W-1"]


def corrections(desk: Desk) -> tuple[str, ...]:
    march = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
    found = stored_report(desk.context.store, *march, tenant=TENANT)
    return found.figure("after_resolution", "cases", "corrections").ids


@pytest.mark.parametrize("is_resolved_again", [False, True])
def test_a_follow_up_stays_free_when_the_first_case_is_reopened(*, is_resolved_again: bool) -> None:
    desk = desk_with_follow_up()
    assert (charged(desk), corrections(desk)) == (FREE, ("R-2",))
    desk.execute(ReopenCase(id="reopen", case="R-1"), SECOND + 10 * HOUR)
    if is_resolved_again:
        desk.execute(ResolveCase(id="resolve", case="R-1"), SECOND + 20 * HOUR)
    assert (charged(desk), corrections(desk)) == (FREE, ("R-2",))


def test_a_case_that_was_reopened_before_has_no_warranty() -> None:
    desk = desk_with_follow_up(Event.reopened(SECOND - HOUR))
    assert (charged(desk), corrections(desk)) == (CHARGED, ())
    desk.execute(ResolveCase(id="resolve", case="R-1"), SECOND + HOUR)
    assert (charged(desk), corrections(desk)) == (CHARGED, ())


def test_a_chain_is_free_as_long_as_the_warranty_of_its_first_case() -> None:
    desk = desk_with_follow_up()
    desk.execute(ResolveCase(id="resolve", case="R-2"), SECOND + 4 * HOUR)
    for id, hours in (("R-3", 47), ("R-4", 48)):
        at = OPENED + (1 + hours) * HOUR
        follow_up(desk, id, "R-2", at)
        log = WorkLog(id=f"of {id}", case=id, agent="ada", start=at, end=at + HOUR / 2)
        desk.execute(LogWork(id=f"log {id}", log=log), log.end)
    for id in ("R-1", "R-2"):
        desk.execute(ReopenCase(id=f"reopen {id}", case=id), OPENED + 60 * HOUR)
    assert corrections(desk) == ("R-2", "R-3")
    lines = desk.statement("acme", MARCH, APRIL).sheet.lines
    kinds = {each.source: each.kind.value for each in lines if each.worked}
    assert kinds == {"W-1": "included", "of R-3": "included", "of R-4": "prepaid"}


def test_an_issued_statement_is_not_corrected_because_a_case_was_reopened() -> None:
    desk = desk_with_follow_up()
    desk.execute(
        IssueStatement(id="issue", customer="acme", start=MARCH, end=APRIL),
        utc("2026-04-01T06:00Z"),
    )
    desk.execute(ReopenCase(id="reopen", case="R-1"), utc("2026-04-02T06:00Z"))
    assert charged(desk, APRIL, MAY) == []
    assert [each.same for each in desk.replay_all()] == [True] * len([*desk.replay_all()])


def test_a_follow_up_that_stays_free_takes_no_prepaid_minutes_when_the_work_is_settled_again() -> (
    None
):
    desk = desk_with_follow_up()
    desk.execute(ReopenCase(id="reopen", case="R-1"), SECOND + 10 * HOUR)
    noon = OPENED + 50 * HOUR
    adopt(desk, "R-9", noon)
    log = WorkLog(id="W-9", case="R-9", agent="ada", start=noon, end=noon + HOUR)
    desk.execute(LogWork(id="late", log=log), log.end)
    entries = desk.context.query(lambda work: work.ledger.ledger("acme")).entries
    assert {key_parts(entry.command.key)[1] for entry in entries} == {"R-9"}
