"""Grants that follow from plans: when, how many, and only once."""

from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from entitlements.contracts import (
    AccessRight,
    Account,
    Allowance,
    Amendment,
    Catalog,
    Change,
    Contract,
    ContractLine,
    Cycle,
    ExpertGroup,
    Grant,
    LineHistory,
    Plan,
    Reserve,
    plan_grants,
    pool_of,
    standings,
    with_plan_grants,
)
from entitlements.contracts.entries import Issue
from entitlements.contracts.ledger import Ledger
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.ids import SEPARATOR, identifier, key_parts
from entitlements.kernel.instants import utc

UNTIL = utc("2026-12-31T00:00Z")


def plan(id: str, *allowances: Allowance) -> Plan:
    """Return a plan with these allowances."""
    return Plan(
        id=id,
        policy="p",
        severities=["S1"],
        channels=["web"],
        rights=[AccessRight(id="r", group="dba")],
        allowances=allowances,
    )


MONTHLY = Allowance(id="cases", unit="incidents", amount=5, recurrence=Cycle("month", 3))
ONCE = Allowance(id="cases", unit="incidents", amount=9)
HOURS = Allowance(id="hours", unit="minutes", amount=600)
WEEKLY = Allowance(id="cases", unit="incidents", amount=5, recurrence=Cycle("week"))
CATALOG = Catalog(
    groups=[ExpertGroup(id="dba")],
    plans=[
        plan("monthly", MONTHLY),
        plan("once", ONCE),
        plan("more", ONCE, HOURS),
        plan("weekly", WEEKLY),
        plan("unlimited", attrs.evolve(MONTHLY, amount=2**63 - 1)),
    ],
)


def history(plan: str, *changes: Change, **said: Any) -> LineHistory:
    """Return a line of a plan, sold for 2026 and renewed by nobody."""
    usual = {"start": date(2026, 1, 31), "lines": [ContractLine(id="1", plan=plan)]}
    contract = Contract(id="C", customer="acme", zone="UTC", **{**usual, **said})
    return standings(Account(customer="acme", contracts=[contract], changes=changes), CATALOG)[0]


def told(grant: Grant) -> tuple[str, int, str, str]:
    """Return a grant as text."""
    end = "never" if grant.expires is None else f"{grant.expires:%m-%d}"
    return str(grant.allowance), grant.amount, f"{grant.effective:%m-%d}", end


def test_each_cycle_of_a_term_has_its_grant() -> None:
    found = [told(each) for each in plan_grants(history("monthly", end=date(2026, 9, 15)), UNTIL)]
    assert found == [
        ("cases", 5, "01-31", "04-30"),
        ("cases", 5, "04-30", "07-31"),
        ("cases", 5, "07-31", "09-16"),
    ]


def test_a_term_without_an_end_has_whole_cycles_and_a_grant_for_all_of_it_never_expires() -> None:
    assert told([*plan_grants(history("monthly"), UNTIL)][-1]) == ("cases", 5, "10-31", "01-31")
    assert [told(each) for each in plan_grants(history("once"), UNTIL)] == [
        ("cases", 9, "01-31", "never")
    ]


def test_the_horizon_changes_no_grant() -> None:
    for name in ("monthly", "once", "more"):
        near = [*plan_grants(history(name), UNTIL)]
        far = [*plan_grants(history(name), utc("2031-01-01T00:00Z"))]
        assert far[: len(near)] == near


def test_what_only_a_later_plan_promises_is_granted_from_its_first_day() -> None:
    upgrade = Amendment(
        id="A",
        contract="C",
        effective=date(2026, 6, 1),
        lines=[ContractLine(id="1", plan="more")],
    )
    found = [told(each) for each in plan_grants(history("once", upgrade, months=12), UNTIL)]
    assert found == [("cases", 9, "01-31", "01-31"), ("hours", 600, "06-01", "01-31")]


def test_grants_are_issued_once_however_often_they_are_derived() -> None:
    lines = [history("monthly", end=date(2026, 9, 15))]
    once = with_plan_grants(Ledger(), lines, UNTIL)
    assert len(once.grants) == 3
    assert with_plan_grants(once, lines, UNTIL) == once
    assert with_plan_grants(Ledger(), [*lines, *lines], UNTIL) == once


def test_pools_are_named_after_what_they_are_for_and_never_alike() -> None:
    assert key_parts(pool_of("C", "1", "cases")) == ("pool", "C", "1", "cases")
    assert pool_of("C/1", "2", "cases") != pool_of("C", "1/2", "cases")


def test_a_grant_given_by_hand_never_stands_for_one_of_a_plan() -> None:
    line = history("monthly", end=date(2026, 9, 15))
    first = next(plan_grants(line, UNTIL))
    with pytest.raises(InvalidValueError, match="for keys only"):
        identifier(first.id)
    for id in (first.id.replace(SEPARATOR, "/"), "C/1/cases@2026-03-01"):
        by_hand = Issue(grant=attrs.evolve(first, id=id, allowance=None, amount=1))
        ledger = Ledger().post(by_hand, first.effective).ledger
        assert len(with_plan_grants(ledger, [line], UNTIL).grants) == 4


def test_grants_of_a_plan_may_be_as_large_as_numbers_go() -> None:
    stocked = with_plan_grants(Ledger(), [history("unlimited", end=date(2026, 9, 15))], UNTIL)
    assert len(stocked.grants) == 3
    assert stocked.available("incidents", utc("2026-03-01T00:00Z")) == 2**63 - 1


def test_a_key_that_somebody_has_used_keeps_no_grant_away() -> None:
    line = history("monthly", end=date(2026, 9, 15))
    first = next(plan_grants(line, UNTIL))
    taken = (
        Ledger()
        .post(Reserve(key=Issue(grant=first).key, unit="incidents", amount=1), first.effective)
        .ledger
    )
    stocked = with_plan_grants(taken, [line], UNTIL)
    assert len(stocked.grants) == 3
    assert with_plan_grants(stocked, [line], UNTIL) == stocked


def test_what_has_expired_is_left_out_however_old_the_contract_is() -> None:
    old = [history("weekly", start=date(200, 1, 6))]
    with pytest.raises(LimitExceededError, match="allowance `cases` has more than 10000 grants"):
        with_plan_grants(Ledger(), old, UNTIL)
    now = utc("2026-02-10T00:00Z")
    found = with_plan_grants(Ledger(), old, now, since=now - timedelta(days=14))
    assert [told(each) for each in found.grants] == [
        told(each) for each in plan_grants(history("weekly", start=date(2026, 1, 26)), now)
    ]
