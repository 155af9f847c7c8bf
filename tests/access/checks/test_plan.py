"""Checks of a plan and its rights: channel, severity, group, conditions."""

import attrs
from tests.access.small import CASES, CATALOG, CONTRACT, PLAN, REQUEST

from entitlements.access import Reason
from entitlements.access.checks.plan import plan_failures, right_failures
from entitlements.access.reasons import reasons_of_bits
from entitlements.contracts import (
    Account,
    Grace,
    line_histories,
)
from entitlements.contracts.lines.line_history import LineState, LineStatus
from entitlements.contracts.records.changes import BlockEffect
from entitlements.kernel.instants import to_micros, utc

AT = to_micros(utc("2026-03-02T10:00Z"))


def standing(**said: object) -> LineState:
    """Return the state of the small world's line, with these fields changed."""
    account = Account(customer="acme", contracts=[CONTRACT])
    found = line_histories(account, CATALOG)[0].states.at(AT)
    return attrs.evolve(found, **said)  # type: ignore[arg-type]


def test_a_plan_takes_its_channels_and_its_severities() -> None:
    plan = attrs.evolve(PLAN, may_not_open=["S2"])
    asked = attrs.evolve(REQUEST, channel="fax", severity="S2")
    assert reasons_of_bits(plan_failures(plan, asked)) == (
        Reason.CHANNEL_NOT_IN_PLAN,
        Reason.SEVERITY_NOT_OPENABLE,
    )
    assert reasons_of_bits(plan_failures(plan, attrs.evolve(REQUEST, severity="S9"))) == (
        Reason.SEVERITY_UNKNOWN,
    )


def test_a_plan_without_severities_takes_requests_with_any_and_with_none() -> None:
    none = attrs.evolve(REQUEST, severity=None)
    free = attrs.evolve(
        PLAN, severities=(), rights=[attrs.evolve(each, severities=()) for each in PLAN.rights]
    )
    assert [plan_failures(free, each) for each in (none, REQUEST)] == [0, 0]
    assert reasons_of_bits(plan_failures(PLAN, none)) == (Reason.SEVERITY_NOT_STATED,)


def test_a_right_says_everything_that_is_wrong_at_once() -> None:
    right = attrs.evolve(
        PLAN.rights[0],
        products=["os"],
        channels=["web"],
        severities=["S2"],
        conditions=["reachable"],
        allowance="cases",
    )
    plan = attrs.evolve(PLAN, rights=[right], allowances=[CASES], grace=Grace(days=3))
    bits = right_failures(
        right, standing(plan=plan), attrs.evolve(REQUEST, group="desk"), counted=True
    )
    assert reasons_of_bits(bits) == (
        Reason.GROUP_NOT_IN_PLAN,
        Reason.PRODUCT_NOT_IN_RIGHT,
        Reason.CHANNEL_NOT_IN_RIGHT,
        Reason.SEVERITY_NOT_IN_RIGHT,
        Reason.CONDITION_NOT_MET,
    )


def test_a_grace_that_names_rights_keeps_only_those() -> None:
    right = PLAN.rights[0]
    for rights, status, kept in (
        (["mail"], LineStatus.GRACE, False),
        (["mail"], LineStatus.ACTIVE, True),
        (["mail", right.id], LineStatus.GRACE, True),
        ([], LineStatus.GRACE, True),
    ):
        plan = attrs.evolve(
            PLAN,
            rights=[right, attrs.evolve(right, id="mail")],
            grace=Grace(days=3, rights=rights),
        )
        bits = right_failures(right, standing(plan=plan, status=status), REQUEST, counted=False)
        assert reasons_of_bits(bits) == (() if kept else (Reason.NOT_IN_GRACE,))


def test_a_block_of_consumption_stops_what_uses_an_allowance() -> None:
    blocked = standing(blocked=frozenset({BlockEffect.CONSUMPTION}))
    right = PLAN.rights[0]
    assert reasons_of_bits(right_failures(right, blocked, REQUEST, counted=True)) == (
        Reason.CONSUMPTION_BLOCKED,
    )
    assert right_failures(right, blocked, REQUEST, counted=False) == 0
    assert right_failures(right, standing(), REQUEST, counted=True) == 0
