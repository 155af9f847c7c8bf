from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from entitlements.adapters.sql import define_tables
from entitlements.adapters.sql.repositories.delivery_statements import DeliveryStatements


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "pg"])
@pytest.mark.parametrize("table", ["outbox", "deliveries"])
def test_every_statement_is_about_one_tenant_and_one_endpoint(table: str, dialect: Any) -> None:
    made = DeliveryStatements(getattr(define_tables(), table), dialect)
    found = [each(3).text if name == "claim" else each.text for name, each in vars(made).items()]
    assert len(found) == 6
    for text in found:
        assert text.count("tenant = ") == 1
        assert text.count("endpoint = ") == (table == "deliveries")
