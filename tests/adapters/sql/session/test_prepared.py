from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from entitlements.adapters.sql.session.prepared import (
    PreparedStatement,
    int_param,
    tenant_param,
    text_param,
)
from entitlements.adapters.sql.tables import define_tables

LEASES = define_tables().group_leases
DIALECT = sqlite.dialect()  # type: ignore[no-untyped-call]


def test_a_statement_has_the_text_the_parameters_and_the_columns_for_the_driver() -> None:
    c = LEASES.c
    asked = select(c.owner, c.term).where(
        c.tenant == tenant_param(),
        c.expert_group == text_param("group"),
        c.term > int_param("term_"),
    )
    made = PreparedStatement(asked, DIALECT)
    assert made.text.count("?") == 3
    assert made.values({"tenant_": "t", "group": "db", "term_": 4}) == ("t", "db", 4)
    assert (made.columns, made.writes) == (("owner", "term"), False)


def test_a_constant_in_a_statement_is_a_separate_parameter() -> None:
    made = PreparedStatement(select(LEASES.c.owner).where(LEASES.c.term > 6), DIALECT)
    assert made.values({}) == (6,)


def test_a_statement_that_changes_rows_is_recognised() -> None:
    assert PreparedStatement(LEASES.delete(), DIALECT).writes
