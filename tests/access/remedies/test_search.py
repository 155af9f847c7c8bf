"""Remedies: each reason offers what would change it, and nothing that would not."""

from datetime import date, datetime, timedelta

import attrs
import pytest
from tests.access.small import (
    CATALOG,
    CONTRACT,
    MONDAY,
    PLAN,
    REFUSALS,
    REQUEST,
    Case,
    with_account,
    with_plan,
)

from entitlements.access import Deferred, Denied, Granted, Reason, RemedyKind, decide
from entitlements.access.remedies.search import MAX_TRIALS
from entitlements.contracts import Account, Amendment, Renewal
from entitlements.kernel.instants import EARLIEST, LATEST

OFFERED = {
    Reason.CONTACT_NOT_NAMED: {RemedyKind.ADD_CONTACT, RemedyKind.ASK_CONTACT},
    Reason.CONTACT_OUT_OF_DATES: {RemedyKind.ADD_CONTACT},
    Reason.CONTACT_IN_LEAD_TIME: {RemedyKind.WAIT_UNTIL},
    Reason.CONTACT_OVER_LIMIT: {RemedyKind.ASK_CONTACT},
    Reason.ROLE_MAY_NOT_OPEN: {RemedyKind.LOWER_SEVERITY},
    Reason.CONTRACT_EXPIRED: {RemedyKind.RENEW},
    Reason.NOT_IN_GRACE: {RemedyKind.RENEW, RemedyKind.DECLARE_CONDITION},
    Reason.CONTRACT_PENDING: {RemedyKind.WAIT_UNTIL},
    Reason.REQUIRED_PLAN_MISSING: {RemedyKind.BUY_PLAN},
    Reason.SUSPENDED_BY_PLAN: {RemedyKind.UPGRADE},  # the better plan, which gives no right here
    Reason.ACCESS_BLOCKED: {RemedyKind.LIFT_BLOCK},
    Reason.CONSUMPTION_BLOCKED: {RemedyKind.LIFT_BLOCK},
    Reason.ASSET_UNKNOWN: {RemedyKind.ADD_LINE},
    Reason.NOT_COVERED: {RemedyKind.ADD_LINE},
    Reason.PRODUCT_NOT_RELEASED: {RemedyKind.WAIT_UNTIL},
    Reason.GROUP_NOT_IN_PLAN: {RemedyKind.ASK_GROUP},
    Reason.GROUP_NOT_NAMED: {RemedyKind.ASK_GROUP},
    Reason.CHANNEL_NOT_IN_PLAN: {RemedyKind.USE_CHANNEL},
    Reason.CHANNEL_NOT_IN_RIGHT: {RemedyKind.USE_CHANNEL},
    Reason.SEVERITY_NOT_STATED: {RemedyKind.STATE_SEVERITY},
    Reason.SEVERITY_UNKNOWN: {RemedyKind.LOWER_SEVERITY},
    Reason.SEVERITY_NOT_OPENABLE: {RemedyKind.LOWER_SEVERITY},
    Reason.SEVERITY_NOT_IN_RIGHT: {RemedyKind.LOWER_SEVERITY},
    Reason.KIND_NOT_STATED: {RemedyKind.STATE_KIND},
    Reason.LANGUAGE_NOT_STATED: {RemedyKind.USE_LANGUAGE},
    Reason.LANGUAGE_NOT_IN_RIGHT: {RemedyKind.USE_LANGUAGE},
    Reason.CONDITION_NOT_MET: {RemedyKind.DECLARE_CONDITION},
    Reason.TOO_MANY_OPEN_CASES: {RemedyKind.CLOSE_CASE},
    Reason.ALLOWANCE_SPENT: {RemedyKind.BUY_ALLOWANCE},
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_each_reason_offers_its_ways_out(reason: Reason) -> None:
    answer = REFUSALS[reason]().decision
    assert isinstance(answer, Denied)
    offered = {each.kind for each in answer.remedies}
    assert offered == OFFERED.get(reason, set())


def test_a_way_out_says_what_to_record_and_where_it_leads() -> None:
    case = REFUSALS[Reason.CONTRACT_EXPIRED]()
    answer = case.decision
    assert isinstance(answer, Denied)
    (remedy,) = answer.remedies
    (renewal,) = remedy.adds
    assert isinstance(renewal, Renewal)
    assert isinstance(remedy.leads_to, Granted)
    assert case.account is not None
    renewed = case.account.record(renewal, case.at)
    assert decide(remedy.ask, case.catalog, renewed, remedy.at) == remedy.leads_to


def test_an_upgrade_is_offered_where_another_plan_would_do() -> None:
    better = attrs.evolve(PLAN, id="platinum", channels=["fax", "phone"])
    catalog = attrs.evolve(CATALOG, plans=[PLAN, better])
    fax = attrs.evolve(REQUEST, channel="fax")
    answer = decide(fax, catalog, with_account().account, MONDAY)
    assert isinstance(answer, Denied)
    upgrade = next(each for each in answer.remedies if each.kind is RemedyKind.UPGRADE)
    assert upgrade.target == "platinum"
    assert isinstance(upgrade.adds[0], Amendment)


def test_a_closed_window_offers_to_wait() -> None:
    answer = Case(at=MONDAY.replace(hour=20)).decision
    assert isinstance(answer, Deferred)
    (remedy,) = answer.remedies
    assert (remedy.kind, remedy.at) == (RemedyKind.WAIT_UNTIL, answer.opens_at)
    assert isinstance(remedy.leads_to, Granted)


def test_an_unknown_customer_has_no_way_out_here() -> None:
    answer = decide(REQUEST, CATALOG, None, MONDAY)
    assert isinstance(answer, Denied)
    assert answer.remedies == ()


def test_nothing_is_offered_that_is_not_better() -> None:
    never = with_plan(rights=[])
    answer = never.decision
    assert isinstance(answer, Denied)
    assert answer.remedies == ()
    empty = decide(REQUEST, CATALOG, Account(customer="acme"), MONDAY)
    assert isinstance(empty, Denied)
    assert empty.remedies == ()


@pytest.mark.parametrize(
    ("at", "zone"),
    [
        pytest.param(EARLIEST, "America/New_York", id="the first instant, the day before"),
        pytest.param(
            LATEST - timedelta(microseconds=1), "Pacific/Kiritimati", id="the last, a day later"
        ),
    ],
)
def test_remedies_are_proposed_at_the_ends_of_time(at: datetime, zone: str) -> None:
    contract = attrs.evolve(CONTRACT, zone=zone, start=date(2, 1, 1), months=None)
    account = Account(customer="acme", contracts=[contract])
    request = attrs.evolve(REQUEST, contact="zoe")
    decision = Case(account=account, request=request, at=at).decision
    assert isinstance(decision, Denied)
    assert isinstance(decision.remedies, tuple)


def test_of_very_many_changes_the_first_are_tried() -> None:
    contracts = [attrs.evolve(CONTRACT, id=f"C-{n:03}", months=2) for n in range(MAX_TRIALS)]
    several = Account(customer="acme", contracts=contracts)
    answer = decide(REQUEST, CATALOG, several, MONDAY)
    assert isinstance(answer, Denied)
    targets = [each.target for each in answer.remedies if each.kind is RemedyKind.RENEW]
    assert targets == [each.id for each in contracts]
    more = several.record(attrs.evolve(CONTRACT, id="D", months=2), MONDAY)
    answer = decide(REQUEST, CATALOG, more, MONDAY)
    assert isinstance(answer, Denied)
    assert [each.target for each in answer.remedies] == targets


def test_a_deferral_to_the_same_opening_is_no_way_out() -> None:
    by_web, by_phone = (
        attrs.evolve(PLAN.rights[0], id=channel, channels=[channel]) for channel in ("web", "phone")
    )
    plan = attrs.evolve(PLAN, rights=[by_web, by_phone])
    case = Case(at=MONDAY + timedelta(days=5), catalog=attrs.evolve(CATALOG, plans=[plan]))
    answer = case.decision
    assert isinstance(answer, Deferred)
    assert RemedyKind.USE_CHANNEL not in {each.kind for each in answer.remedies}
