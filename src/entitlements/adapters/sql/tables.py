"""Table definitions: the tenant is part of every key, instants are whole microseconds.

A host application may add them to its own metadata and schema; the names have a prefix. Bodies are
canonical JSON text, written and read by `rows.mapping` alone.
"""

from __future__ import annotations

from typing import Final, final

import attrs
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnClause,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    column,
)

from entitlements.kernel.converters import instance_of
from entitlements.kernel.ids import MAX_ID_LENGTH

PREFIX: Final = "entitlements_"
REVISION: Final = "0001"
"""The migration that creates these tables."""

_VALIDITY: Final = ("tenant", "kind", "known_to", "valid_from", "valid_to")
VERSION_TABLE: Final = f"{PREFIX}migration"
NAMING: Final = {"pk": "pk_%(table_name)s"}


def _id(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    return Column(name, String(MAX_ID_LENGTH), primary_key=primary_key, nullable=nullable)


def _key(*names: str) -> list[Column[str]]:
    return [_id(name, primary_key=True) for name in ("tenant", *names)]


def _long(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def _zero(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


@final
@attrs.frozen
class Tables:
    """All tables, in the order in which they are created.

    Attributes:
        editions: Editions of the catalog.
        accounts: A row for each customer; `version` counts all records ever written.
        facts: Contracts, changes, delegations and assets, with when they are valid and known.
        entries: Entries of ledgers.
        counted_cases: Cases as they count towards limits.
        cases: Admitted cases; `state` is a digest of the content.
        events: Events of cases.
        agents: Agents and their workloads.
        members: Agents of groups.
        schedules: On-call schedules.
        rotations: Counters of the roster.
        work_items: Work between queue and done.
        service_records: Work, claims, statements, outages, surveys, complaints and notices, with
            when they happened and were known.
        outbox: Messages; `ready_at` is when the next relay may claim one.
        endpoints: Receivers of messages with their own progress.
        deliveries: Messages on their way to an endpoint, each with its own copy.
        chains: The end of each chain of decisions; `previous` is the digest of the link before.
        decisions: Links of the chains.
        commands: Commands that were carried out.
        group_leases: Leases of groups by workers.
    """

    editions: Table
    accounts: Table
    facts: Table
    entries: Table
    counted_cases: Table
    cases: Table
    events: Table
    agents: Table
    members: Table
    schedules: Table
    rotations: Table
    work_items: Table
    service_records: Table
    outbox: Table
    endpoints: Table
    deliveries: Table
    chains: Table
    decisions: Table
    commands: Table
    group_leases: Table

    @property
    def metadata(self) -> MetaData:
        """The SQLAlchemy metadata to which the tables belong."""
        return self.accounts.metadata

    @property
    def of_tenants(self) -> tuple[Table, ...]:
        """Tables of which at least one has a row of each tenant that has any."""
        first = (self.editions, self.accounts, self.agents, self.work_items, self.service_records)
        return (*first, self.outbox, self.endpoints, self.chains, self.commands, self.group_leases)

    def __iter__(self) -> object:
        return iter(attrs.astuple(self, recurse=False))


def is_own_table(
    _thing: object, name: str | None, kind: str, _reflected: object, _other: object
) -> bool:
    """Return whether Alembic compares or migrates an object: all but tables of the host."""
    return kind != "table" or (name or "").startswith(PREFIX)


def define_tables(metadata: MetaData | None = None, schema: str | None = None) -> Tables:
    """Return the tables, added to `metadata`.

    Args:
        metadata: Metadata of the host; a new one if None.
        schema: The schema they are in; the default one of the metadata or the connection if None.

    >>> sorted(define_tables(schema="support").metadata.tables)[0]
    'support.entitlements_accounts'
    """
    named = MetaData(naming_convention=NAMING) if metadata is None else metadata
    into = instance_of(MetaData, named)
    makers = (_shared, _records, _cases, _people, _of_service, _trail)
    return Tables(**{name: table for make in makers for name, table in make(into, schema).items()})


def _table(into: MetaData, schema: str | None, name: str, *parts: object) -> Table:
    rowid = name not in {"events", "counted_cases"}  # short rows: a commit writes fewer pages
    return Table(f"{PREFIX}{name}", into, *parts, schema=schema, sqlite_with_rowid=rowid)  # type: ignore[call-overload,no-any-return] # columns, keys and indexes


def _index(name: str, *columns: str, by: str | None = None, unique: bool = False) -> Index:
    """Return an index, on PostgreSQL for statements alone that compare `by` with something.

    Without statistics PostgreSQL would find a row by it in place of its key.
    """
    where = None if by is None else column(by).is_not(None)
    due = where if by == "next_due_at" else None  # most work is never due; SQLite has all else
    name = f"{'uq' if unique else 'ix'}_{PREFIX}{name}"
    return Index(name, *columns, unique=unique, postgresql_where=where, sqlite_where=due)


def _changed(of: str) -> tuple[Column[int], Index]:
    """Return a column for the number of the last change of a row, and its index."""
    return _long("changed"), _index(f"{of}_changed", "tenant", "changed", by="changed")


def _of_account(of: str, schema: str | None) -> ForeignKeyConstraint:
    place = f"{schema}.{PREFIX}accounts" if schema else f"{PREFIX}accounts"
    return ForeignKeyConstraint(
        ["tenant", "customer"],
        [f"{place}.tenant", f"{place}.customer"],
        name=f"fk_{PREFIX}{of}_account",
    )


def _shared(into: MetaData, schema: str | None) -> dict[str, Table]:
    return {
        "editions": _table(
            into, schema, "editions", *_key(), _count("number"), _long("recorded"), _text("body")
        ),
        "accounts": _table(
            into,
            schema,
            "accounts",
            *_key("customer"),
            *map(_long, ("version", "head")),
            _text("unknown"),
        ),
    }


def _records(into: MetaData, schema: str | None) -> dict[str, Table]:
    return {
        "facts": _table(
            into,
            schema,
            "facts",
            *_key("customer"),
            _count("position"),
            _id("kind"),
            _id("id"),
            *map(_long, ("valid_from", "valid_to", "known_from", "known_to")),
            _text("body"),
            _of_account("facts", schema),
            _index("facts_id", "tenant", "customer", "kind", "id", by="id"),
            _index("facts_valid", *_VALIDITY, by="valid_from"),
        ),
        "entries": _table(
            into,
            schema,
            "entries",
            *_key("customer"),
            _count("number"),
            _id("key"),
            *map(_long, ("at", "recorded")),
            _text("body"),
            _of_account("entries", schema),
            _index("entries_key", "tenant", "customer", "key", by="key", unique=True),
        ),
    }


def _cases(into: MetaData, schema: str | None) -> dict[str, Table]:
    return {
        "counted_cases": _table(
            into,
            schema,
            "counted_cases",
            *_key("customer", "id"),
            _long("position"),
            _text("body"),
            _of_account("counted_cases", schema),
        ),
        "cases": _table(
            into,
            schema,
            "cases",
            *_key("id"),
            _id("customer"),
            _long("opened"),
            *(_long(each, nullable=True) for each in ("closed", "next_due_at")),
            _id("status"),
            _id("severity", nullable=True),
            _long("due", nullable=True),
            *map(_text, ("state", "body")),
            *_changed("cases"),
            _of_account("cases", schema),
            _index("cases_opened", "tenant", "opened", "id", by="opened"),
            _index("cases_customer", "tenant", "customer", "opened", "id", by="customer"),
            _index("cases_next_due_at", "tenant", "next_due_at", "id", by="next_due_at"),
        ),
        "events": _events(into, schema),
    }


def _events(into: MetaData, schema: str | None) -> Table:
    cases = f"{schema}.{PREFIX}cases" if schema else f"{PREFIX}cases"
    columns = [f"{cases}.tenant", f"{cases}.id"]
    return _table(
        into,
        schema,
        "events",
        *_key("case"),
        _count("number"),
        _long("recorded"),
        _text("body"),
        ForeignKeyConstraint(["tenant", "case"], columns, name=f"fk_{PREFIX}events_case"),
    )


def _people(into: MetaData, schema: str | None) -> dict[str, Table]:
    return {
        "agents": _table(
            into, schema, "agents", *_key("id"), _text("state"), _text("body"), _text("workload")
        ),
        "members": _table(into, schema, "members", *_key("expert_group", "agent")),
        "schedules": _table(into, schema, "schedules", *_key("id"), _text("body")),
        "rotations": _table(
            into,
            schema,
            "rotations",
            *_key(),
            _long("assignment_count"),
            _long("since", nullable=True),
        ),
        "work_items": _work_items(into, schema),
        "group_leases": _table(
            into,
            schema,
            "group_leases",
            *_key("expert_group"),
            _id("owner", nullable=True),
            *map(_long, ("term", "until")),
        ),
    }


def _work_items(into: MetaData, schema: str | None) -> Table:
    queued: ColumnClause[bool] = column("queued", Boolean)
    return _table(
        into,
        schema,
        "work_items",
        *_key("id"),
        _id("expert_group"),
        Column("queued", Boolean, nullable=False),
        _id("agent"),
        Column("rank", BigInteger, nullable=False),
        *map(_long, ("due", "opened", "since")),
        _long("next_due_at", nullable=True),
        *map(_text, ("state", "body")),
        *_changed("work_items"),
        Index(
            f"ix_{PREFIX}work_items_queued",
            *("tenant", "expert_group", "rank", "due", "opened", "id"),
            sqlite_where=queued,
            postgresql_where=queued,
        ),
        _index("work_items_next_due_at", "tenant", "next_due_at", "id", by="next_due_at"),
    )


def _of_service(into: MetaData, schema: str | None) -> dict[str, Table]:
    placed = ("kind", "happened", "id")
    return {
        "service_records": _table(
            into,
            schema,
            "service_records",
            *_key("kind", "id"),
            _count("revision"),
            _id("customer"),
            _id("case"),
            *map(_long, ("happened", "known_from", "known_to")),
            Column("retracted", Boolean, nullable=False),
            _text("body"),
            *_changed("service_records"),
            _index("service_records_kind", "tenant", *placed, by="happened"),
            _index("service_records_customer", "tenant", "customer", *placed, by="customer"),
            _index("service_records_case", "tenant", "case", *placed, by="case"),
        )
    }


def _message() -> tuple[Column[str] | Column[int], ...]:
    what = (_id("topic"), _long("at"), _text("body"), _id("case"))
    return (*what, *map(_zero, ("ready_at", "fence", "attempts")), _text("error", nullable=True))


def _outbox(into: MetaData, schema: str | None) -> Table:
    return Table(
        f"{PREFIX}outbox",
        into,
        Column(
            "number",
            BigInteger().with_variant(Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        _id("tenant"),
        *_message(),
        _index("outbox_tenant", "tenant", "number"),
        schema=schema,
        sqlite_autoincrement=True,
    )


def _trail(into: MetaData, schema: str | None) -> dict[str, Table]:
    return {
        "outbox": _outbox(into, schema),
        "endpoints": _table(into, schema, "endpoints", *_key("id"), _text("topics")),
        "deliveries": _table(
            into, schema, "deliveries", *_key("endpoint"), _count("number"), *_message()
        ),
        "chains": _table(
            into, schema, "chains", *_key(), _long("number"), _text("digest"), _text("previous")
        ),
        "decisions": _table(
            into,
            schema,
            "decisions",
            *_key(),
            _count("number"),
            _long("at"),
            _id("kind"),
            _id("subject"),
            _text("body"),
            _text("previous"),
            _text("digest"),
            _index("decisions_subject", "tenant", "subject", "number", by="subject"),
        ),
        "commands": _table(
            into, schema, "commands", *_key("id"), _text("digest"), _long("at"), _text("answer")
        ),
    }
