from __future__ import annotations

from tests.engine.statements.acme import acme
from tests.service.records.acme_desk import EARLY, TENANT, opened_desk

from entitlements.adapters.memory import MemoryStore
from entitlements.billing import BillingAccount
from entitlements.contracts import Account
from entitlements.service.caches.billed_facts import billed_facts
from entitlements.service.caches.catalog_cache import CatalogCache


def test_facts_are_those_of_one_customer() -> None:
    desk = opened_desk(MemoryStore(), acme())
    others = [BillingAccount(customer=each, currency="EUR") for each in ("acme", "globex")]
    with desk.context.store.begin(TENANT) as work:
        work.accounts.open(Account(customer="globex"))
        known = acme()
        work.catalog.save(
            known.catalog,
            known.policies.values(),
            EARLY,
            prices=known.prices,
            billing_accounts=others,
        )
        edition = CatalogCache().latest(work)
        account = work.accounts.account("acme")
        assert account is not None
        found = billed_facts(work, edition, account)
    assert ([*found.accounts], [*found.billing_accounts]) == (["acme"], ["acme"])
    assert found.billing_accounts["acme"].currency == "EUR"
