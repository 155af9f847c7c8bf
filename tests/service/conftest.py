"""A store with catalog, accounts and agents for the tests of the desk, and databases."""

import pytest
from tests.databases import make_store, store_of
from tests.service.desks import desk, settle

from entitlements.adapters.memory import MemoryStore
from entitlements.service import Desk

__all__ = ["at_desk", "make_store", "store", "store_of"]


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    settle(made)
    return made


@pytest.fixture
def at_desk(store: MemoryStore) -> Desk:
    return desk(store)
