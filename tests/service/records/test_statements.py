"""A customer's months from a store: issued, corrected by the next one, and made again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction

import attrs
import pytest
from tests.engine.statements.acme import TEXT, acme
from tests.service.records.acme_desk import OPENED, TENANT, adopt, opened_desk, topics

from entitlements.adapters.memory import MemoryStore
from entitlements.aftersales import MaintenanceWindow, Outage
from entitlements.billing import WorkLog
from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.documents import parse_facts
from entitlements.engine import statement
from entitlements.kernel import ConflictError, InvalidValueError, UnknownIdError, utc
from entitlements.kernel.errors import TransitionError
from entitlements.ports import RecordFilter, Store, every_record
from entitlements.service import (
    ChainIntact,
    ClaimCredit,
    CorrectWork,
    Desk,
    IssueStatement,
    LogWork,
    PlanMaintenance,
    RecordFigure,
    RecordOutage,
    RetractRecord,
)
from entitlements.sla import Event

FEBRUARY, MARCH, APRIL, MAY = (date(2026, month, 1) for month in (2, 3, 4, 5))
CALL = WorkLog(
    id="W-1", case="R-1", agent="ada", start="2026-03-27T15:10+01:00", end="2026-03-27T17:20+01:00"
)
LATE = WorkLog(
    id="W-0", case="R-2", agent="ada", start="2026-03-20T10:00+01:00", end="2026-03-20T10:30+01:00"
)
ISSUED = utc("2026-04-01T06:00Z")


def lines_of(desk: Desk, start: date, end: date) -> list[tuple[str, str, str | None, str]]:
    sheet = desk.statement("acme", start, end).sheet
    return [(each.kind.value, each.source, each.named, str(each.amount)) for each in sheet.lines]


def march_issued(desk: Desk) -> None:
    desk.execute(LogWork(id="k-1", log=CALL), CALL.end)
    desk.execute(IssueStatement(id="k-2", customer="acme", start=MARCH, end=APRIL), ISSUED)


def test_a_month_from_a_store_is_the_statement_of_the_same_facts(
    make_store: Callable[[], Store],
) -> None:
    desk = opened_desk(make_store())
    march_issued(desk)
    found = desk.statement("acme", MARCH, APRIL).sheet
    (issued,) = desk.issued_statements("acme")
    assert found == issued
    cases = """{id: R-1, contract: C-1, line: main, opened: 2026-03-02T09:00Z},
               {id: R-2, contract: C-1, line: main, opened: 2026-03-02T09:00Z}"""
    assert found == statement(acme(cases=cases), "acme", MARCH, APRIL, [CALL]).sheet
    # 2 h 10 are billed as 2 h 15; an hour is included; 50 min at 100, and 25 min at 150 an hour
    assert str(found.total) == "455.83 EUR"


def test_what_becomes_known_later_is_on_the_next_statement(
    make_store: Callable[[], Store],
) -> None:
    desk = opened_desk(make_store())
    march_issued(desk)
    desk.execute(LogWork(id="k-3", log=LATE), utc("2026-04-02T09:00Z"))
    # Half an hour of the included one is taken by the earlier work, and the call pays for it.
    assert lines_of(desk, APRIL, MAY) == [
        ("prepaid", "W-0", None, "0.00 EUR"),
        ("adjustment", "W-1", "acme 2026-03-01", "50.00 EUR"),
        ("adjustment", "W-1", "acme 2026-03-01", "0.00 EUR"),
        ("standing", "gold", None, "310.00 EUR"),
    ]
    issue = IssueStatement(id="k-4", customer="acme", start=APRIL, end=MAY)
    desk.execute(issue, utc("2026-05-01T06:00Z"))
    assert desk.execute(issue, utc("2026-05-02T06:00Z")).repeated
    first, second = desk.issued_statements("acme")
    assert first.total + second.total == desk.statement("acme", MARCH, MAY).sheet.total
    assert topics(desk) == [
        "work.logged",
        "statement.issued",
        "work.logged",
        "statement.issued",
    ]
    replays = list(desk.replay_all())
    assert [each.differs for each in replays] == [()] * 6  # of two adoptions as well
    assert all(each.same for each in replays)
    assert isinstance(desk.verify(), ChainIntact)


def test_a_month_that_was_forgotten_is_issued_after_a_later_one(
    make_store: Callable[[], Store],
) -> None:
    desk = opened_desk(make_store())
    in_april = attrs.evolve(LATE, start="2026-04-20T10:00+02:00", end="2026-04-20T12:00+02:00")
    for log in (CALL, in_april):
        desk.execute(LogWork(id=f"log {log.id}", log=log), log.end)
    for number, (start, end) in enumerate([(APRIL, MAY), (MARCH, APRIL)]):
        issue = IssueStatement(id=f"i-{number}", customer="acme", start=start, end=end)
        desk.execute(issue, utc("2026-05-01T06:00Z"))
    march, april = desk.issued_statements("acme")
    assert [str(each.total) for each in (march, april)] == ["455.83 EUR", "410.00 EUR"]
    assert all(each.same for each in desk.replay_all())


def test_a_statement_of_the_past_is_made_from_what_was_known_then(
    store_of: Callable[[], Store],
) -> None:
    desk = opened_desk(store_of())
    march_issued(desk)
    before = desk.statement("acme", MARCH, APRIL)
    for command in (
        LogWork(id="k-3", log=LATE),
        CorrectWork(id="k-4", log=attrs.evolve(CALL, end=CALL.end + timedelta(hours=1))),
        RetractRecord(id="k-5", of="work_log", record="W-1"),
    ):
        desk.execute(command, utc("2026-04-02T09:00Z"))
        assert desk.statement("acme", MARCH, APRIL) != before
        assert desk.statement("acme", MARCH, APRIL, known_at=ISSUED) == before


def test_a_period_is_stated_once(store_of: Callable[[], Store]) -> None:
    desk = opened_desk(store_of())
    march_issued(desk)
    for fields, message in (
        ({"start": MARCH, "end": APRIL}, "`acme 2026-03-01` was issued before"),
        ({"start": date(2026, 3, 15), "end": MAY}, "`acme 2026-03-01` is of a part"),
        ({"start": APRIL, "end": MAY, "statement": "acme 2026-03-01"}, "was issued before"),
    ):
        with pytest.raises(ConflictError, match=message):
            desk.execute(IssueStatement(id="k-9", customer="acme", **fields), ISSUED)
    for customer in ("nobody", "NULL"):
        with pytest.raises(UnknownIdError):
            desk.execute(IssueStatement(id="k-9", customer=customer, start=APRIL, end=MAY), ISSUED)
        with pytest.raises(UnknownIdError):
            desk.statement(customer, MARCH, APRIL)
    with pytest.raises(InvalidValueError, match="not after"):
        desk.statement("acme", APRIL, APRIL)
    assert len(desk.issued_statements("acme")) == 1


def test_a_record_that_was_changed_in_the_store_is_found_by_a_replay() -> None:
    store = MemoryStore()
    desk = opened_desk(store)
    march_issued(desk)
    kept = store._tenants[TENANT]["service_records"]  # noqa: SLF001 - as no method of it could
    for key, records in [*kept.items()]:
        value = records[0].value
        if isinstance(value, WorkLog):
            shorter = attrs.evolve(value, end=value.end - timedelta(hours=1))
            kept[key] = (attrs.evolve(records[0], value=shorter),)
    assert [(each.same, each.differs) for each in desk.replay_all()][2:] == [
        (False, ("record",)),
        (False, ()),  # the statement is another one from such work
    ]


def test_a_credit_is_claimed_in_time_and_once(store_of: Callable[[], Store]) -> None:
    desk = opened_desk(store_of(), cases=0)
    late = [
        Event.responded(OPENED + timedelta(hours=5)),
        Event.resolved(OPENED + timedelta(days=1)),
    ]
    adopt(desk, "R-1", OPENED, *late)
    credit = "gold missed 2026-03-01 of C-1 main"
    issue = IssueStatement(id="k-1", customer="acme", start=MARCH, end=APRIL)
    desk.execute(issue, ISSUED)
    claim = ClaimCredit(id="k-2", customer="acme", credit=credit)
    with pytest.raises(TransitionError, match="before the promise was missed"):
        desk.execute(claim, utc("2026-03-31T21:00Z"))  # the month is not over
    with pytest.raises(UnknownIdError, match="no service credit"):
        desk.execute(attrs.evolve(claim, credit="uptime"), ISSUED)
    with pytest.raises(TransitionError, match=f"credit `{credit}` was claimed at"):
        desk.execute(claim, utc("2026-05-01T00:00+02:00"))
    desk.execute(claim, utc("2026-04-20T09:00Z"))
    desk.execute(attrs.evolve(claim, id="k-3"), utc("2026-04-21T09:00Z"))
    assert topics(desk) == ["statement.issued", "credit.claimed"]
    assert lines_of(desk, APRIL, MAY) == [
        ("standing", "gold", None, "310.00 EUR"),
        ("credit", credit, None, "-15.50 EUR"),
    ]
    assert desk.statement("acme", APRIL, MAY, known_at=ISSUED).sheet.total.amount == 310


def test_a_figure_that_was_measured_earns_a_credit(store_of: Callable[[], Store]) -> None:
    desk = opened_desk(store_of(), cases=0)
    figure = MeasuredFigure(
        contract="C-1",
        line="main",
        schedule="gold availability",
        start=MARCH,
        figure=Fraction(197, 2),
    )
    desk.execute(RecordFigure(id="k-1", customer="acme", figure=figure), ISSUED)
    assert ("credit", "gold availability 2026-03-01 of C-1 main", None, "-77.50 EUR") in lines_of(
        desk, MARCH, APRIL
    )
    credit = "gold availability 2026-03-01 of C-1 main"
    with pytest.raises(TransitionError, match="without a claim"):
        desk.execute(ClaimCredit(id="k-2", customer="acme", credit=credit), ISSUED)
    better = attrs.evolve(figure, figure=Fraction(199, 2))
    desk.execute(RecordFigure(id="k-3", customer="acme", figure=better), ISSUED)
    assert "credit -31.00 EUR" in {
        f"{kind} {amount}" for kind, _, _, amount in lines_of(desk, MARCH, APRIL)
    }
    with pytest.raises(UnknownIdError, match="contract"):
        desk.execute(
            RecordFigure(id="k-4", customer="acme", figure=attrs.evolve(figure, contract="C-2")),
            ISSUED,
        )
    with desk.context.store.begin(TENANT) as work:
        wanted = RecordFilter(kind="figure", customer="acme")
        assert [each.value for each in every_record(work.service_records, wanted)] == [better]


WATCHED = TEXT.replace("{below 99.9%", "{service: db, bands: {below 99.9%").replace(
    "99%: 25%}", "99%: 25%}}"
)


def test_credits_follow_from_outages_and_maintenance_that_were_recorded(
    make_store: Callable[[], Store],
) -> None:
    facts = parse_facts(re.sub("AGREED|CHANGES|CASES|BILLING", "", WATCHED))
    desk = opened_desk(make_store(), facts)
    start = utc("2026-03-10T09:00Z")
    down = Outage(id="O-1", service="db", start=start, end=start + timedelta(hours=2))
    planned = MaintenanceWindow(
        id="M-1", service="db", start=start, end=start + timedelta(hours=1, minutes=30)
    )
    other = Outage(id="O-2", service="web", start=start)
    credit = "gold availability 2026-03-01 of C-1 main"

    def credits(known_at: datetime | None = None) -> list[str]:
        found = desk.statement("acme", MARCH, APRIL, known_at=known_at).credits
        return [f"{each.id}: {each.amount}" for each in found if "availability" in each.id]

    desk.execute(RecordOutage(id="k-1", outage=down), start + timedelta(hours=3))
    desk.execute(RecordOutage(id="k-2", outage=other), start + timedelta(hours=3))
    assert credits() == [f"{credit}: 31.00 EUR"]  # 2 of 743 hours: 99.73 percent
    # The month is not over, so that nothing is owed yet.
    assert credits(start + timedelta(hours=4)) == []
    desk.execute(IssueStatement(id="k-3", customer="acme", start=MARCH, end=APRIL), ISSUED)
    later = ISSUED + timedelta(days=1)
    desk.execute(PlanMaintenance(id="k-4", window=planned), later)
    assert credits() == []  # 30 minutes: 99.93 percent
    assert credits(ISSUED) == [f"{credit}: 31.00 EUR"]
    figure = MeasuredFigure(
        contract="C-1", line="main", schedule="gold availability", start=MARCH, figure=98
    )
    desk.execute(RecordFigure(id="k-5", customer="acme", figure=figure), later)
    assert credits() == [f"{credit}: 77.50 EUR"]  # what was measured elsewhere counts instead
    assert all(each.same for each in desk.replay_all())


# Two hours down in March: the customer's own fault, as it turns out after the statement
def test_a_schedule_counts_under_its_own_exclusions(make_store: Callable[[], Store]) -> None:
    agreed = re.sub("AGREED|CHANGES|CASES|BILLING", "", WATCHED).replace(
        "service: db", "service: db, exclusions: {announced: 120h, causes: {customer: excluded}}"
    )
    desk = opened_desk(make_store(), parse_facts(agreed))
    start, day = utc("2026-03-10T09:00Z"), timedelta(days=1)
    down = Outage(id="O-1", service="db", start=start, end=start + timedelta(hours=2))
    planned = MaintenanceWindow(id="M-1", start=start, end=start + timedelta(hours=2))

    def credits() -> list[str]:
        found = desk.statement("acme", MARCH, APRIL).credits
        return [str(each.amount) for each in found if "availability" in each.id]

    desk.execute(RecordOutage(id="k-1", outage=down), start + day)
    late = attrs.evolve(planned, announced=start - 4 * day)
    desk.execute(PlanMaintenance(id="k-2", window=late), start + day)
    assert credits() == ["31.00 EUR"]
    desk.execute(IssueStatement(id="k-3", customer="acme", start=MARCH, end=APRIL), ISSUED)
    desk.execute(RecordOutage(id="k-4", outage=attrs.evolve(down, cause="customer")), ISSUED + day)
    assert credits() == []
    desk.execute(RecordOutage(id="k-5", outage=attrs.evolve(down, cause="power")), ISSUED + day)
    assert credits() == ["31.00 EUR"]
    early = attrs.evolve(planned, announced=start - 5 * day)
    desk.execute(PlanMaintenance(id="k-6", window=early), ISSUED + 2 * day)
    assert credits() == []
    assert all(each.same for each in desk.replay_all())
