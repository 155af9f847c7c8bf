"""A unit of work that is over is freed at once, and so is each ledger that nobody needs.

What waits for the collector of cycles holds the account that was read, with all of its ledger.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest
from tests.service.desks import CATALOG, MONDAY, POLICY, TENANT, plan, prepaid, request, settle

from entitlements.contracts import Grant
from entitlements.contracts.ledger.entries import Issue, Reserve
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.kernel.instants import utc
from entitlements.ports import Store
from entitlements.service import AdmitRequest, Desk


def test_a_unit_is_freed_when_it_is_over(make_store: Callable[[], Store]) -> None:
    store = make_store()
    settle(store)
    with store.begin(TENANT) as work:
        unit = type(work)
    del work
    desk = Desk(store, TENANT)
    gc.collect()
    gc.disable()
    try:
        for number in range(3):
            ask = request(f"R-{number}", "opening")
            assert desk.execute(AdmitRequest(id=f"k-{number}", request=ask), MONDAY).accepted
        several = [AdmitRequest(id=f"b-{n}", request=request(f"B-{n}", "opening")) for n in (1, 2)]
        desk.do_all(several, MONDAY)
        desk.process_due(MONDAY)
        assert not [each for each in gc.get_objects() if type(each) is unit]
    finally:
        gc.enable()


def ledgers() -> int:
    """Return how many ledgers there are."""
    gc.collect()
    return sum(type(each) is Ledger for each in gc.get_objects())


def test_an_old_account_does_not_keep_all_later_ones(make_store: Callable[[], Store]) -> None:
    store, found = make_store(), []
    settle(store)
    with store.begin(TENANT) as work:
        ample = plan("opening", prepaid(100, "opening"))
        work.catalog.save(attrs.evolve(CATALOG, plans=[ample]), [POLICY], MONDAY)
        work.commit()
    desk = Desk(store, TENANT)
    for number in range(13):
        ask = request(f"R-{number}", "opening")
        assert desk.execute(AdmitRequest(id=f"k-{number}", request=ask), MONDAY).accepted
        if number == 0:
            with store.begin(TENANT) as work:
                old = work.accounts.account("opening")
            assert old is not None
        found.append(ledgers())
    assert found[12] == found[6]


def test_an_old_ledger_does_not_keep_all_later_ones() -> None:
    start, before = utc("2026-01-01T00:00Z"), ledgers()
    grant = Grant(id="g", unit="incidents", amount=100, effective=start)
    old = ledger = Ledger().post(Issue(grant=grant), start).ledger
    for number in range(50):
        ledger = ledger.post(Reserve(key=f"R-{number}", unit="incidents", amount=1), start).ledger
    assert len(old) == 1
    assert ledgers() == before + 2


@pytest.mark.parametrize("derives", [False, True], ids=["posting", "posting and deriving again"])
def test_an_old_ledger_with_plan_grants_does_not_keep_all_later_ones(*, derives: bool) -> None:
    start, found = utc("2026-01-01T00:00Z"), list[int]()
    grants = [Grant(id="g", unit="incidents", amount=100, effective=start)]
    old = ledger = Ledger().with_plan_grants(grants, start + timedelta(days=1))
    for number in range(40):
        ledger = ledger.post(Reserve(key=f"R-{number}", unit="incidents", amount=1), start).ledger
        if derives:
            ledger = ledger.with_plan_grants(grants, start + timedelta(days=1))
        found.append(ledgers())
    assert len(old) == 0
    assert ledger.available("incidents", start) == 60
    assert found[39] == found[19]
