"""Changes of a balance: the next one is found, and cycles that change nothing are not counted."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest
from tests.access.compiled.test_balance_check import after, prepaid
from tests.access.small import CONTRACT, MONDAY, REQUEST, Case

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.validity.balances import next_balance_change
from entitlements.contracts import Allowance, Contract, Cycle, Rollover
from entitlements.contracts.plan_terms.renewal_terms import RenewalTerms
from entitlements.kernel.instants import DAY, END_OF_TIME, from_micros, to_micros, utc

AT = to_micros(MONDAY)
MONTH, WEEK = Cycle("month"), Cycle("week")
ENDLESS = attrs.evolve(CONTRACT, months=None)


def change(
    case: Case,
    *,
    id: str = "R",
    until: int = END_OF_TIME,
    contract: Contract = ENDLESS,
    at: int = AT,
) -> int:
    """Return when the balance of the one right of a case changes next."""
    assert case.account is not None
    account = attrs.evolve(case.account, contracts=[contract])
    index = AccountIndex(account, case.catalog)
    request = attrs.evolve(REQUEST, id=id)
    (right,) = index.request_class(request).lines[0].at(at).rights
    return next_balance_change(index, right, request, at, until)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({}, id="one grant for good"),
        pytest.param({"recurrence": MONTH}, id="a grant each month"),
        pytest.param(
            {"recurrence": WEEK, "rollover": Rollover(at_most=1)}, id="and some of the rest"
        ),
        pytest.param({"recurrence": MONTH, "lifetime": Cycle("month", 2)}, id="for two months"),
        pytest.param({"recurrence": MONTH, "lifetime": Cycle("week", 5)}, id="for five weeks"),
        pytest.param({"recurrence": MONTH, "amount": 0}, id="nothing each month"),
        pytest.param({"recurrence": MONTH, "amount": 1, "cost": 2}, id="too little each month"),
        pytest.param({"recurrence": MONTH, "amount": 0, "over_use": "cap", "cap": 1}, id="a cap"),
    ],
)
def test_cycles_that_give_the_same_for_ever_never_change_anything(said: dict[str, object]) -> None:
    assert change(prepaid(**said)) == END_OF_TIME


def test_what_is_spent_comes_again_with_the_next_cycle() -> None:
    case = prepaid(amount=1, recurrence=Cycle("month", 3))
    spent = attrs.evolve(case, account=attrs.evolve(case.account, ledger=after(case)))
    assert from_micros(change(spent, id="R2")) == utc("2026-04-01T00:00Z")


def test_even_cycles_change_where_a_later_entry_takes_what_one_of_them_gives() -> None:
    july = utc("2026-07-10T10:00Z")
    taken = after(prepaid(amount=1, recurrence=MONTH, at=july))
    case = prepaid(amount=1, recurrence=MONTH, ledger=taken)
    assert from_micros(change(case, id="R2")) == july


def test_a_hold_that_ends_gives_its_units_back() -> None:
    case = prepaid(amount=1)
    held = after(case, duration=timedelta(days=2))
    spent = attrs.evolve(case, account=attrs.evolve(case.account, ledger=held))
    assert change(spent, id="R2") == AT + 2 * DAY


def test_grants_that_leave_a_gap_change_where_it_begins() -> None:
    found = change(prepaid(recurrence=MONTH, lifetime=Cycle("week", 2)))
    assert from_micros(found) == utc("2026-03-15T00:00Z")


def test_overlapping_grants_change_where_they_overlap() -> None:
    case = prepaid(recurrence=MONTH, lifetime=Cycle("week", 5), amount=1, cost=2)
    found = change(case)
    assert from_micros(found) == utc("2026-03-08T00:00Z")


@pytest.mark.parametrize(
    ("contract", "at", "until"),
    [
        pytest.param(ENDLESS, "2026-01-29T10:00Z", "2026-02-01T00:00Z", id="of the contract"),
        pytest.param(
            attrs.evolve(CONTRACT, months=12, renewal=RenewalTerms(months=12)),
            "2026-03-29T10:00Z",
            "2027-02-01T00:00Z",
            id="of a term that renews it",
        ),
    ],
)
def test_the_grant_of_a_broken_month_overlaps_that_of_the_first_whole_one(
    contract: Contract, at: str, until: str
) -> None:
    """Three weeks from 28 January, and three from each first of a month, never overlap later."""
    begun = attrs.evolve(contract, start=date(2026, 1, 28))
    lifetime = Cycle("week", 3)
    case = prepaid(recurrence=MONTH, lifetime=lifetime, aligned="calendar", amount=1, cost=2)
    assert from_micros(change(case, contract=begun, at=to_micros(utc(at)))) == utc(until)


def test_a_change_after_the_end_that_was_asked_for_is_not_looked_for() -> None:
    case = prepaid(recurrence=MONTH, lifetime=Cycle("week", 2))
    assert change(case, until=AT + DAY) >= AT + DAY


def test_what_counts_nothing_never_changes() -> None:
    case = prepaid(severities=["S2"])
    assert isinstance(case.catalog.plans[0].allowances[0], Allowance)
    assert change(case) == END_OF_TIME
