from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.documents.values import facts as any_facts
from tests.loading.documents import (
    JANUARY,
    JUNE,
    TENANT,
    after,
    changed,
    loaded,
    stored_account,
    with_change,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.documents import parse_facts, write_facts
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.loading import stored_facts
from entitlements.loading.records import recorded_from
from entitlements.loading.rosters import without_work
from entitlements.routing import Roster

GOLD = ("plan: silver", "plan: gold")
DAY = timedelta(days=1)
# After all that the strategies draw, so that nothing of a document lies ahead.
LATER = utc("2031-01-01T00:00Z")


def as_loaded(facts: Facts, at: datetime = JUNE) -> Facts:
    """Return facts as a store holds them after a first load, by the rules of the guide."""
    accounts = [recorded_from(each, at) for each in facts.accounts.values()]
    return attrs.evolve(facts, accounts=accounts)


def test_a_dump_says_what_was_loaded_and_since_when_it_is_known() -> None:
    store = after((changed(), JUNE))
    assert stored_facts(store, tenant=TENANT) == as_loaded(changed())


@settings(
    max_examples=6,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(any_facts())
def test_a_dump_of_any_document_gives_its_facts_and_loads_to_nothing_changed(facts: Facts) -> None:
    # Assigned work belongs to another store.
    given_facts, store = attrs.evolve(facts, roster=without_work(facts.roster)), MemoryStore()
    loaded(store, given_facts, LATER)
    if TENANT not in store.tenants():
        return
    dumped = stored_facts(store, tenant=TENANT)
    assert dumped == as_loaded(given_facts, LATER)
    assert loaded(store, dumped, LATER + DAY) == []
    assert loaded(store, dumped, LATER + DAY, prune=True) == []
    assert loaded(store, parse_facts(write_facts(dumped)), LATER + DAY, prune=True) == []


def test_what_was_known_at_an_instant_is_dumped() -> None:
    blox = changed(GOLD, ("customer: acme", "customer: blox"))
    store = after((changed(), JANUARY), (changed(GOLD, ("8h", "9h")), JUNE), (blox, JUNE + DAY))
    first = stored_facts(after((changed(), JANUARY)), tenant=TENANT)
    then = stored_facts(store, JANUARY, tenant=TENANT)
    assert then == attrs.evolve(first, roster=Roster()), "agents are not dated"
    assert parse_facts(write_facts(then)) == then
    assert {*stored_facts(store, JUNE, tenant=TENANT).accounts} == {"acme"}
    assert {*stored_facts(store, tenant=TENANT).accounts} == {"acme", "blox"}
    assert stored_facts(store, JANUARY - DAY, tenant=TENANT).catalog.plans == ()


def test_a_dump_of_one_store_is_loaded_into_another() -> None:
    renewal = with_change("kind: renewal, id: R-1, contract: C-1, months: 12", GOLD)
    store = after((changed(), JANUARY), (renewal, JUNE))
    dumped = stored_facts(store, tenant=TENANT)
    other = after((parse_facts(write_facts(dumped)), JUNE))
    assert stored_facts(other, tenant=TENANT) == dumped
    assert stored_account(other, at=JANUARY) == stored_account(store, at=JANUARY)


def test_an_unknown_tenant_is_refused_by_name() -> None:
    with pytest.raises(UnknownIdError, match="did you mean `acme support`"):
        stored_facts(after((changed(), JUNE)), tenant="acme suport")
