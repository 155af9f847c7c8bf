"""The fields by which requests are put into one class, and those that do not matter."""

import attrs
import pytest
from tests.access.small import CASES, CATALOG, CONTRACT, MONDAY, PLAN, REQUEST

from entitlements.access.compiled.lines import (
    CompiledLine,
    charge_of,
    charge_without_allowance,
    request_class_key,
)
from entitlements.access.compiled.plan_grant_cache import PlanGrantCache
from entitlements.access.promise import ChargeKind
from entitlements.contracts import Account, ContractLine, Coverage, LineHistory, line_histories
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.kernel.instants import to_micros

AT = to_micros(MONDAY)


def histories(coverage: Coverage | None = None) -> tuple[LineHistory, ...]:
    """Return the histories of a contract with one line."""
    line = ContractLine(id="1", plan="gold", coverage=coverage or Coverage())
    account = Account(customer="acme", contracts=[attrs.evolve(CONTRACT, lines=[line])])
    return line_histories(account, CATALOG)


@pytest.mark.parametrize("name", ["id", "contact", "skills", "follows"])
def test_requests_of_different_contacts_share_a_request_class(name: str) -> None:
    other = attrs.evolve(REQUEST, **{name: {"sql": 1} if name == "skills" else "other"})
    key = request_class_key(histories(), CATALOG)
    assert key(other)[1:] == key(REQUEST)[1:]
    assert (key(other)[0] == key(REQUEST)[0]) == (name != "contact")


@pytest.mark.parametrize("name", ["product", "severity", "channel", "group", "contract", "version"])
def test_requests_that_differ_in_a_relevant_field_are_different_classes(name: str) -> None:
    key = request_class_key(histories(), CATALOG)
    assert key(attrs.evolve(REQUEST, **{name: "other"})) != key(REQUEST)


@pytest.mark.parametrize(
    ("level", "name"),
    [("asset", "asset"), ("asset_group", "site"), ("site", "site"), ("party", "party")],
)
def test_things_and_places_are_only_where_something_depends_on_them(level: str, name: str) -> None:
    other = attrs.evolve(REQUEST, **{name: "other"})
    plain, narrow = (
        request_class_key(histories(each), CATALOG)
        for each in (None, Coverage(level=level, ids=["x"]))
    )
    assert plain(other) == plain(REQUEST)
    assert narrow(other) != narrow(REQUEST)


def test_a_line_is_cut_where_something_dated_changes() -> None:
    (history,) = histories()
    account = Account(customer="acme")
    line = CompiledLine(history, REQUEST, CATALOG, account, PlanGrantCache(account.ledger, history))
    start, end = history.states.starts[1:3]
    assert line.at(AT) is line.at(end - 1) is line.at(start)
    assert line.at(end) is not line.at(AT)
    assert line.at(AT).failures == 0
    assert line.at(end).failures
    assert line.other_plans(PLAN) == ()


def test_charges_follow_from_the_plan() -> None:
    assert charge_of(PLAN, None, "C", "1").kind is ChargeKind.INCLUDED
    by_hand = attrs.evolve(PLAN, charge="time_and_materials")
    assert charge_without_allowance(by_hand).kind is ChargeKind.TIME_AND_MATERIALS
    charge = charge_of(by_hand, CASES, "C", "1")
    assert (charge.kind, charge.pool, charge.amount) == (
        ChargeKind.PREPAID,
        pool_id("C", "1", "cases"),
        1,
    )
