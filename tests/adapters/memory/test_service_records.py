from __future__ import annotations

import pytest

from entitlements.adapters.memory import MemoryStore
from entitlements.testing.laws.ports import SERVICE_RECORD_LAWS, Law


@pytest.mark.parametrize("law", SERVICE_RECORD_LAWS, ids=lambda law: law.__name__)
def test_service_records(law: Law) -> None:
    law(MemoryStore)
