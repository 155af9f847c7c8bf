"""Laws of SLA clocks, for drawn policies and histories."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given

from entitlements.sla import History, SlaPolicy
from entitlements.testing.laws.sla import LAWS
from entitlements.testing.strategies import sla as draw


@given(draw.policies(), draw.histories(), draw.instants())
def test_clocks_obey_every_law(policy: SlaPolicy, history: History, at: datetime) -> None:
    # Drawing a case costs more than checking it, so all laws check the same case.
    for law in LAWS:
        law(policy, history, at)
