from __future__ import annotations

import pytest
from tests.loading.documents import JANUARY, JUNE, TENANT, after, changed, loaded, stored_account

from entitlements.contracts.ledger.entries import Issue, Reserve
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import ConflictError
from entitlements.loading import stored_facts
from entitlements.ports import Store

CONTACTS = "        contacts: [dana]"
ONE = "{id: g-1, unit: incidents, amount: 5, effective: 2026-01-01T00:00Z}"
TWO = "{id: g-2, unit: incidents, amount: 3, effective: 2026-06-01T00:00Z}"


def granted(*grants: str) -> Facts:
    return changed((CONTACTS, f"{CONTACTS}\n    grants: [{', '.join(grants)}]"))


def used(store: Store) -> Store:
    """Reserve a unit, as a desk does."""
    with store.begin(TENANT) as work:
        ledger = work.ledger.ledger("acme")
        entry = ledger.post(Reserve(key="R-1", unit="incidents", amount=1), JUNE).entry
        work.ledger.append("acme", [entry], len(ledger))
        work.commit()
    return store


def test_a_new_grant_is_issued_at_the_load_after_what_was_used() -> None:
    store = used(after((granted(ONE), JANUARY)))
    assert loaded(store, granted(ONE, TWO), JUNE) == ["+ grant g-2 of acme: 3 incidents"]
    last = stored_account(store).ledger.entries[-1]
    assert isinstance(last.command, Issue)
    assert (last.number, last.command.grant.id, last.recorded) == (3, "g-2", JUNE)
    assert loaded(store, granted(ONE, TWO), JUNE) == []
    assert loaded(store, granted(TWO), JUNE) == []


def test_a_grant_is_not_issued_again_with_other_terms() -> None:
    store = used(after((granted(ONE), JANUARY)))
    with pytest.raises(ConflictError, match="`g-1` of `acme` was issued") as caught:
        loaded(store, granted(ONE.replace("amount: 5", "amount: 6")), JUNE)
    assert (caught.value.path, caught.value.field) == ("accounts[0].ledger", "grant")


def test_the_ledger_of_an_earlier_dump_changes_nothing() -> None:
    store = after((granted(ONE), JANUARY))
    earlier = stored_facts(store, tenant=TENANT)
    later = stored_facts(used(store), tenant=TENANT)
    assert loaded(store, earlier, JUNE) == []
    fresh = after((earlier, JUNE))
    assert loaded(fresh, later, JUNE) == ["+ ledger entry 2 of acme"]
    assert stored_account(fresh).ledger == stored_account(store).ledger


def test_another_history_of_use_is_refused() -> None:
    store, other = used(after((granted(ONE), JANUARY))), used(after((granted(TWO), JANUARY)))
    with pytest.raises(ConflictError, match="entry `1` of the ledger of `acme`"):
        loaded(store, stored_facts(other, tenant=TENANT), JUNE)
