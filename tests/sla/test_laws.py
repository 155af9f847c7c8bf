"""The laws of clocks, on every kind of policy and history that can be drawn."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given

from entitlements.sla import History, SlaPolicy
from entitlements.testing.laws.sla import LAWS
from entitlements.testing.strategies import sla as draw


@given(draw.policies(), draw.histories(), draw.instants())
def test_clocks_obey_every_law(policy: SlaPolicy, history: History, at: datetime) -> None:
    # To draw a case costs more than to judge it, so that all laws judge the same one.
    for law in LAWS:
        law(policy, history, at)
