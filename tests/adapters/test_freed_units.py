"""A unit of work that is over is freed at once: nothing waits for the collector of cycles.

What waits holds the account that the unit has read, with all of its ledger.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

from tests.service.desks import MONDAY, TENANT, request, settle

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
