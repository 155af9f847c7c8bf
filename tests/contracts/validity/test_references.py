"""Records of one account name each other by ids that are there, and each id once."""

from datetime import date, timedelta

import attrs
import pytest

from entitlements.contracts import (
    Amendment,
    Asset,
    Block,
    Contract,
    ContractLine,
    Delegation,
    Renewal,
)
from entitlements.contracts.records.changes import Change
from entitlements.contracts.validity.references import (
    MAX_FACTS,
    check_distinct,
    check_records,
    check_references,
)
from entitlements.kernel.errors import (
    DuplicateIdError,
    EntitlementsError,
    InvalidValueError,
    LimitExceededError,
    UnknownIdError,
)
from entitlements.kernel.instants import utc

NOON = utc("2026-03-02T12:00Z")
LINES = [ContractLine(id="1", plan="gold")]
CONTRACT = Contract(id="C", customer="acme", zone="UTC", start=date(2026, 1, 1), lines=LINES)
BLOCK = Block(id="B", start=NOON, recorded=NOON)
DELEGATION = Delegation(id="D", contract="C", giver="a", receiver="b", start=NOON)
ADDED = Amendment(
    id="X", contract="C", effective=date(2026, 2, 1), lines=[ContractLine(id="2", plan="gold")]
)


def test_records_that_name_each_other_are_accepted() -> None:
    blocks = [
        Block(id=f"B{line}", level="line", contract="C", line=line, start=NOON) for line in "12"
    ]
    check_references([CONTRACT], [ADDED, *blocks, BLOCK], [DELEGATION])
    check_references([], [], [])


@pytest.mark.parametrize(
    ("change", "error", "named"),
    [
        (Renewal(id="R", contract="D", months=1), UnknownIdError, "`D`"),
        (Block(id="B", level="line", contract="C", line="9", start=NOON), UnknownIdError, "`9`"),
        (attrs.evolve(ADDED, effective=date(2025, 12, 31)), InvalidValueError, "amendment `X`"),
    ],
)
def test_a_change_of_what_is_not_there_is_refused(
    change: Change, error: type[EntitlementsError], named: str
) -> None:
    with pytest.raises(error, match=named):
        check_references([CONTRACT], [change], [])


def test_a_delegation_under_no_contract_is_refused() -> None:
    with pytest.raises(UnknownIdError, match="`D`"):
        check_references([CONTRACT], [], [attrs.evolve(DELEGATION, contract="D")])


def test_a_contract_has_a_bounded_number_of_records() -> None:
    many = [DELEGATION] * MAX_FACTS
    check_references([CONTRACT], [], many)
    with pytest.raises(LimitExceededError, match="more than 10000 records"):
        check_references([CONTRACT], [], [*many, DELEGATION])


def test_an_id_is_recorded_once_at_an_instant_and_names_one_thing() -> None:
    check_records("change", [BLOCK, BLOCK, attrs.evolve(BLOCK, recorded=NOON + timedelta(1))])
    with pytest.raises(DuplicateIdError, match="`B`"):
        check_records("change", [BLOCK, attrs.evolve(BLOCK, reason="other")])
    asset = Asset(id="A", product="db")
    check_distinct("asset", [asset, attrs.evolve(asset, id="B")])
    with pytest.raises(DuplicateIdError, match="`A`"):
        check_distinct("asset", [asset, attrs.evolve(asset, product="os")])
