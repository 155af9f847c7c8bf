from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, get_args, get_type_hints

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.documents.values import fields_of, values
from tests.effort import tries

from entitlements.adapters.sql.rows import mapping, trail_rows
from entitlements.adapters.sql.rows.mapping import (
    FACT_KINDS,
    MAX_BIGINT,
    MIN_BIGINT,
    fact_to_row,
    from_text,
    to_text,
)
from entitlements.contracts.account import Account, OpenCase
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.ledger.entries import Entry, GrantShare, Reserve
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.records.changes import Block, Cancellation, Renewal, Transfer
from entitlements.contracts.records.parties import Asset
from entitlements.kernel.errors import InvalidValueError, StorageError, UnreadableError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import to_micros, utc
from entitlements.ports import (
    Case,
    WorkItem,
)
from entitlements.ports.catalog_editions import CatalogEdition
from entitlements.ports.records import GroupLease
from entitlements.routing import ROUTING_PRESETS, RoutingPolicy, custom_strategy
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.on_call import OnCall
from entitlements.routing.agents.workload import AssignedWork, Workload
from entitlements.routing.offers.lifecycle import Enqueue, Offer
from entitlements.routing.offers.work_state import OfferLease, OfferRefusal
from entitlements.routing.roster import Roster
from entitlements.routing.work.relaxation import RelaxationPlan
from entitlements.routing.work.requirements import Requirement
from entitlements.sla.case_history.events import Event
from entitlements.sla.policy import SlaPolicy
from entitlements.testing.strategies import ports, routing, sla
from entitlements.testing.strategies.ledger import ledgers
from entitlements.testing.strategies.ports import START, instants, names

ROOTS = (Catalog, SlaPolicy, Roster, OnCall, Account, Entry, Case, WorkItem)
#: Values with their own strategies, because their fields depend on each other.
DRAWN: dict[type, st.SearchStrategy[Any]] = {
    Account: ports.accounts(),
    # Events have rows of their own, see `test_cases_are_read_back_from_their_rows`.
    Case: ports.cases().map(lambda case: attrs.evolve(case, events=(), recorded=())),
    WorkItem: ports.work_items(),
    SlaPolicy: sla.policies(),
    Event: sla.events(),
    Roster: routing.rosters(),
    RelaxationPlan: routing.plans(),
    Entry: ledgers().filter(len).flatmap(lambda ledger: st.sampled_from(ledger.entries)),
}
QUICK = settings(
    max_examples=tries(2),
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)


def classes_in(hint: Any) -> Iterator[type]:
    for each in get_args(hint):
        yield from classes_in(each)
    if isinstance(hint, type) and attrs.has(hint):
        yield hint


def reachable(kind: type, found: dict[str, type]) -> dict[str, type]:
    found.setdefault(f"{kind.__module__}.{kind.__name__}", kind)
    for name in fields_of(kind):
        for each in classes_in(get_type_hints(kind)[name]):
            if f"{each.__module__}.{each.__name__}" not in found:
                reachable(each, found)
    return found


EVERY: dict[str, type] = {}
for root in ROOTS:
    reachable(root, EVERY)


@pytest.mark.parametrize("kind", EVERY.values(), ids=lambda kind: kind.__name__)
def test_every_field_of_every_class_is_read_back_from_its_row(kind: Any) -> None:
    chosen = DRAWN.get(kind)
    for field in fields_of(kind):
        strategy = values(kind, drawn=field) if chosen is None else chosen

        @QUICK
        @given(strategy)
        def check(value: Any) -> None:
            text = to_text(value, kind)
            assert set(json.loads(text)) <= set(fields_of(kind))
            assert from_text(text, kind, "row") == value
            assert to_text(from_text(text, kind, "row"), kind) == text

        if kind is not Account:
            check()


def test_all_stored_classes_are_found_from_the_roots() -> None:
    found = {each.__name__ for each in EVERY.values()}
    assert {
        "Contract",
        "Plan",
        "Requirement",
        "WorkState",
        "Event",
        "Grant",
        "RelaxationStep",
    } <= found
    assert len(found) > 60


@given(ports.cases())
def test_cases_are_read_back_from_their_rows(case: Case) -> None:
    row, events = mapping.case_to_rows(case)
    assert mapping.case_from_row(row, events) == case
    assert (row["id"], row["customer"]) == (case.id, case.customer)
    assert row["next_due_at"] == (None if case.next_due_at is None else to_micros(case.next_due_at))


@given(ports.work_items(), ports.work_items())
def test_work_items_are_read_back_and_different_ones_have_different_state_digests(
    a: WorkItem, b: WorkItem
) -> None:
    rows = mapping.work_item_to_row(a), mapping.work_item_to_row(b)
    assert mapping.work_item_from_row(rows[0]) == a
    assert (rows[0]["state"] == rows[1]["state"]) == (a == b)
    order = [(row["rank"], row["due"], row["opened"], row["id"]) for row in rows]
    assert order == [a.queue_key, b.queue_key]


@given(ports.accounts())
def test_records_entries_and_counted_cases_are_read_back_from_their_rows(account: Account) -> None:
    for fact in (*account.contracts, *account.changes, *account.delegations, *account.assets):
        assert mapping.fact_from_row(fact_to_row(fact, "UTC")) == fact
    for entry in account.ledger.entries:
        row = mapping.entry_to_row(entry)
        assert mapping.entry_from_row(row) == entry
        assert (row["number"], row["key"]) == (entry.number, entry.key)
    for case in account.cases:
        assert mapping.counted_case_from_row(mapping.counted_case_to_row(case)) == case


@given(routing.agents(), routing.workloads())
def test_agents_are_read_back_from_their_rows(agent: Agent, workload: Workload) -> None:
    assert mapping.agent_from_row(mapping.agent_to_row(agent, workload)) == (agent, workload)


@pytest.mark.parametrize("name", list(ROUTING_PRESETS))
def test_the_routing_policy_of_an_edition_is_read_back_from_its_row(name: str) -> None:
    edition = CatalogEdition(number=1, recorded=START, routing=ROUTING_PRESETS[name])
    assert mapping.edition_from_row(mapping.edition_to_row(edition)) == edition


def test_a_strategy_of_a_program_cannot_be_stored() -> None:
    policy = RoutingPolicy(strategy=custom_strategy("own", lambda state, _: state.id))
    edition = CatalogEdition(number=1, recorded=START, routing=policy)
    with pytest.raises(InvalidValueError, match="strategy `own` has no form in a document"):
        mapping.edition_to_row(edition)


@given(sla.policies())
def test_catalog_editions_are_read_back_from_their_rows(policy: SlaPolicy) -> None:
    edition = CatalogEdition(
        number=3,
        recorded=START,
        catalog=Catalog(calendars=policy.calendars),
        policies=[policy],
    )
    assert mapping.edition_from_row(mapping.edition_to_row(edition)) == edition


@given(names(), instants())
def test_leases_of_groups_are_read_back_from_their_rows(name: str, at: datetime) -> None:
    lease = GroupLease(group=name, owner=None, term=7, until=at)
    assert mapping.lease_from_row(mapping.lease_to_row(lease)) == lease


@pytest.mark.parametrize(
    ("change", "valid"),
    [
        pytest.param(
            Cancellation(id="x", contract="C-1", effective=START.date()),
            ("2026-03-01T23:00Z", None),
            id="from a day",
        ),
        pytest.param(
            Cancellation(id="x", contract="C-1", effective=START, retracted=True),
            ("2026-03-02T09:00Z", "2026-03-02T09:00Z"),
            id="taken back",
        ),
        pytest.param(
            Renewal(id="x", contract="C-1", end=START.date()),
            (None, "2026-03-02T23:00Z"),
            id="to a day",
        ),
        pytest.param(Block(id="x", start=START), ("2026-03-02T09:00Z", None), id="from an instant"),
        pytest.param(
            Transfer(id="x", contract="C-1", to="b", at=START),
            ("2026-03-02T09:00Z", None),
            id="at an instant",
        ),
        pytest.param(Asset(id="x", product="db"), (None, None), id="always"),
    ],
)
def test_a_fact_is_valid_in_the_zone_of_its_contract(
    change: Any, valid: tuple[str | None, str | None]
) -> None:
    row = fact_to_row(change, "Europe/Berlin")
    start, end = valid
    assert row["valid_from"] == (MIN_BIGINT if start is None else to_micros(utc(start)))
    assert row["valid_to"] == (MAX_BIGINT if end is None else to_micros(utc(end)))
    assert FACT_KINDS[row["kind"]] is type(change)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="no JSON"),
        pytest.param('{"id": "a"}', id="a field is missing"),
        pytest.param(
            '{"id":"a","contract":"c","line":"l","opened":1,"closed":null,"more":1}',
            id="a key too many",
        ),
        pytest.param(
            '{"id":7,"contract":"c","line":"l","opened":1,"closed":null}', id="a number for an id"
        ),
        pytest.param(
            '{"id":"a","contract":"c","line":"l","opened":true,"closed":null}',
            id="truth for an instant",
        ),
    ],
)
def test_an_unreadable_body_is_refused(text: str) -> None:
    with pytest.raises(StorageError, match="the stored case `R-1` cannot be read"):
        from_text(text, OpenCase, "case `R-1`")


def test_a_field_added_later_has_its_default() -> None:
    text = '{"id":"a","contract":"c","line":"l","opened":1}'
    assert from_text(text, OpenCase, "case `R-1`").closed is None


def test_a_ledger_is_stored_as_its_entries() -> None:
    ledger: Ledger = ports.account().ledger
    assert json.loads(to_text(ledger, Ledger))[0]["number"] == 1


NOON = to_micros(utc("2026-03-02T12:00Z"))
LEASE = {"expert_group": "db", "owner": "w", "term": 1, "until": NOON}
HEAD = {"number": 1, "digest": "d"}
MESSAGE = {"number": 1, "topic": "t", "at": NOON, "body": "{}", "case": ""}
EDITION = {"number": 1, "recorded": NOON, "body": '{"catalog":{},"policies":[]}'}


@pytest.mark.parametrize("wrong", ["1", None, True, 1.0, b"1"], ids=repr)
@pytest.mark.parametrize(
    ("read", "row", "column", "name"),
    [
        (mapping.lease_from_row, LEASE, "term", "lease of group `db`"),
        (mapping.lease_from_row, LEASE, "until", "lease of group `db`"),
        (trail_rows.head_from_row, HEAD, "number", "end of the chain of decisions"),
        (trail_rows.message_from_row, MESSAGE, "at", "message `1`"),
        (mapping.edition_from_row, EDITION, "recorded", "edition `1`"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_column_without_a_whole_number_is_named_with_its_row(
    read: Any, row: dict[str, Any], column: str, name: str, wrong: object
) -> None:
    assert read(row)
    with pytest.raises(UnreadableError, match=f"the stored {name} cannot be read"):
        read({**row, column: wrong})


@pytest.mark.parametrize("column", ["rank", "due", "opened", "since", "next_due_at"])
@pytest.mark.parametrize("wrong", ["0", True, 7, 2.0], ids=repr)
def test_a_work_item_whose_columns_are_not_those_of_its_body_is_refused(
    column: str, wrong: object
) -> None:
    row = mapping.work_item_to_row(ports.work_item())
    with pytest.raises(UnreadableError, match="work `R-1` cannot be read") as caught:
        mapping.work_item_from_row({**row, column: wrong})
    assert caught.value.work == "R-1"


def test_the_row_of_a_work_item_omits_default_values() -> None:
    start = to_micros(START)
    state = attrs.evolve(
        ports.work_item('R "1"').state,
        fence=2,
        leases=(OfferLease("\u00fc", START, 2, START),),
        refusals=(OfferRefusal("ada", START, "busy"),),
        executed_commands=FrozenMap({"z": Enqueue("z"), "a": Offer("a", ["ada", "bob"])}),
    )
    item = attrs.evolve(ports.work_item('R "1"', rank=3), state=state, next_due_at=START)
    assert json.loads(mapping.work_item_to_row(item)["body"]) == {
        "work": {"id": 'R "1"', "opened": start, "rank": 3},
        "group": "db",
        "state": {
            "work": 'R "1"', "status": "queued", "fence": 2, "queued_at": start,
            "leases": [
                    {"agent": "\u00fc", "until": start, "fence": 2, "offered_at": start}
                ],
            "refusals": [{"agent": "ada", "at": start, "reason": "busy"}],
            "executed_commands": {
                "a": {"kind_of": "offer", "id": "a", "agents": ["ada", "bob"]},
                "z": {"kind_of": "enqueue", "id": "z"},
            },
        },
        "next_due_at": start,
    }  # fmt: skip


def test_the_row_of_an_agent_has_the_workload_without_default_values() -> None:
    held = {"R/1": AssignedWork(Requirement(groups="db"), START)}
    workload = Workload(held=held, away=True, back=START)
    start = to_micros(START)
    assert json.loads(mapping.agent_to_row(Agent(id="ada"), workload)["workload"]) == {
        "held": {"R/1": {"requires": {"groups": ["db"]}, "since": start}},
        "away": True, "back": start,
    }  # fmt: skip


def test_the_row_of_a_ledger_entry_has_every_field_but_the_defaults() -> None:
    command = Reserve(
        key='r "1"',
        unit="minutes",
        amount=15,
        duration=timedelta(hours=1),
        pools=["ü"],
        consent=True,
    )
    noon = utc("2026-03-02T12:00Z")
    entry = Entry(
        number=7, command=command, at=noon, recorded=noon, shares=[GrantShare("g", 15, 2)],
        until=noon,
    )  # fmt: skip
    assert json.loads(mapping.entry_to_row(entry)["body"]) == {
        "number": 7,
        "command": {
            "kind_of": "reserve", "key": 'r "1"', "unit": "minutes", "amount": 15,
            "duration": 3_600_000_000, "pools": ["ü"], "consent": True,
        },
        "at": NOON, "recorded": NOON, "until": NOON,
        "shares": [{"grant": "g", "amount": 15, "overage": 2}],
    }  # fmt: skip
