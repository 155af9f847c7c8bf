from __future__ import annotations

import attrs
from tests.adapters.sql.hosts import admission
from tests.service.desks import CATALOG, MONDAY, POLICY, TENANT

from entitlements.adapters.sql import SqlStore
from entitlements.service import Desk


def test_an_edition_that_a_host_rolls_back_is_compiled_for_nobody_else(settled: SqlStore) -> None:
    desk = Desk(settled, TENANT)
    with settled.engine.connect() as connection, connection.begin() as transaction:
        with settled.on(connection).begin(TENANT) as work:
            assert work.catalog.save(attrs.evolve(CATALOG, plans=[]), [POLICY], MONDAY) == 2
            work.commit()
        assert desk.on(connection).execute(admission(1), MONDAY).result == "denied"
        transaction.rollback()
    with settled.begin(TENANT) as work:
        assert work.catalog.save(CATALOG, [POLICY], MONDAY) == 2
        work.commit()
    assert desk.execute(admission(1), MONDAY).result == "granted"
