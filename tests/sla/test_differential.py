"""A short seeded run of the differential test."""

from __future__ import annotations

import pytest

from entitlements.sla import MilestoneState
from entitlements.testing.laws.clocks.differential import run


@pytest.mark.parametrize("seed", [1, 2026])
def test_clocks_agree_with_their_oracle_for_a_thousand_steps(seed: int) -> None:
    seen = run(seed, 1_000)
    assert seen["steps"] == 1_000
    assert all(seen[state] for state in MilestoneState)
