"""Plans as a whole: findings by examples, differences against rules cell by cell."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import attrs
import pytest
from tests.contracts.test_plans import plan

from entitlements.access import AccountDecider, Decision, Denied
from entitlements.calendars import Calendar, HolidaySet
from entitlements.contracts import (
    AccessRight,
    Account,
    Allowance,
    Catalog,
    Contract,
    ContractLine,
    ExpertGroup,
    Grace,
    Plan,
    PlanFindingKind,
    Product,
    analyse_plan,
    plan_diff,
)
from entitlements.contracts.analysis import PlanQuestion, access_options
from entitlements.kernel.errors import LimitExceededError
from entitlements.kernel.instants import utc
from entitlements.kernel.requests import Request
from entitlements.testing.strategies.worlds.contracts import catalog_of
from entitlements.testing.strategies.worlds.dice import Dice

PHONE = AccessRight(id="phone", group="dba", channels=["phone"], severities=["S1"])
DESK = AccessRight(id="desk", group="desk", hours="business")
MAIL = AccessRight(id="mail", group="desk", immediate=False)


def found(*rights: AccessRight, **said: Any) -> list[tuple[str, tuple[str, ...]]]:
    """Return what is found in a plan with these rights."""
    return [(each.kind.value, each.about) for each in analyse_plan(plan(rights=rights, **said))]


def test_a_plan_in_order_has_nothing_to_look_at() -> None:
    assert found(PHONE, MAIL) == []


def test_a_gap_is_a_severity_and_a_channel_without_a_right() -> None:
    gaps = [("gap", ("S1", "web")), ("gap", ("S2", "phone")), ("gap", ("S2", "web"))]
    assert found(PHONE) == gaps
    assert found(PHONE, may_not_open=["S2"]) == gaps[:1]
    finding = analyse_plan(plan(rights=[PHONE]))[0]
    assert finding.message == "no right is for severity `S1` by `web`"
    assert finding.plan == ("gold", "1")


def test_a_right_for_what_may_not_be_opened_is_unreachable() -> None:
    late = attrs.evolve(PHONE, severities=["S2"])
    assert ("unreachable_right", ("phone",)) in found(late, MAIL, may_not_open=["S2"])


def test_a_right_behind_one_that_is_always_there_is_masked_or_unreachable() -> None:
    anybody = AccessRight(id="any", group="dba")
    assert found(anybody, MAIL) == [("masked_right", ("mail",))]
    behind = attrs.evolve(PHONE, id="behind")
    assert ("unreachable_right", ("behind",)) in found(anybody, behind)
    # What can be spent, or is closed at night, masks nothing for good.
    assert found(DESK, MAIL)[0] == ("overlap", ("desk", "mail"))
    counted = attrs.evolve(anybody, allowance="cases")
    cases = Allowance(id="cases", unit="incidents", amount=3)
    assert found(counted, MAIL, allowances=[cases]) == []


def test_a_right_that_ends_with_the_term_masks_none_that_does_not() -> None:
    anybody = AccessRight(id="any", group="dba")
    assert found(anybody, MAIL, grace=Grace(days=3, rights=["mail"])) == []


def test_two_rights_to_one_group_overlap() -> None:
    assert ("overlap", ("desk", "mail")) in found(DESK, MAIL)
    assert not [each for each in found(PHONE, DESK) if each[0] == "overlap"]


def test_an_allowance_that_nothing_draws_on_is_said() -> None:
    cases = Allowance(id="cases", unit="incidents", amount=3)
    assert found(MAIL, allowances=[cases]) == [("unused_allowance", ("cases",))]


def test_hours_that_never_open_are_found_in_the_catalog() -> None:
    night = plan(rights=[AccessRight(id="night", group="dba", hours="night"), MAIL])
    groups = [ExpertGroup(id="dba"), ExpertGroup(id="desk")]
    holidays = HolidaySet(
        name="public", holidays=["2026-12-25"], covered=("2026-01-01", "2026-12-31")
    )
    known = {"zone": "UTC", "holidays": [holidays]}
    for hours, kinds in (
        (Calendar.never(), [PlanFindingKind.UNREACHABLE_RIGHT]),
        (Calendar.always(), []),
        (Calendar(week="Mo 09:00-17:00", **known), []),
        (Calendar(week="Mo 09:00-17:00", **known) | Calendar.never(), []),
        (Calendar(week={}, **known), [PlanFindingKind.UNREACHABLE_RIGHT]),
    ):
        catalog = Catalog(calendars={"night": hours}, groups=groups, plans=[night])
        assert [each.kind for each in analyse_plan(night, catalog)] == kinds


def cell(severity: str, channel: str) -> PlanQuestion:
    """Return the cell of a plain request."""
    return PlanQuestion(
        severity=severity, channel=channel, product=None, group=None, conditions=frozenset()
    )


def test_offers_are_in_order_and_cut_where_nothing_further_is_reached() -> None:
    whole = plan(rights=[PHONE, DESK, MAIL, attrs.evolve(MAIL, id="more")])
    assert [each.group for each in access_options(whole, cell("S1", "phone"))] == ["dba"]
    assert [each.hours for each in access_options(whole, cell("S2", "web"))] == ["business", None]
    assert access_options(whole, cell("S9", "web")) == ()


def changed(old: Plan, new: Plan) -> set[tuple[str, str]]:
    """Return severity and channel of every cell that changes for any group."""
    cells = [each.question for each in plan_diff(old, new).access]
    return {(each.severity, each.channel) for each in cells if each.group is None}


OLD = plan(rights=[PHONE, DESK])


@pytest.mark.parametrize(
    ("said", "cells", "terms"),
    [
        pytest.param({}, set(), [], id="nothing"),
        pytest.param({"version": "2", "name": "Gold"}, set(), [], id="what it is called"),
        pytest.param(
            {"rights": [attrs.evolve(PHONE, id="voice"), DESK]}, set(), [], id="a right's name"
        ),
        pytest.param({"may_not_open": ["S2"]}, {("S2", "phone"), ("S2", "web")}, [], id="S2"),
        pytest.param({"rights": [DESK]}, {("S1", "phone")}, [], id="without the phone"),
        pytest.param(
            {"channels": ["phone", "web", "chat"]}, {("S1", "chat"), ("S2", "chat")}, [], id="chat"
        ),
        pytest.param(
            {"rights": [PHONE, attrs.evolve(DESK, immediate=False)]},
            {("S1", "web"), ("S2", "phone"), ("S2", "web")},
            [],
            id="the desk's queue",
        ),
        pytest.param({"contact_limit": 3}, set(), ["contact_limit"], id="contacts"),
        pytest.param(
            {"policy": "new", "concurrency": 2}, set(), ["policy", "concurrency"], id="two"
        ),
        pytest.param(
            {"grace": Grace(days=3)},
            {(severity, channel) for severity in ("S1", "S2") for channel in ("phone", "web")},
            ["grace"],
            id="grace",
        ),
    ],
)
def test_every_cell_that_changes_is_listed(
    said: dict[str, Any], cells: set[tuple[str, str]], terms: list[str]
) -> None:
    new = attrs.evolve(OLD, **said)
    assert changed(OLD, new) == changed(new, OLD) == cells
    assert [each.name for each in plan_diff(OLD, new).terms] == terms


def test_too_many_cells_are_refused() -> None:
    rights = [AccessRight(id=f"r{n}", group="dba", conditions=[f"c{n}"]) for n in range(18)]
    with pytest.raises(LimitExceededError, match="more than 100000"):
        plan_diff(plan(rights=rights), OLD)


INSTANTS = [utc(f"2026-03-{day:02}T{hour:02}:30Z") for day in (3, 7) for hour in range(0, 24, 3)]


def reached(catalog: Catalog, old: Plan, asked: PlanQuestion) -> list[Any]:
    """Return what a request of a cell meets under a plan, at many hours, called by no name."""
    contract = Contract(
        id="C",
        customer="acme",
        zone="UTC",
        start=date(2026, 1, 1),
        lines=[ContractLine(id="1", plan=old.id)],
        any_contact=True,
    )
    terms = AccountDecider(
        Account(customer="acme", contracts=[contract]), attrs.evolve(catalog, plans=[old])
    )
    request = Request(
        id="R",
        customer="acme",
        contact="dana",
        product=asked.product or "lan",
        severity=asked.severity,
        channel=asked.channel,
        group=asked.group,
        conditions=asked.conditions,
    )
    return [_said(terms.decide(request, at)) for at in INSTANTS]


def _said(decision: Decision) -> Any:
    if isinstance(decision, Denied):
        return "denied"
    promise = attrs.evolve(decision.promise.entitlement, right=None)
    opens = getattr(decision, "opens_at", None)
    return decision.group, decision.promise.immediate, decision.charge, promise.experts, opens


def two_plans(seed: int) -> tuple[Catalog, Plan, Plan]:
    """Return a catalog, a plan, and that plan without its first right or with another's."""
    drawn = catalog_of(Dice(Random(seed)))  # noqa: S311 - a seed has to replay it
    products = [Product(id=each.id) for each in drawn.products]
    catalog = attrs.evolve(drawn, products=products, services=[], plans=[])
    plain = {"service": None, "contact_limit": None, "concurrency": None, "grace": None}
    old, other = (attrs.evolve(each, general_group=None, **plain) for each in drawn.plans[:2])
    taken = [right for right in other.rights[:1] if not right.allowance] if seed % 2 else []
    loose = {"channels": []} if old.severities else {"channels": [], "severities": []}
    rights = [attrs.evolve(right, id="other", **loose) for right in taken]
    return catalog, old, attrs.evolve(old, rights=[*rights, *old.rights[1:]])


def test_cells_with_equal_offers_meet_the_same_and_the_others_are_listed() -> None:
    """A8: where rules differ at any hour, the cell is listed."""
    listed = equal = 0
    for seed in range(60):
        catalog, old, new = two_plans(seed)
        differing = {each.question for each in plan_diff(old, new).access}
        known = {None, *(p for each in (old, new) for r in each.rights for p in r.products)}
        for severity in old.scale:
            for channel in sorted(old.channels):
                for product in known:
                    asked = attrs.evolve(cell(severity, channel), product=product)
                    if asked in differing:
                        listed += 1
                    else:
                        equal += 1
                        assert reached(catalog, old, asked) == reached(catalog, new, asked)
    assert listed > 100
    assert equal > 100
