from __future__ import annotations

import pytest

from entitlements.adapters.memory import MemoryStore
from entitlements.testing.laws.ports import TRAIL_LAWS, Law


@pytest.mark.parametrize("law", TRAIL_LAWS, ids=lambda law: law.__name__)
def test_outbox_and_decisions_keep_the_laws(law: Law) -> None:
    law(MemoryStore)
