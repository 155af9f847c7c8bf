from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from tests.loading.documents import JANUARY, JUNE, PRICES, TENANT, after, changed, loaded, priced

from entitlements.kernel.errors import ConflictError
from entitlements.kernel.instants import utc
from entitlements.loading import apply, stored_facts
from entitlements.routing.policies.policy import RoutingPolicy

JULY = utc("2026-07-01T08:00Z")


def test_what_a_document_leaves_out_stays_in_the_catalog() -> None:
    store = after((changed(), JANUARY))
    small = changed(("products: [db]", "products: [web]"))
    assert loaded(store, small, JUNE) == ["+ product web"]
    assert [each.id for each in stored_facts(store, tenant=TENANT).catalog.products] == [
        "db",
        "web",
    ]


def test_the_default_routing_policy_counts_as_left_out() -> None:
    facts = changed(("agents:", "routing: {note: ours}\nagents:"))
    store = after((facts, JANUARY))
    assert loaded(store, changed(), JUNE) == []
    assert stored_facts(store, tenant=TENANT).routing == facts.routing
    assert loaded(store, changed(), JUNE, prune=True) == ["~ routing policy"]
    assert stored_facts(store, tenant=TENANT).routing == RoutingPolicy()


def test_another_catalog_is_another_edition_and_the_earlier_one_is_kept() -> None:
    store = after((changed(), JANUARY), (changed(("8h", "9h")), JUNE))
    with store.begin(TENANT) as work:
        assert work.catalog.number() == 2
        assert work.catalog.edition(1).catalog == changed().catalog
        assert work.catalog.edition(2).recorded == JUNE


def test_a_plan_cannot_ask_more_of_the_lines_of_a_customer_who_is_not_named() -> None:
    store = after((changed(), JANUARY))
    text = ("  - id: silver\n", "  - id: silver\n    line_calendars: [regional]\n")
    hours = ("hours: business", "hours: regional")
    line = ("{id: L-1, plan: silver}", "{id: L-1, plan: gold}")
    facts = changed(text, hours, line, ("customer: acme", "customer: blox"))
    with pytest.raises(ConflictError) as caught:
        loaded(store, facts, JUNE)
    assert "`acme`" in str(caught.value)
    assert "`regional`" in str(caught.value)
    assert loaded(store, changed(), JUNE) == [], "and nothing was changed"


def test_plans_whose_id_and_version_read_alike_are_two_plans() -> None:
    """Version `b c` of plan `a`, and version `c` of plan `a b`."""
    plan = changed().catalog.plans[0]
    one = attrs.evolve(plan, id="a", version="b c")
    other = attrs.evolve(plan, id="a b", version="c")
    facts = changed()
    both = attrs.evolve(
        facts, catalog=attrs.evolve(facts.catalog, plans=[*facts.catalog.plans, one, other])
    )
    store = after((changed(), JANUARY))
    assert loaded(store, both, JUNE) == ["+ plan a b c", "+ plan a b c"]
    stored = {(each.id, each.version) for each in stored_facts(store, tenant=TENANT).catalog.plans}
    assert {("a", "b c"), ("a b", "c")} < stored


def test_prices_and_billing_accounts_are_loaded_changed_and_ended() -> None:
    store, facts = after((priced(), JANUARY)), priced()
    assert loaded(store, facts, JUNE) == []
    dearer = priced(("120 EUR/h", "125.50 EUR/h"), ("10%", "20%"))
    plan = apply(store, dearer, JUNE, tenant=TENANT)
    assert [str(each) for each in plan.steps] == [
        "~ rate card standard",
        "~ billing account acme",
    ]
    assert [(each.place, each.after) for each in plan.effects()] == [
        ("rate card standard, rates, default, hourly", "125.50 EUR/h")
    ]
    now, then = (stored_facts(store, at, tenant=TENANT) for at in (None, JANUARY))
    assert (now.prices, now.billing_accounts) == (dearer.prices, dearer.billing_accounts)
    assert (then.prices, then.billing_accounts) == (facts.prices, facts.billing_accounts)
    ended = priced((PRICES[PRICES.index("billing_accounts") :], ""))
    assert loaded(store, ended, JULY) == ["~ rate card standard"]
    assert loaded(store, ended, JULY + timedelta(days=1), prune=True) == ["- billing account acme"]


def test_a_price_cannot_be_taken_from_a_contract_that_is_not_named() -> None:
    store = after((priced(), JANUARY))
    facts = priced(("{item: C-1, amount: 400 EUR}, ", ""), ("acme", "blox"), ("C-1", "C-2"))
    with pytest.raises(ConflictError, match="`acme` needs what the catalog would no longer have"):
        loaded(store, facts, JUNE)


def test_a_billed_line_of_which_only_a_retraction_is_given_is_refused() -> None:
    store = after((changed(), JANUARY))
    gone = "      - {id: C-2, zone: UTC, start: 2026-01-01, end: 2026-12-31, retracted: true}\n"
    facts = priced(
        ("      - id: C-1\n", f"{gone}      - id: C-1\n"),
        ("commercial: {price: fees}", "any_contact: false"),
        ("contract: C-1", "contract: C-2"),
    )
    with pytest.raises(ConflictError, match="`acme` names what is not stored") as caught:
        loaded(store, facts, JUNE)
    assert caught.value.path == "billing_accounts[acme].discounts[partner].contract"
