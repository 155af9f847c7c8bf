"""Admissions statement by statement, for SQLite, which has no round trips.

The account is changed once, whatever is added to it. The end of the chain of decisions is kept by
the store: the statement that moves it on names the end that it follows, and finds no row if another
process was faster.
"""

from __future__ import annotations

from typing import Protocol, final

from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite

from entitlements.adapters.sql.repositories.accounts import SqlAccounts
from entitlements.adapters.sql.repositories.outbox_and_decisions import (
    OutboxStatements,
    SqlOutbox,
)
from entitlements.adapters.sql.repositories.statements import count_case
from entitlements.adapters.sql.session.prepared import PreparedStatement
from entitlements.adapters.sql.session.session import Row, Session
from entitlements.adapters.sql.tables import Tables
from entitlements.kernel.errors import DuplicateIdError, StaleReadError
from entitlements.kernel.memo import Memo
from entitlements.ports.admissions import Admission
from entitlements.ports.append_rules import command_was_recorded
from entitlements.ports.chain_links import link_digest
from entitlements.ports.records import ChainHead
from entitlements.ports.store import UnitOfWork


class UnitInTables(UnitOfWork, Protocol):
    """A unit of work whose accounts are in tables."""

    @property
    def accounts(self) -> SqlAccounts:
        """Contracts, changes, delegations and assets of customers."""
        ...

    @property
    def outbox(self) -> SqlOutbox:
        """Messages that leave after the commit."""
        ...


@final
class StepwiseStatements:
    """Statements that add the rows of an admission."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        kind = postgresql if dialect.name == "postgresql" else sqlite
        new = {"k": tables.cases, "w": tables.work_items, "x": tables.commands}
        self.new = {
            part: PreparedStatement(kind.insert(table).on_conflict_do_nothing(), dialect)
            for part, table in new.items()
        }
        self.entry = PreparedStatement(tables.entries.insert(), dialect)
        self.event = PreparedStatement(tables.events.insert(), dialect)
        self.count_case = PreparedStatement(count_case(tables, dialect), dialect)
        self.link = PreparedStatement(tables.decisions.insert(), dialect)


@final
class StepwiseAdmissions:
    """Writes admissions, each in a few statements.

    Args:
        session: The session.
        statements: Its statements.
        trail: Statements about the chain of decisions.
        work: The unit of work.
        heads: The ends of the chains, as last seen.
    """

    __slots__ = ("_heads", "_session", "_statements", "_trail", "_work")

    def __init__(
        self,
        session: Session,
        statements: StepwiseStatements,
        trail: OutboxStatements,
        work: UnitInTables,
        heads: Memo[str, ChainHead],
    ) -> None:
        self._session = session
        self._heads = heads
        self._statements = statements
        self._trail = trail
        self._work = work

    def write(self, admission: Admission, rows: dict[str, Row], content: str) -> list[int]:
        """Write an admission, and return the numbers of its messages.

        Args:
            admission: The admission.
            rows: Its rows, by part.
            content: Digest of what its link says.
        """
        accounts, account = self._work.accounts, admission.facts.account
        version = 0
        if account is not None and (admission.case is not None or admission.entries):
            version = accounts.claim_positions(
                account.customer,
                rows=int(admission.case is not None),
                entries=len(admission.entries),
                head=len(account.ledger),
            )
        self._add_new(admission, rows)
        self._add_rest(admission, rows, version)
        if version:
            accounts.wrote_all(version, admission)
        numbers = [self._put(rows[f"m{each}"]) for each in range(len(admission.messages))]
        self._seal(rows["l"], content)
        return numbers

    def _put(self, message: Row) -> int:
        ((number,),) = self._session.read(self._trail.put, **message)
        self._work.outbox.announce()
        return int(number)

    def _add_new(self, admission: Admission, rows: dict[str, Row]) -> None:
        """Add the rows whose ids others may have used."""
        parts = [part for part in self._statements.new if part in rows]
        added = self._session.run_all([(self._statements.new[each], rows[each]) for each in parts])
        for part, changed in zip(parts, added, strict=True):
            if changed != 1:
                if part == "x":
                    raise command_was_recorded(admission.done.id)
                raise DuplicateIdError("case" if part == "k" else "work", rows[part]["id"])

    def _add_rest(self, admission: Admission, rows: dict[str, Row], version: int) -> None:
        statements = self._statements
        rest = [(statements.entry, rows[f"e{each}"]) for each in range(len(admission.entries))]
        if admission.case is not None:
            counted = {**rows["c"], "customer": admission.customer, "position": version}
            rest += [(statements.count_case, counted), (statements.event, rows["v"])]
        if rest:
            self._session.run_all(rest)

    def _seal(self, link: Row, content: str) -> None:
        """Add the link after the end of the chain, which is read only if another has moved it."""
        heads, tenant = self._heads, self._session.tenant
        for head in (heads.get(tenant), None):
            before = self._work.decisions.head() if head is None else head
            number = before.number + 1
            digest = link_digest(before.digest, number, content)
            extend = {"before": before.number, "previous": before.digest}
            extend |= {"number_": number, "digest_": digest}
            if self._session.run(self._trail.extend, **extend) == 1:
                place = {"number": number, "previous": before.digest, "digest": digest}
                self._session.run_all([(self._statements.link, {**link, **place})])
                heads.put(tenant, ChainHead(number, digest))
                return
        raise StaleReadError("the chain of decisions has changed since it was read", field="number")
