"""Plan grants around an instant: cached, and with the balance of all grants."""

from collections.abc import Iterable
from datetime import date

import attrs
from tests.access.small import CATALOG, CONTRACT, MONDAY, PLAN, REQUEST

from entitlements.access import Granted
from entitlements.access.compiled.plan_grant_cache import MAX_RANGE, MAX_RANGES, PlanGrantCache
from entitlements.access.decider import AccountDecider
from entitlements.contracts import (
    Account,
    Allowance,
    Contract,
    Cycle,
    Renewal,
    ledger_with_plan_grants,
    line_histories,
)
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.contracts.records.changes import Change
from entitlements.kernel.instants import DAY, END_OF_TIME, from_micros, to_micros, utc

AT = to_micros(MONDAY)
WEEKLY = Allowance(id="cases", unit="incidents", amount=5, recurrence=Cycle("week"))
COUNTED = attrs.evolve(
    PLAN,
    allowances=[WEEKLY],
    rights=[attrs.evolve(PLAN.rights[0], allowance="cases", hours=None)],
)


def grant_cache(*allowances: Allowance, changes: Iterable[Change] = ()) -> PlanGrantCache:
    """Return the cache of the small world's line, for a plan with these allowances."""
    catalog = attrs.evolve(CATALOG, plans=[attrs.evolve(PLAN, allowances=allowances)])
    account = Account(customer="acme", contracts=[CONTRACT], changes=changes)
    (history,) = line_histories(account, catalog)
    return PlanGrantCache(Ledger(), history)


def test_grants_are_derived_for_a_range_of_time_and_some_ranges_are_kept() -> None:
    found = grant_cache(WEEKLY)
    until = found.until(AT)
    assert found.at(AT) is found.at(until - 1)
    assert found.at(until) is not found.at(AT)
    for number in range(3 * MAX_RANGES):
        found.at(AT + number * 28 * DAY)
    assert len(found.kept) <= MAX_RANGES


def test_ranges_are_a_few_cycles_long_and_at_most_a_year() -> None:
    def length(*allowances: Allowance) -> int:
        found = grant_cache(*allowances)
        return found.until(found.until(AT)) - found.until(AT)

    yearly = attrs.evolve(WEEKLY, id="y", recurrence=Cycle("year"))
    assert length(WEEKLY, yearly) == 28 * DAY
    once = attrs.evolve(WEEKLY, recurrence=None)
    assert length() == length(once) == length(yearly) == MAX_RANGE


def test_cycles_begin_until_the_last_term_ends_and_a_grant_of_a_term_with_it() -> None:
    once = attrs.evolve(WEEKLY, id="once", recurrence=None)
    renewed = [Renewal(id="R", contract="C", months=12)]
    begins, ends = (to_micros(utc(f"{year}-01-01T00:00Z")) for year in (2027, 2028))
    for allowances in ((WEEKLY,), (WEEKLY, once), (once, WEEKLY)):
        assert grant_cache(*allowances, changes=renewed).complete_until(ends - 29 * DAY) < ends
        assert grant_cache(*allowances, changes=renewed).complete_until(ends) == END_OF_TIME
    assert grant_cache(once, changes=renewed).complete_until(begins - 1) < END_OF_TIME
    assert grant_cache(once, changes=renewed).complete_until(begins) == END_OF_TIME


def test_no_grant_begins_outside_of_the_terms() -> None:
    again = [Renewal(id="R", contract="C", kind="fresh", months=12, start=date(2030, 1, 1))]
    begins, ends, resumed = (to_micros(utc(f"{y}-01-01T00:00Z")) for y in (2026, 2027, 2030))
    found = grant_cache(WEEKLY, changes=again)
    assert found.complete_until(to_micros(utc("0003-01-01T00:00Z"))) == begins
    assert found.complete_until(ends) == resumed
    assert found.complete_until(begins) == found.until(begins)


def test_a_range_of_grants_has_the_balance_of_all_grants() -> None:
    for allowance in (
        WEEKLY,
        attrs.evolve(WEEKLY, recurrence=Cycle("month"), lifetime=Cycle("quarter")),
        attrs.evolve(WEEKLY, recurrence=None),
    ):
        found = grant_cache(allowance)
        every = ledger_with_plan_grants(Ledger(), [found.history], utc("2028-01-01T00:00Z"))
        for day in range(-90, 500):
            at = AT + day * DAY
            left = found.at(at).balance_timeline("incidents", (pool_id("C", "1", "cases"),))
            expected = every.balance_timeline("incidents", (pool_id("C", "1", "cases"),))
            assert left.available(at) == expected.available(at)
            changes = [each for each in (left.next_change(at), found.until(at)) if each is not None]
            assert expected.next_change(at) is None or min(changes) <= expected.next_change(at)


def test_two_thousand_contracts_with_a_weekly_allowance_are_asked_at_once() -> None:
    contracts = [
        attrs.evolve(CONTRACT, id=f"C{n}", start=date(2000, 1, 3), months=None) for n in range(2000)
    ]
    account = Account(customer="acme", contracts=contracts)
    terms = AccountDecider(account, attrs.evolve(CATALOG, plans=[COUNTED]))
    decision = terms.decide(REQUEST, MONDAY)
    assert isinstance(decision, Granted)
    assert decision.entitlement.contract == "C0"
    assert decision.valid_until is None  # each week gives what the request takes


def test_two_thousand_lines_with_a_weekly_allowance_are_asked_at_once() -> None:
    lines = [attrs.evolve(CONTRACT.lines[0], id=f"L{n}") for n in range(2000)]
    contract: Contract = attrs.evolve(CONTRACT, lines=lines, start=date(2000, 1, 3), months=None)
    terms = AccountDecider(
        Account(customer="acme", contracts=[contract]), attrs.evolve(CATALOG, plans=[COUNTED])
    )
    decision = terms.decide(REQUEST, from_micros(AT))
    assert isinstance(decision, Granted)
    assert decision.valid_until is None  # each week gives what the request takes
