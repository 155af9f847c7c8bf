"""Several agreements on one case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.kernel.errors import DuplicateIdError, InvalidValueError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.sla import (
    AgreementChoice,
    Agreements,
    ClockOptions,
    Event,
    History,
    SlaPolicy,
    Target,
)

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


def test_each_agreement_has_separate_clocks() -> None:
    customer, internal, supplier = Agreements(policies=THREE).measure(HISTORY, NOON)
    assert customer["resolution"].due == utc("2026-03-02T16:00Z")
    assert (internal["resolution"].state, internal["resolution"].elapsed) == ("paused", 2 * HOUR)
    assert internal["tier-2"].state == "met"
    assert (supplier["repair"].state, supplier["repair"].elapsed) == ("paused", timedelta())


@pytest.mark.parametrize(
    ("choice", "named", "chosen"),
    [
        (AgreementChoice.STRICTEST, None, ["customer"]),
        (AgreementChoice.NAMED, "internal", ["internal"]),
        (AgreementChoice.ALL, None, ["customer", "internal"]),
    ],
)
def test_the_rule_chooses_the_reading(
    choice: AgreementChoice, named: str | None, chosen: list[str]
) -> None:
    agreements = Agreements(policies=THREE, choice=choice, named=named)
    found = agreements.readings(HISTORY, NOON)
    assert [id for id, _ in found["resolution"]] == chosen


def test_a_late_reading_is_stricter_than_a_running_one() -> None:
    late = SlaPolicy(id="late", targets=[Target(milestone="resolution", within=HOUR)])
    found = Agreements(policies=[CUSTOMER, late]).readings(
        History([Event.opened("2026-03-02T08:00Z")]), NOON
    )
    assert [(id, each.state) for id, each in found["resolution"]] == [("late", "missed")]


def test_invalid_agreements_are_refused() -> None:
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


def test_the_terms_of_a_case_may_change_to_another_of_the_agreements() -> None:
    changed = HISTORY.append(Event.terms_changed("2026-03-02T09:30Z", policy="internal"))
    customer, *_ = Agreements(policies=[CUSTOMER, INTERNAL]).measure(changed, NOON)
    # By the internal agreement the pause for the supplier pauses the resolution.
    assert customer["resolution"].state == "paused"


def test_a_shown_deadline_is_stricter_than_a_hidden_one() -> None:
    hidden, shown = (
        SlaPolicy(
            id=id,
            targets=[Target(milestone="resolution", within=8 * HOUR)],
            options=ClockOptions(while_paused=id),
        )
        for id in ("hidden", "as_if_resumed")
    )
    found = Agreements(policies=[hidden, shown]).readings(HISTORY, NOON)
    assert [(id, each.state) for id, each in found["resolution"]] == [("as_if_resumed", "paused")]
