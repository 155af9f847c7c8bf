from __future__ import annotations

import pytest

from entitlements.adapters.memory import MemoryStore
from entitlements.testing.laws.ports import WORK_LAWS, Law


@pytest.mark.parametrize("law", WORK_LAWS, ids=lambda law: law.__name__)
def test_work_items_keep_the_laws(law: Law) -> None:
    law(MemoryStore)
