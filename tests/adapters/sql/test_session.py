from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from entitlements.adapters.sql import SqlStore
from entitlements.adapters.sql.session import Prepared, Session, number, tenant, word
from entitlements.kernel.errors import ConflictError, StorageError


def test_a_compiled_statement_reads_what_the_plain_one_reads(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = make_sql()
    shards = store.tables.shards
    row = {"expert_group": "o'db", "owner": None, "term": 7, "until": 2**62}
    asked = select(shards.c.expert_group, shards.c.until).where(
        shards.c.tenant == tenant(), shards.c.term >= number("least"), shards.c.owner.is_(None)
    )
    with store.engine.begin() as connection:
        session = Session(connection, "t")
        session.insert(shards, [row, {**row, "expert_group": "%s ? :x", "term": 3}])
        session.insert(shards, [])
        prepared = Prepared(asked, store.engine.dialect)
        assert [tuple(each) for each in session.read(prepared, least=5)] == [("o'db", 2**62)]
        assert session.rows(asked, least=5) == [{"expert_group": "o'db", "until": 2**62}]
        assert len(session.read(prepared, least=1)) == 2
        assert list(Session(connection, "u").read(prepared, least=1)) == []


def test_a_row_is_new_once(make_sql: Callable[[], SqlStore]) -> None:
    store = make_sql()
    row = {"expert_group": "db", "owner": None, "term": 7, "until": 1}
    with store.engine.connect() as connection:
        session = Session(connection, "t")
        assert session.insert_new(store.tables.shards, row)
        assert not session.insert_new(store.tables.shards, row)
        assert session.failed is None
        with pytest.raises(ConflictError):
            session.insert(store.tables.shards, [row])
        assert isinstance(session.failed, ConflictError)


def test_a_closed_session_does_nothing(make_sql: Callable[[], SqlStore]) -> None:
    store = make_sql()
    with store.engine.connect() as connection:
        session = Session(connection, "t")
        session.close()
        with pytest.raises(StorageError):
            session.rows(select(store.tables.shards.c.term))
        with pytest.raises(StorageError):
            session.insert(store.tables.shards, [{"term": 1}])


def test_words_are_never_part_of_a_statement() -> None:
    assert word("x").key == "x"
    assert tenant().key == "tenant_"
