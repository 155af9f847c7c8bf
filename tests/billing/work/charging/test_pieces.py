from __future__ import annotations

import itertools
from datetime import timedelta
from random import Random

from hypothesis import given

from entitlements.billing.work.charging.pieces import Piece, PricedTerms, rounded_pieces, terms_at
from entitlements.billing.work.charging.rate_steps import CompiledRates
from entitlements.billing.work.work_logs import valid_work
from entitlements.calendars.timeline.zones import load_zone
from entitlements.kernel.instants import DAY
from entitlements.testing.strategies.worlds.billing import (
    CALENDARS,
    BilledWorld,
    billed_world,
    billed_worlds,
)


def pieces_of(world: BilledWorld) -> list[Piece]:
    return rounded_pieces(
        valid_work(world.logs),
        {each.id: each for each in world.cases},
        {
            each.key: [PricedTerms(0, each, CompiledRates(each.rates, CALENDARS))]
            for each in world.terms
            if each.rates
        },
    )


@given(billed_worlds())
def test_the_pieces_of_a_log_follow_one_another(world: BilledWorld) -> None:
    pieces = pieces_of(world)
    for log in world.logs:
        own = [each for each in pieces if each.log is log]
        assert all(one.end == other.start for one, other in itertools.pairwise(own))
        assert (own[-1].end - own[0].start) == log.worked // timedelta(microseconds=1)


@given(billed_worlds())
def test_a_group_is_billed_as_its_rounded_time(world: BilledWorld) -> None:
    charged = [each for each in pieces_of(world) if not each.is_free]
    groups: dict[int, list[Piece]] = {}
    for each in charged:
        groups.setdefault(id(each.group), []).append(each)
    for pieces in groups.values():
        rounding = pieces[0].terms.rounding
        worked = sum(each.end - each.start for each in pieces)
        assert sum(each.billed for each in pieces) == rounding.billed_micros(worked)
        assert min(each.billed for each in pieces) >= 0


@given(billed_worlds())
def test_pieces_that_are_rounded_by_day_lie_within_one_day(world: BilledWorld) -> None:
    for each in pieces_of(world):
        if each.terms.rounding.per == "day":
            zone = load_zone(each.terms.zone)
            assert zone.wall(each.start) // DAY == zone.wall(each.end - 1) // DAY


@given(billed_worlds())
def test_free_work_is_not_rounded(world: BilledWorld) -> None:
    assert all(each.billed == each.end - each.start for each in pieces_of(world) if each.is_free)


def test_the_terms_that_began_last_hold() -> None:
    terms = next(iter(billed_world(Random(1)).terms))  # noqa: S311 - a seed
    steps = [PricedTerms(start, terms, None) for start in (10, 20)]
    assert [terms_at(steps, at).start for at in (5, 10, 19, 20)] == [10, 10, 10, 20]
