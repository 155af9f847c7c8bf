import pytest
from tests.service.desks import desk, settle

from entitlements.adapters.memory import MemoryStore
from entitlements.service import Desk


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    settle(made)
    return made


@pytest.fixture
def at_desk(store: MemoryStore) -> Desk:
    return desk(store)
