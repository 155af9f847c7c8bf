from __future__ import annotations

import pytest
from tests.loading.documents import JANUARY, JUNE, TENANT, after, changed, loaded

from entitlements.kernel.errors import ConflictError
from entitlements.loading import stored_facts
from entitlements.routing.policy import RoutingPolicy


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
