"""Facts are checked as a whole when they are put together."""

from datetime import date, timedelta

import attrs
import pytest
from tests.engine.worlds import GOLD, POLICIES, contract, facts

from entitlements.billing import BillingAccount, PriceBook, WorkRules
from entitlements.contracts import Account, Amendment
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms
from entitlements.engine.facts import Facts, uncovered_requests
from entitlements.kernel.errors import DuplicateIdError, InvalidValueError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.routing import ROUTING_PRESETS, RoutingPolicy
from entitlements.sla import SlaPolicy, Target


def test_policies_and_accounts_are_found_by_their_ids() -> None:
    world = facts()
    assert world.policies["gold"] == POLICIES[0]
    assert world.account("acme") is world.accounts["acme"]
    assert world.account("nobody") is None


def test_a_plan_must_name_a_policy_that_is_there() -> None:
    with pytest.raises(UnknownIdError, match=r"plans\[0\].policy: no policy has the id `gold`"):
        facts(policies=POLICIES[1:])


def test_two_policies_of_one_id_are_refused() -> None:
    with pytest.raises(DuplicateIdError, match="another policy has the id `gold`"):
        facts(policies=[*POLICIES, POLICIES[0]])


def test_two_accounts_of_one_customer_are_refused() -> None:
    with pytest.raises(DuplicateIdError, match="another account has the id `acme`"):
        facts(accounts=[Account(customer="acme"), Account(customer="acme")])


def test_prices_that_plans_and_contracts_name_are_there() -> None:
    named = attrs.evolve(GOLD, commercial=CommercialTerms(rates="standard"))
    catalog = attrs.evolve(facts().catalog, plans=[named, *facts().catalog.plans[1:]])
    with pytest.raises(UnknownIdError, match=r"plans\[0\].commercial.rates: no rate card"):
        facts(catalog=catalog)
    other = PriceBook(work_rules=[WorkRules(id="quarters")])
    terms = CommercialTerms(work="halves")
    account = Account(customer="acme", contracts=[contract("acme", "gold", commercial=terms)])
    with pytest.raises(UnknownIdError, match=r"accounts\[acme\].contracts\[0\].commercial.work"):
        facts(accounts=[account], prices=other)


def test_two_billing_accounts_of_one_customer_are_refused() -> None:
    with pytest.raises(DuplicateIdError, match="another billing account has the id `acme`"):
        facts(billing_accounts=[BillingAccount(customer="acme", currency="EUR")] * 2)


def test_a_severity_without_a_target_is_refused_with_its_place() -> None:
    only_s2 = Target(milestone="first_response", within=timedelta(hours=1), severities=["S2"])
    with pytest.raises(InvalidValueError, match=r"plans\[0\].targets: severity `S1` by `phone`"):
        facts(policies=[SlaPolicy(id="gold", targets=[only_s2]), POLICIES[1]])


def test_a_contract_line_must_name_a_plan_that_is_there() -> None:
    with pytest.raises(UnknownIdError) as refused:
        facts(accounts=[Account(customer="acme", contracts=[contract("acme", "glod")])])
    assert str(refused.value) == (
        "accounts[acme].contracts[0].lines[0].plan: no plan has the id `glod` "
        "(did you mean `gold`?)"
    )


def test_a_line_that_is_amended_must_name_a_plan_that_is_there_too() -> None:
    signed = contract("acme", "gold")
    line = attrs.evolve(signed.lines[0], plan="glod")
    upgrade = Amendment(id="A", contract=signed.id, effective=date(2026, 2, 1), lines=[line])
    with pytest.raises(UnknownIdError, match=r"accounts\[acme\].changes\[0\].lines\[0\].plan: "):
        facts(accounts=[Account(customer="acme", contracts=[signed], changes=[upgrade])])


def test_only_what_a_plan_admits_needs_a_target() -> None:
    only_s1 = Target(milestone="first_response", within=timedelta(hours=1), severities=["S1"])
    policy = SlaPolicy(id="gold", targets=[only_s1])
    assert uncovered_requests(GOLD, policy) == (("S2", "web"),)
    assert uncovered_requests(attrs.evolve(GOLD, may_not_open=["S2"]), policy) == ()


def test_a_target_of_another_milestone_is_no_first_response() -> None:
    hour = timedelta(hours=1)
    only_s1 = Target(milestone="first_response", within=hour, severities=["S1"])
    all_resolved = Target(milestone="resolution", within=hour)
    policy = SlaPolicy(id="gold", targets=[only_s1, all_resolved])
    assert uncovered_requests(GOLD, policy) == (("S2", "web"),)
    assert uncovered_requests(GOLD, SlaPolicy(id="gold", targets=[all_resolved])) == ()


def test_facts_as_known_leave_out_what_was_recorded_later() -> None:
    late = contract("acme", "gold", recorded=utc("2026-02-01T00:00Z"))
    world = facts(accounts=[Account(customer="acme", contracts=[late])])
    assert world.as_known(utc("2026-01-31T23:59Z")).accounts["acme"].contracts == ()
    assert world.as_known(utc("2026-02-01T00:00Z")).accounts["acme"].contracts == (late,)


def test_a_routing_policy_is_part_of_the_facts_and_has_a_default() -> None:
    policy = ROUTING_PRESETS["zendesk_round_robin"]
    assert facts(routing=policy).routing == policy
    assert Facts().routing == RoutingPolicy()
    with pytest.raises(InvalidValueError):
        Facts(routing="zendesk_round_robin")  # type: ignore[arg-type]


def test_empty_facts_are_facts() -> None:
    assert not Facts().catalog.plans


def test_an_amendment_may_sell_a_plan_that_was_not_on_sale_when_its_contract_began() -> None:
    signed = contract("acme", "gold")
    line = attrs.evolve(signed.lines[0], id="new", plan="platinum")
    sold = Amendment(id="A", contract=signed.id, effective=date(2026, 3, 1), lines=[line])
    account = Account(customer="acme", contracts=[signed], changes=[sold])
    catalog = facts().catalog

    def with_plan(effective: date) -> Facts:
        platinum = attrs.evolve(GOLD, id="platinum", effective=effective)
        plans = [*catalog.plans, platinum]
        return facts(catalog=attrs.evolve(catalog, plans=plans), accounts=[account])

    assert with_plan(date(2026, 3, 1)).account("acme") == account
    with pytest.raises(UnknownIdError, match="platinum on 2026-03-01"):
        with_plan(date(2026, 3, 2))
