from __future__ import annotations

import inspect
from typing import Any

import pytest

from entitlements.adapters.memory import MemoryStore
from entitlements.ports import repositories, trail
from entitlements.ports.admissions import Admissions
from entitlements.ports.case_changes import CaseChanges
from entitlements.ports.service_records.repository import ServiceRecords

PORTS = {
    "catalog": repositories.Catalogs,
    "accounts": repositories.Accounts,
    "ledger": repositories.Ledgers,
    "cases": repositories.Cases,
    "case_changes": CaseChanges,
    "roster": repositories.Rosters,
    "work_items": repositories.WorkItems,
    "service_records": ServiceRecords,
    "outbox": trail.Outbox,
    "decisions": trail.Decisions,
    "admissions": Admissions,
    "commands": trail.Commands,
    "group_leases": trail.GroupLeases,
}


def methods(of: type) -> dict[str, Any]:
    return {
        name: each for name, each in vars(of).items() if inspect.isfunction(each) if name[0] != "_"
    }


@pytest.mark.parametrize("name", PORTS)
def test_the_reference_has_every_method_as_it_was_promised(name: str) -> None:
    with MemoryStore().begin("t") as work:
        repository = type(getattr(work, name))
    promised = {key: inspect.signature(each) for key, each in methods(PORTS[name]).items()}
    found = {key: inspect.signature(each) for key, each in methods(repository).items()}
    assert found == promised


@pytest.mark.parametrize("port", PORTS.values(), ids=lambda port: port.__name__)
def test_every_method_says_what_it_returns_or_raises(port: type) -> None:
    assert [name for name, each in methods(port).items() if not each.__doc__] == []
