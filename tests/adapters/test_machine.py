"""The same steps on the store in memory and the one in SQL: the same answers at every step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.databases import emptied
from tests.effort import tries

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.sql import SqlStore
from entitlements.contracts.ledger.entries import Reserve
from entitlements.contracts.records.changes import Cancellation
from entitlements.contracts.records.parties import Asset
from entitlements.kernel.errors import EntitlementsError
from entitlements.ports import DecisionRecord, Store, UnitOfWork
from entitlements.ports.records import ExecutedCommand
from entitlements.routing.agents.agent import Agent
from entitlements.routing.roster import Roster
from entitlements.routing.work.work import Work
from entitlements.sla.case_history.events import Event
from entitlements.testing.strategies.ports import START, account, case, work_item

HOUR = timedelta(hours=1)
CUSTOMERS = ("acme", "O'Brien")
customers = st.sampled_from(CUSTOMERS)
keys = st.sampled_from(["k1", "k'2", "k3"])
hours = st.integers(0, 5).map(lambda n: START + n * HOUR)
Act = Callable[[UnitOfWork], Any]


def seen(work: UnitOfWork) -> Any:
    """Return everything that the ports return of a tenant."""
    return (
        [work.accounts.account(each) for each in CUSTOMERS],
        [work.accounts.account(each, START + HOUR) for each in CUSTOMERS],
        work.accounts.customers(valid_at=START),
        [work.cases.of(each) for each in CUSTOMERS],
        work.cases.due(START + HOUR),
        work.roster.roster(),
        work.roster.roster(["db"]),
        work.work_items.groups(),
        work.work_items.queue("db"),
        work.work_items.claim("db", 2),
        work.work_items.due(START + HOUR),
        [(each.topic, each.body) for each in work.outbox.pending()],
        work.decisions.head(),
        work.decisions.links(),
        work.group_leases.leases(),
        [work.commands.find(each) for each in ("k1", "k'2", "k3")],
    )


def first_agent(work: UnitOfWork) -> str | None:
    return next(iter(work.roster.roster().agents), None)


class Stores(RuleBasedStateMachine):
    """Both stores; each step is a unit of work, committed or not."""

    make: Callable[[], Store]

    @initialize()
    def begin(self) -> None:
        self.stores = (MemoryStore(), self.make())

    def perform(self, act: Act, *, commit: bool) -> None:
        answers = []
        for store in self.stores:
            try:
                with store.begin("t") as work:
                    answers.append(act(work))
                    if commit:
                        work.commit()
            except EntitlementsError as error:
                answers.append(type(error))
        assert answers[0] == answers[1]

    @rule(customer=customers, amount=st.integers(1, 3), commit=st.booleans())
    def open_account(self, customer: str, amount: int, commit: bool) -> None:  # noqa: FBT001 - drawn
        self.perform(lambda work: work.accounts.open(account(customer, amount)), commit=commit)

    @rule(customer=customers, id=keys, at=hours, back=st.booleans())
    def cancel(self, customer: str, id: str, at: Any, back: bool) -> None:  # noqa: FBT001 - drawn
        fact = Cancellation(id=id, contract="C-1", effective=START, retracted=back)
        self.perform(lambda work: work.accounts.add(customer, fact, at=at), commit=True)

    @rule(customer=customers, id=keys, site=st.sampled_from([None, "Oslo"]))
    def install(self, customer: str, id: str, site: str | None) -> None:
        asset = Asset(id=id, product="db", site=site)
        self.perform(lambda work: work.accounts.add(customer, asset, at=START), commit=True)

    @rule(customer=customers, key=keys, amount=st.integers(1, 3), commit=st.booleans())
    def reserve(self, customer: str, key: str, amount: int, commit: bool) -> None:  # noqa: FBT001 - drawn
        def act(work: UnitOfWork) -> Any:
            ledger = work.ledger.ledger(customer)
            entry = ledger.post(Reserve(key=key, unit="incidents", amount=amount), START).entry
            new = [entry] if entry.number > len(ledger) else []
            return work.ledger.append(customer, new, len(ledger))

        self.perform(act, commit=commit)

    @rule(customer=customers, key=keys, head=st.integers(0, 3))
    def append_from_some_head(self, customer: str, key: str, head: int) -> None:
        entry = account().ledger.post(Reserve(key=key, unit="incidents", amount=1), START).entry
        numbered = attrs.evolve(entry, number=head + 1)

        def act(work: UnitOfWork) -> Any:
            if len(work.ledger.ledger(customer)) == head:
                return None
            return work.ledger.append(customer, [numbered], head)

        self.perform(act, commit=True)

    @rule(id=keys, customer=customers, commit=st.booleans())
    def open_case(self, id: str, customer: str, commit: bool) -> None:  # noqa: FBT001 - drawn
        self.perform(lambda work: work.cases.open(case(id, customer)), commit=commit)

    @rule(id=keys, at=hours, close=st.booleans())
    def answer_case(self, id: str, at: Any, close: bool) -> None:  # noqa: FBT001 - drawn
        def act(work: UnitOfWork) -> Any:
            before = work.cases.case(id)
            events = (*before.events, Event.responded(at))
            after = attrs.evolve(
                before, events=events, next_due_at=at, closed=at if close else None
            )
            work.cases.change(before, after)
            return after

        self.perform(act, commit=True)

    @rule(id=keys, groups=st.sampled_from(["db", "net"]), here=st.booleans())
    def change_agents(self, id: str, groups: str, here: bool) -> None:  # noqa: FBT001 - drawn
        def act(work: UnitOfWork) -> Any:
            before = work.roster.roster()
            agents = {each: agent for each, agent in before.agents.items() if each != id}
            if here:
                agents[id] = Agent(id=id, groups=groups)
            workloads = {each: s for each, s in before.workloads.items() if each in agents}
            after = attrs.evolve(before, agents=agents, workloads=workloads)
            work.roster.change(before, after)
            return after

        self.perform(act, commit=True)

    @rule(id=keys, stale=st.booleans())
    def assign(self, id: str, stale: bool) -> None:  # noqa: FBT001 - drawn
        def act(work: UnitOfWork) -> Any:
            before = work.roster.roster()
            agent = first_agent(work)
            if agent is None or before.holder(id) is not None:
                return None
            after = before.assign(Work(id=id, opened=START), agent, START)
            if stale:
                before = Roster(agents=before.agents).set_status(agent, START, away=True)
            work.roster.change(before, after)
            return after

        self.perform(act, commit=True)

    @rule(id=keys, rank=st.integers(0, 2), commit=st.booleans())
    def enqueue(self, id: str, rank: int, commit: bool) -> None:  # noqa: FBT001 - drawn
        self.perform(lambda work: work.work_items.add(work_item(id, rank=rank)), commit=commit)

    @rule(id=keys, group=st.sampled_from(["db", "net"]), at=hours)
    def move(self, id: str, group: str, at: Any) -> None:
        def act(work: UnitOfWork) -> Any:
            before = work.work_items.item(id)
            work.work_items.change(before, attrs.evolve(before, group=group, next_due_at=at))

        self.perform(act, commit=True)

    @rule(body=st.text(st.characters(codec="utf-8"), max_size=4), deliver=st.booleans())
    def put(self, body: str, deliver: bool) -> None:  # noqa: FBT001 - drawn
        def act(work: UnitOfWork) -> Any:
            if deliver:
                work.outbox.delivered(each.number for each in work.outbox.pending(1))
            work.outbox.put("topic", body, START)

        self.perform(act, commit=True)

    @rule(ahead=st.integers(0, 1), body=keys)
    def decide(self, ahead: int, body: str) -> None:
        def act(work: UnitOfWork) -> Any:
            head = work.decisions.head()
            number = head.number + 1 + ahead
            link = DecisionRecord(
                number=number, at=START, kind="k", subject=body, body=body,
                previous=head.digest, digest=f"d{number}",
            )  # fmt: skip
            work.decisions.append(link)

        self.perform(act, commit=True)

    @rule(id=keys, digest=st.sampled_from("ab"))
    def carry_out(self, id: str, digest: str) -> None:
        done = ExecutedCommand(id=id, digest=digest, at=START)
        self.perform(lambda work: work.commands.record(done), commit=True)

    @rule(owner=st.sampled_from(["one", "two"]), at=hours, release=st.booleans())
    def take(self, owner: str, at: Any, release: bool) -> None:  # noqa: FBT001 - drawn
        def act(work: UnitOfWork) -> Any:
            lease = work.group_leases.take("db", owner, at, at + HOUR)
            if lease is not None and release:
                work.group_leases.release(lease)
            return lease

        self.perform(act, commit=True)

    @invariant()
    def both_say_the_same(self) -> None:
        if hasattr(self, "stores"):
            answers = []
            for store in self.stores:
                with store.begin("t") as work:
                    answers.append(seen(work))
            for ours, theirs in zip(*answers, strict=True):
                assert ours == theirs


def test_the_sql_store_answers_as_the_memory_store(sql_store: SqlStore) -> None:
    class Both(Stores):
        make = staticmethod(lambda: emptied(sql_store))

    run_state_machine_as_test(  # type: ignore[no-untyped-call] # Hypothesis has no types here
        Both, settings=settings(max_examples=tries(8), stateful_step_count=25, deadline=None)
    )
