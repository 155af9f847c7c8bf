"""The laws of clocks, on every kind of policy and history that can be drawn."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given

from entitlements.sla import History, SlaPolicy
from entitlements.testing.laws.sla import LAWS, Law
from entitlements.testing.strategies import sla as draw


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_clocks_obey(law: Law) -> None:
    @given(draw.policies(), draw.histories(), draw.instants())
    def obeys(policy: SlaPolicy, history: History, at: datetime) -> None:
        law(policy, history, at)

    obeys()
