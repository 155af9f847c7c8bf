"""Statements for one admission on PostgreSQL: one that reads, one that writes and is a transaction.

The writing statement takes its locks in this order: the account, then the rows that it adds, then
the row with the end of the tenant's chain, which the server seals. So that row is locked only while
one statement ends, and no two statements wait for each other. Inside a transaction the locks last
until it ends.

Values that several parts need are parameters of the first one. psycopg parses a statement again at
each execution if it has more than 50 parameters, which costs a tenth of the time of an admission.
"""

# ruff: noqa: S608 - the text is made of the names of our own tables and columns

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

from entitlements.adapters.sql.repositories.admissions.stepwise_admissions import StepwiseStatements
from entitlements.adapters.sql.repositories.outbox_and_decisions import CHANNEL
from entitlements.adapters.sql.repositories.statements import ABSENT_LOCK, account_parts
from entitlements.adapters.sql.session.bulk import is_one_of
from entitlements.adapters.sql.session.prepared import (
    PreparedStatement,
    tenant_param,
    text_param,
)
from entitlements.adapters.sql.tables import Tables

ACCOUNT_PART: Final = 0
EDITION_PART: Final = 4
COMMAND_PART: Final = 5
_ENTRY: Final = ("number", "key", "at", "recorded", "body")
_SHARED: Final = {"tenant": "tenant_", "customer": "customer_", "command": "x_id", "id": "k_id"}
"""Names of what several parts need, each with its parameter; the last one only with a case."""
_CHANGE_NUMBER: Final = "txid_current()"
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
        self.changes = PreparedStatement(_changes(tables, dialect), dialect)
        self.ahead = PreparedStatement(_ahead(tables, dialect), dialect)
        self.stepwise = StepwiseStatements(tables, dialect)
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
    now, latest = _now(dialect), func.coalesce(func.max(t.editions.c.number), literal_column("0"))
    e, c = t.editions.c, t.commands.c

    def part(number: int) -> Any:
        return literal_column(str(number)).label("part")

    return union_all(
        *account_parts(t),
        select(part(EDITION_PART), latest, now, none, nothing, nothing, nothing).where(
            e.tenant == tenant_param()
        ),
        select(part(COMMAND_PART), c.at, none, none, c.digest, c.id, c.answer).where(
            c.tenant == tenant_param(), c.id == text_param("id_")
        ),
    )


def _now(dialect: Dialect) -> Any:
    if dialect.name == "postgresql":
        return literal_column(_NOW).label("now")
    return cast(null(), BigInteger)


def _changes(t: Tables, dialect: Dialect) -> Any:
    """Return one statement for the version of the account, the latest edition, and the command."""
    a, e, c = t.accounts.c, t.editions.c, t.commands.c
    mine, one = tenant_param(), _one_row()
    version = select(a.version).where(a.tenant == mine, a.customer == text_param("customer"))
    latest = select(func.coalesce(func.max(e.number), literal_column("0"))).where(e.tenant == mine)
    done = (c.tenant == mine) & (c.id == text_param("id_"))
    return select(
        version.scalar_subquery(),
        latest.scalar_subquery(),
        _now(dialect),
        *(c.id, c.digest, c.at, c.answer),
    ).select_from(one.outerjoin(t.commands, done))


def _ahead(t: Tables, dialect: Dialect) -> Any:
    """Return one statement for the latest edition, and for those of several commands there are."""
    e, c, one = t.editions.c, t.commands.c, _one_row()
    latest = select(func.coalesce(func.max(e.number), literal_column("0")))
    named = (c.tenant == tenant_param()) & is_one_of(c.id, "ids", dialect)
    return select(
        latest.where(e.tenant == tenant_param()).scalar_subquery(),
        _now(dialect),
        *(c.id, c.digest, c.at, c.answer),
    ).select_from(one.outerjoin(t.commands, named))


def _one_row() -> Any:
    return select(literal_column("1").label("one")).subquery("one")


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
            self._insert("x", t.commands, ["digest", "at", "answer"], shared={"id": "command"}),
            *(self._message(f"m{n}") for n in range(shape.messages)),
            *(
                self._insert(f"e{n}", t.entries, _ENTRY, shared={"customer": "customer"})
                for n in range(shape.entries)
            ),
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
        given = {name: each for name, each in _SHARED.items() if shape.opens or name != "id"}
        values = ", ".join(f"CAST(:{each} AS TEXT) AS {name}" for name, each in given.items())
        shared = f"(SELECT {values}) AS g"
        returned = ", ".join(["version", *(f"g.{name}" for name in given)])
        this = "b.tenant = g.tenant AND b.customer = g.customer"
        new = [self._absent(t.commands, "command")]
        if shape.opens:
            new += [self._absent(each, "id") for each in (t.cases, t.work_items)]
        ready = (
            f"(SELECT coalesce(max(number), 0) FROM {self._name(t.editions)} AS o"
            f" WHERE o.tenant = g.tenant) = CAST(:edition AS BIGINT)"
            f" AND EXISTS (SELECT 1 FROM {self._name(t.chains)} AS o WHERE o.tenant = g.tenant)"
            f" AND {' AND '.join(new)}"
        )
        same = f"{this} AND b.version = CAST(:seen AS BIGINT) AND {ready}"
        if not shape.known:
            absent = f"NOT EXISTS (SELECT 1 FROM {accounts} AS b WHERE {this})"
            # There is no row to lock, and others may have the same commands in another order.
            key = "hashtext(g.tenant || chr(10) || g.customer)"
            lock = f"pg_advisory_xact_lock({ABSENT_LOCK}, {key}) AS locked"
            return f"SELECT 0 AS {returned} FROM {shared}, {lock} WHERE {absent} AND {ready}"
        if not shape.opens:
            return f"SELECT {returned} FROM {accounts} AS b, {shared} WHERE {same} FOR SHARE OF b"
        return (
            f"UPDATE {accounts} AS b SET version = version + {shape.entries + 1},"
            f" head = head + {shape.entries} FROM {shared} WHERE {same} RETURNING {returned}"
        )

    def _message(self, name: str) -> str:
        columns = ["topic", "at", "body", "case"]
        return self._insert(name, self._t.outbox, columns, shared={}, returning="number")

    def _absent(self, table: Table, id: str) -> str:
        """Return the condition that no row has an id, which its key alone would report too late."""
        found = f"SELECT 1 FROM {self._name(table)} AS o WHERE o.tenant = g.tenant"
        return f"NOT EXISTS ({found} AND o.id = g.{id})"

    def _insert(
        self,
        name: str,
        table: Table,
        columns: Sequence[str],
        *,
        shared: Mapping[str, str],
        returning: str = "1",
    ) -> str:
        """Return the part that adds a row.

        Args:
            name: Name of the part, and prefix of its parameters.
            table: Where to.
            columns: Columns with parameters of this part.
            shared: Columns with values that the first part has, each with the name there.
            returning: What the part returns.
        """
        taken = ["tenant", *(self._column(table, each) for each in (*shared, *columns))]
        values = [f"a.{each}" for each in ("tenant", *shared.values())]
        values += [
            _CHANGE_NUMBER if each == "changed" else _typed(table.c[each], f"{name}_{each}")
            for each in columns
        ]
        return (
            f"{name} AS (INSERT INTO {self._name(table)} ({', '.join(taken)})"
            f" SELECT {', '.join(values)} FROM a RETURNING {returning})"
        )

    def _case(self) -> list[str]:
        t = self._t
        counted = (
            f"c AS (INSERT INTO {self._name(t.counted_cases)}"
            " (tenant, customer, id, position, body)"
            " SELECT a.tenant, a.customer, a.id, a.version, CAST(:c_body AS TEXT) FROM a"
            " ON CONFLICT (tenant, customer, id) DO UPDATE"
            " SET position = excluded.position, body = excluded.body RETURNING 1)"
        )
        items = [each.key for each in t.work_items.c if each.key not in {"tenant", "id"}]
        cases = [each.key for each in t.cases.c if each.key not in {"tenant", "id", "customer"}]
        both = {"id": "id", "customer": "customer"}
        return [
            counted,
            self._insert("k", t.cases, cases, shared=both),
            self._insert("v", t.events, ["number", "recorded", "body"], shared={"case": "id"}),
            self._insert("w", t.work_items, items, shared={"id": "id"}),
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
            f" WHERE h.tenant = (SELECT tenant FROM a) AND {counts} = {len(added)}"
            " RETURNING h.tenant, h.number, h.previous, h.digest)"
        )

    def _link(self) -> str:
        d = self._t.decisions
        return (
            f"l AS (INSERT INTO {self._name(d)}"
            " (tenant, number, at, kind, subject, body, previous, digest)"
            f" SELECT h.tenant, h.number, {_typed(d.c.at, 'l_at')}, {_typed(d.c.kind, 'l_kind')},"
            f" {_typed(d.c.subject, 'l_subject')}, {_typed(d.c.body, 'l_body')},"
            " h.previous, h.digest FROM h RETURNING 1)"
        )

    def _name(self, table: Table) -> str:
        return self._dialect.identifier_preparer.format_table(table)

    def _column(self, table: Table, name: str) -> str:
        return self._dialect.identifier_preparer.format_column(table.c[name])
