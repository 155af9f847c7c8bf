"""Admissions on SQLite: few statements, and a chain that others may have moved on."""

from __future__ import annotations

import pytest
from tests.adapters.sql.repositories.test_admissions import counted
from tests.service.desks import MONDAY, TENANT, desk, request

from entitlements.adapters.sql import SqlStore
from entitlements.service import AdmitRequest, ChainIntact
from entitlements.testing.laws.desk import all_or_nothing, replays


def test_an_admission_changes_the_account_once_and_reads_one_row(
    settled_file: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_desk = desk(settled_file)
    at_desk.execute(AdmitRequest(id="k0", request=request("R-0", "answer")), MONDAY)
    with counted(monkeypatch) as statements:
        at_desk.execute(AdmitRequest(id="k1", request=request("R-1", "answer")), MONDAY)
    # Account and chain; case, work, command, entry, counted case, event, message and link.
    assert sorted(statements) == ["INSERT"] * 8 + ["SELECT"] + ["UPDATE"] * 2
    assert replays(settled_file, TENANT) == 2


def test_two_stores_continue_the_chain_of_each_other(settled_file: SqlStore) -> None:
    other = SqlStore(settled_file.engine, check=False)
    for number in range(6):
        store = (settled_file, other)[number % 2]
        asked = request(f"R-{number}", ("answer", "flat", "nobody")[number % 3])
        desk(store).execute(AdmitRequest(id=f"k{number}", request=asked), MONDAY)
    found = desk(other).verify()
    assert isinstance(found, ChainIntact)
    assert found.head.number == 6
    assert replays(settled_file, TENANT) == 6
    all_or_nothing(settled_file, TENANT)
