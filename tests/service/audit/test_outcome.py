import json
from datetime import timedelta

import pytest
from tests.service.desks import CATALOG, MONDAY, POLICY, account, request

from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.engine import Engine, Facts
from entitlements.service.audit.outcome import outcome_text

NAMES = ("flat", "daytime", "opening", "asking")
ENGINE = Engine(
    Facts(catalog=CATALOG, policies=[POLICY], accounts=[account(name) for name in NAMES])
)
HOUR = timedelta(hours=1)
SHARED = {"entitlement", "group", "immediate", "charge", "obligations", "due", "outcome"}


def outcome(customer: str, at: timedelta = timedelta()) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        outcome_text(ENGINE.assess(request(customer=customer), MONDAY + at))
    )
    return found


def test_a_granted_outcome_states_the_promise_and_its_deadlines() -> None:
    found = outcome("flat")
    assert set(found) == SHARED
    assert found["outcome"] == "granted"
    assert found["group"] == "experts"
    assert found["charge"] == {"kind": "included"}
    assert found["due"] == {
        "first_response": "2026-03-02T10:00:00Z",
        "resolution": "2026-03-04T09:00:00Z",
    }
    assert found["entitlement"] == {
        "contract": "C-flat",
        "line": "1",
        "plan": "flat",
        "plan_version": "1",
        "policy": "standard",
        "right": "experts",
    }


def test_a_deferred_outcome_also_states_when_the_group_opens() -> None:
    found = outcome("daytime", -2 * HOUR)
    assert set(found) == SHARED | {"opens_at"}
    assert (found["outcome"], found["opens_at"]) == ("deferred", "2026-03-02T08:00:00Z")


def test_a_denied_outcome_states_the_reasons_alone() -> None:
    assert outcome("nobody") == {"outcome": "denied", "reasons": ["customer_unknown"]}


def test_a_charge_and_a_consent_that_is_needed_are_stated() -> None:
    found = outcome("opening")
    assert found["charge"] == {
        "kind": "prepaid",
        "allowance": "cases",
        "pool": pool_id("C-opening", "1", "cases"),
        "unit": "incidents",
        "amount": 1,
        "consumption": "opening",
    }
    found = outcome("asking")
    assert found["obligations"] == [{"kind": "consent", "values": ["cases"]}]


@pytest.mark.parametrize("customer", NAMES)
def test_an_outcome_holds_nothing_that_explains_it(customer: str) -> None:
    text = outcome_text(ENGINE.assess(request(customer=customer), MONDAY))
    for word in ("candidates", "remedies", "valid_until", "route", "agent"):
        assert word not in text
