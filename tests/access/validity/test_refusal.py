"""A denial holds while one candidate has its reasons, whatever others open or close."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
from tests.access.small import (
    CASES,
    CATALOG,
    CONTRACT,
    LINE,
    MONDAY,
    PLAN,
    REQUEST,
    with_account,
)
from tests.access.validity.test_contest import HOURS

from entitlements.access import AccountDecider, Denied, Reason
from entitlements.calendars import Calendar
from entitlements.contracts import AccessRight, Account, Catalog, Contract, Coverage, Cycle
from entitlements.kernel.instants import utc

TURNS = {
    **HOURS,
    "day": Calendar(zone="UTC", week="Mo-Su 08:00-20:00"),
    "dark": Calendar(zone="UTC", week="Mo-Su 20:00-32:00"),
}
FOR_GOOD = attrs.evolve(CONTRACT, months=None)
STRANGER = attrs.evolve(REQUEST, contact="zoe")


def catalog(*hours: str | None, **said: object) -> Catalog:
    """Return a catalog of one plan with a right for each of the hours."""
    rights = [AccessRight(id=f"r{n}", group="dba", hours=each) for n, each in enumerate(hours)]
    plan = attrs.evolve(PLAN, **{"rights": rights, **said})
    return attrs.evolve(CATALOG, calendars=TURNS, plans=[plan])


def denied(catalog: Catalog, contract: Contract = FOR_GOOD) -> Denied:
    """Return the denial of a person who is not named."""
    account = Account(customer="acme", contracts=[contract])
    answer = AccountDecider(account, catalog).decide(STRANGER, MONDAY)
    assert isinstance(answer, Denied)
    return answer


def test_a_stranger_is_denied_for_good_whatever_opens_and_closes() -> None:
    assert denied(catalog(None, "desk")).valid_until is None
    assert denied(catalog("desk", None)).valid_until is None


def test_desks_that_open_in_turns_deny_a_stranger_for_good() -> None:
    assert denied(catalog("day", "dark")).valid_until is None


def test_desks_that_leave_a_gap_deny_with_another_reason_in_it() -> None:
    found = denied(catalog("day", "desk"))
    assert found.valid_until == utc("2026-03-02T20:00Z")
    assert found.reasons == (Reason.CONTACT_NOT_NAMED,)


def test_a_denial_of_many_lines_holds_until_the_last_of_them_ends() -> None:
    lines = [
        attrs.evolve(LINE, id=f"L{n}", end=date(2026, 4, 1) + timedelta(days=n % 200))
        for n in range(500)
    ]
    contract = attrs.evolve(CONTRACT, lines=lines)
    found = denied(catalog(None), contract)
    assert found.valid_until == utc("2026-10-18T00:00Z")


def test_a_line_with_as_many_reasons_takes_over_when_it_comes_first() -> None:
    other = attrs.evolve(LINE, id="0", coverage=Coverage(level="product", ids=["os"]))
    contract = attrs.evolve(FOR_GOOD, any_contact=True, contacts=[], lines=[LINE, other])
    account = Account(customer="acme", contracts=[contract])
    closed = AccountDecider(account, catalog("desk", may_not_open=["S1"])).decide(REQUEST, MONDAY)
    assert isinstance(closed, Denied)
    assert closed.reasons == (Reason.SEVERITY_NOT_OPENABLE,)
    assert closed.valid_until == utc("2026-03-02T17:00Z")


def test_a_spent_allowance_in_cycles_of_nothing_denies_for_good() -> None:
    right = AccessRight(id="r", group="dba", allowance="cases")
    spent = attrs.evolve(CASES, recurrence=Cycle("month"))
    account = Account(customer="acme", contracts=[FOR_GOOD])
    decider = AccountDecider(account, catalog(rights=[right], allowances=[spent]))
    answer = decider.decide(REQUEST, MONDAY)
    assert isinstance(answer, Denied)
    assert answer.valid_until is None


def test_without_a_contract_a_denial_holds_for_good() -> None:
    assert with_account(contracts=[]).decision.valid_until is None


def test_a_contract_that_is_too_late_is_denied_until_it_begins() -> None:
    later = attrs.evolve(CONTRACT, start=date(2026, 3, 3), any_contact=True, contacts=[])
    assert denied(catalog(None), later).valid_until == utc("2026-03-03T00:00Z")
