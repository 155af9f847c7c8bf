"""Calendars against their minute-by-minute oracles, on one seeded sequence.

The tests make 30,000 comparisons, more in `.ci/run`. Run as a script, this file makes as many as
its argument says:

    python -m tests.calendars.test_differential 1000000 20260322
"""

from __future__ import annotations

import sys

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.effort import tries

from entitlements.testing.laws.calendars import agree
from entitlements.testing.strategies.calendars import Scene, scenes

SEED = 20260322
ROUNDS = 300


def compare(questions: int, number: int) -> int:
    """Ask at least `questions` questions, chosen by the seed `number`; return how many."""
    asked = 0

    @seed(number)
    @settings(
        max_examples=-(-questions // (7 * ROUNDS)),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenes(), st.integers(0, 2**32))
    def ask(scene: Scene, chosen: int) -> None:
        nonlocal asked
        asked += agree(scene.hours, scene.around, chosen, ROUNDS)

    ask()
    return asked


def test_hours_agree_with_their_painted_twins() -> None:
    wanted = tries(30_000)
    assert compare(wanted, SEED) >= wanted


if __name__ == "__main__":
    wanted, chosen_seed = int(sys.argv[1]), int(sys.argv[2])
    sys.stdout.write(f"{compare(wanted, chosen_seed)} answers agree, seed {chosen_seed}\n")
