"""One broken contract never stops another, and an assessment raises only what it documents."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import attrs
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.worlds import contract, facts, request

from entitlements.access import Denied, Granted, Reason
from entitlements.calendars import Calendar, HolidaySet
from entitlements.contracts import Account, Contract, ContractLine
from entitlements.engine import Engine, Facts
from entitlements.kernel.errors import (
    LimitExceededError,
    NeverReachedError,
    NotCoveredError,
)
from entitlements.kernel.instants import from_micros, utc
from entitlements.sla import SlaPolicy, Target
from entitlements.testing.strategies.worlds.access import World, world

AT = utc("2026-03-02T10:00+01:00")
DOCUMENTED = (LimitExceededError, NeverReachedError, NotCoveredError)
BROKEN = st.sampled_from(
    [
        ContractLine(id="1", plan="nothing"),
        ContractLine(id="1", plan="gold", plan_version="99"),
        ContractLine(id="1", plan="gold", calendars={"desk": "moon"}),
        ContractLine(id="1", plan="gold", calendars={"anything": "moon"}),
    ]
)


def engine_of(drawn: World) -> Engine:
    """Return an engine with the catalog of a world, and a policy for each plan."""
    target = Target(milestone="first_response", within=timedelta(hours=4))
    names = {plan.policy for plan in drawn.catalog.plans}
    policies = [SlaPolicy(id=name, targets=[target]) for name in sorted(names)]
    return Engine(Facts(catalog=drawn.catalog, policies=policies))


@given(seed=st.integers(0, 10**9), line=BROKEN)
def test_a_broken_contract_leaves_every_other_decision_as_it_is(
    seed: int, line: ContractLine
) -> None:
    drawn = world(Random(seed), questions=4)  # noqa: S311 - reproducible, not secret
    broken = Contract(
        id="~broken",
        customer="acme",
        zone="UTC",
        start=date(2025, 1, 1),
        months=36,
        lines=[line],
        any_contact=True,
    )
    beside = attrs.evolve(drawn.account, contracts=(*drawn.account.contracts, broken))
    engine = engine_of(drawn)
    for asked, at in drawn.questions:
        alone = engine.assess(asked, from_micros(at), account=drawn.account).decision
        both = engine.assess(asked, from_micros(at), account=beside).decision
        if isinstance(alone, Denied):
            assert isinstance(both, Denied)
        else:
            assert not isinstance(both, Denied)
            assert both.promise == alone.promise
        mine = [each for each in both.candidates if each.contract == "~broken"]
        assert all(Reason.FACTS_MISSING in each.reasons for each in mine)
        assert len(mine) == (asked.customer == "acme")


@given(seed=st.integers(0, 10**9))
def test_an_assessment_raises_only_what_it_documents(seed: int) -> None:
    drawn = world(Random(seed), questions=4)  # noqa: S311 - reproducible, not secret
    engine = engine_of(drawn)
    for asked, at in drawn.questions:
        try:
            engine.assess(asked, from_micros(at), account=drawn.account)
        except DOCUMENTED:
            continue


def bounded(beyond: Contract | None = None) -> Engine:
    """Return an engine whose holidays in Berlin are known for March 2026 only."""
    holidays = HolidaySet(covered=(date(2026, 3, 1), date(2026, 3, 31)), beyond="error")
    hours = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", holidays=holidays)
    always = Calendar.always()
    catalog = attrs.evolve(
        facts().catalog, calendars={"berlin": hours, "boston": always, "always": always}
    )
    contracts = [contract("acme", "gold"), *([beyond] if beyond else [])]
    return Engine(facts(catalog=catalog, accounts=[Account(customer="acme", contracts=contracts)]))


def test_hours_that_are_not_known_give_no_access_and_stop_no_other_contract() -> None:
    april = utc("2026-04-15T10:00Z")
    alone = bounded().assess(request(), april).decision
    assert isinstance(alone, Denied)
    assert alone.reasons == (Reason.FACTS_MISSING,)
    assert alone.valid_until is None or alone.valid_until > april
    line = ContractLine(id="1", plan="gold", calendars={"business": "always"})
    other = attrs.evolve(contract("acme", "gold"), id="D", lines=[line])
    beside = bounded(other).assess(request(), april).decision
    assert isinstance(beside, Granted)
    assert beside.entitlement.contract == "D"


def test_a_grant_ends_with_the_hours_or_with_what_is_known_of_them() -> None:
    granted = bounded().decider("acme").decide(request(), utc("2026-03-31T10:00Z"))
    assert isinstance(granted, Granted)
    assert granted.valid_until == utc("2026-03-31T15:00Z")
    evening = bounded().decider("acme").decide(request(), utc("2026-03-31T16:00Z"))
    assert isinstance(evening, Denied)
    experts = next(each for each in evening.candidates if each.right == "experts")
    assert experts.reasons == (Reason.FACTS_MISSING, Reason.WINDOW_CLOSED)


def test_a_grant_around_the_clock_ends_where_the_hours_cease_to_be_known() -> None:
    holidays = HolidaySet(covered=(date(2026, 3, 1), date(2026, 3, 31)), beyond="error")
    hours = Calendar(zone="UTC", week="Mo-Su 00:00-24:00", holidays=holidays)
    catalog = attrs.evolve(facts().catalog, calendars={"berlin": hours, "boston": hours})
    decision = Engine(facts(catalog=catalog)).decider("acme").decide(request(), AT)
    assert isinstance(decision, Granted)
    assert decision.valid_until is not None
    assert abs(decision.valid_until - utc("2026-04-01T00:00Z")) <= timedelta(microseconds=1)
