"""Statements for one admission on PostgreSQL: one that reads, one that writes and is a transaction.

The writing statement takes its locks in this order: the account, then the rows that it adds, then
the row with the end of the tenant's chain, which the server seals. So that row is locked only while
one statement ends, and no two statements wait for each other. Inside a transaction the locks last
until it ends.
"""

# ruff: noqa: S608 - the text is made of the names of our own tables and columns

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    String,
    Table,
    cast,
    func,
    literal_column,
    null,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects import postgresql

from entitlements.adapters.sql.repositories.outbox_and_decisions import CHANNEL
from entitlements.adapters.sql.repositories.statements import account_parts
from entitlements.adapters.sql.session.prepared import (
    PreparedStatement,
    tenant_param,
    text_param,
)
from entitlements.adapters.sql.tables import Tables

EDITION_PART: Final = 4
COMMAND_PART: Final = 5
_ENTRY: Final = ("customer", "number", "key", "at", "recorded", "body")
_TENANT: Final = "CAST(:tenant_ AS TEXT)"
_CUSTOMER: Final = "CAST(:customer_ AS TEXT)"
_NOW: Final = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"


class AdmissionShape(NamedTuple):
    """What the text of the writing statement depends on.

    Attributes:
        known: Whether the customer has an account.
        opens: Whether a case is opened.
        entries: How many ledger entries are added.
        messages: How many messages are added.
    """

    known: bool
    opens: bool
    entries: int
    messages: int


@final
class AdmissionStatements:
    """Statements for whole admissions."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self._tables = tables
        self._dialect = dialect
        self.facts = PreparedStatement(_facts(tables, dialect), dialect)
        self.notify = PreparedStatement(text(f"NOTIFY {CHANNEL}"), dialect)
        self.begin_chain = PreparedStatement(_begin_chain(tables), dialect)
        self.writing = lru_cache(maxsize=64)(self._writing)

    def _writing(self, shape: AdmissionShape) -> PreparedStatement:
        """Return the statement that writes an admission of a shape."""
        written = _WritingText(self._tables, self._dialect).of(shape)
        prepared = PreparedStatement(text(written), self._dialect)
        prepared.writes = True
        return prepared


def _facts(t: Tables, dialect: Dialect) -> Any:
    """Return one statement for the account, the latest edition, and the command."""
    none, nothing = cast(null(), BigInteger), cast(null(), String)
    now = literal_column(_NOW).label("now") if dialect.name == "postgresql" else none
    e, c = t.editions.c, t.commands.c

    def part(number: int) -> Any:
        return literal_column(str(number)).label("part")

    latest = func.coalesce(func.max(e.number), 0)
    return union_all(
        *account_parts(t),
        select(part(EDITION_PART), latest, now, none, nothing, nothing, nothing).where(
            e.tenant == tenant_param()
        ),
        select(part(COMMAND_PART), c.at, none, none, c.digest, c.id, c.answer).where(
            c.tenant == tenant_param(), c.id == text_param("id_")
        ),
    )


def _begin_chain(t: Tables) -> Any:
    added = postgresql.insert(t.chains).values(
        {"tenant": tenant_param(), "number": 0, "digest": "", "previous": ""}
    )
    return added.on_conflict_do_nothing().returning(t.chains.c.tenant)


def _typed(column: Column[Any], name: str) -> str:
    """Return a parameter with the type of a column, which an untyped NULL would not have."""
    kinds: dict[type[Any], str] = {Boolean: "BOOLEAN", BigInteger: "BIGINT"}
    kind = next((sql for of, sql in kinds.items() if isinstance(column.type, of)), "TEXT")
    return f"CAST(:{name} AS {kind})"


@final
class _WritingText:
    """The text of the writing statement, part by part."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self._t = tables
        self._dialect = dialect

    def of(self, shape: AdmissionShape) -> str:
        t = self._t
        parts = [
            f"a AS ({self._account(shape)})",
            self._insert("x", t.commands, ["id", "digest", "at", "answer"]),
            *(
                self._insert(f"m{n}", t.outbox, ["topic", "at", "body", "case"], returning="number")
                for n in range(shape.messages)
            ),
            *(self._insert(f"e{n}", t.entries, _ENTRY) for n in range(shape.entries)),
            *(self._case() if shape.opens else []),
        ]
        added = [part.partition(" ")[0] for part in parts[1:]]
        parts += [self._chain(added), self._link()]
        numbers = [f"(SELECT number FROM m{n})" for n in range(shape.messages)]
        return (
            f"WITH {', '.join(parts)} "
            f"SELECT {', '.join(['(SELECT version FROM a)', '(SELECT number FROM h)', *numbers])}"
        )

    def _account(self, shape: AdmissionShape) -> str:
        accounts, t = self._name(self._t.accounts), self._t
        this = f"tenant = {_TENANT} AND customer = {_CUSTOMER}"
        new = [self._absent(t.commands, "x_id")]
        if shape.opens:
            new += [self._absent(each, "k_id") for each in (t.cases, t.work_items)]
        ready = (
            f"(SELECT coalesce(max(number), 0) FROM {self._name(t.editions)}"
            f" WHERE tenant = {_TENANT}) = CAST(:edition AS BIGINT)"
            f" AND EXISTS (SELECT 1 FROM {self._name(t.chains)} WHERE tenant = {_TENANT})"
            f" AND {' AND '.join(new)}"
        )
        same = f"{this} AND version = CAST(:seen AS BIGINT) AND {ready}"
        if not shape.known:
            absent = f"NOT EXISTS (SELECT 1 FROM {accounts} WHERE {this})"
            return f"SELECT 0 AS version WHERE {absent} AND {ready}"
        if not shape.opens:
            return f"SELECT version FROM {accounts} WHERE {same} FOR SHARE"
        return (
            f"UPDATE {accounts} SET version = version + {shape.entries + 1},"
            f" head = head + {shape.entries} WHERE {same} RETURNING version"
        )

    def _absent(self, table: Table, id: str) -> str:
        """Return the condition that no row has an id, which its key alone would report too late."""
        found = f"SELECT 1 FROM {self._name(table)} WHERE tenant = {_TENANT}"
        return f"NOT EXISTS ({found} AND id = CAST(:{id} AS TEXT))"

    def _insert(
        self, name: str, table: Table, columns: Sequence[str], *, returning: str = "1"
    ) -> str:
        values = ", ".join(_typed(table.c[each], f"{name}_{each}") for each in columns)
        names = ", ".join(["tenant", *(self._column(table, each) for each in columns)])
        return (
            f"{name} AS (INSERT INTO {self._name(table)} ({names})"
            f" SELECT {_TENANT}, {values} FROM a RETURNING {returning})"
        )

    def _case(self) -> list[str]:
        t = self._t
        counted = (
            f"c AS (INSERT INTO {self._name(t.counted_cases)}"
            " (tenant, customer, id, position, body)"
            f" SELECT {_TENANT}, {_CUSTOMER}, CAST(:k_id AS TEXT), a.version, CAST(:c_body AS TEXT)"
            " FROM a"
            " ON CONFLICT (tenant, customer, id) DO UPDATE"
            " SET position = excluded.position, body = excluded.body RETURNING 1)"
        )
        columns = [each.key for each in t.work_items.c if each.key != "tenant"]
        cases = [each.key for each in t.cases.c if each.key != "tenant"]
        return [
            counted,
            self._insert("k", t.cases, cases),
            self._insert("v", t.events, ["case", "number", "at", "body"]),
            self._insert("w", t.work_items, columns),
        ]

    def _chain(self, added: Sequence[str]) -> str:
        """Return the part that seals the link, after the newest one, whoever wrote that."""
        counts = " + ".join(f"(SELECT count(*) FROM {each})" for each in added)
        number = "CAST(h.number + 1 AS TEXT)"
        line = f"h.digest || chr(10) || {number} || chr(10) || CAST(:content AS TEXT)"
        return (
            f"h AS (UPDATE {self._name(self._t.chains)} AS h SET previous = h.digest,"
            f" number = h.number + 1,"
            f" digest = encode(sha256(convert_to({line}, 'UTF8')), 'hex')"
            f" WHERE h.tenant = {_TENANT} AND {counts} = {len(added)}"
            " RETURNING h.number, h.previous, h.digest)"
        )

    def _link(self) -> str:
        d = self._t.decisions
        return (
            f"l AS (INSERT INTO {self._name(d)}"
            " (tenant, number, at, kind, subject, body, previous, digest)"
            f" SELECT {_TENANT}, h.number, {_typed(d.c.at, 'l_at')}, {_typed(d.c.kind, 'l_kind')},"
            f" {_typed(d.c.subject, 'l_subject')}, {_typed(d.c.body, 'l_body')},"
            " h.previous, h.digest FROM h RETURNING 1)"
        )

    def _name(self, table: Table) -> str:
        return self._dialect.identifier_preparer.format_table(table)

    def _column(self, table: Table, name: str) -> str:
        return self._dialect.identifier_preparer.format_column(table.c[name])
