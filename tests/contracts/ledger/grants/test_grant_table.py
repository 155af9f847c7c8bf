"""The grants of a ledger: found by id, consumed in order, counted if issued by hand."""

from __future__ import annotations

import pytest

from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import Adjust, Issue, Void
from entitlements.contracts.ledger.grants.grant_state import GrantState
from entitlements.contracts.ledger.grants.grant_table import GrantTable
from entitlements.kernel.errors import LimitExceededError, UnknownIdError
from entitlements.kernel.ids import key
from entitlements.kernel.instants import utc

HALF = 2**62
PLAN_GRANT = key("grant", key("pool", "C-1", "1", "cases"), "2026-01-01")


def a_grant(id: str, amount: int = 5, **terms: object) -> Grant:
    usual = {"unit": "minutes", "effective": utc("2026-01-01T00:00Z"), "allowance": None}
    return Grant(id=id, amount=amount, **usual | terms)  # type: ignore[arg-type]


def a_table(*grants: Grant) -> GrantTable:
    table = GrantTable()
    table.add(grants)
    return table


def is_full(table: GrantTable) -> bool:
    """Return whether another 2**62 minutes by hand would not fit into 64 bits."""
    try:
        table.issued.check("minutes", HALF)
    except LimitExceededError:
        return True
    return False


def test_a_grant_is_found_by_its_id() -> None:
    table = a_table(a_grant("g"))
    assert table.grant("g").amount == 5
    with pytest.raises(UnknownIdError, match=r"no grant has the id `h`"):
        table.grant("h")


def test_the_states_of_a_unit_come_in_the_order_of_consumption() -> None:
    table = a_table(a_grant("b"), a_grant("a"), a_grant("c", unit="credits"))
    assert [each.grant.id for each in table.of_unit(Unit.MINUTES)] == ["a", "b"]
    table.count(Issue(grant=a_grant("0")))
    assert [each.grant.id for each in table.of_unit(Unit.MINUTES)] == ["0", "a", "b"]


def test_a_copy_is_independent() -> None:
    table = a_table(a_grant("g"))
    table.copy().add([a_grant("h", HALF)])
    assert list(table.states) == ["g"]
    assert table.order.for_unit(Unit.MINUTES) == ("g",)
    assert not is_full(table)


def test_units_granted_by_hand_are_counted() -> None:
    assert is_full(a_table(a_grant("g", HALF)))
    assert not is_full(a_table(a_grant("g", HALF, allowance="cases")))
    table = a_table(a_grant("g", HALF - 1))
    assert not is_full(table)
    table.count(Adjust(key="k", grant="g", amount=-5))
    table.count(Void(key="v", hold="h"))
    assert not is_full(table)
    table.count(Adjust(key="l", grant="g", amount=1))
    assert is_full(table)


def test_units_added_to_a_plan_grant_are_not_counted() -> None:
    table = a_table().with_plan_grants(
        {PLAN_GRANT: GrantState.of(a_grant(PLAN_GRANT))}, replaced=()
    )
    table.count(Adjust(key="k", grant=PLAN_GRANT, amount=HALF))
    assert not is_full(table)


def test_plan_grants_replace_earlier_ones_in_the_order_of_consumption() -> None:
    first = a_table(a_grant("m")).with_plan_grants({"a": GrantState.of(a_grant("a"))}, replaced=())
    assert first.order.for_unit(Unit.MINUTES) == ("a", "m")
    second = first.with_plan_grants({"z": GrantState.of(a_grant("z"))}, replaced=["a"])
    assert second.order.for_unit(Unit.MINUTES) == ("m", "z")
    assert list(second.states) == ["m", "z"]
    assert list(first.states) == ["m", "a"]
