from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from entitlements.adapters.sql import define_tables
from entitlements.adapters.sql.repositories.delivery_statements import DeliveryStatements
from entitlements.adapters.sql.repositories.outbox_and_decisions import OutboxStatements
from entitlements.adapters.sql.repositories.rosters import RosterStatements
from entitlements.adapters.sql.repositories.statements import FactStatements, WorkStatements
from entitlements.adapters.sql.session.prepared import PreparedStatement
from entitlements.ports.claims import ClaimOrder

EVERY = (FactStatements, RosterStatements, WorkStatements, OutboxStatements)


def statements(kind: Any, dialect: Any) -> Iterator[tuple[str, str, int]]:
    """Yield each statement with its text and how many tables it touches."""
    made = kind(define_tables(), dialect)
    for name, each in vars(made).items():
        if name == "tables" or isinstance(each, DeliveryStatements):
            continue
        if each is None:  # written one by one in this database
            continue
        asked: Any = each.values() if isinstance(each, dict) else [each]
        if name == "claim":
            asked = [partial(each, order) for order in (*ClaimOrder, None)]
        if name == "listed":
            asked = [each(frozenset()), each(frozenset({"agent", "status_0", "due_before"}))]
        for one in asked:
            prepared = one if isinstance(one, PreparedStatement) else one(50)
            text = prepared.text
            yield name, text, text.count(" FROM entitlements_") + text.startswith("UPDATE")


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "pg"])
@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_statement_names_the_tenant_for_every_table(kind: Any, dialect: Any) -> None:
    found = list(statements(kind, dialect))
    assert len(found) > 5
    for name, text, touched in found:
        if text.startswith("NOTIFY"):
            continue
        if "hashtext(" in text:  # the lock of customers without an account, which reads no table
            continue
        assert text.count("tenant = ") >= touched, (name, text)
        if touched == 0:
            assert "tenant" in text, (name, text)


def test_claiming_skips_locked_rows() -> None:
    found = {name: text for name, text, _ in statements(WorkStatements, postgresql.dialect())}
    assert found["claim"].endswith("LIMIT 50 FOR UPDATE SKIP LOCKED")
    assert found["held"].endswith("FOR SHARE")
