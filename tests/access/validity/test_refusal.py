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

from entitlements.access import AccountDecider, Deferred, Denied, Reason
from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.validity.candidate import DecisionInput
from entitlements.access.validity.refusal import refused_until
from entitlements.calendars import Calendar
from entitlements.contracts import (
    AccessRight,
    Account,
    Catalog,
    Contract,
    Coverage,
    Cycle,
    Grant,
    Issue,
    Ledger,
)
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.kernel.instants import END_OF_TIME, to_micros, utc

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


def test_desks_that_open_in_turns_are_passed_over_in_one_step() -> None:
    account = Account(customer="acme", contracts=[FOR_GOOD])
    index = AccountIndex(account, catalog("day", "dark"))
    given = DecisionInput(index, STRANGER, to_micros(MONDAY))
    reasons = denied(catalog("day", "dark")).reasons
    assert refused_until(given, reasons) == END_OF_TIME


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


def test_a_denial_ends_when_a_closed_right_gets_units_and_is_deferred() -> None:
    april, night = utc("2026-04-01T00:00Z"), utc("2026-03-31T20:00Z")
    grant = Grant(
        id="g", unit="incidents", amount=1, effective=april, pool=pool_id("C", "2", "cases")
    )
    counted = AccessRight(id="r", group="dba", hours="desk", allowance="cases")
    other = attrs.evolve(LINE, plan="free", coverage=Coverage(level="product", ids=["os"]))
    free = attrs.evolve(PLAN, id="free", rights=[AccessRight(id="r", group="dba")])
    plans = [*catalog(rights=[counted], allowances=[CASES]).plans, free]
    account = Account(
        customer="acme",
        contracts=[attrs.evolve(FOR_GOOD, lines=[other, attrs.evolve(LINE, id="2")])],
        ledger=Ledger().post(Issue(grant=grant), MONDAY).ledger,
    )
    decider = AccountDecider(account, attrs.evolve(catalog(), plans=plans))
    answer = decider.decide(REQUEST, night)
    assert isinstance(answer, Denied)
    assert answer.reasons == (Reason.NOT_COVERED,)
    assert answer.valid_until == april
    assert isinstance(decider.decide(REQUEST, april), Deferred)


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
