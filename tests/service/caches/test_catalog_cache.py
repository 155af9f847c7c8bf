from datetime import timedelta

import attrs
import pytest
from tests.service.desks import BERLIN, CATALOG, MONDAY, POLICY, TENANT, account, request

from entitlements.adapters.memory import MemoryStore
from entitlements.contracts import Grant, Issue, Ledger
from entitlements.kernel.errors import UnknownIdError
from entitlements.ports import Case
from entitlements.ports.records import FrozenTerms
from entitlements.service.audit.decision_record import account_digest, entries_digest, last_recorded
from entitlements.service.caches.catalog_cache import CatalogCache
from entitlements.sla import Event

TERMS = FrozenTerms(
    edition=1, contract="C", line="1", policy="standard", plan="flat", plan_version="1"
)


def test_an_edition_is_read_and_compiled_once(store: MemoryStore) -> None:
    catalogs = CatalogCache()
    with store.begin(TENANT) as work:
        first = catalogs.latest(work)
        assert catalogs.edition(work, 1) is first
        assert first.number == 1
        with pytest.raises(UnknownIdError):
            catalogs.edition(work, 2)


def test_without_any_edition_there_is_an_empty_one() -> None:
    with MemoryStore().begin(TENANT) as work:
        edition = CatalogCache().latest(work)
    assert edition.number == 0
    assert not edition.engine.facts.catalog.plans


def test_a_policy_comes_with_the_calendars_of_the_line(store: MemoryStore) -> None:
    with store.begin(TENANT) as work:
        edition = CatalogCache().latest(work)
    assert edition.policy(TERMS) == POLICY
    bound = attrs.evolve(TERMS, calendars={"business": "business"})
    assert edition.policy(bound).calendars["business"] == BERLIN


def test_severities_rank_as_in_the_plan_that_was_promised(store: MemoryStore) -> None:
    with store.begin(TENANT) as work:
        edition = CatalogCache().latest(work)
    assert [edition.rank(TERMS, each) for each in ("S1", "S2", "unheard of")] == [0, 1, 2]


def test_policies_that_events_name_are_loaded_too(store: MemoryStore) -> None:
    other = attrs.evolve(POLICY, id="other")
    with store.begin(TENANT) as work:
        work.catalog.save(CATALOG, [POLICY, other], MONDAY)
        edition = CatalogCache().latest(work)
    events = [Event.opened(MONDAY), Event.terms_changed(MONDAY, policy="other")]
    case = Case(request=request(), opened=MONDAY, terms=TERMS, events=events)
    assert edition.others(case) == (other,)


def test_cached_digests_equal_newly_computed_ones() -> None:
    catalogs, ledger, one = CatalogCache(), Ledger(), account("flat")
    for name in ("g", "h", "i"):
        grant = Grant(id=name, unit="incidents", amount=1, effective=MONDAY)
        ledger = ledger.post(Issue(grant=grant), MONDAY).ledger
        assert catalogs.entries_digest(one.with_ledger(ledger)) == entries_digest(ledger.entries)
    shorter = Ledger.of(ledger.entries[:1])
    assert catalogs.entries_digest(one.with_ledger(shorter)) == entries_digest(shorter.entries)
    (contract,) = one.contracts
    other = attrs.evolve(one, contracts=[attrs.evolve(contract, end=contract.end + timedelta(1))])
    for each in (one, one, other, attrs.evolve(other, ledger=ledger)):
        assert catalogs.records(each) == (account_digest(each), last_recorded(each))
    later = attrs.evolve(other, contracts=[attrs.evolve(contract, recorded=MONDAY)])
    assert catalogs.records(later) == (account_digest(later), MONDAY)
    assert catalogs.records(None)[0] == catalogs.entries_digest(None) == ""
