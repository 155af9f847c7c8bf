"""Rows that were stored are read, whatever has changed since."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.databases import with_tables
from tests.service.desks import MONDAY, TENANT, desk
from tests.service.pinned import COMMANDS, ROWS, Rows, carry_out, put, rows_of

from entitlements.adapters.sql import SqlStore
from entitlements.ports import ChainHead, RecordFilter, RecordKind, every_record
from entitlements.service import AdmitRequest, AdoptCase, ChainIntact
from entitlements.testing.laws.desk import all_or_nothing

DECISIONS, CHAINS = "entitlements_decisions", "entitlements_chains"
RECORDS = "entitlements_service_records"
ADMISSIONS = [each for each in COMMANDS if isinstance(each, AdmitRequest)]
ADOPTIONS = [each for each in COMMANDS if isinstance(each, AdoptCase)]


def pinned() -> Rows:
    found: Rows = json.loads(ROWS.read_text(encoding="utf-8"))
    return found


@pytest.fixture
def kept() -> Iterator[SqlStore]:
    with with_tables("sqlite://") as store:
        put(store, pinned())
        yield store


def test_the_pinned_chain_is_intact_and_ends_with_its_head(kept: SqlStore) -> None:
    (chain,) = pinned()[CHAINS]
    assert desk(kept).verify() == ChainIntact(ChainHead(chain["number"], chain["digest"]))


def test_every_pinned_decision_is_decided_again_as_it_was(kept: SqlStore) -> None:
    again = list(desk(kept).replay_all())
    assert len(again) == len(ADMISSIONS) + len(ADOPTIONS) + len(pinned()[RECORDS])
    assert all(each.same for each in again)
    # Another release of the time zone data is named, and changes nothing here.
    assert {name for each in again for name in each.differs} <= {"zone_data"}
    for each in ADMISSIONS:
        assert desk(kept).explain(each.case).request == each.request


def test_every_pinned_command_gets_its_reply_again(kept: SqlStore) -> None:
    before = rows_of(kept)
    at_desk, again = desk(kept), []
    for number, command in enumerate(COMMANDS):
        again.append(at_desk.execute(command, MONDAY + timedelta(days=number)))
    assert all(each.repeated for each in again)
    with with_tables("sqlite://") as store:
        assert carry_out(store) == again
    assert rows_of(kept) == before


def test_everything_that_is_pinned_can_be_read(kept: SqlStore) -> None:
    with kept.begin(TENANT) as work:
        for customer in work.accounts.customers():
            assert work.accounts.account(customer) is not None
            for case in work.cases.of(customer):
                if case.id != "T-2":  # it was resolved before it was adopted
                    assert work.work_items.item(case.id).id == case.id
        assert work.catalog.edition().number == 1
        assert len(work.roster.roster().agents) == 2
        assert work.group_leases.leases()[0].owner == "worker"
        assert work.outbox.pending()
        wanted = [RecordFilter(kind=kind) for kind in RecordKind]
        listed = [each.id for one in wanted for each in every_record(work.service_records, one)]
        rows = {(row["kind"], row["id"]): row for row in pinned()[RECORDS]}
        assert sorted(listed) == sorted(id for (_, id), row in rows.items() if not row["retracted"])
    all_or_nothing(kept, TENANT, [each.id for each in COMMANDS])


def test_what_is_written_today_is_what_was_pinned() -> None:
    with with_tables("sqlite://") as store:
        carry_out(store)
        today = rows_of(store)
    assert without_zone_data(today) == without_zone_data(pinned())


def without_zone_data(rows: Rows) -> Rows:
    """Return the rows without the release of the time zone data, and what it changes."""
    found = {name: [dict(row) for row in table] for name, table in rows.items()}
    for row in found[DECISIONS]:
        row["body"] = {**json.loads(row["body"]), "zone_data": ""}
    for row in (*found[DECISIONS], *found[CHAINS]):
        row["previous"] = row["digest"] = ""
    return found
