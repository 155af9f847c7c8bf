from __future__ import annotations

from datetime import date, datetime

import attrs
import pytest
from tests.loading.documents import JUNE, changed

from entitlements.contracts.account import Account
from entitlements.contracts.records.changes import Amendment, Block, Cancellation, Change
from entitlements.contracts.records.contract import ContractLine
from entitlements.kernel.instants import utc
from entitlements.loading.accounts.past import is_in_force_from, past_of

CATALOG = changed().catalog
ACME = changed().accounts["acme"]


def with_changes(*changes: Change) -> Account:
    return attrs.evolve(ACME, changes=changes)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param(Cancellation(id="X", contract="C-1", effective=JUNE), True, id="ends later"),
        pytest.param(
            Cancellation(id="X", contract="C-1", effective=date(2026, 6, 1)), False, id="has ended"
        ),
        pytest.param(Block(id="B", start=JUNE), True, id="blocked later"),
        pytest.param(Block(id="B", start=utc("2026-06-15T07:59Z")), False, id="was blocked"),
        pytest.param(
            Amendment(
                id="A",
                contract="C-1",
                effective=date(2026, 3, 1),
                lines=[ContractLine(id="L-1", plan="gold")],
            ),
            False,
            id="had another plan",
        ),
    ],
)
def test_the_past_is_what_was_in_force_before(change: Change, *, same: bool) -> None:
    assert (past_of(with_changes(change), CATALOG, JUNE) == past_of(ACME, CATALOG, JUNE)) is same


def test_a_contract_that_has_not_begun_has_no_past() -> None:
    assert past_of(ACME, CATALOG, utc("2025-12-31T23:00Z")) == {}
    assert past_of(ACME, CATALOG, utc("2025-12-31T23:00:01Z")) != {}


@pytest.mark.parametrize(
    ("at", "so"),
    [
        pytest.param(utc("2025-01-01T00:00Z"), True, id="will be"),
        pytest.param(JUNE, True, id="is"),
        pytest.param(utc("2026-12-31T23:00Z"), False, id="was"),
    ],
)
def test_a_contract_is_in_force_until_its_end(at: datetime, *, so: bool) -> None:
    assert is_in_force_from(ACME, "C-1", CATALOG, at) is so
    assert not is_in_force_from(ACME, "C-2", CATALOG, JUNE)
