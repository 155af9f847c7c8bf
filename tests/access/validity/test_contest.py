"""Who could decide instead of what decides, and until when it cannot."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs
import pytest
from tests.access.small import CASES, CATALOG, CONTRACT, MONDAY, PLAN, REQUEST

from entitlements.access import AccountDecider, Decision, Deferred, Granted, RemedyKind
from entitlements.calendars import Calendar
from entitlements.contracts import AccessRight, Account, Cycle
from entitlements.kernel.instants import utc

HOURS = {
    "desk": Calendar(zone="UTC", week="Mo-Fr 09:00-17:00"),
    "early": Calendar(zone="UTC", week="Mo-Fr 07:00-08:00"),
    "night": Calendar(zone="UTC", week="Mo-Su 18:00-30:00"),
    "never": Calendar.never(),
}
EVENING = utc("2026-03-02T17:30Z")


def answer(*rights: dict[str, Any], at: datetime = MONDAY, **plan: Any) -> Decision:
    """Return the answer under a plan with these rights, in their order, and no end."""
    every = [
        AccessRight(**{"id": f"r{n}", "group": "dba", **each}) for n, each in enumerate(rights)
    ]
    said = attrs.evolve(PLAN, rights=every, **plan)
    contract = attrs.evolve(CONTRACT, months=None)
    account = Account(customer="acme", contracts=[contract])
    catalog = attrs.evolve(CATALOG, calendars=HOURS, plans=[said])
    return AccountDecider(account, catalog).decide(REQUEST, at)


SPENT = {"allowance": "cases"}
MONTHLY = attrs.evolve(CASES, recurrence=Cycle("month"))


@pytest.mark.parametrize(
    ("rights", "at", "until"),
    [
        pytest.param([{}], MONDAY, None, id="a right around the clock"),
        pytest.param([{"hours": "desk"}], MONDAY, utc("2026-03-02T17:00Z"), id="its own closing"),
        pytest.param(
            [{"hours": "night"}, {}], MONDAY, utc("2026-03-02T18:00Z"), id="one before it opens"
        ),
        pytest.param([{}, {"hours": "night"}], MONDAY, None, id="one after it may open"),
        pytest.param([{"hours": "never"}, {}], MONDAY, None, id="one before it never opens"),
        pytest.param(
            [{"hours": "night", **SPENT}, {}], MONDAY, None, id="one before it opens, and is spent"
        ),
    ],
)
def test_a_granted_right_holds_until_it_closes_or_one_before_it_opens(
    rights: list[dict[str, Any]], at: datetime, until: datetime | None
) -> None:
    granted = answer(*rights, at=at, allowances=[MONTHLY])
    assert isinstance(granted, Granted)
    assert granted.valid_until == until


@pytest.mark.parametrize(
    ("rights", "until"),
    [
        pytest.param([{"hours": "desk"}], utc("2026-03-03T09:00Z"), id="until it opens"),
        pytest.param(
            [{"hours": "desk"}, {"hours": "early"}],
            utc("2026-03-03T07:00Z"),
            id="the first to open",
        ),
        pytest.param(
            [{"hours": "desk"}, {"hours": "early", **SPENT}],
            utc("2026-03-03T09:00Z"),
            id="not one that is spent",
        ),
    ],
)
def test_a_deferral_holds_until_the_first_right_opens(
    rights: list[dict[str, Any]], until: datetime
) -> None:
    deferred = answer(*rights, at=EVENING, allowances=[MONTHLY])
    assert isinstance(deferred, Deferred)
    assert deferred.valid_until == deferred.opens_at == until
    waits = [each.at for each in deferred.remedies if each.kind is RemedyKind.WAIT_UNTIL]
    assert waits == [until]


def test_a_general_group_holds_until_a_right_opens() -> None:
    granted = answer({"hours": "desk"}, at=EVENING, general_group="desk")
    assert isinstance(granted, Granted)
    assert granted.valid_until == utc("2026-03-03T09:00Z")


def test_a_general_group_in_place_of_a_spent_right_holds_for_good() -> None:
    granted = answer(
        {"hours": "desk", **SPENT}, at=EVENING, general_group="desk", allowances=[MONTHLY]
    )
    assert isinstance(granted, Granted)
    assert granted.valid_until is None
