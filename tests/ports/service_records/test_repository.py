from __future__ import annotations

from entitlements.adapters.memory import MemoryStore
from entitlements.aftersales import Outage
from entitlements.kernel import utc
from entitlements.ports import RecordFilter, ServiceRecord, every_record
from entitlements.ports.service_records import repository
from entitlements.ports.service_records.repository import RECORDS_PAGE

NINE = utc("2026-03-02T09:00Z")


def test_every_record_is_read_once_however_many_pages_there_are() -> None:
    store, number = MemoryStore(), 2 * RECORDS_PAGE
    with store.begin("t") as work:
        for each in range(number):
            down = Outage(id=f"O-{each:05}", service="db", start=NINE)
            work.service_records.add(ServiceRecord(value=down, recorded=NINE))
        found = [
            each.id for each in every_record(work.service_records, RecordFilter(kind="outage"))
        ]
    assert found == [f"O-{each:05}" for each in range(number)]


def test_every_method_says_what_it_does() -> None:
    methods = vars(repository.ServiceRecords)
    assert {"add", "find", "history", "listed"} <= {n for n, e in methods.items() if e.__doc__}
