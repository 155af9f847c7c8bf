from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest
from sqlalchemy import update

from entitlements.adapters.sql import SqlStore
from entitlements.aftersales import Outage
from entitlements.kernel.errors import StaleReadError, UnreadableError
from entitlements.ports import RecordFilter, ServiceRecord
from entitlements.testing.laws.ports import SERVICE_RECORD_LAWS, Law
from entitlements.testing.strategies.ports import START

DOWN = ServiceRecord(value=Outage(id="O-1", service="db", start=START), recorded=START)


@pytest.mark.parametrize("law", SERVICE_RECORD_LAWS, ids=lambda law: law.__name__)
def test_service_records(law: Law, make_sql: Callable[[], SqlStore]) -> None:
    law(make_sql)


def test_of_two_corrections_at_once_the_second_is_refused(postgres_store: SqlStore) -> None:
    store = postgres_store
    with store.begin("t") as work:
        work.service_records.add(DOWN)
        work.commit()
    over = attrs.evolve(DOWN, revision=2, recorded=START + timedelta(hours=1))
    with store.begin("t") as one, store.begin("t") as other:
        assert other.service_records.find("outage", "O-1") == DOWN
        one.service_records.add(over)
        one.commit()
        with pytest.raises(StaleReadError):
            other.service_records.add(over)


@pytest.mark.parametrize(
    ("column", "value"),
    [("happened", 5), ("case", "R-9"), ("body", "{}"), ("kind", "survey")],
)
def test_a_row_that_was_tampered_with_is_refused_by_name(
    column: str, value: object, make_sql: Callable[[], SqlStore]
) -> None:
    store = make_sql()
    with store.begin("t") as work:
        work.service_records.add(DOWN)
        work.commit()
    with store.engine.begin() as connection:
        connection.execute(update(store.tables.service_records).values({column: value}))
    wanted = RecordFilter(kind="survey" if column == "kind" else "outage")
    with store.begin("t") as work, pytest.raises(UnreadableError, match="`O-1`"):
        work.service_records.listed(wanted)
