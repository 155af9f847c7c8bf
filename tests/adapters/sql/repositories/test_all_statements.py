from __future__ import annotations

from entitlements.adapters.sql import SqlStore, define_tables, open_engine


def test_stores_of_one_kind_share_what_is_prepared() -> None:
    with SqlStore.open("sqlite://") as one, SqlStore.open("sqlite://") as other:
        assert one.engine is not other.engine
        assert one.statements is other.statements


def test_tables_of_a_host_and_another_kind_of_database_have_their_own() -> None:
    postgres = SqlStore(open_engine("postgresql://nowhere/none"))
    with (
        SqlStore.open("sqlite://") as plain,
        SqlStore.open("sqlite://", own=define_tables(schema="s")) as other,
    ):
        one, two = plain.statements.work.case.text, other.statements.work.case.text
        assert "FROM entitlements_cases" in one
        assert "FROM s.entitlements_cases" in two
        assert "%s" in postgres.statements.work.case.text
