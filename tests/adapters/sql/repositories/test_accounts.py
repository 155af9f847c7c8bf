from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.service.desks import MONDAY, TENANT, admitted, desk, request, settle

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.sql import SqlStore
from entitlements.contracts import Account
from entitlements.contracts.account import has_same_records
from entitlements.kernel.errors import DuplicateIdError
from entitlements.ports import Store
from entitlements.service import ResolveCase
from entitlements.testing.laws.ports import FACT_LAWS, Law


@pytest.mark.parametrize("law", FACT_LAWS, ids=lambda law: law.__name__)
def test_facts_keep_the_laws(law: Law, make_sql: Callable[[], SqlStore]) -> None:
    law(make_sql)


def read(store: Store, customer: str) -> Account:
    """Return the account of a customer."""
    with store.begin(TENANT) as work:
        found = work.accounts.account(customer)
    assert found is not None
    return found


def test_what_a_unit_has_written_is_remembered_and_equals_what_is_read(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = make_sql()
    settle(store)
    at_desk, before = desk(store), read(store, "opening")
    for number in range(3):
        admitted(at_desk, request(f"R-{number}", "opening"))
    at_desk.execute(ResolveCase(id="r", case="R-1"), MONDAY)
    kept = store.accounts[TENANT, "opening"]
    assert read(store, "opening") is kept.account
    assert (len(kept.account.ledger), len(kept.account.cases)) == (6, 3)
    assert has_same_records(before, kept.account), "what was compiled from them stays valid"
    store.clear_caches()
    again = read(store, "opening")
    assert again is not kept.account
    assert again == kept.account
    assert store.accounts[TENANT, "opening"].version == kept.version


def test_what_was_not_committed_is_not_remembered(make_sql: Callable[[], SqlStore]) -> None:
    store, other = make_sql(), MemoryStore()
    settle(store)
    settle(other)
    admitted(desk(other), request("R-1", "opening"))
    entries = read(other, "opening").ledger.entries
    before = read(store, "opening")
    with store.begin(TENANT) as work:
        assert work.accounts.account("opening") is before
        work.ledger.append("opening", entries, 0)
        assert work.accounts.account("opening") != before
    assert read(store, "opening") is before


def test_a_case_that_was_opened_twice_is_counted_once(make_sql: Callable[[], SqlStore]) -> None:
    store, other = make_sql(), MemoryStore()
    settle(store)
    settle(other)
    admitted(desk(other), request("R-1"))
    with other.begin(TENANT) as work:
        case = work.cases.case("R-1")
    with store.begin(TENANT) as work:
        work.cases.open(case)
        with pytest.raises(DuplicateIdError):
            work.cases.open(case)
        work.commit()
    assert read(store, "flat") == read(other, "flat")
    store.clear_caches()
    assert read(store, "flat") == read(other, "flat")
