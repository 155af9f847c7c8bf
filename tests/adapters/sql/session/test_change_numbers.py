from __future__ import annotations

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from entitlements.adapters.sql import define_tables
from entitlements.adapters.sql.session.change_numbers import change_limit, insertion, renumbered

TABLES = define_tables()


@pytest.mark.parametrize(
    ("dialect", "number"),
    [(sqlite.dialect(), "max(known.changed)"), (postgresql.dialect(), "txid_")],
)
def test_the_database_numbers_what_is_added(dialect: object, number: str) -> None:
    text = str(insertion(TABLES.cases, dialect).compile(dialect=dialect))  # type: ignore[arg-type] # a dialect
    assert number in text
    assert text.count("changed") == text.count("known.changed") + 1


@pytest.mark.parametrize(
    ("dialect", "limit"),
    [
        (sqlite.dialect(), "max(known.changed)"),
        (postgresql.dialect(), "txid_snapshot_xmin(txid_current_snapshot())"),
    ],
)
def test_what_is_not_committed_yet_lies_above_the_limit(dialect: object, limit: str) -> None:
    expression = change_limit(TABLES.cases, dialect)  # type: ignore[arg-type] # a dialect
    assert limit in str(expression.compile(dialect=dialect))


def test_only_tables_with_a_number_have_one() -> None:
    assert renumbered(TABLES.accounts, sqlite.dialect()) == {}
    assert [*renumbered(TABLES.work_items, sqlite.dialect())] == ["changed"]
    assert "changed" not in str(insertion(TABLES.accounts, sqlite.dialect()))
