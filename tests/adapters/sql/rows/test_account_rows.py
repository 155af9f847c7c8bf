from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.service.desks import MONDAY, account

from entitlements.adapters.sql.rows import mapping
from entitlements.adapters.sql.rows.account_rows import (
    UNKNOWN_PARTS,
    entry_of,
    fact_row,
    version_of,
    with_rows,
)
from entitlements.contracts import Account, Asset, Grant, Issue, Ledger, OpenCase
from entitlements.contracts.account import has_same_records
from entitlements.kernel.errors import UnreadableError

FLAT = account("flat")
(CONTRACT,) = FLAT.contracts
CASE = OpenCase(id="R-1", contract="C-flat", line="1", opened=MONDAY)
ISSUE = Issue(grant=Grant(id="g", unit="incidents", amount=1, effective=MONDAY))
LEDGER = Ledger().post(ISSUE, MONDAY).ledger
(ENTRY,) = LEDGER.entries


def head(version: int) -> tuple[Any, ...]:
    return 0, version, 0, None, None, None, mapping.to_text(FLAT.unknown, UNKNOWN_PARTS)


def row(part: int, position: int, plain: dict[str, Any]) -> tuple[Any, ...]:
    return part, position, None, None, plain.get("kind"), plain.get("id"), plain["body"]


def test_an_account_is_built_from_its_rows_in_any_order() -> None:
    rows = [
        row(3, 2, mapping.counted_case_to_row(CASE)),
        row(2, 1, mapping.entry_to_row(ENTRY)),
        row(1, 1, fact_row(CONTRACT, FLAT)),
        head(3),
    ]
    found = with_rows(Account(customer="flat"), rows)
    assert found == attrs.evolve(FLAT, ledger=LEDGER, cases=[CASE])
    assert version_of(rows) == 3


def test_rows_of_cases_and_entries_leave_the_dated_records_as_they_are() -> None:
    closed = attrs.evolve(CASE, closed=MONDAY + timedelta(hours=1))
    before = FLAT.with_case(CASE)
    rows = [
        head(3),
        row(3, 3, mapping.counted_case_to_row(closed)),
        row(2, 1, mapping.entry_to_row(ENTRY)),
    ]
    found = with_rows(before, rows)
    assert found == attrs.evolve(FLAT, ledger=LEDGER, cases=[closed])
    assert has_same_records(before, found)


def test_a_corrected_contract_limits_the_time_in_which_the_first_one_was_known() -> None:
    first = attrs.evolve(CONTRACT, recorded=MONDAY)
    later = attrs.evolve(CONTRACT, recorded=MONDAY + timedelta(days=1))
    both = attrs.evolve(FLAT, contracts=[first, later])
    assert fact_row(first, both)["known_to"] == fact_row(later, both)["known_from"]
    assert fact_row(later, both)["known_to"] == mapping.MAX_BIGINT
    assert fact_row(Asset(id="A", product="db"), both)["kind"] == "asset"


def test_an_entry_with_the_number_of_another_is_unreadable() -> None:
    body = mapping.entry_to_row(ENTRY)["body"]
    assert entry_of("flat", 1, body) == ENTRY
    with pytest.raises(UnreadableError, match="another number"):
        entry_of("flat", 2, body)
