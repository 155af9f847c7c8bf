from __future__ import annotations

from tests.loading.documents import JANUARY, JUNE, TENANT, after, changed, loaded, priced

from entitlements.documents import parse_facts
from entitlements.kernel.instants import utc
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


def test_prices_that_earlier_terms_name_stay_with_their_calendars() -> None:
    hours = ("{default: 120 EUR/h}", "{default: 120 EUR/h, after hours: x1.5 outside nights}")
    nights = '{name: nights, zone: UTC, week: "Mo-Fr 00:00-05:00"}'
    store = after((priced(hours, ("calendars: [", f"calendars: [{nights}, ")), JANUARY))
    steps = loaded(store, OTHER, JUNE, prune=True)
    assert {"- rate card night", "- billing account acme"} <= {*steps}
    kept = stored_facts(store, tenant=TENANT)
    assert ({*kept.prices.rate_cards}, {*kept.prices.price_lists}) == ({"standard"}, {"fees"})
    assert "nights" in kept.catalog.calendars
    assert loaded(store, OTHER, utc("2026-07-01T08:00Z"), prune=True) == []
