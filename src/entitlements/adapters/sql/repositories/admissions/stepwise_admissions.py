"""Admissions table by table, for SQLite, which has no round trips.

An account is changed once, whatever is added to it, and so is the chain of decisions, whose end is
kept by the store: the statement that moves it on names the end that it follows, and finds no row if
another process was faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple, Protocol, final

from sqlalchemy import BigInteger, Dialect, func, literal_column, select

from entitlements.adapters.sql.repositories.accounts import SqlAccounts, changed_account
from entitlements.adapters.sql.repositories.outbox_and_decisions import (
    OutboxStatements,
    SqlOutbox,
)
from entitlements.adapters.sql.repositories.statements import claim_positions, count_case
from entitlements.adapters.sql.session.change_numbers import insertion
from entitlements.adapters.sql.session.prepared import (
    PreparedStatement,
    int_param,
    tenant_param,
)
from entitlements.adapters.sql.session.session import Row, Session
from entitlements.adapters.sql.tables import Tables
from entitlements.contracts.account import OpenCase
from entitlements.kernel.errors import DuplicateIdError, StaleReadError
from entitlements.kernel.on_demand.memo import Memo
from entitlements.ports.admissions import Admission
from entitlements.ports.records import ChainHead
from entitlements.ports.rules.append_rules import command_was_recorded
from entitlements.ports.rules.chain_links import link_digest
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
        new = {"k": tables.cases, "w": tables.work_items, "x": tables.commands}
        self.new = {
            part: PreparedStatement(insertion(table, dialect).on_conflict_do_nothing(), dialect)
            for part, table in new.items()
        }
        e = tables.editions.c
        none = literal_column("0", BigInteger)
        latest = select(func.coalesce(func.max(e.number), none)).where(e.tenant == tenant_param())
        claim = claim_positions(tables, seen=True, head=True)
        known = claim.where(latest.scalar_subquery() == int_param("edition"))
        self.claim_known = PreparedStatement(known, dialect)
        self.entry = PreparedStatement(tables.entries.insert(), dialect)
        self.event = PreparedStatement(tables.events.insert(), dialect)
        self.count_case = PreparedStatement(count_case(tables, dialect), dialect)
        self.link = PreparedStatement(tables.decisions.insert(), dialect)


class AdmissionRows(NamedTuple):
    """An admission and what is written of it.

    Attributes:
        admission: The admission.
        rows: Its rows, by part.
        counted: The case that it opens, as it counts; None for none.
        content: Digest of what its link says.
        seen: Version of the account from which it was decided; 0 for none.
        numbers: Where the numbers of its messages are put.
    """

    admission: Admission
    rows: dict[str, Row]
    counted: OpenCase | None
    content: str
    seen: int
    numbers: list[int]

    @property
    def positions(self) -> int:
        """How many positions it takes in the account."""
        return len(self.admission.entries) + (self.admission.case is not None)

    def of(self, kind: str) -> list[Row]:
        """Return the rows of messages (`m`) or entries (`e`), in their order."""
        many = self.admission.messages if kind == "m" else self.admission.entries
        return [self.rows[f"{kind}{number}"] for number in range(len(many))]


@final
class StepwiseAdmissions:
    """Writes admissions, several of them in as many statements as one.

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

    def write(self, every: Sequence[AdmissionRows]) -> None:
        """Write admissions, of which each was decided after those before it."""
        self._claim(every)
        self._add(every)

    def write_known(self, decided: AdmissionRows) -> None:
        """Write an admission that opens a case, decided from what was known before it was read.

        Raises:
            StaleReadError: The account or the edition is another one by now, or the case or the
                command was written in the meantime.
        """
        account = decided.admission.facts.account
        claimed = self._session.run(
            self._statements.claim_known,
            customer_=decided.admission.customer,
            seen=decided.seen,
            head_=0 if account is None else len(account.ledger),
            edition=decided.admission.facts.edition,
            rows=decided.positions,
            entries=len(decided.admission.entries),
        )
        if not claimed:
            raise changed_account(decided.admission.customer)
        try:
            self._add([decided])
        except DuplicateIdError as error:
            raise changed_account(decided.admission.customer) from error

    def _add(self, every: Sequence[AdmissionRows]) -> None:
        """Add all rows of admissions whose accounts were moved on."""
        for each in every:
            self._add_new(each)
        self._add_rest(every)
        messages = [row for each in every for row in each.of("m")]
        numbers = iter(self._work.outbox.put_rows(messages))
        for each in every:
            each.numbers.extend(islice(numbers, len(each.admission.messages)))
        self._seal(every)

    def _claim(self, every: Sequence[AdmissionRows]) -> None:
        """Move each account on, once for all that is added to it."""
        of_customer: dict[str, list[AdmissionRows]] = {}
        for each in every:
            if each.positions:
                of_customer.setdefault(each.admission.customer, []).append(each)
        for customer, added in of_customer.items():
            account = added[0].admission.facts.account
            entries = sum(len(each.admission.entries) for each in added)
            self._work.accounts.claim_after(
                added[0].seen,
                customer,
                rows=sum(each.positions for each in added) - entries,
                entries=entries,
                head=0 if account is None else len(account.ledger),
            )

    def _add_new(self, each: AdmissionRows) -> None:
        """Add the rows whose ids others may have used."""
        parts = [part for part in self._statements.new if part in each.rows]
        added = self._session.run_all(
            [(self._statements.new[part], each.rows[part]) for part in parts]
        )
        for part, changed in zip(parts, added, strict=True):
            if changed != 1:
                if part == "x":
                    raise command_was_recorded(each.admission.done.id)
                raise DuplicateIdError("case" if part == "k" else "work", each.rows[part]["id"])

    def _add_rest(self, every: Sequence[AdmissionRows]) -> None:
        statements, run_each = self._statements, self._session.run_each
        opened = [each for each in every if each.admission.case is not None]
        run_each(statements.entry, [row for each in every for row in each.of("e")])
        run_each(statements.event, [each.rows["v"] for each in opened])
        run_each(
            statements.count_case,
            [
                {
                    **each.rows["c"],
                    "customer": each.admission.customer,
                    "position": each.seen + each.positions,
                }
                for each in opened
            ],
        )

    def _seal(self, every: Sequence[AdmissionRows]) -> None:
        """Add the links after the end of the chain, which is read only if another has moved it."""
        heads, tenant = self._heads, self._session.tenant
        for head in (heads.get(tenant), None):
            before = end = self._work.decisions.head() if head is None else head
            links = list[Row]()
            for each in every:
                number = end.number + 1
                digest = link_digest(end.digest, number, each.content)
                place = {"number": number, "previous": end.digest, "digest": digest}
                links.append({**each.rows["l"], **place})
                end = ChainHead(number, digest)
            extend = {"before": before.number, "before_digest": before.digest}
            extend |= {"number_": end.number, "digest_": end.digest}
            if self._session.run(self._trail.extend, **extend, previous=links[-1]["previous"]):
                self._session.run_each(self._statements.link, links)
                heads.put(tenant, end)
                return
        raise StaleReadError("the chain of decisions has changed since it was read", field="number")
