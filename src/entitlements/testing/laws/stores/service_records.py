"""Laws of a store about service records: dated, corrected by later records, listed by page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import product
from typing import Final

import attrs
from hypothesis import given
from hypothesis import strategies as st

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.outages import Outage
from entitlements.billing.work.work_logs import WorkLog
from entitlements.kernel.errors import InvalidValueError, StaleReadError
from entitlements.ports.service_records.service_record import (
    RecordFilter,
    RecordKind,
    ServiceRecord,
    known_record,
)
from entitlements.ports.store import Store, UnitOfWork
from entitlements.testing.laws.stores.transactions import HOUR, SOME, START, Law, Make, refused
from entitlements.testing.strategies import service_records as draw


def _with(make: Make, records: Iterable[ServiceRecord]) -> Store:
    store = make()
    with store.begin("t") as work:
        for each in records:
            work.service_records.add(each)
        work.commit()
    return store


def service_records_travel(make: Make) -> None:
    """Any record of any kind is read back equal."""

    @SOME
    @given(draw.service_records())
    def check(record: ServiceRecord) -> None:
        store = _with(make, [record])
        assert store.tenants() == ("t",)
        with store.begin("t") as work:
            kept = work.service_records
            assert kept.find(record.kind, record.id) == record
            assert kept.history(record.kind.value, record.id) == (record,)
            shown = () if record.retracted else (record,)
            assert kept.listed(RecordFilter(kind=record.kind)) == shown
            for other in {*RecordKind} - {record.kind}:
                assert kept.find(other, record.id) is None
        with store.begin("other") as work:
            assert work.service_records.history(record.kind, record.id) == ()

    check()


def a_record_follows_the_last_one(make: Make) -> None:
    """A revision that is not the next one, or recorded before the last, is refused."""
    down = Outage(id="O'1", service="db", start=START)
    first = ServiceRecord(value=down, recorded=START + HOUR)
    second = attrs.evolve(
        first, value=attrs.evolve(down, end=START + HOUR), revision=2, recorded=START + HOUR
    )
    store = make()
    with store.begin("t") as work:
        refused(StaleReadError, work.service_records.add, second)
    store = _with(make, [first])
    early = attrs.evolve(second, recorded=START)
    for wrong in (first, early, attrs.evolve(second, revision=3)):
        with store.begin("t") as work:
            refused(StaleReadError, work.service_records.add, wrong)
    with store.begin("t") as work:
        work.service_records.add(second)
        assert work.service_records.find("outage", "O'1") == second
    with store.begin("t") as work:  # it was rolled back
        assert work.service_records.history("outage", "O'1") == (first,)
        refused(InvalidValueError, work.service_records.find, "no such kind", "O'1")


def what_was_known_is_known_for_ever(make: Make) -> None:
    """Any list of any time is what follows from all records, one by one."""

    @SOME
    @given(draw.histories(), st.data())
    def check(histories: list[tuple[ServiceRecord, ...]], data: st.DataObject) -> None:
        store = _with(make, [each for records in histories for each in records])
        wanted = data.draw(draw.record_filters())
        moment = wanted.known_at
        known = [found for each in histories if (found := known_record(each, moment)) is not None]
        fits = [each for each in known if not each.retracted and wanted.fits(each)]
        expected = sorted(fits, key=lambda each: each.place)
        with store.begin("t") as work:
            kept = work.service_records
            assert list(kept.listed(wanted)) == expected
            assert _by_ones(work, wanted) == expected
            for each in histories:
                kind, id = each[0].kind, each[0].id
                assert kept.find(kind, id, moment) == known_record(each, moment)
                assert kept.history(kind, id) == each

    check()


def _by_ones(work: UnitOfWork, wanted: RecordFilter) -> list[ServiceRecord]:
    found = list[ServiceRecord]()
    while page := work.service_records.listed(wanted, found[-1].place if found else None, 1):
        found += page
    return found


def records_are_found_by_what_they_are_about(make: Make) -> None:
    """By kind, customer, case and time; a page begins after the place of the one before."""
    records = [
        ServiceRecord(
            value=_log(f"{customer}{hour}", case, START + hour * HOUR),
            customer=customer,
            recorded=START + 9 * HOUR,
        )
        for customer, case, hour in product(("acme", "other"), ("R-1", "R'2"), (1, 2))
        if (customer == "acme") is (case == "R-1")
    ]
    query = Complaint(id="acme1", customer="acme", received=START)
    store = _with(make, [*records, ServiceRecord(value=query, customer="acme", recorded=START)])
    with store.begin("t") as work:
        for fields, ids in (
            ({}, ["acme1", "other1", "acme2", "other2"]),
            ({"customer": "acme"}, ["acme1", "acme2"]),
            ({"case": "R'2"}, ["other1", "other2"]),
            ({"customer": "acme", "case": "R'2"}, []),
            ({"since": START + 2 * HOUR}, ["acme2", "other2"]),
            ({"until": START + 2 * HOUR}, ["acme1", "other1"]),
            ({"known_at": START + 8 * HOUR}, []),
        ):
            wanted = RecordFilter(kind="work_log", **fields)
            assert [each.id for each in work.service_records.listed(wanted)] == ids
        wanted = RecordFilter(kind="work_log")
        assert work.service_records.listed(wanted, most=0) == ()
        assert work.service_records.listed(wanted, records[0].place, 1) == (records[2],)
        refused(InvalidValueError, work.service_records.listed, wanted, ("x",), 1)


def _log(id: str, case: str, start: datetime) -> WorkLog:
    end, recorded = start + timedelta(minutes=30), START + 9 * HOUR
    return WorkLog(id=id, case=case, agent="ada", start=start, end=end, recorded=recorded)


SERVICE_RECORD_LAWS: Final[tuple[Law, ...]] = (
    service_records_travel,
    a_record_follows_the_last_one,
    what_was_known_is_known_for_ever,
    records_are_found_by_what_they_are_about,
)
