"""The fields by which requests are put into one class, and those that do not matter."""

from collections.abc import Iterable
from typing import Any

import attrs
import pytest
from tests.access.small import CASES, CATALOG, CONTRACT, MONDAY, PLAN, REQUEST

from entitlements.access import OVERAGE_CONSENT, ObligationKind, Reason
from entitlements.access.compiled.lines import (
    CompiledLine,
    CompiledRight,
    charge_of,
    charge_without_allowance,
    request_class_key,
)
from entitlements.access.promise import ChargeKind
from entitlements.access.reasons import reasons_of_bits
from entitlements.contracts import (
    Account,
    Block,
    ContractLine,
    Coverage,
    LineHistory,
    line_histories,
)
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.contracts.records.changes import Change
from entitlements.kernel.instants import to_micros, utc
from entitlements.kernel.requests import Request

AT = to_micros(MONDAY)
CONTRACT_START = utc("2026-01-01T00:00Z")


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
    line = CompiledLine(history, REQUEST, CATALOG, account, 0)
    start, end = history.states.starts[1:3]
    assert line.at(AT) is line.at(end - 1) is line.at(start)
    assert line.at(end) is not line.at(AT)
    assert line.at(AT).failures == 0
    assert line.at(end).failures
    assert line.other_plans(PLAN) == ()


def compiled_right(
    request: Request = REQUEST, changes: Iterable[Change] = (), **plan: Any
) -> CompiledRight:
    """Return the only right of the small world's plan, with these fields changed."""
    catalog = attrs.evolve(CATALOG, plans=[attrs.evolve(PLAN, **plan)])
    account = Account(customer="acme", contracts=[CONTRACT], changes=changes)
    (history,) = line_histories(account, catalog)
    (right,) = CompiledLine(history, request, catalog, account, 0).at(AT).rights
    return right


def test_conditions_that_a_request_declares_are_an_obligation_and_consent_is_none() -> None:
    assert compiled_right().promise.obligations == ()
    agreed = attrs.evolve(REQUEST, conditions=[OVERAGE_CONSENT])
    assert compiled_right(agreed).promise.obligations == ()
    declared = attrs.evolve(REQUEST, conditions=["reachable", "backup", OVERAGE_CONSENT])
    (obligation,) = compiled_right(declared).promise.obligations
    assert obligation.kind is ObligationKind.CONDITION
    assert obligation.values == ("backup", "reachable")


def test_the_general_group_is_promised_beside_a_right_and_not_at_once() -> None:
    assert compiled_right().general is None
    right = compiled_right(general_group="desk")
    assert (right.promise.group, right.promise.immediate) == ("dba", True)
    assert right.promise.entitlement.right == "experts"
    assert right.general is not None
    assert (right.general.group, right.general.immediate) == ("desk", False)
    assert right.general.entitlement.right is None


@pytest.mark.parametrize(("severities", "kind"), [(["S1"], "prepaid"), (["S2"], "included")])
def test_a_right_uses_its_allowance_for_the_severities_of_that(
    severities: list[str], kind: str
) -> None:
    allowance = attrs.evolve(CASES, severities=severities)
    rights = [attrs.evolve(PLAN.rights[0], allowance="cases")]
    right = compiled_right(rights=rights, allowances=[allowance])
    assert right.promise.charge.kind.value == kind
    assert right.allowance == (allowance if kind == "prepaid" else None)


def test_a_block_of_consumption_leaves_rights_without_an_allowance() -> None:
    blocks = [Block(id="B", start=CONTRACT_START, effects=["consumption"])]
    counted = [attrs.evolve(PLAN.rights[0], allowance="cases")]
    blocked = compiled_right(changes=blocks, rights=counted, allowances=[CASES])
    assert reasons_of_bits(blocked.failures) == (Reason.CONSUMPTION_BLOCKED,)
    assert compiled_right(changes=blocks).failures == 0
    assert compiled_right(rights=counted, allowances=[CASES]).failures == 0


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
