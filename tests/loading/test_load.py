"""Loading documents into stores: any after any other, the same twice, two at once, and killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from threading import Barrier

import attrs
import pytest
from tests.databases import drop_database, new_database
from tests.house.house import ROOT
from tests.loading.documents import (
    JANUARY,
    JUNE,
    TENANT,
    after,
    answer,
    changed,
    drawn_document,
    loaded,
    priced,
    stored_account,
    with_change,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.sql import SqlStore, migrate
from entitlements.contracts.records.changes import Amendment, Block, Cancellation, Change
from entitlements.contracts.records.contract import ContractLine
from entitlements.contracts.records.parties import NamedContact
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import (
    ConflictError,
    EntitlementsError,
    StorageError,
)
from entitlements.kernel.instants import from_micros, to_micros, utc
from entitlements.kernel.requests import Request
from entitlements.loading import LoadPlan, apply, plan_load, stored_facts
from entitlements.loading.accounts.past import past_of
from entitlements.ports import Store
from entitlements.service import AdmitRequest, Desk, Reply
from entitlements.testing.laws.desk import replays

GOLD = ("plan: silver", "plan: gold")
MICROSECOND = timedelta(microseconds=1)
SUNDAY = utc("2026-06-14T10:00Z")


def dated(facts: Facts) -> list[object]:
    """Return the catalog and all dated records, of accounts that have any."""
    return [facts.catalog, dict(facts.policies), facts.routing] + [
        (each.contracts, each.changes, each.delegations)
        for each in facts.accounts.values()
        if each.contracts or each.changes or each.delegations
    ]


def check_load(store: Store, facts: Facts, at: datetime, *, correct: bool) -> bool:
    """Load a document and check what must hold then; return whether it was loaded."""
    before = stored_facts(store, tenant=TENANT) if TENANT in store.tenants() else None
    refused: EntitlementsError | None = None
    try:
        apply(store, facts, at, tenant=TENANT, prune=True, correct=correct)
    except EntitlementsError as error:
        refused = error
    if refused is not None:
        assert refused.path is not None
        assert before is None or stored_facts(store, tenant=TENANT) == before
        return False
    now, later = stored_facts(store, tenant=TENANT), at + MICROSECOND
    for again in (facts, now):
        assert loaded(store, again, later, prune=True, correct=correct) == []
    if before is not None:
        known = stored_facts(store, at - MICROSECOND, tenant=TENANT)
        assert dated(known) == dated(before), "what was known before is still answered"
    return True


@pytest.mark.parametrize("correct", [True, False])
def test_any_document_after_any_other_gives_the_facts_of_the_second(*, correct: bool) -> None:
    results, asked = [0, 0], 0
    for seed in range(12):
        random, store = Random(seed), MemoryStore()  # noqa: S311 - repeatable documents
        at = JANUARY + timedelta(days=random.randrange(150), hours=random.randrange(24))
        for _ in range(3):
            facts, questions = drawn_document(random)
            done = check_load(store, facts, at, correct=correct)
            results[done] += 1
            now = stored_facts(store, tenant=TENANT)
            for request, micros in questions if done else ():
                if micros >= to_micros(at):
                    moment = from_micros(micros)
                    assert answer(now, request, moment) == answer(facts, request, moment), seed
                    asked += 1
            at += timedelta(days=random.randrange(60), hours=random.randrange(24), minutes=1)
    assert results[True] > 10
    assert asked > 50


def decide(desk: Desk, number: int, at: datetime) -> Reply:
    request = Request(
        id=f"R-{number}",
        customer="acme",
        contact="dana",
        product="db",
        severity="high",
        channel="web",
    )
    return desk.execute(AdmitRequest(id=f"admit {number}", request=request), at)


def test_decisions_before_a_load_are_replayed_byte_for_byte(
    make_store: Callable[[], Store],
) -> None:
    store = make_store()
    desk = Desk(store, TENANT)
    documents = [
        changed(),
        changed(GOLD, ("8h", "9h")),
        with_change("kind: block, id: B-1, start: 2026-05-01T00:00Z", ("[dana]", "[eve]")),
        Facts(),
        changed(),
    ]
    for number, facts in enumerate(documents, start=1):
        at = JANUARY + timedelta(days=30 * number)
        loaded(store, facts, at, prune=True, correct=True)
        decide(desk, number, at + timedelta(hours=1))
    if isinstance(store, SqlStore):
        store.clear_caches()
    assert replays(store, TENANT) == 5
    assert len({each.outcome_then for each in desk.replay_all()}) > 3


def test_two_documents_in_turn_and_the_same_twice(make_store: Callable[[], Store]) -> None:
    store = make_store()
    assert len(loaded(store, changed(), JANUARY)) == 10
    assert loaded(store, changed(), JUNE) == []
    assert loaded(store, changed(GOLD), JUNE) == [
        "~ contract C-1 of acme, line L-1, plan: silver -> gold"
    ]
    assert loaded(store, changed(GOLD), JUNE) == []
    assert loaded(store, changed(), utc("2026-07-01T08:00Z")) == [
        "~ contract C-1 of acme, line L-1, plan: gold -> silver"
    ]
    memory = after(
        (changed(), JANUARY), (changed(GOLD), JUNE), (changed(), utc("2026-07-01T08:00Z"))
    )
    assert stored_facts(store, tenant=TENANT) == stored_facts(memory, tenant=TENANT)
    assert stored_facts(store, JUNE, tenant=TENANT) == stored_facts(memory, JUNE, tenant=TENANT)


def test_a_plan_changes_nothing(make_store: Callable[[], Store]) -> None:
    store = make_store()
    loaded(store, changed(), JANUARY)
    before = stored_facts(store, tenant=TENANT)
    plan = plan_load(store, changed(GOLD, ("8h", "9h")), JUNE, tenant=TENANT)
    assert len(plan.steps) == 2
    assert stored_facts(store, tenant=TENANT) == before
    assert apply(store, changed(GOLD, ("8h", "9h")), JUNE, tenant=TENANT) == plan


def test_other_tenants_are_left_alone(make_store: Callable[[], Store]) -> None:
    store = make_store()
    loaded(store, changed(), JANUARY)
    before = stored_facts(store, tenant=TENANT)
    apply(store, changed(GOLD), JUNE, tenant="another", prune=True)
    assert stored_facts(store, tenant=TENANT) == before


def load_at_once(store: Store, documents: list[Facts]) -> list[LoadPlan]:
    """Load documents at the same time, each in a thread; return the plans that were carried out."""
    barrier = Barrier(len(documents))

    def one(facts: Facts) -> LoadPlan:
        barrier.wait()
        return apply(store, facts, tenant=TENANT)

    with ThreadPoolExecutor(len(documents)) as pool:
        return list(pool.map(one, documents))


def test_of_two_equal_loads_at_once_one_does_nothing(sql_store: SqlStore) -> None:
    for number in range(6):
        tenant_facts = changed(("8h", f"{number + 9}h"), ("customer: acme", f"customer: c{number}"))
        plans = load_at_once(sql_store, [tenant_facts, tenant_facts])
        assert sorted(each.changes_anything for each in plans) == [False, True]


def test_two_loads_at_once_lose_nothing(sql_store: SqlStore) -> None:
    load_at_once(sql_store, [changed()])
    for number in range(6):
        documents = [
            changed(
                ("products: [db]", f"products: [p{number}-{side}]"),
                ("[dana]", f"[dana, eve{number}]"),
                ("{id: bob", "{id: " + f"agent{number}-{side}"),
            )
            for side in "ab"
        ]
        load_at_once(sql_store, documents)
        now = stored_facts(sql_store, tenant=TENANT)
        for side in "ab":
            assert now.catalog.product(f"p{number}-{side}") is not None
            assert f"agent{number}-{side}" in now.roster.agents
    contacts = stored_account(sql_store).changes[-1].contacts  # type: ignore[union-attr]
    assert [each.contact for each in contacts or ()] == ["dana", "eve5"]


def with_another_in_between(url: str, other: Facts) -> SqlStore:
    """Return a store that reads its clock, as a load does before it writes, while another loads."""
    waiting = [other]

    def clock() -> datetime:
        if waiting:
            with SqlStore.open(url) as beside:
                apply(beside, waiting.pop(), JUNE, tenant=TENANT)
        return JUNE + timedelta(hours=1)

    return SqlStore.open(url, clock=clock)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    url = new_database(postgres_server)
    migrate(url)
    yield url
    drop_database(postgres_server, url)


@pytest.mark.parametrize(
    ("first", "other", "steps"),
    [
        pytest.param(
            changed(("products: [db]", "products: [db, a]")),
            changed(("products: [db]", "products: [db, b]")),
            ["+ product a"],
            id="catalog",
        ),
        pytest.param(
            changed(("customer: acme", "customer: blox")),
            changed(("customer: acme", "customer: blox"), GOLD),
            ["~ contract C-1 of blox, line L-1, plan: gold -> silver"],
            id="new account",
        ),
        pytest.param(changed(GOLD), changed(GOLD), [], id="equal"),
        pytest.param(
            changed(("id: ada, groups: desk", "id: ada, groups: desk, capacity: 2")),
            changed(("id: ada, groups: desk", "id: ada, groups: desk, capacity: 3")),
            ["~ agent ada"],
            id="agent",
        ),
    ],
)
def test_a_load_is_decided_again_from_what_another_has_written_in_between(
    postgres_url: str, first: Facts, other: Facts, steps: list[str]
) -> None:
    with SqlStore.open(postgres_url) as store:
        apply(store, changed(), JANUARY, tenant=TENANT)
    with with_another_in_between(postgres_url, other) as store:
        plan = apply(store, first, tenant=TENANT)
        assert [str(each) for each in plan.steps] == steps
        now = stored_facts(store, tenant=TENANT)
    for facts in (first, other):
        assert {each.id for each in facts.catalog.products} <= {
            each.id for each in now.catalog.products
        }


def test_a_load_beside_a_desk_is_known_to_the_decisions_after_it(sql_store: SqlStore) -> None:
    tenant = "beside"
    apply(sql_store, changed(), tenant=tenant)

    def admit(first: int) -> None:
        desk = Desk(sql_store, tenant)
        for number in range(first, first + 15):
            request = Request(
                id=f"R-{number}", customer="acme", contact="dana", product="db", severity="high",
                channel="web",
            )  # fmt: skip
            desk.execute(AdmitRequest(id=f"admit {number}", request=request))

    def load() -> None:
        for number in range(8):
            apply(sql_store, changed(("[dana]", f"[dana, eve{number}]")), tenant=tenant)

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(admit, 0), pool.submit(load)]
        for job in jobs:
            job.result()
    sql_store.clear_caches()
    assert replays(sql_store, tenant) == 15
    again = list(Desk(sql_store, tenant).replay_all())
    assert {name for each in again for name in each.differs} == set()


KILLED = """
import os, signal, sys
from tests.loading.documents import TENANT, changed
from entitlements.adapters.sql import SqlStore
from entitlements.adapters.sql.store import SqlUnit
from entitlements.loading import apply

class Killed(SqlStore):
    def begin(self, tenant):
        at_commit = lambda unit: os.kill(os.getpid(), signal.SIGKILL)
        SqlUnit.commit = at_commit
        return super().begin(tenant)

apply(Killed.open(sys.argv[1]), changed(("8h", "9h"), ("id: bob", "id: carl")), tenant=TENANT)
"""


def test_a_load_that_is_killed_before_its_commit_is_not_half_loaded(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'support.db'}"
    migrate(url)
    with SqlStore.open(url) as store:
        apply(store, changed(), tenant=TENANT)
        before = stored_facts(store, tenant=TENANT)
    killed = subprocess.run([sys.executable, "-c", KILLED, url], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    with SqlStore.open(url) as store:
        assert stored_facts(store, tenant=TENANT) == before
        assert len(apply(store, changed(GOLD, ("8h", "9h")), tenant=TENANT).steps) == 2


@pytest.mark.parametrize("at", [JANUARY, JANUARY - timedelta(days=1)], ids=["same", "earlier"])
def test_a_load_is_dated_after_what_is_known(at: datetime) -> None:
    store = after((changed(), JANUARY))
    assert loaded(store, changed(), at) == []
    for facts in (changed(GOLD), changed(("8h", "9h"))):
        with pytest.raises(ConflictError, match="would be answered otherwise"):
            loaded(store, facts, at)


def test_a_load_is_dated_after_the_last_decision() -> None:
    store = after((changed(), JANUARY))
    decide(Desk(store, TENANT), 1, JUNE)
    with pytest.raises(ConflictError, match="would be answered otherwise"):
        loaded(store, changed(GOLD), JUNE)
    assert loaded(store, changed(GOLD), JUNE + MICROSECOND) != []
    assert replays(store, TENANT) == 1


def test_a_load_without_an_instant_is_dated_after_what_is_known() -> None:
    store = MemoryStore(clock=lambda: JUNE)
    assert apply(store, changed(), tenant=TENANT).at == JUNE
    decide(Desk(store, TENANT), 1, JUNE + timedelta(hours=1))
    plan = apply(store, changed(GOLD), tenant=TENANT)
    assert plan.at == JUNE + timedelta(hours=1, microseconds=1)
    assert replays(store, TENANT) == 1


def test_a_store_without_tables_says_what_helps(tmp_path: Path) -> None:
    with (
        SqlStore.open(f"sqlite:///{tmp_path / 'empty.db'}") as store,
        pytest.raises(StorageError, match="entitlements migrate"),
    ):
        apply(store, changed(), tenant=TENANT)


def test_an_admission_names_the_price_that_was_loaded_and_is_replayed_with_it() -> None:
    store = after((priced(), JANUARY))
    reply = decide(Desk(store, TENANT), 1, utc("2026-03-02T09:00Z"))
    assert json.loads(reply.text)["price"] == {
        "kind": "time_and_materials",
        "hourly": {"amount": "120", "currency": "EUR"},
        "rate": "default",
        "least": {"amount": "0", "currency": "EUR"},
    }
    loaded(store, priced(("120 EUR/h", "130 EUR/h")), JUNE)
    assert replays(store, TENANT) == 1


def edited(random: Random, facts: Facts, at: datetime) -> Facts:
    """Return facts in which a person has edited one contract in place, and nothing of the past."""
    (account,) = facts.accounts.values()
    (number,) = random.sample(range(len(account.contracts)), 1)
    contract, line = account.contracts[number], ContractLine(id="new", plan="gold")
    lines = [
        attrs.evolve(each, plan=random.choice(["gold", "silver"]), plan_version=None)
        for each in contract.lines
        if random.randrange(3)
    ]
    contacts = [] if contract.any_contact else [NamedContact(contact="newcomer")]
    contract = attrs.evolve(
        contract,
        lines=[*lines, line],
        contacts=contacts,
        constraints=[] if random.randrange(2) else contract.constraints,
    )
    ahead: list[Change] = [
        Block(id="ahead", start=at + timedelta(days=random.randrange(1, 40))),
        Cancellation(id="gone", contract=contract.id, effective=at + timedelta(days=9)),
    ]
    contracts = [*account.contracts[:number], contract, *account.contracts[number + 1 :]]
    account = attrs.evolve(
        account,
        contracts=contracts,
        changes=[*account.changes, *random.sample(ahead, random.randrange(3))],
    )
    return attrs.evolve(facts, accounts=[account])


def test_a_document_edited_in_place_changes_nothing_of_the_days_before() -> None:
    loads = 0
    for seed in range(20):
        random, store = Random(seed), MemoryStore()  # noqa: S311 - repeatable documents
        facts, _ = drawn_document(random)
        first = JANUARY + timedelta(days=random.randrange(100), hours=random.randrange(24))
        second = first + timedelta(days=random.randrange(2, 90))
        (account,) = facts.accounts.values()
        if not account.contracts or any(isinstance(each, Amendment) for each in account.changes):
            continue
        loaded(store, facts, first)
        before = stored_account(store)
        loaded(store, edited(random, facts, second), second)
        days_before = second - timedelta(hours=25)
        now, catalog = stored_account(store), stored_facts(store, tenant=TENANT).catalog
        assert past_of(now, catalog, days_before) == past_of(before, catalog, days_before), seed
        loads += 1
    assert loads > 6
