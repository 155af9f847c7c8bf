from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.documents.values import facts as any_facts
from tests.effort import tries
from tests.loading.documents import (
    JANUARY,
    JUNE,
    TENANT,
    after,
    changed,
    loaded,
    stored_account,
    with_change,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.aftersales import (
    Complaint,
    MaintenanceWindow,
    Notice,
    NoticeKind,
    Outage,
    SentNotice,
)
from entitlements.documents import parse_documents, parse_facts, write_facts
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.loading import apply, stored_facts, stored_records
from entitlements.loading.accounts.records import recorded_from
from entitlements.loading.rosters import without_work
from entitlements.outcomes import stored_report
from entitlements.ports.service_records.service_record import RecordValue
from entitlements.routing import Roster
from entitlements.service import Desk

GOLD = ("plan: silver", "plan: gold")
DAY = timedelta(days=1)
# After all that the strategies draw, so that nothing of a document lies ahead.
LATER = utc("2031-01-01T00:00Z")


def as_loaded(facts: Facts, at: datetime = JUNE) -> Facts:
    """Return facts as a store holds them after a first load, by the rules of the guide."""
    accounts = [recorded_from(each, at) for each in facts.accounts.values()]
    return attrs.evolve(facts, accounts=accounts)


def test_a_dump_says_what_was_loaded_and_since_when_it_is_known() -> None:
    store = after((changed(), JUNE))
    assert stored_facts(store, tenant=TENANT) == as_loaded(changed())


@settings(
    max_examples=6,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(any_facts())
def test_a_dump_of_any_document_gives_its_facts_and_loads_to_nothing_changed(facts: Facts) -> None:
    # Assigned work belongs to another store.
    given_facts, store = attrs.evolve(facts, roster=without_work(facts.roster)), MemoryStore()
    loaded(store, given_facts, LATER)
    if TENANT not in store.tenants():
        return
    dumped = stored_facts(store, tenant=TENANT)
    assert dumped == as_loaded(given_facts, LATER)
    assert loaded(store, dumped, LATER + DAY) == []
    assert loaded(store, dumped, LATER + DAY, prune=True) == []
    assert loaded(store, parse_facts(write_facts(dumped)), LATER + DAY, prune=True) == []


def test_what_was_known_at_an_instant_is_dumped() -> None:
    blox = changed(GOLD, ("customer: acme", "customer: blox"))
    store = after((changed(), JANUARY), (changed(GOLD, ("8h", "9h")), JUNE), (blox, JUNE + DAY))
    first = stored_facts(after((changed(), JANUARY)), tenant=TENANT)
    then = stored_facts(store, JANUARY, tenant=TENANT)
    assert then == attrs.evolve(first, roster=Roster()), "agents are not dated"
    assert parse_facts(write_facts(then)) == then
    assert {*stored_facts(store, JUNE, tenant=TENANT).accounts} == {"acme"}
    assert {*stored_facts(store, tenant=TENANT).accounts} == {"acme", "blox"}
    assert stored_facts(store, JANUARY - DAY, tenant=TENANT).catalog.plans == ()


def test_a_dump_of_one_store_is_loaded_into_another() -> None:
    renewal = with_change("kind: renewal, id: R-1, contract: C-1, months: 12", GOLD)
    store = after((changed(), JANUARY), (renewal, JUNE))
    dumped = stored_facts(store, tenant=TENANT)
    other = after((parse_facts(write_facts(dumped)), JUNE))
    assert stored_facts(other, tenant=TENANT) == dumped
    assert stored_account(other, at=JANUARY) == stored_account(store, at=JANUARY)


def test_an_unknown_tenant_is_refused_by_name() -> None:
    with pytest.raises(UnknownIdError, match="did you mean `acme support`"):
        stored_facts(after((changed(), JUNE)), tenant="acme suport")


HOSTED = """
groups: desk
plans:
  - id: hosted
    severities: high
    channels: web
    group: desk
    first_response: 1h
    commercial:
      price: 310 EUR/month
      credits:
        availability:
          service: portal
          bands: {below 99.9%: 10%, below 99%: 25%}
          exclusions: {announced: 120h, causes: {customer: excluded}}
accounts:
  - customer: acme
    contracts:
      - {id: C-1, zone: UTC, start: 2026-01-01, any_contact: true, lines: [{id: L, plan: hosted}]}
"""
HOURS = st.integers(0, 30 * 24).map(lambda each: utc("2026-03-01T00:00Z") + timedelta(hours=each))
CAUSES = st.sampled_from([None, "customer", "power"])


@st.composite
def hosted_records(draw: st.DrawFn) -> list[RecordValue]:
    """Draw outages, maintenance, complaints and sent notices of one month."""
    starts = draw(st.lists(HOURS, min_size=4, max_size=8))
    found: list[RecordValue] = []
    for number, start in enumerate(starts):
        end, id = start + timedelta(hours=draw(st.integers(1, 40))), f"{number}"
        notice = Notice(
            kind=NoticeKind.RENEWAL,
            customer="acme",
            subject=id,
            effective=start.date(),
            send_by=start.date(),
        )
        early = draw(st.sampled_from([None, start - 6 * DAY, start - DAY]))
        found.append(
            draw(
                st.sampled_from(
                    [
                        Outage(id=id, service="portal", start=start, end=end, cause=draw(CAUSES)),
                        MaintenanceWindow(id=id, start=start, end=end, announced=early),
                        Complaint(id=id, customer="acme", received=start, acknowledged=end),
                        SentNotice(notice=notice, sent=start),
                    ]
                )
            )
        )
    return found


@settings(max_examples=tries(12))
@given(hosted_records())
def test_a_load_of_a_dump_gives_the_same_report_and_statement(records: list[RecordValue]) -> None:
    one, other = MemoryStore(), MemoryStore()
    apply(one, parse_facts(HOSTED), tenant=TENANT, records=records)
    text = write_facts(stored_facts(one, tenant=TENANT), records=stored_records(one, tenant=TENANT))
    found = parse_documents(text)
    apply(other, found.facts, tenant=TENANT, records=found.records)
    march = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
    reports = [stored_report(each, *march, tenant=TENANT, customer="acme") for each in (one, other)]
    assert reports[0] == reports[1]
    made = [
        Desk(each, TENANT).statement("acme", march[0].date(), march[1].date())
        for each in (one, other)
    ]
    assert made[0].sheet == made[1].sheet
    assert made[0].credits == made[1].credits
