from __future__ import annotations

from tests.loading.documents import JANUARY, JUNE, TENANT, after, changed, loaded

from entitlements.documents import parse_facts
from entitlements.loading import stored_facts

OTHER = parse_facts("""
groups: [team]
plans:
  - id: basic
    severities: [low]
    channels: [web]
    rights: [{id: team, group: team}]
    targets: [{milestone: first_response, within: 8h}]
""")


def test_what_an_earlier_contract_names_stays_in_the_catalog() -> None:
    store = after((changed(), JANUARY))
    assert loaded(store, OTHER, JUNE, prune=True) == [
        "- product db",
        "+ expert group team",
        "+ plan basic 1",
        "- plan gold 1",
        "+ policy basic",
        "- policy gold",
        "- contract C-1 of acme: cancelled from 2026-06-15T08:00:00Z",
        "- agent ada",
        "- agent bob",
    ]
    kept = stored_facts(store, tenant=TENANT)
    assert {plan.id for plan in kept.catalog.plans} == {"basic", "silver"}
    assert {*kept.policies} == {"basic", "silver"}
    assert {*kept.catalog.calendars} == {"business"}
    assert {group.id for group in kept.catalog.groups} == {"team", "desk"}


def test_a_repeated_load_retains_the_same() -> None:
    store = after((changed(), JANUARY))
    loaded(store, OTHER, JUNE, prune=True)
    assert loaded(store, OTHER, JUNE, prune=True) == []


def test_plans_that_a_retained_plan_requires_are_retained() -> None:
    needs = ("  - id: silver\n", "  - id: silver\n    requires_plan: [gold]\n")
    store = after((changed(needs), JANUARY))
    loaded(store, OTHER, JUNE, prune=True)
    plans = stored_facts(store, tenant=TENANT).catalog.plans
    assert {plan.id for plan in plans} == {"basic", "silver", "gold"}
