"""Every method of every repository neither reads nor changes rows of another tenant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.ports.test_repositories import PORTS, methods

from entitlements.aftersales import Outage
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog, ExpertGroup
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.records.parties import Asset
from entitlements.kernel.errors import EntitlementsError
from entitlements.ports import (
    CaseFilter,
    ChainHead,
    DecisionRecord,
    Endpoint,
    RecordFilter,
    ServiceRecord,
    Store,
    UnitOfWork,
)
from entitlements.ports.admissions import AdmissionFacts
from entitlements.ports.case_changes import ChangeMark
from entitlements.ports.records import ExecutedCommand, GroupLease
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.on_call import OnCall, OnCallLayer
from entitlements.routing.roster import Roster
from entitlements.routing.work.queue_limits import QueueState
from entitlements.testing.strategies.ports import (
    START,
    account,
    admission,
    case,
    reservation,
    work_item,
)

HOUR = timedelta(hours=1)
ROSTER = Roster(
    agents=[Agent(id="ada", groups="db")],
    on_call=[OnCall(id="night", layers=[OnCallLayer(members=["ada"], start=START)])],
    assignment_count=3,
)
LINK = DecisionRecord(number=1, at=START, kind="admit", subject="R-1", body="{}", digest="d1")
DONE = ExecutedCommand(id="c-1", digest="d", at=START)
DOWN = ServiceRecord(value=Outage(id="O-1", service="db", start=START), recorded=START)
ANY = ChangeMark((0, 0, 0), None)
WAITING = attrs.evolve(work_item(), next_due_at=START)

#: What each method answers for a tenant without any row; an error is named by its class.
NOTHING: dict[str, tuple[Callable[[UnitOfWork], Any], Any]] = {
    "catalog.edition": (lambda work: work.catalog.edition(1), "unknown_id"),
    "catalog.number": (lambda work: work.catalog.number(), 0),
    "catalog.is_committed": (lambda work: work.catalog.is_committed(1), True),
    "accounts.account": (lambda work: work.accounts.account("acme"), None),
    "accounts.lock": (lambda work: work.accounts.lock("acme"), "unknown_id"),
    "accounts.lock_all": (lambda work: work.accounts.lock_all(["acme"]), None),
    "accounts.customers": (lambda work: work.accounts.customers(valid_at=START), ()),
    "ledger.ledger": (lambda work: work.ledger.ledger("acme"), "unknown_id"),
    "ledger.entries": (lambda work: work.ledger.entries("acme"), "unknown_id"),
    "cases.case": (lambda work: work.cases.case("R-1"), "unknown_id"),
    "cases.of": (lambda work: work.cases.of("acme"), ()),
    "cases.page": (lambda work: work.cases.page("acme"), ()),
    "cases.listed": (lambda work: work.cases.listed(CaseFilter()), ()),
    "cases.due": (lambda work: work.cases.due(START + HOUR), ()),
    "case_changes.mark": (lambda work: work.case_changes.mark().last, None),
    "case_changes.since": (lambda work: work.case_changes.since(ANY), ()),
    "roster.roster": (lambda work: work.roster.roster(), Roster()),
    "roster.state": (lambda work: set(work.roster.state("db")), {""}),
    "work_items.item": (lambda work: work.work_items.item("R-1"), "unknown_id"),
    "work_items.claim": (lambda work: work.work_items.claim("db"), ()),
    "work_items.groups": (lambda work: work.work_items.groups(), ()),
    "work_items.queue": (lambda work: work.work_items.queue("db"), QueueState()),
    "work_items.due": (lambda work: work.work_items.due(START), ()),
    "service_records.find": (lambda work: work.service_records.find("outage", "O-1"), None),
    "service_records.history": (lambda work: work.service_records.history("outage", "O-1"), ()),
    "service_records.listed": (
        lambda work: work.service_records.listed(RecordFilter(kind="outage")),
        (),
    ),
    "outbox.claim": (
        lambda work: [
            work.outbox.claim(START, START + HOUR),
            work.outbox.claim(START, START + HOUR, endpoint="hook"),
        ],
        [(), ()],
    ),
    "outbox.endpoints": (lambda work: work.outbox.endpoints(), ()),
    "outbox.dead_letters": (
        lambda work: [work.outbox.dead_letters(), work.outbox.dead_letters(endpoint="hook")],
        [(), ()],
    ),
    "outbox.pending": (lambda work: work.outbox.pending(), ()),
    "decisions.head": (lambda work: work.decisions.head(), ChainHead()),
    "decisions.about": (lambda work: work.decisions.about("R-1"), ()),
    "decisions.links": (lambda work: work.decisions.links(), ()),
    "admissions.expect": (lambda work: work.admissions.expect(["c-1"]), None),
    "admissions.facts": (
        lambda work: work.admissions.facts("c-1", "acme"),
        AdmissionFacts(done=None, edition=0, account=None),
    ),
    "commands.find": (lambda work: work.commands.find("c-1"), None),
    "group_leases.check": (lambda work: work.group_leases.check(lease("one")), "conflict"),
    "group_leases.leases": (lambda work: work.group_leases.leases(), ()),
}  # fmt: skip

#: Methods that answer the same with and without rows, because they only lock, or ask this unit.
ALIKE = {
    "accounts.lock",
    "accounts.lock_all",
    "admissions.expect",
    "catalog.is_committed",
    "group_leases.check",
}

#: What each writing method does, with the same names as the other tenant's and other content.
WRITES: dict[str, Callable[[UnitOfWork], Any]] = {
    "catalog.save": lambda work: work.catalog.save(
        Catalog(groups=[ExpertGroup(id="theirs")]), [], START
    ),
    "accounts.open": lambda work: work.accounts.open(account(amount=9)),
    "accounts.add": lambda work: work.accounts.add(
        "acme", Asset(id="theirs", product="db"), at=START
    ),
    "ledger.append": lambda work: work.ledger.append(
        "acme", [reservation(account(amount=9).ledger, "theirs", 5)], 1
    ),
    "cases.open": lambda work: work.cases.open(attrs.evolve(case(), next_due_at=None)),
    "cases.change": lambda work: work.cases.change(
        attrs.evolve(case(), next_due_at=None), attrs.evolve(case(), next_due_at=START)
    ),
    "roster.change": lambda work: work.roster.change(
        Roster(), Roster(agents=[Agent(id="ada", groups="net")], assignment_count=8)
    ),
    "work_items.add": lambda work: work.work_items.add(work_item(rank=7)),
    "work_items.change": lambda work: work.work_items.change(
        work_item(rank=7), attrs.evolve(work_item(), group="net")
    ),
    "work_items.change_all": lambda work: work.work_items.change_all(
        [
            (
                attrs.evolve(work_item(), group="net"),
                attrs.evolve(work_item(), group="net", next_due_at=START),
            )
        ]
    ),
    "service_records.add": lambda work: work.service_records.add(
        attrs.evolve(DOWN, recorded=START + HOUR)
    ),
    "outbox.put_all": lambda work: work.outbox.put_all(
        [("theirs", "1", ""), ("theirs", "2", "")], START
    ),
    "outbox.put": lambda work: work.outbox.put("theirs", "{}", START),
    "outbox.finish": lambda work: work.outbox.finish(work.outbox.claim(START, START + HOUR)),
    "outbox.put_back": lambda work: work.outbox.put_back(
        work.outbox.claim(START, START + HOUR), None, "theirs"
    ),
    "outbox.requeue": lambda work: [
        work.outbox.requeue(range(1, 10_000), endpoint) for endpoint in ("", "hook")
    ],
    "outbox.save_endpoint": lambda work: work.outbox.save_endpoint(
        Endpoint(id="hook", topics=["theirs"])
    ),
    "outbox.distribute": lambda work: work.outbox.distribute(START),
    "outbox.remove_endpoint": lambda work: work.outbox.remove_endpoint("hook"),
    "outbox.delivered": lambda work: work.outbox.delivered(range(1, 10_000)),
    "decisions.append": lambda work: work.decisions.append(attrs.evolve(LINK, digest="theirs")),
    "admissions.write": lambda work: work.admissions.write(
        admission(work.admissions.facts("c-9", "acme"), "R-9")
    ),
    "commands.record": lambda work: work.commands.record(attrs.evolve(DONE, digest="theirs")),
    "group_leases.take": lambda work: work.group_leases.take("db", "theirs", START, START + HOUR),
    "group_leases.release": lambda work: work.group_leases.release(lease("one")),
}


def lease(owner: str) -> GroupLease:
    return GroupLease(group="db", owner=owner, term=1, until=START + HOUR)


def fill(work: UnitOfWork) -> None:
    work.catalog.save(Catalog(), [], START)
    work.accounts.open(account())
    work.cases.open(case())
    work.roster.change(Roster(), ROSTER)
    work.work_items.add(WAITING)
    work.service_records.add(DOWN)
    work.outbox.save_endpoint(Endpoint(id="hook"))
    for name in ("dead", "waiting"):
        work.outbox.put(name, "{}", START)
    work.outbox.distribute(START)
    work.outbox.put_back(work.outbox.claim(START, START, 1, "hook"), None, "refused")
    work.outbox.put("dead", "{}", START)
    work.outbox.put_back(work.outbox.claim(START, START), None, "refused")
    work.outbox.put("ours", "{}", START)
    work.decisions.append(LINK)
    work.commands.record(DONE)
    assert work.group_leases.take("db", "one", START, START + HOUR) == lease("one")


def answer(work: UnitOfWork, call: Callable[[UnitOfWork], Any]) -> Any:
    try:
        return call(work)
    except EntitlementsError as error:
        return error.code


def everything(store: Store, tenant: str) -> dict[str, Any]:
    found = {}
    for name, (call, _) in NOTHING.items():
        with store.begin(tenant) as work:
            found[name] = answer(work, call)
    return found


def test_every_method_of_every_repository_is_called() -> None:
    promised = {f"{port}.{name}" for port, kind in PORTS.items() for name in methods(kind)}
    assert {*NOTHING, *WRITES} == promised


def test_rows_of_another_tenant_are_never_read(make_store: Callable[[], Store]) -> None:
    store = make_store()
    with store.begin("ours") as work:
        fill(work)
        work.commit()
    ours = everything(store, "ours")
    for name, (_, nothing) in NOTHING.items():
        assert ours[name] != nothing or name in ALIKE, name
    assert everything(store, "theirs") == {name: nothing for name, (_, nothing) in NOTHING.items()}


def test_rows_of_another_tenant_are_never_changed(make_store: Callable[[], Store]) -> None:
    store = make_store()
    with store.begin("ours") as work:
        fill(work)
        work.commit()
    before = everything(store, "ours")
    for call in WRITES.values():
        with store.begin("theirs") as work:
            call(work)
            work.commit()
        assert everything(store, "ours") == before
    with store.begin("theirs") as work:
        theirs = work.accounts.account("acme")
        assert theirs is not None
        assert len(theirs.ledger) == 3
        assert work.work_items.item("R-1").group == "net"
        assert work.group_leases.leases()[0].owner == "theirs"
    assert store.tenants() == ("ours", "theirs")


@pytest.mark.parametrize("customer", ["ours", "theirs"])
def test_a_tenant_and_a_customer_with_one_name_are_kept_apart(
    make_store: Callable[[], Store], customer: str
) -> None:
    store = make_store()
    with store.begin("ours") as work:
        work.accounts.open(Account(customer=customer, ledger=Ledger()))
        work.commit()
    with store.begin("theirs") as work:
        assert work.tenant == "theirs"
        assert work.accounts.customers() == ()
