from __future__ import annotations

import itertools
from collections import Counter
from datetime import timedelta

from hypothesis import example, given
from hypothesis import strategies as st
from tests.billing.work.charging.test_pieces import pieces_of

from entitlements.billing import ChargedCase, WorkLog, WorkTerms, charge_work
from entitlements.billing.work.charging.consumption import consumption
from entitlements.contracts import Grant
from entitlements.kernel.instants import micros_or_end, to_micros, utc
from entitlements.testing.strategies.worlds.billing import BilledWorld, billed_worlds

MARCH = utc("2026-03-01T00:00Z")


@given(billed_worlds())
def test_the_parts_of_a_piece_sum_to_its_billed_time(world: BilledWorld) -> None:
    pieces = pieces_of(world)
    billed: Counter[int] = Counter()
    for each in consumption(pieces, world.terms):
        assert each.billed >= 0
        billed[id(each.piece)] += each.billed
    assert all(billed[id(each)] == each.billed for each in pieces)


@given(billed_worlds())
def test_free_pieces_take_nothing_from_a_grant(world: BilledWorld) -> None:
    for each in consumption(pieces_of(world), world.terms):
        if each.piece.is_free:
            assert (each.grant, each.units) == (None, 0)


@given(billed_worlds())
def test_what_no_grant_pays_is_left_only_where_none_in_force_has_units(world: BilledWorld) -> None:
    for terms in world.terms:
        if terms.overage != "billed" or any(each.rollover for each in terms.grants):
            continue
        used: Counter[str] = Counter()
        for each in consumption(pieces_of(world), world.terms):
            if each.piece.terms is not terms or each.piece.is_free:
                continue
            if each.grant is None and each.billed:
                start = each.piece.start
                in_force = [one for one in terms.grants if _in_force(one, start)]
                assert all(used[one.id] == one.amount for one in in_force)
            elif each.grant is not None and not each.is_overage:
                used[each.grant] += each.units


def _in_force(grant: Grant, at: int) -> bool:
    return to_micros(grant.effective) <= at < micros_or_end(grant.expires)


def most_by_any_order(amounts: list[tuple[int, int, int]], needs: list[tuple[int, int]]) -> int:
    """Return the most minutes that grants can pay for, whatever their fixed order is.

    Args:
        amounts: First day, first day after it, and minutes of each grant.
        needs: Day and minutes of each piece of work.
    """
    best = 0
    for order in itertools.permutations(range(len(amounts))):
        left = [minutes for _, _, minutes in amounts]
        paid = 0
        for day, minutes in sorted(needs):
            open_minutes = minutes
            for number in order:
                first, after, _ = amounts[number]
                taken = min(open_minutes, left[number]) if first <= day < after else 0
                left[number] -= taken
                open_minutes -= taken
                paid += taken
        best = max(best, paid)
    return best


@example([(0, 2, 60), (0, 6, 60)], [(0, 60), (3, 60)])
@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(1, 6), st.integers(1, 90)), max_size=4),
    st.lists(st.tuples(st.integers(0, 13), st.integers(1, 120)), min_size=1, max_size=6),
)
def test_the_first_to_expire_wastes_least_of_all_orders(
    drawn: list[tuple[int, int, int]], needs: list[tuple[int, int]]
) -> None:
    amounts = [(first, first + days, minutes) for first, days, minutes in drawn]
    grants = [
        Grant(
            id=f"g{number}",
            unit="minutes",
            amount=minutes,
            effective=MARCH + timedelta(days=first),
            expires=MARCH + timedelta(days=after),
        )
        for number, (first, after, minutes) in enumerate(amounts)
    ]
    terms = WorkTerms(contract="C-1", line="main", zone="UTC", start=MARCH, grants=grants)
    logs = [
        WorkLog(
            id=f"W-{number}",
            case="R-1",
            agent="ada",
            start=MARCH + timedelta(days=day),
            end=MARCH + timedelta(days=day, minutes=minutes),
        )
        for number, (day, minutes) in enumerate(needs)
    ]
    case = ChargedCase(id="R-1", contract="C-1", line="main")
    lines = charge_work(logs, [case], [terms], currency="EUR")
    assert sum(each.units for each in lines) == most_by_any_order(amounts, needs)
