"""Pools over time: what is given is the same whenever as many grants are in force."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
from tests.access.compiled.test_balance_check import after, prepaid
from tests.access.small import CONTRACT, MONDAY, REQUEST, Case
from tests.access.validity.until import uneven

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.validity.pools import PoolStates, given, stated_instants
from entitlements.contracts import Cycle, Grace, Renewal, Rollover
from entitlements.kernel.instants import DAY, from_micros, to_micros, utc

AT = to_micros(MONDAY)


def compiled(case: Case) -> tuple[AccountIndex, CompiledRight]:
    """Return the index of a case in a term without an end, and its one right."""
    account = attrs.evolve(case.account, contracts=[attrs.evolve(CONTRACT, months=None)])
    index = AccountIndex(account, case.catalog)
    return index, index.request_class(REQUEST).lines[0].at(AT).rights[0]


def test_from_change_to_change_a_pool_gives_what_the_ledger_says() -> None:
    changes = 0
    for seed in range(6):
        world = uneven(seed)
        index = AccountIndex(world.account, world.catalog)
        request, at = world.questions[0]
        for line in index.request_class(request).lines:
            for right in line.at(at).rights:
                states = PoolStates(index, right, request, at)
                while (change := states.next_change()) < at + 500 * DAY:
                    before = states.given()
                    assert before == given(index, right, request, change - 1)
                    states.go_to(change)
                    assert states.given() == given(index, right, request, change)
                    changes += 1
    assert changes > 150


def test_units_that_roll_over_are_counted_apart_from_new_ones_in_and_after_a_grace() -> None:
    """Two new units and one of the month before, and the same in the grace of that term.

    It is over when a fresh term begins on 15 March, which has two and then three again.
    """
    rollover = Rollover(at_most=1)
    january = utc("2026-01-02T10:00Z")
    fresh = Renewal(id="N", contract="C", kind="fresh", start=date(2026, 3, 15), months=12)
    units = []
    for cost in (2, 3, 4):
        case = prepaid(recurrence=Cycle("month"), aligned="calendar", rollover=rollover, cost=cost)
        plans = [attrs.evolve(case.catalog.plans[0], grace=Grace(days=40))]
        account = attrs.evolve(
            case.account, contracts=[attrs.evolve(CONTRACT, months=2)], changes=[fresh]
        )
        index = AccountIndex(account, attrs.evolve(case.catalog, plans=plans))
        right = index.request_class(REQUEST).lines[0].at(AT).rights[0]
        states = PoolStates(index, right, REQUEST, to_micros(january))
        found = [(january, states.given())]
        while (change := states.next_change()) < to_micros(utc("2026-06-02T00:00Z")):
            states.go_to(change)
            found.append((from_micros(change), states.given()))
        for at, given_then in found:
            assert given_then == given(index, right, REQUEST, to_micros(at))
        units.append([f"{at:%d %b}" for at, (promise, _) in found if promise is not None])
    three = ["01 Feb", "01 Apr", "01 May", "01 Jun"]
    assert units == [["02 Jan", "01 Feb", "15 Mar", *three[1:]], three, []]


def test_what_is_looked_at_again_is_the_same() -> None:
    index, right = compiled(prepaid(recurrence=Cycle("month"), lifetime=Cycle("week", 5), cost=4))
    states, later = PoolStates(index, right, REQUEST, AT), AT + 4_000 * DAY
    states.seek(later)
    fresh = PoolStates(index, right, REQUEST, later)
    assert (states.given(), states.next_change()) == (fresh.given(), fresh.next_change())


def test_an_untouched_pool_states_no_instants() -> None:
    index, right = compiled(prepaid(recurrence=Cycle("month")))
    assert stated_instants(index, right, REQUEST, AT) == []
    assert PoolStates(index, right, REQUEST, AT).fresh_from < AT


def test_a_hold_states_its_end_and_those_of_the_grants_that_it_takes_from() -> None:
    case = prepaid(recurrence=Cycle("month"), amount=1)
    held = after(case, duration=timedelta(days=2))
    index, right = compiled(attrs.evolve(case, account=attrs.evolve(case.account, ledger=held)))
    found = [*map(from_micros, stated_instants(index, right, REQUEST, AT))]
    assert found == [MONDAY + timedelta(days=2), utc("2026-04-01T00:00Z")]
