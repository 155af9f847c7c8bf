"""A seeded loop in small; the long run is recorded with its seed and its length."""

from __future__ import annotations

import pytest

from entitlements.sla import MilestoneState
from entitlements.testing.laws.sla_differential import run


@pytest.mark.parametrize("seed", [1, 2026])
def test_clocks_agree_with_their_twin_for_a_thousand_steps(seed: int) -> None:
    seen = run(seed, 1_000)
    assert seen["steps"] == 1_000
    assert all(seen[state] for state in MilestoneState)
