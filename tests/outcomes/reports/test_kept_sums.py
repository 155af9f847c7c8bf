"""Kept sums give the report that reads everything, and read only what has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from tests.databases import make_store, with_tables
from tests.effort import tries

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.sql.session.session import Session
from entitlements.aftersales import Complaint, Survey
from entitlements.contracts import (
    Account,
    Allowance,
    Catalog,
    Contract,
    ContractLine,
    ExpertGroup,
    Plan,
)
from entitlements.kernel import Request, utc
from entitlements.outcomes import KeptResults, Report, Share, stored_report
from entitlements.outcomes.reports.kept_sums import KeptSums
from entitlements.ports import Case, ServiceRecord, Store, UnitOfWork
from entitlements.ports.records import FrozenTerms
from entitlements.sla import Event, SlaPolicy, Target
from entitlements.testing.strategies.ports import work_item

__all__ = ["make_store"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = utc("2026-03-01T00:00Z")
TENANT = "tenant"
CUSTOMERS = ("acme", "globex")
POLICY = SlaPolicy(
    id="gold",
    targets=[
        Target(milestone="first_response", within=4 * HOUR),
        Target(milestone="resolution", within=24 * HOUR),
        Target(milestone="update", within=8 * HOUR),
    ],
)
PLAN = Plan(
    id="gold",
    policy="gold",
    severities=["S1"],
    channels=["web"],
    rights=[],
    allowances=[Allowance(id="some", unit="incidents", amount=9, warranty=3 * DAY)],
)
EVENTS = (
    Event.responded,
    Event.customer_replied,
    Event.resolved,
    Event.resolved,
    Event.closed,
    Event.cancelled,
    Event.reopened,
    lambda at, **more: Event.paused(at, "customer", by="bob", **more),
    lambda at, **more: Event.resumed(at, "customer", **more),
)


def founded(store: Any) -> Any:
    with store.begin(TENANT) as work:
        work.catalog.save(
            Catalog(plans=[PLAN], groups=[ExpertGroup(id="db")]), [POLICY], START - 400 * DAY
        )
        for name in CUSTOMERS:
            contract = Contract(
                id=f"of {name}",
                customer=name,
                zone="UTC",
                start=date(2025, 1, 1),
                lines=[ContractLine(id="1", plan="gold")],
            )
            work.accounts.open(Account(customer=name, contracts=[contract]))
        work.commit()
    return store


def opened(id: str, customer: str, at: datetime, *more: Event, follows: str | None = None) -> Case:
    asked = Request(
        id=id,
        customer=customer,
        contact="dana",
        product="db",
        severity="S1",
        channel="web",
        follows=follows,
    )
    terms = FrozenTerms(
        edition=1,
        contract=f"of {customer}",
        line="1",
        policy="gold",
        plan="gold",
        plan_version=PLAN.version,
    )
    events = [Event.opened(at, severity="S1", channel="web"), *more]
    return Case(request=asked, opened=at, terms=terms, events=events)


class World:
    """Writes of all kinds, at any instants, to a store."""

    def __init__(self, store: Store, dice: Random) -> None:
        self.store, self.dice, self.now = store, dice, START + 5 * DAY
        self.ids: list[str] = []

    def instant(self) -> datetime:
        """Some instant in three weeks before now, or soon after it."""
        return self.now - self.dice.randrange(-30, 21 * 24) * HOUR

    def write(self) -> None:
        kinds = [self.open_case, self.add_event, self.add_event, self.add_event]
        kinds += [self.correct, self.move_work, self.survey, self.complain]
        with self.store.begin(TENANT) as work:
            self.dice.choice(kinds if self.ids else kinds[:1])(work)
            work.commit()

    def open_case(self, work: UnitOfWork) -> None:
        id = f"R-{len(self.ids)}"
        earlier = [each for each in self.ids if work.cases.case(each).customer == "acme"]
        follows = self.dice.choice([None, *earlier])
        customer = "acme" if follows else self.dice.choice(CUSTOMERS)
        work.cases.open(opened(id, customer, self.instant(), follows=follows))
        if self.dice.random() < 0.7:
            work.work_items.add(work_item(id))
        self.ids.append(id)

    def case(self, work: UnitOfWork) -> Case:
        return work.cases.case(self.dice.choice(self.ids))

    def add_event(self, work: UnitOfWork) -> None:
        case = self.case(work)
        made = self.dice.choice(EVENTS)(self.instant(), id=f"e{len(case.events)}")
        work.cases.change(case, case.with_events([made], self.now))

    def correct(self, work: UnitOfWork) -> None:
        case = self.case(work)
        wrong = [each for each in case.events if each.id is not None]
        if wrong:
            at = max(each.at for each in case.events) + HOUR
            made = Event.corrected(at, str(self.dice.choice(wrong).id))
            work.cases.change(case, case.with_events([made], self.now))

    def move_work(self, work: UnitOfWork) -> None:
        id = self.dice.choice(self.ids)
        try:
            item = work.work_items.item(id)
        except LookupError:
            return
        work.work_items.change(item, attrs.evolve(item, group=self.dice.choice(["db", "net"])))

    def record(self, work: UnitOfWork, value: Any, customer: str) -> None:
        record = ServiceRecord(value=value, recorded=START, customer=customer)
        known = work.service_records.history(record.kind, record.id)
        work.service_records.add(attrs.evolve(record, revision=len(known) + 1))

    def survey(self, work: UnitOfWork) -> None:
        asked = self.instant()
        is_answered = self.dice.random() < 0.7
        answer = {"answered": asked + 5 * HOUR, "score": 4} if is_answered else {}
        kind = self.dice.choice(["csat", "csat", "ces"])
        case = self.case(work)
        given: dict[str, Any] = {"case": case.id, "kind": kind, "asked": asked} | answer
        self.record(work, Survey(**given), case.customer)

    def complain(self, work: UnitOfWork) -> None:
        about = self.dice.choice([None, "R-99", *self.ids])
        received = self.instant()
        number = self.dice.randrange(4)
        customer = CUSTOMERS[number % 2]
        answers: list[dict[str, Any]] = [{}, {"answered": received + 9 * HOUR, "is_upheld": True}]
        answer = self.dice.choice(answers)
        complaint = Complaint(
            id=f"B-{number}",
            customer=customer,
            case=about,
            received=received,
            **answer,
        )
        self.record(work, complaint, customer)


def reported(store: Store, end: datetime, by: str, kept: KeptResults | None = None) -> Report:
    return stored_report(store, START, end, tenant=TENANT, by=by, kept=kept, keep_ids=False)


@example(11, "group")  # links of a customer that are taken away and added again
@settings(max_examples=tries(40))
@given(st.integers(0, 2**32), st.sampled_from(["severity", "customer", "group"]))
def test_a_report_of_kept_sums_is_the_report_that_reads_everything(seed: int, by: str) -> None:
    dice = Random(seed)  # noqa: S311 - a seed has to replay it
    store = founded(MemoryStore() if seed % 2 else with_tables("sqlite://"))
    world, kept = World(store, dice), dict[str, Any]()
    for _ in range(6):
        for _ in range(dice.randrange(8)):
            world.write()
        found = reported(store, world.now, by, kept)
        assert found == reported(store, world.now, by)
        assert reported(store, world.now, by, kept) == found
        steps = [timedelta(), HOUR, DAY, DAY, 40 * DAY, timedelta(minutes=30), -DAY]
        world.now = max(START + DAY, world.now + dice.choice(steps))


def test_an_answer_counts_from_when_it_came_though_nothing_is_written_since() -> None:
    store, kept = founded(MemoryStore()), dict[str, Any]()
    asked, answered = START + DAY, START + 10 * DAY
    survey = Survey(case="S-0", kind="csat", asked=asked, answered=answered, score=5)  # type: ignore[arg-type]
    with store.begin(TENANT) as work:
        work.cases.open(settled(0))
        work.service_records.add(ServiceRecord(value=survey, recorded=asked, customer="acme"))
        work.commit()
    rates = []
    for end in (answered, answered + HOUR):
        found = reported(store, end, "severity", kept)
        assert found == reported(store, end, "severity")
        rates.append(found.figure("satisfaction", "csat", "response_rate").value)
    assert rates == [Share(0, 1), Share(1, 1)]


def test_sums_are_kept_of_every_store(make_store: Callable[[], Store]) -> None:
    store, kept = founded(make_store()), dict[str, Any]()
    world = World(store, Random(7))  # noqa: S311 - a seed has to replay it
    for _ in range(4):
        for _ in range(6):
            world.write()
        assert reported(store, world.now, "group", kept) == reported(store, world.now, "group")
        assert sums_in(kept).read <= len(world.ids)
        world.now += DAY


def settled(number: int, customer: str = "acme") -> Case:
    at = START + number * HOUR / 10
    return opened(f"S-{number}", customer, at, Event.responded(at), Event.resolved(at + HOUR))


def sums_in(kept: KeptResults) -> KeptSums:
    (found,) = (each for each in kept.values() if isinstance(each, KeptSums))
    return found


def rows_of_a_day_more(cases: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Return how many cases and rows a day more reads after so many cases that are over."""
    store = founded(with_tables("sqlite://"))
    with store.begin(TENANT) as work:
        for number in range(cases):
            work.cases.open(settled(number))
        work.cases.open(opened("O-1", "acme", START))
        work.commit()
    kept: KeptResults = {}
    reported(store, START + 60 * DAY, "severity", kept)
    with store.begin(TENANT) as work:
        case = work.cases.case("S-3")
        late = Event.responded(START + HOUR)
        work.cases.change(case, case.with_events([late], late.at))
        work.cases.open(opened("N-1", "globex", START + 60 * DAY))
        work.commit()
    with store.engine.begin() as connection:  # nothing else can be read
        table = store.tables.events
        connection.execute(update(table).where(~table.c.case.in_(["S-3", "N-1"])).values(body="{}"))
    rows = 0
    read = Session.read

    def counted(session: Session, statement: Any, **values: Any) -> Sequence[Any]:
        nonlocal rows
        found = read(session, statement, **values)
        rows += len(found)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(Session, "read", counted)
        found = reported(store, START + 61 * DAY, "severity", kept)
    assert found.broken == {}
    assert found.figure("flow", "cases", "opened").value == cases + 2
    return sums_in(kept).read, rows


def test_a_day_more_reads_and_folds_what_that_day_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    few = rows_of_a_day_more(10, monkeypatch)
    assert few[0] == 3  # one changed, one is new, and one is open
    assert rows_of_a_day_more(400, monkeypatch) == few


def test_sums_of_another_store_are_not_those_of_this_one() -> None:
    kept: KeptResults = {}
    for id in ("R-1", "R-2"):
        store = founded(with_tables("sqlite://"))
        with store.begin(TENANT) as work:
            work.cases.open(opened(id, "acme", START))
            work.commit()
        found = reported(store, START + DAY, "severity", kept)
        assert found == reported(store, START + DAY, "severity")


def test_a_case_that_cannot_be_read_is_read_again_until_it_can() -> None:
    store = founded(with_tables("sqlite://"))
    with store.begin(TENANT) as work:
        for number in range(3):
            work.cases.open(settled(number))
        work.commit()
    kept: KeptResults = {}
    events = store.tables.events
    second = update(events).where(events.c.case == "S-1", events.c.number == 1)
    with store.engine.begin() as connection:
        (body,) = connection.execute(
            events.select().with_only_columns(events.c.body).where(events.c.case == "S-1")
        ).first()
        connection.execute(second.values(body="{}"))
    for is_readable in (False, False, True):
        if is_readable:
            with store.engine.begin() as connection:
                connection.execute(second.values(body=body))
        found = reported(store, START + DAY, "severity", kept)
        assert found == reported(store, START + DAY, "severity")
        assert [*found.broken] == ([] if is_readable else ["S-1"])


def test_sums_that_failed_half_way_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store = founded(with_tables("sqlite://"))
    with store.begin(TENANT) as work:
        work.cases.open(opened("R-1", "acme", START))
        work.commit()
    kept: KeptResults = {}
    reported(store, START + DAY, "severity", kept)

    def fails(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(KeptSums, "_add", fails)
        with pytest.raises(OSError, match="full"):
            reported(store, START + 2 * DAY, "severity", kept)
    found = reported(store, START + 2 * DAY, "severity", kept)
    assert found == reported(store, START + 2 * DAY, "severity")
