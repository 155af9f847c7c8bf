"""Decisions equal those of an oracle written from the guide, in worlds full of edge cases.

The command `python -m tests.access.by_the_guide 100000 0` compares as many as one likes.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from tests.access.by_the_guide import compare, run, seeded
from tests.effort import tries

from entitlements.access import Reason
from entitlements.testing.strategies.worlds.access import World, worlds
from entitlements.testing.strategies.worlds.hostile_worlds import hostile_worlds

WORLDS = tries(160, deep=4_000)


@given(hostile_worlds())
def test_decisions_in_hostile_worlds_are_those_of_the_guide(drawn: World) -> None:
    assert compare(drawn, Counter()) == []


@given(worlds())
def test_decisions_in_small_worlds_are_those_of_the_guide(drawn: World) -> None:
    assert compare(drawn, Counter()) == []


def test_a_seeded_loop_finds_no_difference_and_reaches_almost_every_reason() -> None:
    reached, found = run(WORLDS, 500_000)
    first = 500_000 + WORLDS
    while missed := [each for each in Reason if not reached[each] and each != "not_in_grace"]:
        assert first < 500_400, f"{missed} are reached too rarely"
        more, others = run(20, first)
        reached, found, first = reached + more, found + others, first + 20
    assert found == []
    assert {"granted", "deferred", "denied"} <= set(reached)


# Worlds in which the guide and the code once differed, each for a different reason.
@pytest.mark.parametrize(
    "seed", [812, 821, 1186, 1305, 1525, 2332, 2487, 11_283, 11_687, 1_005_608]
)
def test_worlds_in_which_code_and_guide_once_differed_agree(seed: int) -> None:
    assert compare(seeded(seed, 6), Counter()) == []
