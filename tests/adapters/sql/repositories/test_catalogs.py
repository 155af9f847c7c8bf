from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest
from tests.adapters.sql.hosts import admission
from tests.service.desks import CATALOG, MONDAY, POLICY, TENANT

from entitlements.adapters.sql import SqlStore
from entitlements.contracts import Catalog
from entitlements.kernel.errors import UnknownIdError
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


def test_an_edition_is_read_once_and_is_cached_only_after_its_commit(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = make_sql()
    with store.begin(TENANT) as work:
        work.catalog.save(CATALOG, [POLICY], MONDAY)
        assert work.catalog.edition().catalog == CATALOG
    assert not store.editions
    with store.begin(TENANT) as work:
        assert work.catalog.number() == 0
        assert work.catalog.save(CATALOG, [POLICY], MONDAY) == 1
        work.commit()
    with store.begin(TENANT) as work:
        found = work.catalog.edition()
        assert work.catalog.edition(1) is found
        assert (found.number, found.catalog) == (1, CATALOG)
        assert work.catalog.save(Catalog(), [], MONDAY) == 2
        assert work.catalog.edition().catalog == Catalog()
        with pytest.raises(UnknownIdError):
            work.catalog.edition(3)
