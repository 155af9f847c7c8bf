"""Billed facts: those of an edition of the catalog, with one customer's account and its billing."""

from __future__ import annotations

import attrs

from entitlements.contracts.account import Account
from entitlements.engine.facts import Facts
from entitlements.ports.store import UnitOfWork
from entitlements.service.caches.catalog_cache import CompiledEdition


def billed_facts(work: UnitOfWork, edition: CompiledEdition, account: Account) -> Facts:
    """Return the facts from which one customer is billed."""
    billed = work.catalog.edition(edition.number).billing_accounts if edition.number else ()
    own = [each for each in billed if each.customer == account.customer]
    return attrs.evolve(edition.engine.facts, accounts=[account], billing_accounts=own)
