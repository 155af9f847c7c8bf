"""The order of choice: open, then the general group, then the one that opens first."""

from datetime import timedelta

import attrs
import pytest
from tests.access.small import (
    CATALOG,
    CONTRACT,
    MONDAY,
    PLAN,
    REQUEST,
    Case,
    asked,
    with_account,
    with_plan,
)

from entitlements.access import AccountDecider, Deferred, Denied, Granted, Reason
from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.selection import denial_reasons, select_right
from entitlements.calendars import Calendar
from entitlements.contracts import AccessRight, Account, ContractLine, OpenCase
from entitlements.kernel.instants import to_micros, utc

NIGHT = utc("2026-03-02T20:00Z")
EXPERTS = AccessRight(id="experts", group="dba", hours="desk")
QUEUE = AccessRight(id="queue", group="desk", immediate=False)


def test_the_first_right_that_is_open_wins() -> None:
    case = with_plan(rights=[EXPERTS, QUEUE])
    day, night = case.decision, attrs.evolve(case, at=NIGHT).decision
    assert isinstance(day, Granted)
    assert (day.entitlement.right, day.group, day.immediate) == ("experts", "dba", True)
    assert isinstance(night, Granted)
    assert (night.entitlement.right, night.group, night.immediate) == ("queue", "desk", False)


def test_the_general_group_takes_over_where_the_right_is_closed_or_spent() -> None:
    case = with_plan(general_group="desk")
    night = attrs.evolve(case, at=NIGHT).decision
    assert isinstance(night, Granted)
    assert (night.entitlement.right, night.group, night.immediate) == (None, "desk", False)
    assert isinstance(attrs.evolve(case, request=asked(severity="S9").request).decision, Denied)


def test_without_either_it_opens_later() -> None:
    later = Case(at=NIGHT).decision
    assert isinstance(later, Deferred)
    assert later.opens_at == utc("2026-03-03T09:00Z")


@pytest.mark.parametrize(("tick", "granted"), [(-1, False), (0, True), (1, True)])
def test_the_opening_instant_is_open(tick: int, *, granted: bool) -> None:
    at = utc("2026-03-02T09:00Z") + timedelta(microseconds=tick)
    assert isinstance(Case(at=at).decision, Granted) is granted


def test_the_reasons_are_those_of_the_candidate_that_comes_closest() -> None:
    lines = [
        ContractLine(id="1", plan="gold"),
        ContractLine(id="2", plan="gold", end=MONDAY.date() - timedelta(days=9)),
    ]
    account = with_account().account
    assert account is not None
    contracts = [attrs.evolve(account.contracts[0], lines=lines)]
    answer = Case(
        account=attrs.evolve(account, contracts=contracts),
        request=attrs.evolve(REQUEST, severity="S9"),
    ).decision
    assert isinstance(answer, Denied)
    assert answer.reasons == (Reason.SEVERITY_UNKNOWN,)
    assert [len(each.reasons) for each in answer.candidates] == [1, 2]


def test_a_line_with_as_many_open_cases_as_it_admits_gives_way_to_the_next() -> None:
    lines = [ContractLine(id=id, plan="gold") for id in "12"]
    contract = attrs.evolve(CONTRACT, lines=lines)
    cases = [OpenCase(id="K", contract="C", line="1", opened=MONDAY)]
    for general_group in (None, "desk"):
        case = with_plan(concurrency=1, general_group=general_group)
        for open_cases, line in (([], "1"), (cases, "2")):
            account = Account(customer="acme", contracts=[contract], cases=open_cases)
            answer = attrs.evolve(case, account=account).decision
            assert isinstance(answer, Granted)
            assert (answer.entitlement.line, answer.entitlement.right) == (line, "experts")
        full = [*cases, OpenCase(id="L", contract="C", line="2", opened=MONDAY)]
        account = Account(customer="acme", contracts=[contract], cases=full)
        for at in (MONDAY, NIGHT):
            answer = attrs.evolve(case, account=account, at=at).decision
            assert isinstance(answer, Denied)
            assert Reason.TOO_MANY_OPEN_CASES in answer.reasons


def test_a_choice_names_the_right_that_gave_it() -> None:
    account = with_account().account
    assert account is not None
    index, terms = AccountIndex(account, CATALOG), AccountDecider(account, CATALOG)
    decision, cell = select_right(index, (terms, REQUEST, to_micros(MONDAY)))
    assert isinstance(decision, Granted)
    assert cell is not None
    assert cell.access_right is PLAN.rights[0]
    empty = AccountIndex(Account(customer="acme"), CATALOG)
    assert denial_reasons(empty, REQUEST, 0) == (Reason.NO_CONTRACT,)
    lost = AccountIndex(Account(customer="acme", unknown={"contracts": "down"}), CATALOG)
    assert denial_reasons(lost, REQUEST, 0) == (Reason.FACTS_MISSING,)


def test_of_several_that_are_closed_the_one_that_opens_first_is_named() -> None:
    early = AccessRight(id="early", group="desk", hours="early")
    calendars = {**CATALOG.calendars, "early": Calendar(zone="UTC", week="Mo-Fr 06:00-08:00")}
    plan = attrs.evolve(PLAN, rights=[EXPERTS, early])
    catalog = attrs.evolve(CATALOG, plans=[plan], calendars=calendars)
    answer = Case(catalog=catalog, at=NIGHT).decision
    assert isinstance(answer, Deferred)
    assert (answer.entitlement.right, answer.opens_at) == ("early", utc("2026-03-03T06:00Z"))
