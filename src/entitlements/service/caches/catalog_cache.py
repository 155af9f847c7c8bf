"""Catalog cache: compiled editions of the catalog, and digests of accounts and ledgers.

Everything here can be dropped at any time: it is computed again from the store.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, final

import attrs

from entitlements.access.promise import Entitlement
from entitlements.contracts.account import Account, has_same_records
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.plans import Plan
from entitlements.engine.engine import Engine
from entitlements.engine.facts import Facts
from entitlements.kernel.on_demand.memo import Memo
from entitlements.ports.records import Case, FrozenTerms
from entitlements.ports.store import UnitOfWork
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.service.audit.decision_record import (
    EMPTY_DIGEST,
    account_digest,
    catalog_digest,
    entries_digest,
    last_recorded,
)
from entitlements.sla.policy import SlaPolicy

MAX_KEPT: Final = 65_536
MAX_KEPT_EDITIONS: Final = 64


@final
@attrs.frozen(eq=False)
class CompiledEdition:
    """One edition of the catalog, compiled for decisions and clocks.

    Attributes:
        number: Number of the edition; 0 for the empty catalog before the first edition.
        engine: Its facts, compiled, without accounts and agents.
        digest: `catalog_digest` of its facts.
    """

    number: int
    engine: Engine
    digest: str

    @property
    def routing(self) -> RoutingPolicy:
        """The routing policy of the edition: orders, strategy, offers, queues."""
        return self.engine.facts.routing

    def policy(self, terms: FrozenTerms) -> SlaPolicy:
        """Return the SLA policy of the frozen terms, with the calendars of the contract line."""
        return self.engine.policy(
            Entitlement(
                contract=terms.contract,
                line=terms.line,
                plan=terms.plan or "",
                plan_version=terms.plan_version or "",
                policy=terms.policy,
                right=None,
                calendars=tuple(sorted(terms.calendars.items())),
            )
        )

    def others(self, case: Case) -> tuple[SlaPolicy, ...]:
        """Return the SLA policies that are named by changes of terms among the case's events."""
        known = self.engine.facts.policies
        named = dict.fromkeys(each.policy for each in case.events if each.policy is not None)
        return tuple(known[name] for name in named if name in known)

    def rank(self, terms: FrozenTerms, severity: str) -> int:
        """Return the rank of a severity in the plan of the frozen terms; the most severe is 0."""
        scale = self._plan(terms).severities
        return scale.index(severity) if severity in scale else len(scale)

    def _plan(self, terms: FrozenTerms) -> Plan:
        versions = self.engine.facts.catalog.plan_versions(terms.plan or "")
        return next(each for each in versions if each.version == terms.plan_version)


@final
class CatalogCache:
    """Compiled editions and digests of one tenant, each in a bounded memo."""

    __slots__ = ("_accounts", "_editions", "_entries")

    def __init__(self) -> None:
        self._editions: Memo[int, CompiledEdition] = Memo(MAX_KEPT_EDITIONS)
        self._accounts: Memo[str, tuple[Account, tuple[str, datetime]]] = Memo(MAX_KEPT)
        self._entries: Memo[str, tuple[int, str, Entry | None]] = Memo(MAX_KEPT)

    def latest(self, work: UnitOfWork) -> CompiledEdition:
        """Return the latest edition, compiled; an empty one if there is none."""
        return self.edition(work, work.catalog.number())

    def edition(self, work: UnitOfWork, number: int) -> CompiledEdition:
        """Return an edition by its number; 0 is the empty catalog.

        Raises:
            UnknownIdError: No edition has that number.
        """
        found = self._editions.get(number)
        if found is None:
            facts = Facts()
            if number:
                edition = work.catalog.edition(number)
                facts = Facts(
                    catalog=edition.catalog,
                    policies=edition.policies,
                    routing=edition.routing,
                    prices=edition.prices,
                )
            found = CompiledEdition(number, Engine(facts), catalog_digest(facts))
            if work.catalog.is_committed(number):
                self._editions.put(number, found)
        return found

    def records(self, account: Account | None) -> tuple[str, datetime]:
        """Return `account_digest` and `last_recorded`, computed again only after a change."""
        if account is None:
            return EMPTY_DIGEST, last_recorded(None)
        kept = self._accounts.get(account.customer)
        if kept is None or not has_same_records(kept[0], account):
            kept = (account, (account_digest(account), last_recorded(account)))
            self._accounts.put(account.customer, kept)
        return kept[1]

    def entries_digest(self, account: Account | None) -> str:
        """Return `entries_digest` of its ledger, computed only for entries since the last call."""
        if account is None:
            return EMPTY_DIGEST
        customer, ledger = account.customer, account.ledger
        length, before, last = self._entries.get(customer, (0, EMPTY_DIGEST, None))
        new = ledger.entries_after(max(length - 1, 0))
        if length and (not new or new[0] is not last):
            # Another ledger of that customer: a host has rolled back what was read before.
            length, before, new = 0, EMPTY_DIGEST, ledger.entries
        elif length:
            new = new[1:]
        if new:
            before = entries_digest(new, before)
            self._entries.put(customer, (len(ledger), before, new[-1]))
        return before
