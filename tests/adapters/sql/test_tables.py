from __future__ import annotations

from collections.abc import Callable

import attrs
from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, select

from entitlements.adapters.sql import SqlStore, define_tables
from entitlements.contracts.changes import Cancellation
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
