from __future__ import annotations

import inspect

from tests.ports.test_repositories import PORTS

from entitlements.adapters.memory import MemoryStore
from entitlements.ports import Store, UnitOfWork


def test_a_unit_of_work_has_every_repository() -> None:
    offered = {
        name
        for name, each in vars(UnitOfWork).items()
        if isinstance(each, property) and name != "tenant"
    }
    assert offered == set(PORTS)
    with MemoryStore().begin("t") as work:
        assert all(getattr(work, name) is not None for name in offered)


def test_the_reference_is_a_store() -> None:
    store: Store = MemoryStore()
    wanted = {name for name, each in vars(Store).items() if inspect.isfunction(each)}
    assert {name for name in wanted if name[0] != "_"} <= set(dir(store))
