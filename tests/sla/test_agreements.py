"""A customer's promise, an internal agreement and a supplier's contract on one case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.kernel.errors import DuplicateIdError, InvalidValueError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.sla import AgreementChoice, Agreements, Event, History, SlaPolicy, Target

HOUR = timedelta(hours=1)
CUSTOMER = SlaPolicy(
    id="customer", targets=[Target(milestone="resolution", within=8 * HOUR, paused_by=["customer"])]
)
INTERNAL = SlaPolicy(
    id="internal",
    targets=[
        Target(milestone="resolution", within=6 * HOUR, paused_by=["customer", "supplier"]),
        Target(milestone="tier-2", within=2 * HOUR, starts_on="escalated"),
    ],
)
SUPPLIER = SlaPolicy(
    id="supplier", targets=[Target(milestone="repair", within=4 * HOUR, starts_on="ordered")]
)
THREE = (CUSTOMER, INTERNAL, SUPPLIER)
HISTORY = History(
    [
        Event.opened("2026-03-02T08:00Z"),
        Event.reached("2026-03-02T09:00Z", "escalated"),
        Event.reached("2026-03-02T10:00Z", "ordered"),
        Event.paused("2026-03-02T10:00Z", "supplier"),
        Event.reached("2026-03-02T10:30Z", "tier-2"),
    ]
)
NOON = utc("2026-03-02T12:00Z")


def test_each_agreement_runs_by_its_own_clock() -> None:
    customer, internal, supplier = Agreements(policies=THREE).measure(HISTORY, NOON)
    assert customer["resolution"].due == utc("2026-03-02T16:00Z")
    assert (internal["resolution"].state, internal["resolution"].elapsed) == ("paused", 2 * HOUR)
    assert internal["tier-2"].state == "met"
    assert (supplier["repair"].state, supplier["repair"].elapsed) == ("paused", timedelta())


@pytest.mark.parametrize(
    ("together", "named", "speakers"),
    [
        (AgreementChoice.STRICTEST, None, ["customer"]),
        (AgreementChoice.NAMED, "internal", ["internal"]),
        (AgreementChoice.ALL, None, ["customer", "internal"]),
    ],
)
def test_a_declared_rule_says_who_speaks(
    together: AgreementChoice, named: str | None, speakers: list[str]
) -> None:
    agreements = Agreements(policies=THREE, choice=together, named=named)
    found = agreements.readings(HISTORY, NOON)
    assert [id for id, _ in found["resolution"]] == speakers


def test_what_is_late_speaks_before_what_is_due() -> None:
    late = SlaPolicy(id="late", targets=[Target(milestone="resolution", within=HOUR)])
    found = Agreements(policies=[CUSTOMER, late]).readings(
        History([Event.opened("2026-03-02T08:00Z")]), NOON
    )
    assert [(id, each.state) for id, each in found["resolution"]] == [("late", "missed")]


def test_agreements_are_told_apart() -> None:
    with pytest.raises(InvalidValueError, match="no agreement"):
        Agreements(policies=[])
    with pytest.raises(DuplicateIdError):
        Agreements(policies=[CUSTOMER, CUSTOMER])
    with pytest.raises(UnknownIdError):
        Agreements(policies=THREE, choice="named", named="supplyer")
    with pytest.raises(InvalidValueError):
        Agreements(policies=THREE, choice="named")
    with pytest.raises(InvalidValueError):
        Agreements(policies=THREE, named="customer")
