from __future__ import annotations

from collections import Counter

from hypothesis import given
from tests.billing.work.charging.test_pieces import pieces_of

from entitlements.billing.work.charging.consumption import consumption
from entitlements.contracts import Grant
from entitlements.kernel.instants import micros_or_end, to_micros
from entitlements.testing.strategies.worlds.billing import BilledWorld, billed_worlds


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
