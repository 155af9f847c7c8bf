"""Decisions compared with the oracle in every run; `HYPOTHESIS_PROFILE=deep` compares more."""

from __future__ import annotations

from collections import Counter
from typing import Final

from hypothesis import given
from tests.access.differential import compare, run, seeded
from tests.effort import tries

from entitlements.access import Reason
from entitlements.testing.strategies.worlds.access import World, worlds

WORLDS: Final = tries(60, deep=4_200)  # 24 decisions each, with every right evaluated


@given(worlds())
def test_decisions_equal_those_of_the_oracle(drawn: World) -> None:
    assert compare(drawn, Counter()) == []


def test_a_seeded_loop_finds_no_difference_and_reaches_every_reason() -> None:
    reached, found = run(WORLDS, seed=70_000)
    seed = 70_000 + WORLDS
    while missed := [reason for reason in Reason if not reached[reason]]:
        assert seed < 70_600, f"{missed} are reached too rarely"
        more, others = run(20, seed)
        reached, found, seed = reached + more, found + others, seed + 20
    assert found == []
    accepted = reached["granted"] + reached["deferred"]
    assert 0.25 <= accepted / (accepted + reached["denied"]) <= 0.7


def test_a_seed_gives_the_same_world_again() -> None:
    assert seeded(7) == seeded(7)
