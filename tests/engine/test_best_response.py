"""The best response is the one that is due first, from the instant asked about."""

from datetime import date, timedelta

import pytest

from entitlements.access import Granted
from entitlements.calendars import BusinessDays, Calendar
from entitlements.contracts import (
    AccessRight,
    Account,
    Catalog,
    Contract,
    ContractLine,
    ExpertGroup,
    Plan,
    Product,
)
from entitlements.engine import Engine, Facts
from entitlements.kernel.instants import utc
from entitlements.kernel.requests import Request
from entitlements.sla import SlaPolicy, Target

OFFICE = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
WITHIN: dict[str, timedelta | BusinessDays] = {
    "A": timedelta(minutes=30),
    "B": timedelta(hours=1),
    "D": BusinessDays(1, anchor="end"),
}


def chosen(ids: str, at: str) -> str:
    policies = [
        SlaPolicy(
            id=id,
            calendars={"office": OFFICE},
            targets=[
                Target(
                    milestone="first_response",
                    within=WITHIN.get(id),
                    calendar=None if id in "BN" else "office",
                )
            ],
        )
        for id in ids
    ]
    right = AccessRight(id="r", group="dba")
    plans = [
        Plan(id=id, policy=id, severities=["S1"], channels=["web"], rights=[right]) for id in ids
    ]
    catalog = Catalog(
        products=[Product(id="db")],
        groups=[ExpertGroup(id="dba")],
        plans=plans,
        precedence=["best_response"],
    )
    contracts = [
        Contract(
            id=f"{9 - n}",
            customer="acme",
            zone="UTC",
            start=date(2026, 1, 1),
            any_contact=True,
            lines=[ContractLine(id="1", plan=id)],
        )
        for n, id in enumerate(ids)
    ]
    account = Account(customer="acme", contracts=contracts)
    engine = Engine(Facts(catalog=catalog, policies=policies, accounts=[account]))
    request = Request(
        id="R", customer="acme", contact="dana", product="db", severity="S1", channel="web"
    )
    decision = engine.assess(request, utc(at)).decision
    assert isinstance(decision, Granted)
    return decision.entitlement.plan


@pytest.mark.parametrize(
    ("ids", "at", "best"),
    [
        pytest.param("AB", "2026-03-02T10:00Z", "A", id="both count"),
        pytest.param("BA", "2026-03-07T10:00Z", "B", id="closed on Saturday"),
        pytest.param("DN", "2026-03-02T10:00Z", "D", id="a business day is a promise"),
    ],
)
def test_the_response_that_is_due_first_is_the_best(ids: str, at: str, best: str) -> None:
    assert chosen(ids, at) == best
