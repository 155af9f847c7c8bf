"""Records of a document in a store: dumped and loaded again, here and elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs
import pytest
from tests.databases import make_store
from tests.outcomes.reports.test_stored_reports import MARCH, filled
from tests.service.records.acme_desk import OPENED, TENANT
from tests.service.records.test_after_sales import DOWN, LATE

from entitlements.adapters.memory import MemoryStore
from entitlements.aftersales import Outage, Survey
from entitlements.documents import parse_documents, write_facts
from entitlements.kernel import ConflictError, InvalidValueError, UnknownIdError
from entitlements.kernel.errors import DuplicateIdError
from entitlements.loading import apply, plan_load, stored_facts, stored_records
from entitlements.outcomes import stored_report
from entitlements.ports import Store
from entitlements.service import ChainIntact, Desk

__all__ = ["make_store"]

FILLED = OPENED + timedelta(days=10)


def dumped(store: Store) -> str:
    facts = stored_facts(store, tenant=TENANT)
    return write_facts(facts, records=stored_records(store, tenant=TENANT))


def test_a_dump_of_records_loads_to_no_change(make_store: Callable[[], Store]) -> None:
    store, _ = filled(make_store())
    found = parse_documents(dumped(store))
    assert len(found.records) == 6  # an outage, two windows, a survey, a complaint, a notice
    plan = plan_load(store, found.facts, tenant=TENANT, records=found.records, prune=True)
    assert not plan.changes_anything
    assert plan.left["outage"] == 1
    before = stored_records(store, FILLED - timedelta(hours=1), tenant=TENANT)
    assert (before, stored_records(store, FILLED, tenant=TENANT)) == ((), found.records)
    other = make_store()
    done = apply(other, found.facts, tenant=TENANT, records=found.records)
    assert "+ survey csat R-4" in [str(each) for each in done.steps]
    assert parse_documents(dumped(other)).records == found.records
    with other.begin(TENANT) as work:
        assert not work.outbox.pending()  # what was said before is not said again
    assert isinstance(Desk(other, TENANT).verify(), ChainIntact)
    # The other store has no cases: what is said about them is reported, and stops nothing.
    report = stored_report(other, *MARCH, tenant=TENANT)
    assert {*report.broken} == {"R-1", "R-4"}
    assert report.figure("availability", "db", "down").value == timedelta(hours=1)
    assert report.figure("complaints", "complaints", "received").value == 1


def test_what_is_otherwise_in_a_document_is_a_correction() -> None:
    store, _ = filled(MemoryStore())
    found = parse_documents(dumped(store))
    longer = [
        attrs.evolve(each, end=OPENED + timedelta(hours=3))
        for each in found.records
        if isinstance(each, Outage)
    ]
    without = [attrs.evolve(each, customer=None) for each in found.records if type(each) is Survey]
    done = apply(store, found.facts, tenant=TENANT, records=[*longer, *without])
    assert [str(each) for each in done.steps] == ["~ outage O-1"]
    with store.begin(TENANT) as work:
        before, after = work.service_records.history("outage", "O-1")
    assert (before.recorded, after.recorded) == (FILLED, done.at)
    assert all(each.same for each in Desk(store, TENANT).replay_all())


def test_records_that_fit_nowhere_are_refused_with_their_place() -> None:
    store, _ = filled(MemoryStore())
    facts = stored_facts(store, tenant=TENANT)

    def load(*records: object, at: datetime | None = None) -> None:
        apply(store, facts, at, tenant=TENANT, records=records)  # type: ignore[arg-type]

    survey = Survey(case="R-9", kind="csat", asked=OPENED)  # type: ignore[arg-type]
    with pytest.raises(UnknownIdError, match="`R-9`") as caught:
        load(DOWN, survey)
    assert caught.value.path == "surveys[0]"
    with pytest.raises(UnknownIdError, match="`acne`") as caught:
        load(LATE, attrs.evolve(LATE, id="B-2", customer="acne"))
    assert caught.value.path == "complaints[1].customer"
    with pytest.raises(DuplicateIdError, match="O-1"):
        load(DOWN, DOWN)
    with pytest.raises(InvalidValueError, match="no record that a document holds"):
        load("O-1")
    future = attrs.evolve(DOWN, id="O-2", start=FILLED + timedelta(days=2))
    with pytest.raises(ConflictError, match="outage `O-2` is dated"):
        load(future, at=FILLED + timedelta(days=1))
    with pytest.raises(ConflictError, match="the load is dated"):
        load(attrs.evolve(DOWN, id="O-2"), at=FILLED)
    assert len(stored_records(store, tenant=TENANT)) == 6
