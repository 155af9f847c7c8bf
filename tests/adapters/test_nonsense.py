"""Every method of a unit of work refuses nonsense by name, whatever the store.

Each parameter in turn is replaced by values of wrong types and by unknown words. The error is one
that blames the value, not the store, and the unit goes on afterwards.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.databases import with_tables
from tests.house.nonsense import NONSENSE
from tests.service import desks

from entitlements.adapters.memory import MemoryStore
from entitlements.aftersales import Outage
from entitlements.kernel.errors import EntitlementsError, StorageError
from entitlements.ports import (
    CaseFilter,
    Endpoint,
    RecordFilter,
    ServiceRecord,
    Store,
    UnitOfWork,
)
from entitlements.ports.deliveries import Delivery
from entitlements.ports.records import DecisionRecord, ExecutedCommand
from entitlements.routing import RoutingPolicy
from entitlements.testing.strategies import ports

MONDAY = desks.MONDAY
METHODS = {
    f"{part}.{name}": function
    for part, port in inspect.getmembers(UnitOfWork, lambda each: isinstance(each, property))
    if part != "tenant"
    for name, function in vars(typing.get_type_hints(port.fget)["return"]).items()
    if inspect.isfunction(function) and not name.startswith("_")
}


def settled(store: Store) -> Store:
    """Put a case, a message and a lease into the store."""
    desks.settle(store)
    desks.admitted(desks.desk(store), desks.request())
    with store.begin(desks.TENANT) as work:
        work.group_leases.take("experts", "worker", MONDAY, MONDAY + timedelta(minutes=1))
        work.commit()
    return store


def arguments(work: UnitOfWork) -> dict[str, dict[str, Any]]:
    """Return valid arguments of every method."""
    case, item, roster = work.cases.case("R-1"), work.work_items.item("R-1"), work.roster.roster()
    head, (lease,) = work.decisions.head(), work.group_leases.leases()
    sent = Delivery(message=work.outbox.pending()[0], fence=0)
    due = {"at": MONDAY, "most": 5, "skip": 0}
    link = DecisionRecord(
        number=head.number + 1, at=MONDAY, kind="x", subject="x", body="{}", previous=head.digest
    )
    down = Outage(id="O-1", service="db", start=MONDAY)
    later = attrs.evolve(item, next_due_at=MONDAY)
    entry = ports.reservation(work.ledger.ledger("minutes"), "k")
    return {
        "catalog.edition": {"number": 1},
        "catalog.number": {"known_at": MONDAY},
        "catalog.is_committed": {"number": 1},
        "catalog.save": {
            "catalog": desks.CATALOG,
            "policies": [desks.POLICY],
            "at": MONDAY,
            "routing": RoutingPolicy(),
        },
        "accounts.account": {"customer": "flat", "known_at": MONDAY},
        "accounts.lock": {"customer": "flat"},
        "accounts.lock_all": {"customers": ["flat"]},
        "accounts.open": {"account": ports.account("new")},
        "accounts.add": {"customer": "flat", "facts": ports.contract("C-2", "flat"), "at": MONDAY},
        "accounts.customers": {"valid_at": MONDAY, "after": "", "most": 5},
        "ledger.ledger": {"customer": "flat"},
        "ledger.entries": {"customer": "flat", "after": 0},
        "ledger.append": {"customer": "minutes", "entries": [entry], "head": 0},
        "cases.open": {"case": ports.case("R-2", "flat")},
        "cases.case": {"id": "R-1"},
        "cases.change": {"before": case, "after": attrs.evolve(case, next_due_at=MONDAY)},
        "cases.of": {"customer": "flat", "open_only": True},
        "cases.page": {"customer": "flat", "after": (5, "R-1"), "most": 5},
        "cases.listed": {"wanted": CaseFilter(), "after": (5, "R-1"), "most": 5},
        "cases.due": due,
        "case_changes.mark": {},
        "case_changes.since": {"mark": work.case_changes.mark(), "after": "R-0", "most": 5},
        "roster.roster": {"groups": ["experts"], "agents": ["ada"]},
        "roster.state": {"group": "experts"},
        "roster.change": {
            "before": roster,
            "after": attrs.evolve(roster, assignment_count=7),
            "state": {},
        },
        "work_items.add": {"item": ports.work_item("R-2")},
        "work_items.item": {"id": "R-1"},
        "work_items.change": {"before": item, "after": later},
        "work_items.change_all": {"changes": [(item, later)]},
        "work_items.claim": {"group": "experts", "most": 5, "aside": frozenset({"R-7"})},
        "work_items.groups": {},
        "work_items.queue": {"group": "experts"},
        "work_items.due": due,
        "service_records.add": {"record": ServiceRecord(value=down, recorded=MONDAY)},
        "service_records.find": {"kind": "outage", "id": "O-1", "known_at": MONDAY},
        "service_records.history": {"kind": "outage", "id": "O-1"},
        "service_records.listed": {
            "wanted": RecordFilter(kind="outage"),
            "after": (5, "O-1"),
            "most": 5,
        },
        "outbox.save_endpoint": {"endpoint": Endpoint(id="hook")},
        "outbox.remove_endpoint": {"id": "hook"},
        "outbox.endpoints": {},
        "outbox.distribute": {"at": MONDAY, "most": 5},
        "outbox.claim": {"at": MONDAY, "until": MONDAY, "most": 5, "endpoint": "hook"},
        "outbox.finish": {"claimed": [sent]},
        "outbox.put_back": {"claimed": [sent], "ready_at": MONDAY, "error": "x"},
        "outbox.dead_letters": {"after": 1, "most": 5, "endpoint": "hook"},
        "outbox.requeue": {"numbers": [1], "endpoint": "hook"},
        "outbox.put": {"topic": "x", "body": "{}", "at": MONDAY},
        "outbox.put_all": {"messages": [("x", "{}", "R-1")], "at": MONDAY},
        "outbox.pending": {"most": 5},
        "outbox.delivered": {"numbers": [1]},
        "decisions.head": {},
        "decisions.append": {"link": link},
        "decisions.about": {"subject": "R-1"},
        "decisions.links": {"after": 0, "most": 5},
        "admissions.expect": {"commands": ["x"]},
        "admissions.facts": {"command": "x", "customer": "flat"},
        "admissions.write": {
            "admission": ports.admission(
                work.admissions.facts("x", "flat"), "R-9", "flat", opens=False
            )
        },
        "commands.find": {"id": "x"},
        "commands.record": {"done": ExecutedCommand(id="x", digest="x", at=MONDAY)},
        "group_leases.take": {
            "group": "experts",
            "owner": "worker",
            "at": MONDAY,
            "until": MONDAY + timedelta(minutes=1),
        },
        "group_leases.check": {"lease": lease},
        "group_leases.release": {"lease": lease},
        "group_leases.leases": {},
    }


def call(work: UnitOfWork, name: str, given: dict[str, Any]) -> object:
    part, method = name.split(".")
    function = getattr(getattr(work, part), method)
    if name == "accounts.add":
        return function(given["customer"], given["facts"], at=given["at"])
    return function(**given)


def escape(store: Store, name: str, **changed: Any) -> Exception | None:
    """Return the exception that is not one of the library's own, if there is one."""
    with store.begin(desks.TENANT) as work:
        try:
            call(work, name, arguments(work)[name] | changed)
        except StorageError as error:
            return error
        except EntitlementsError:
            pass
        except Exception as error:  # noqa: BLE001 - which one is what the test is about
            return error
        assert work.cases.case("R-1").id == "R-1", "the unit goes on"
    return None


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def kept(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        yield settled(MemoryStore(lambda: MONDAY))
        return
    store = with_tables("sqlite://")
    yield settled(store)
    store.engine.dispose()


@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_a_unit_of_work_refuses_nonsense_by_name(kept: Store, name: str) -> None:
    with kept.begin(desks.TENANT) as work:
        names = list(arguments(work)[name])
    assert escape(kept, name) is None
    found = [
        f"{each} = {words}: {error!r:.200}"
        for each in names
        for words, value in NONSENSE.items()
        if (error := escape(kept, name, **{each: value}))
    ]
    assert found == []
