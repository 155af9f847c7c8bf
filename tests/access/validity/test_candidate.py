"""One candidate at one instant: what fails, and when it may be granted."""

from __future__ import annotations

import attrs
from tests.access.compiled.test_balance_check import after, prepaid
from tests.access.small import CATALOG, CONTRACT, MONDAY, PLAN, REQUEST, Case, with_right

from entitlements.access import Reason
from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.reasons import REASON_BIT
from entitlements.access.validity.candidate import CandidateState, DecisionInput
from entitlements.access.validity.segments import segment_at
from entitlements.contracts import Account, Cycle
from entitlements.kernel.instants import DAY, END_OF_TIME, HOUR, from_micros, to_micros, utc

AT = to_micros(MONDAY)  # 10:00
EVENING = AT + 8 * HOUR


def candidate(case: Case, at: int = AT, id: str = "R") -> CandidateState:
    """Return the one candidate of a case."""
    assert case.account is not None
    request = attrs.evolve(REQUEST, id=id)
    index = AccountIndex(case.account, case.catalog)
    line = index.request_class(request).lines[0]
    (near,) = segment_at(index, line, request, at, 0).near
    return CandidateState(near, DecisionInput(index, request, at))


def test_a_right_in_the_evening_may_be_granted_in_the_morning() -> None:
    found = candidate(Case(), EVENING)
    assert found.failures == REASON_BIT[Reason.WINDOW_CLOSED]
    assert found.opens_later
    assert found.grant_change(END_OF_TIME) == AT + 23 * HOUR


def test_a_right_that_never_opens_may_never_be_granted() -> None:
    found = candidate(with_right(hours="never"))
    assert not found.opens_later
    assert found.grant_change(END_OF_TIME) == found.access_change(END_OF_TIME) == END_OF_TIME


def test_of_closed_hours_and_a_spent_allowance_the_one_that_lasts_counts() -> None:
    open_all_day = prepaid(amount=1, recurrence=Cycle("month", 3))
    plan = open_all_day.catalog.plans[0]
    rights = [attrs.evolve(plan.rights[0], hours="desk")]
    catalog = attrs.evolve(CATALOG, plans=[attrs.evolve(plan, rights=rights)])
    account = attrs.evolve(open_all_day.account, ledger=after(open_all_day))
    found = candidate(Case(catalog=catalog, account=account), EVENING, id="R2")
    assert found.hours == REASON_BIT[Reason.WINDOW_CLOSED]
    assert found.balance == REASON_BIT[Reason.ALLOWANCE_SPENT]
    april = utc("2026-04-01T00:00Z")
    assert from_micros(found.grant_change(END_OF_TIME)) == april
    assert from_micros(found.access_change(END_OF_TIME)) == april
    assert found.grant_change(AT + DAY // 2) >= AT + DAY // 2


def test_a_line_without_rights_changes_with_its_segment_only() -> None:
    catalog = attrs.evolve(CATALOG, plans=[attrs.evolve(PLAN, rights=[])])
    index = AccountIndex(Account(customer="acme", contracts=[CONTRACT]), catalog)
    line = index.request_class(REQUEST).lines[0]
    (near,) = segment_at(index, line, REQUEST, AT, 1).near
    found = CandidateState(near, DecisionInput(index, REQUEST, AT))
    assert found.failures == REASON_BIT[Reason.GROUP_NOT_IN_PLAN]
    assert (found.hours_change(), found.balance_change(END_OF_TIME)) == (END_OF_TIME, END_OF_TIME)
    assert found.precedence() == near.precedence
