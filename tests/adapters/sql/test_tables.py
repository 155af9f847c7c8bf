from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    select,
    text,
)

from entitlements.adapters.sql import SqlStore, define_tables
from entitlements.adapters.sql.repositories.admissions.admission_statements import AdmissionShape
from entitlements.contracts.records.changes import Cancellation
from entitlements.kernel.ids import MAX_ID_LENGTH
from entitlements.kernel.instants import from_micros
from entitlements.testing.strategies.ports import START, account

INSTANTS = {"recorded", "at", "opened", "closed", "next_due_at", "due", "since", "until"} | {
    f"{what}_{end}" for what in ("valid", "known") for end in ("from", "to")
}


def test_the_tenant_is_in_every_table_and_key() -> None:
    for table in define_tables().metadata.tables.values():
        assert not table.c.tenant.nullable, table.name
        if table.name != "entitlements_outbox":  # numbered by the database
            assert next(iter(table.primary_key.columns)).name == "tenant", table.name
        for index in table.indexes:
            assert next(iter(index.columns)).name == "tenant", index.name
        for key in table.foreign_keys:
            assert "tenant" in {each.name for each in key.constraint.columns}  # type: ignore[union-attr] # it has one


def test_instants_are_whole_microseconds_and_ids_are_bounded() -> None:
    for table in define_tables().metadata.tables.values():
        for column in table.columns:
            if column.name in INSTANTS:
                assert isinstance(column.type, BigInteger), column
            if isinstance(column.type, String) and column.primary_key:
                assert column.type.length == MAX_ID_LENGTH, column


def test_names_fit_postgres_and_clash_with_no_other_table() -> None:
    for table in define_tables().metadata.tables.values():
        named = [table.name, *(str(each.name) for each in {*table.indexes, *table.constraints})]
        assert [each for each in named if len(each) > 63 or "entitlements_" not in each] == []


def test_a_host_has_the_tables_in_its_own_metadata() -> None:
    metadata = MetaData(schema="helpdesk")
    Table("tickets", metadata, Column("id", Integer, primary_key=True))
    own = define_tables(metadata)
    assert own.metadata is metadata
    assert "helpdesk.tickets" in metadata.tables
    assert len(list(own)) == len(metadata.tables) - 1


def test_recording_times_are_stored_beside_validity_times(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = make_sql()
    known = Cancellation(id="X", contract="C-1", effective=START)
    later = from_micros(1_800_000_000_000_000)
    with store.begin("t") as work:
        work.accounts.open(account())
        work.accounts.add("acme", known, at=START)
        work.accounts.add("acme", attrs.evolve(known, retracted=True), at=later)
        earlier = attrs.evolve(known, recorded=from_micros(1_700_000_000_000_000))
        work.accounts.add("acme", earlier, at=later)
        work.commit()
    facts = store.tables.facts.c
    asked = select(facts.known_from, facts.known_to).where(facts.id == "X")
    with store.engine.connect() as connection:
        found = connection.execute(asked.order_by(facts.known_from)).all()
    first, second, third = 1_700_000_000_000_000, 1_772_442_000_000_000, 1_800_000_000_000_000
    assert [tuple(row) for row in found] == [
        (first, second),
        (second, third),
        (third, 2**63 - 1),
    ]


def expected_indexes(store: SqlStore) -> Iterator[tuple[str, str]]:
    """Yield statements, each with the indexes that lead to its rows and to no others."""
    work, facts, records = store.statements.work, store.statements.facts, store.statements.records
    opens = AdmissionShape(known=True, opens=True, entries=1, messages=1)
    yield work.case.text, "pk_cases"
    yield work.events.text, "pk_events"
    yield work.item.text, "pk_work_items"
    yield work.cases.text, "ix_cases_customer"
    yield work.listed(frozenset()).text, "ix_cases_opened pk_work_items"
    yield work.due_cases.text, "ix_cases_next_due_at"
    yield work.due_work_items.text, "ix_work_items_next_due_at"
    yield facts.account.text, "pk_accounts pk_counted_cases pk_entries pk_facts"
    yield facts.superseded.text, "ix_facts_id"
    yield facts.customers_then.text, "ix_facts_valid pk_accounts"
    yield records.history.text, "pk_service_records"
    yield records.listed(frozenset()).text, "ix_service_records_kind"
    yield store.statements.trail.links.text, "pk_decisions"
    yield store.statements.trail.about.text, "ix_decisions_subject"
    keys = "pk_accounts pk_cases pk_chains pk_commands pk_editions pk_work_items"
    yield store.statements.whole.writing(opens).text, keys
    # How PostgreSQL itself looks for the case of an event.
    one = "SELECT 1 FROM ONLY entitlements_cases x WHERE tenant = %s AND id = %s FOR KEY SHARE OF x"
    yield one, "pk_cases"


def test_statements_find_their_rows_before_tables_are_analysed(postgres_store: SqlStore) -> None:
    """Without statistics PostgreSQL takes each index that begins with the tenant for as good."""
    with postgres_store.engine.connect() as connection:
        connection.execute(text("SET plan_cache_mode = force_generic_plan"))
        for statement, expected in expected_indexes(postgres_store):
            assert indexes_used(connection, statement) == expected, statement
        connection.rollback()


def indexes_used(connection: Connection, statement: str) -> str:
    numbers = count(1)
    asked = re.sub(r"%s", lambda _: f"${next(numbers)}", statement).replace("%%", "%")
    connection.exec_driver_sql(f"PREPARE asked AS {asked}")
    nulls = ", ".join(["NULL"] * (next(numbers) - 1))
    lines = connection.exec_driver_sql(f"EXPLAIN EXECUTE asked({nulls})").scalars()
    found = re.findall(r"(?:using|Scan on) ((?:pk|ix|uq)_entitlements_\w+)", "\n".join(lines))
    connection.exec_driver_sql("DEALLOCATE asked")
    return " ".join(sorted({each.replace("_entitlements", "", 1) for each in found}))
