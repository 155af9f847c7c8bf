"""Catalogs in a table, edition by edition."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import final

from entitlements.adapters.sql.repositories.statements import FactStatements
from entitlements.adapters.sql.rows import mapping
from entitlements.adapters.sql.session.session import Session
from entitlements.aftersales.notice_clauses import NoticeClause
from entitlements.billing.billing_accounts import BillingAccount
from entitlements.billing.price_book import NO_PRICES, PriceBook
from entitlements.contracts.catalog import Catalog
from entitlements.kernel.errors import StaleReadError, UnknownIdError
from entitlements.kernel.instants import instant_of, to_micros
from entitlements.kernel.on_demand.memo import Memo
from entitlements.ports.catalog_editions import CatalogEdition
from entitlements.ports.rules.arguments import row_number
from entitlements.routing.policies.policy import DEFAULT_ROUTING, RoutingPolicy
from entitlements.sla.policy import SlaPolicy


@final
class SqlCatalogs:
    """`Catalogs` in a table; the store caches the editions that were read."""

    def __init__(
        self,
        session: Session,
        statements: FactStatements,
        cache: Memo[tuple[str, int], CatalogEdition],
    ) -> None:
        self._session = session
        self._statements = statements
        self._cache = cache
        self._own: set[int] = set()

    def is_committed(self, number: int) -> bool:
        host = self._session.host
        written = ("edition", self._session.tenant, number)
        return row_number(number) not in self._own and (host is None or not host.wrote(written))

    def edition(self, number: int | None = None) -> CatalogEdition:
        wanted = self.number() if number is None else row_number(number)
        key = (self._session.tenant, wanted)
        found = self._cache.get(key)
        if found is not None and self.is_committed(wanted):
            return found
        rows = self._session.read(self._statements.edition, number=wanted)
        if not rows:
            raise UnknownIdError("edition of the catalog", str(wanted))
        recorded, body = rows[0]
        found = mapping.edition_from_row({"number": wanted, "recorded": recorded, "body": body})
        if self.is_committed(wanted):
            self._cache.put(key, found)
        return found

    def number(self, known_at: datetime | None = None) -> int:
        known = mapping.MAX_BIGINT if known_at is None else to_micros(known_at)
        ((found,),) = self._session.read(self._statements.number, known=known)
        return found or 0

    def save(
        self,
        catalog: Catalog,
        policies: Iterable[SlaPolicy],
        at: datetime,
        *,
        routing: RoutingPolicy = DEFAULT_ROUTING,
        prices: PriceBook = NO_PRICES,
        billing_accounts: Iterable[BillingAccount] = (),
        notice_clauses: Iterable[NoticeClause] = (),
    ) -> int:
        edition = CatalogEdition(
            number=self.number() + 1,
            recorded=instant_of(at),
            catalog=catalog,
            policies=policies,
            routing=routing,
            prices=prices,
            billing_accounts=billing_accounts,
            notice_clauses=notice_clauses,
        )
        row = mapping.edition_to_row(edition)
        if not self._session.insert_new(self._statements.tables.editions, row):
            raise StaleReadError(
                "another edition of the catalog was saved in the meantime", field="number"
            )
        self._own.add(edition.number)
        if self._session.host is not None:
            self._session.host.note(("edition", self._session.tenant, edition.number))
        return edition.number
