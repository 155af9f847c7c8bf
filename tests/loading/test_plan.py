from __future__ import annotations

import pytest
from tests.loading.documents import JANUARY, JUNE, TENANT, after, changed

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import InvalidValueError
from entitlements.loading import LoadPlan, LoadStep, apply, plan_load


def test_a_plan_is_read_line_by_line() -> None:
    store = after((changed(), JANUARY))
    facts = changed(("plan: silver", "plan: gold"), ("[dana]", "[eve]"), ("id: bob", "id: carl"))
    assert str(plan_load(store, facts, JUNE, tenant=TENANT)).splitlines() == [
        "~ contract C-1 of acme, line L-1, plan: silver -> gold",
        "+ contract C-1 of acme, contact eve",
        "- contract C-1 of acme, contact dana",
        "+ agent carl",
        "2 to add, 1 to change, 1 to end, 9 left; not named in the document: agent (1)",
    ]


def test_a_plan_is_also_data() -> None:
    plan = plan_load(after((changed(), JANUARY)), changed(("8h", "9h")), JUNE, tenant=TENANT)
    assert plan.to_dict() == {
        "tenant": TENANT,
        "at": "2026-06-15T08:00:00Z",
        "steps": [{"action": "change", "place": "policy silver", "before": "", "after": ""}],
        "left": {
            "account": 1, "agent": 2, "calendar": 1, "expert group": 1, "plan": 2, "policy": 1,
            "product": 1,
        },
        "unnamed": {},
    }  # fmt: skip


BLOCK = "kind: block, id: B-1, start: 2026-05-01T00:00Z"


def test_what_one_load_adds_the_next_one_leaves_in_the_same_number() -> None:
    facts = changed(
        ("accounts:\n", "routing: {order: first_in_first_out}\naccounts:\n  - customer: empty\n"),
        ("    contracts:\n", "    assets: [{id: srv, product: db}]\n    contracts:\n"),
        ("        contacts: [dana]", f"        contacts: [dana]\n    changes: [{{{BLOCK}}}]"),
    )
    store = MemoryStore()
    first = apply(store, facts, JANUARY, tenant=TENANT)
    assert [
        str(each) for each in first.steps if each.place.split()[0] in {"account", "routing"}
    ] == [
        "+ routing policy",
        "+ account empty",
        "+ account acme: 1 contract, 1 change, 1 asset",
    ]
    assert first.summary() == "12 to add, 0 to change, 0 to end, 0 left"
    again = plan_load(store, facts, JUNE, tenant=TENANT)
    assert again.summary() == "0 to add, 0 to change, 0 to end, 12 left"
    assert (again.left["account"], again.left["routing policy"]) == (2, 1)
    unnamed = plan_load(store, changed(), JUNE, tenant=TENANT).unnamed
    assert dict(unnamed) == {"asset": 1, "routing policy": 1}


def test_a_plan_says_what_another_catalog_means_for_customers() -> None:
    plan = plan_load(after((changed(), JANUARY)), changed(("8h", "9h")), JUNE, tenant=TENANT)
    assert [str(each) for each in plan.effects()] == [
        "worse: plan silver, severity high, first response: was 8h always, is now 9h always"
    ]


def test_a_first_catalog_has_no_effects() -> None:
    assert plan_load(after(), changed(), JUNE, tenant=TENANT).effects() == ()


def test_an_unknown_action_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="destroy"):
        LoadStep(action="destroy", place="agent ada")


def test_a_plan_without_steps_changes_nothing() -> None:
    assert not LoadPlan(tenant="t", at=JUNE, left={"agent": 0}).changes_anything
    assert str(LoadPlan(tenant="t", at=JUNE)) == "0 to add, 0 to change, 0 to end, 0 left"
