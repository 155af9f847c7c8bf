"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = ("entitlements",)
depends_on = None


def upgrade() -> None:
    """Create all tables and indexes."""
    schema = context.config.attributes["schema"]
    for make in (
        _accounts, _agents, _chains, _commands, _decisions, _editions, _members, _work_items,
        _outbox, _endpoints, _deliveries, _rotations, _schedules, _group_leases, _cases,
        _counted_cases, _entries, _facts, _events, _service_records,
    ):  # fmt: skip
        make(schema)
    for table in ("cases", "work_items", "service_records"):
        _index(f"{table}_changed", table, ["tenant", "changed"], schema, by="changed")


def downgrade() -> None:
    """Go back to no tables at all."""
    schema = context.config.attributes["schema"]
    for table in (
        "service_records", "events", "facts", "entries", "counted_cases", "cases", "group_leases",
        "schedules", "rotations", "deliveries", "endpoints", "outbox", "work_items", "members",
        "editions", "decisions", "commands", "chains", "agents", "accounts",
    ):  # fmt: skip
        op.drop_table(f"entitlements_{table}", schema=schema)


def _index(
    name: str, table: str, columns: list[str], schema: str | None, by: str | None = None
) -> None:
    where = None if by is None else sa.column(by).is_not(None)
    op.create_index(
        f"{'uq' if name == 'entries_key' else 'ix'}_entitlements_{name}",
        f"entitlements_{table}",
        columns,
        unique=name == "entries_key",
        schema=schema,
        postgresql_where=where,
        sqlite_where=where if by == "next_due_at" else None,
    )


def _long(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _accounts(schema: str | None) -> None:
    op.create_table(
        "entitlements_accounts",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=False),
        *map(_long, ("version", "head")),
        sa.Column("unknown", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "customer", name="pk_entitlements_accounts"),
        schema=schema,
    )


def _agents(schema: str | None) -> None:
    op.create_table(
        "entitlements_agents",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("workload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_entitlements_agents"),
        schema=schema,
    )


def _chains(schema: str | None) -> None:
    op.create_table(
        "entitlements_chains",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_entitlements_chains"),
        schema=schema,
    )


def _commands(schema: str | None) -> None:
    op.create_table(
        "entitlements_commands",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_entitlements_commands"),
        schema=schema,
    )


def _decisions(schema: str | None) -> None:
    op.create_table(
        "entitlements_decisions",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "number", name="pk_entitlements_decisions"),
        schema=schema,
    )
    _index("decisions_subject", "decisions", ["tenant", "subject", "number"], schema, by="subject")


def _editions(schema: str | None) -> None:
    op.create_table(
        "entitlements_editions",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "number", name="pk_entitlements_editions"),
        schema=schema,
    )


def _members(schema: str | None) -> None:
    op.create_table(
        "entitlements_members",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("expert_group", sa.String(length=200), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "expert_group", "agent", name="pk_entitlements_members"),
        schema=schema,
    )


def _work_items(schema: str | None) -> None:
    op.create_table(
        "entitlements_work_items",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("expert_group", sa.String(length=200), nullable=False),
        sa.Column("queued", sa.Boolean(), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        *map(_long, ("rank", "due", "opened", "since")),
        sa.Column("next_due_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_entitlements_work_items"),
        schema=schema,
    )
    op.create_index(
        "ix_entitlements_work_items_queued",
        "entitlements_work_items",
        ["tenant", "expert_group", "rank", "due", "opened", "id"],
        unique=False,
        schema=schema,
        sqlite_where=sa.text("queued"),
        postgresql_where=sa.text("queued"),
    )
    due = ["tenant", "next_due_at", "id"]
    _index("work_items_next_due_at", "work_items", due, schema, by="next_due_at")


def _outbox(schema: str | None) -> None:
    op.create_table(
        "entitlements_outbox",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("case", sa.String(length=200), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("fence", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("attempts", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_entitlements_outbox"),
        schema=schema,
        sqlite_autoincrement=True,
    )
    _index("outbox_tenant", "outbox", ["tenant", "number"], schema)


def _endpoints(schema: str | None) -> None:
    op.create_table(
        "entitlements_endpoints",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_entitlements_endpoints"),
        schema=schema,
    )


def _deliveries(schema: str | None) -> None:
    op.create_table(
        "entitlements_deliveries",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("endpoint", sa.String(length=200), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("case", sa.String(length=200), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("fence", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("attempts", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "endpoint", "number", name="pk_entitlements_deliveries"),
        schema=schema,
    )


def _rotations(schema: str | None) -> None:
    op.create_table(
        "entitlements_rotations",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("assignment_count", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", name="pk_entitlements_rotations"),
        schema=schema,
    )


def _schedules(schema: str | None) -> None:
    op.create_table(
        "entitlements_schedules",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_entitlements_schedules"),
        schema=schema,
    )


def _group_leases(schema: str | None) -> None:
    op.create_table(
        "entitlements_group_leases",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("expert_group", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=True),
        *map(_long, ("term", "until")),
        sa.PrimaryKeyConstraint("tenant", "expert_group", name="pk_entitlements_group_leases"),
        schema=schema,
    )


def _cases(schema: str | None) -> None:
    place = f"{schema}." if schema else ""
    op.create_table(
        "entitlements_cases",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("next_due_at", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=200), nullable=False),
        sa.Column("severity", sa.String(length=200), nullable=True),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "customer"],
            [f"{place}entitlements_accounts.tenant", f"{place}entitlements_accounts.customer"],
            name="fk_entitlements_cases_account",
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_entitlements_cases"),
        schema=schema,
    )
    _index("cases_opened", "cases", ["tenant", "opened", "id"], schema, by="opened")
    _index("cases_customer", "cases", ["tenant", "customer", "opened", "id"], schema, by="customer")
    _index("cases_next_due_at", "cases", ["tenant", "next_due_at", "id"], schema, by="next_due_at")


def _counted_cases(schema: str | None) -> None:
    place = f"{schema}." if schema else ""
    op.create_table(
        "entitlements_counted_cases",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "customer"],
            [f"{place}entitlements_accounts.tenant", f"{place}entitlements_accounts.customer"],
            name="fk_entitlements_counted_cases_account",
        ),
        sa.PrimaryKeyConstraint("tenant", "customer", "id", name="pk_entitlements_counted_cases"),
        schema=schema,
        sqlite_with_rowid=False,
    )


def _entries(schema: str | None) -> None:
    place = f"{schema}." if schema else ""
    op.create_table(
        "entitlements_entries",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        *map(_long, ("at", "recorded")),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "customer"],
            [f"{place}entitlements_accounts.tenant", f"{place}entitlements_accounts.customer"],
            name="fk_entitlements_entries_account",
        ),
        sa.PrimaryKeyConstraint("tenant", "customer", "number", name="pk_entitlements_entries"),
        schema=schema,
    )
    _index("entries_key", "entries", ["tenant", "customer", "key"], schema, by="key")


def _facts(schema: str | None) -> None:
    place = f"{schema}." if schema else ""
    op.create_table(
        "entitlements_facts",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        *map(_long, ("valid_from", "valid_to", "known_from", "known_to")),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "customer"],
            [f"{place}entitlements_accounts.tenant", f"{place}entitlements_accounts.customer"],
            name="fk_entitlements_facts_account",
        ),
        sa.PrimaryKeyConstraint("tenant", "customer", "position", name="pk_entitlements_facts"),
        schema=schema,
    )
    _index("facts_id", "facts", ["tenant", "customer", "kind", "id"], schema, by="id")
    valid = ["tenant", "kind", "known_to", "valid_from", "valid_to"]
    _index("facts_valid", "facts", valid, schema, by="valid_from")


def _events(schema: str | None) -> None:
    place = f"{schema}." if schema else ""
    op.create_table(
        "entitlements_events",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("case", sa.String(length=200), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "case"],
            [f"{place}entitlements_cases.tenant", f"{place}entitlements_cases.id"],
            name="fk_entitlements_events_case",
        ),
        sa.PrimaryKeyConstraint("tenant", "case", "number", name="pk_entitlements_events"),
        schema=schema,
        sqlite_with_rowid=False,
    )


def _service_records(schema: str | None) -> None:
    op.create_table(
        "entitlements_service_records",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=False),
        sa.Column("case", sa.String(length=200), nullable=False),
        *map(_long, ("happened", "known_from", "known_to")),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant", "kind", "id", "revision", name="pk_entitlements_service_records"
        ),
        schema=schema,
    )
    for name, columns in (("kind", []), ("customer", ["customer"]), ("case", ["case"])):
        place, by = ["tenant", *columns, "kind", "happened", "id"], (columns or ["happened"])[0]
        _index(f"service_records_{name}", "service_records", place, schema, by=by)
