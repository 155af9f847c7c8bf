"""Factors: candidates that are followed one by one, and those that hold a denial together."""

from __future__ import annotations

from typing import Any

import attrs
from tests.access.small import CATALOG, CONTRACT, MONDAY, PLAN, REQUEST

from entitlements.access import AccountDecider, Denied
from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.validity.all_time import combinations
from entitlements.access.validity.all_time.factors import Factors, first_of
from entitlements.access.validity.candidate import DecisionInput
from entitlements.calendars.timeline.zones import LAST_MICROS
from entitlements.contracts import AccessRight, Account, Allowance, ContractLine, Cycle
from entitlements.contracts.allowances.grant_cycles import WEEK
from entitlements.contracts.catalog import Catalog
from entitlements.kernel.instants import to_micros, utc
from entitlements.kernel.requests import Request

AT = to_micros(MONDAY)
STRANGER = attrs.evolve(REQUEST, contact="zoe")


def facts(*said: dict[str, Any], lines: int = 1) -> tuple[Account, Catalog]:
    """Return an account under a plan with an allowance for each of its rights."""
    allowances = [
        Allowance(
            **{"id": f"a{n}", "unit": "incidents", "amount": 1}
            | {name: value for name, value in each.items() if name != "hours"}
        )
        for n, each in enumerate(said)
    ]
    rights = [
        AccessRight(id=f"r{n}", group="dba", allowance=f"a{n}", hours=each.get("hours"))
        for n, each in enumerate(said)
    ]
    plan = attrs.evolve(PLAN, allowances=allowances, rights=rights)
    every = [ContractLine(id=str(number), plan="gold") for number in range(lines)]
    contract = attrs.evolve(CONTRACT, months=None, lines=every)
    account = Account(customer="acme", contracts=[contract])
    return account, attrs.evolve(CATALOG, plans=[plan])


def factors(*said: dict[str, Any], request: Request = REQUEST, most: int = 0) -> Factors:
    """Return what the rights of such an account depend on."""
    return Factors(DecisionInput(AccountIndex(*facts(*said)), request, AT), most)


UNEVEN = {"recurrence": Cycle("month"), "lifetime": Cycle("week", 5), "cost": 2}


def test_rights_that_depend_on_the_same_are_followed_once() -> None:
    found = factors({"hours": "desk"}, {"hours": "desk"}, {"hours": "desk", **UNEVEN})
    assert len(found.every) == 3
    assert [len(each) for each in found.one_by_one(found.every)] == [1, 2]
    assert len(found.together(found.every)) == 2
    assert len(found.together(found.every, hours=False)) == 1


def test_waiting_follows_each_right_so_that_it_is_found_wherever_it_is() -> None:
    """The dates of a line, its hours and its pool can be looked at until the calendar ends."""
    found = factors({"hours": "desk"}, *({"hours": "desk", **UNEVEN} for _ in range(12)))
    most = max(map(len, found.one_by_one(found.every)))
    assert most * (LAST_MICROS - AT) // WEEK < combinations.MAX_LOOKED_AT < 13 * LAST_MICROS // WEEK


def test_what_never_changes_is_not_followed() -> None:
    found = factors({}, {"recurrence": Cycle("month")}, {"hours": "never"})
    assert found.one_by_one(found.every) == []
    assert first_of(found.one_by_one(found.every), AT, lambda _: True) == LAST_MICROS + 1


def test_candidates_of_more_failures_do_not_matter() -> None:
    assert factors({}, request=STRANGER).every == []
    assert len(factors({}, request=STRANGER, most=1).every) == 1


def test_of_several_factors_the_first_to_change_counts() -> None:
    found = factors({"hours": "desk"}, UNEVEN)
    closing, grant = to_micros(utc("2026-03-02T17:00Z")), to_micros(utc("2026-03-08T00:00Z"))
    every = found.one_by_one(found.every)
    assert first_of(every, AT, lambda at: at >= closing) == closing
    assert first_of(every, AT, lambda at: at >= grant) == grant


def test_fortnights_in_turn_hold_a_denial_for_good() -> None:
    """Each right has units in one week of two: one begins on Thursdays, the other as well."""
    fortnight = {"recurrence": Cycle("week", 2), "aligned": "calendar"}
    whole = {**fortnight, "lifetime": Cycle("week", 2)}
    half = {**fortnight, "lifetime": Cycle("week", 1)}
    covered = AccountDecider(*facts(half, whole)).decide(STRANGER, MONDAY)
    assert isinstance(covered, Denied)
    assert covered.valid_until is None
    gap = AccountDecider(*facts(half, half)).decide(STRANGER, MONDAY)
    assert isinstance(gap, Denied)
    assert gap.valid_until is not None


def test_rights_that_take_turns_for_ever_are_covered_by_a_few_of_many() -> None:
    months = [{"recurrence": Cycle("month", n), "lifetime": Cycle("month", 1)} for n in (2, 3, 5)]
    uneven = {"recurrence": Cycle("month"), "lifetime": Cycle("week", 4)}
    weeks = {"recurrence": Cycle("week", 5), "lifetime": Cycle("week", 4)}
    answer = AccountDecider(*facts(*months, uneven, weeks, {**UNEVEN, "cost": 1})).decide(
        STRANGER, MONDAY
    )
    assert isinstance(answer, Denied)
    assert answer.valid_until is None
