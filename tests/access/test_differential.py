"""A million decisions were compared with the slow twin by hand; these are compared every time."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from tests.access.differential import compare, run, seeded

from entitlements.access import Reason
from entitlements.testing.strategies.access import World, worlds

WORLDS = 4_200  # 100,800 decisions, each with every right that was tried


@given(worlds())
def test_decisions_equal_those_told_from_the_rules(drawn: World) -> None:
    assert compare(drawn, Counter()) == []


def test_a_seeded_loop_finds_no_difference_and_reaches_every_reason() -> None:
    reached, found = run(WORLDS, seed=70_000)
    assert found == []
    accepted = reached["granted"] + reached["deferred"]
    assert 0.3 <= accepted / (accepted + reached["denied"]) <= 0.7
    assert [reason for reason in Reason if not reached[reason]] == []


def test_a_seed_gives_the_same_world_again() -> None:
    assert seeded(7) == seeded(7)
