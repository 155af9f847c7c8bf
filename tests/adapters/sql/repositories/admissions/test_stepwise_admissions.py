"""Admissions on SQLite: few statements, and a chain that others may have moved on."""

from __future__ import annotations

import pytest
from tests.adapters.sql.repositories.admissions.test_admissions import batch, counted
from tests.service.desks import MONDAY, TENANT, desk, request

from entitlements.adapters.sql import SqlStore
from entitlements.service import AdmitRequest, ChainIntact, OfferCase
from entitlements.testing.laws.desk import all_or_nothing, replays


def test_an_admission_changes_the_account_once_and_reads_nothing_that_is_known(
    settled_file: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_desk = desk(settled_file)
    at_desk.execute(AdmitRequest(id="k0", request=request("R-0", "answer")), MONDAY)
    with counted(monkeypatch) as statements:
        at_desk.execute(AdmitRequest(id="k1", request=request("R-1", "answer")), MONDAY)
        # Account and chain; case, work, command, entry, counted case, event, message and link.
        assert sorted(statements) == ["INSERT"] * 8 + ["UPDATE"] * 2
        statements.clear()
        settled_file.memory.latest.others_wrote()
        at_desk.execute(AdmitRequest(id="k2", request=request("R-2", "answer")), MONDAY)
        assert sorted(statements) == ["INSERT"] * 8 + ["SELECT"] + ["UPDATE"] * 2
    assert replays(settled_file, TENANT) == 3


def test_a_denial_reads_what_it_was_decided_from(
    settled_file: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_desk = desk(settled_file)
    assert at_desk.execute(batch(["single"])[0], MONDAY).accepted
    with counted(monkeypatch) as statements:
        assert not at_desk.execute(batch(["single"], 1)[0], MONDAY).accepted
    assert sorted(statements) == ["INSERT"] * 3 + ["SELECT", "UPDATE"]


def test_a_batch_reads_and_changes_once_what_its_admissions_share(
    settled_file: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_desk, wanted = desk(settled_file), ["flat", "opening", "flat", "minutes"]
    at_desk.do_all(batch(wanted), MONDAY)
    with counted(monkeypatch) as statements:
        at_desk.do_all(batch(wanted * 2, 10), MONDAY)
    # Versions of accounts; edition and commands; the number of the last message.
    assert statements.count("SELECT") == 3
    # Three accounts, and the chain.
    assert statements.count("UPDATE") == 4
    # Command, case and work of each; entries, events, counted cases, messages and links at once.
    assert statements.count("INSERT") == 8 * 3 + 5
    assert replays(settled_file, TENANT) == 12
    all_or_nothing(settled_file, TENANT)


def test_a_batch_continues_what_its_other_commands_have_written(settled_file: SqlStore) -> None:
    """What was put off is written before anything is read."""
    at_desk = desk(settled_file)
    first, second = batch(["single", "single"])
    offered = OfferCase(id="o", case="R-0")
    later = at_desk.do_all([first, second, offered, *batch(["single"], 5)], MONDAY)
    assert [each.result for each in later] == ["granted", "denied", "offered", "denied"]
    assert replays(settled_file, TENANT) == 3
    all_or_nothing(settled_file, TENANT)


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
