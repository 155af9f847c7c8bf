"""Random documents of one customer, loaded one after the other, and what must hold after each."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import attrs

from entitlements.adapters.memory import MemoryStore
from entitlements.contracts.account import Account, records_as_known
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.plans import Plan
from entitlements.documents import parse_facts
from entitlements.engine.engine import Engine
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import utc
from entitlements.kernel.requests import Request
from entitlements.loading import apply, stored_facts
from entitlements.ports import Store
from entitlements.sla import SlaPolicy, Target
from entitlements.testing.strategies.worlds.access import World, world

TENANT: Final = "acme support"
MICROSECOND: Final = timedelta(microseconds=1)


def document(drawn: World) -> Facts:
    """Return the facts that a person would write of a world: what is known last, undated."""

    def undated(records: Any) -> list[Any]:
        return [attrs.evolve(each, recorded=None) for each in records_as_known(records, None)]

    account = drawn.account
    changes = undated(account.changes)
    named = {each.id for each in undated(account.contracts)}
    account = Account(
        customer=account.customer,
        contracts=undated(account.contracts),
        changes=[each for each in changes if each.contract is None or each.contract in named],
        delegations=[each for each in undated(account.delegations) if each.contract in named],
        assets=account.assets,
        ledger=Ledger(),
    )
    policies = {plan.policy for plan in drawn.catalog.plans}
    targets = [Target(milestone="first_response", within=timedelta(hours=8))]
    plans = [dated_by_nothing(plan) for plan in drawn.catalog.plans]
    return Facts(
        catalog=attrs.evolve(drawn.catalog, plans=plans),
        policies=[SlaPolicy(id=each, targets=targets) for each in sorted(policies)],
        accounts=[account],
    )


def dated_by_nothing(plan: Plan) -> Plan:
    """Return a plan without what depends on when a line got it: lead time, grace, allowances.

    A line that a load adds waits for the lead time of its plan, and has no grace after a term that
    it did not have; the units of a period are those of the text with which it began.
    """
    rights = [attrs.evolve(each, allowance=None) for each in plan.rights]
    return attrs.evolve(
        plan, lead_time=None, grace=None, rights=rights, allowances=[], quantity_steps=[]
    )


def drawn_document(random: Random) -> tuple[Facts, tuple[tuple[Request, int], ...]]:
    """Return a document that can be read, and requests about it."""
    while True:
        drawn = world(random, questions=12)
        try:
            return document(drawn), drawn.questions
        except EntitlementsError:
            continue


#: A plan list, two agents and one customer, as text in which a test replaces what it changes.
SUPPORT: Final = """
calendars: [{name: business, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00"}]
products: [db]
groups: [desk]
plans:
  - id: silver
    severities: [high]
    channels: [web]
    rights: [{id: desk, group: desk, hours: business}]
    targets: [{milestone: first_response, within: 8h}]
  - id: gold
    severities: [high]
    channels: [web]
    rights: [{id: desk, group: desk}]
    targets: [{milestone: first_response, within: 1h}]
agents: [{id: ada, groups: desk}, {id: bob, groups: desk}]
accounts:
  - customer: acme
    contracts:
      - id: C-1
        zone: Europe/Berlin
        start: 2026-01-01
        end: 2026-12-31
        lines: [{id: L-1, plan: silver}]
        contacts: [dana]
"""
JANUARY: Final = utc("2026-01-05T08:00Z")
JUNE: Final = utc("2026-06-15T08:00Z")


def changed(*changes: tuple[str, str]) -> Facts:
    """Return the facts of `SUPPORT` with some texts in place of others."""
    text = SUPPORT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return parse_facts(text)


#: Prices to put after `SUPPORT`: of the plan silver, and of the contract of its customer.
PRICES: Final = """
rate_cards:
  - {id: standard, rates: {default: 120 EUR/h}}
  - {id: night, rates: {default: 200 EUR/h}}
price_lists:
  - {id: fees, prices: [{item: C-1, amount: 400 EUR}, {item: C-2, amount: 400 EUR}]}
billing_accounts:
  - {customer: acme, currency: EUR, discounts: {id: partner, percent: 10%, contract: C-1,
     kinds: standing, zone: Europe/Berlin}}
"""


def priced(*changes: tuple[str, str]) -> Facts:
    """Return the facts of `SUPPORT` with prices, and with some texts in place of others."""
    terms = "charge: time_and_materials\n    commercial: {rates: standard}"
    fee = "commercial: {price: fees}"
    text = SUPPORT.replace("  - id: silver\n", f"  - id: silver\n    {terms}\n") + PRICES
    text = text.replace("contacts: [dana]", f"contacts: [dana]\n        {fee}")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return parse_facts(text)


def with_change(text: str, *changes: tuple[str, str]) -> Facts:
    """Return the facts of `SUPPORT` with one more change of the contract."""
    return changed(
        ("        contacts: [dana]", f"        contacts: [dana]\n    changes: [{{{text}}}]"),
        *changes,
    )


def loaded(
    store: Store, facts: Facts, at: datetime, *, prune: bool = False, correct: bool = False
) -> list[str]:
    """Load facts and return the steps as text."""
    plan = apply(store, facts, at, tenant=TENANT, prune=prune, correct=correct)
    return [str(each) for each in plan.steps]


def after(*documents: tuple[Facts, datetime]) -> Store:
    """Return a store into which documents were loaded, one after the other."""
    store = MemoryStore()
    for facts, at in documents:
        loaded(store, facts, at)
    return store


def stored_account(store: Store, customer: str = "acme", at: datetime | None = None) -> Account:
    """Return an account as it is stored, or as it was known."""
    return stored_facts(store, at, tenant=TENANT).accounts[customer]


def answer(facts: Facts, request: Request, at: datetime) -> tuple[object, ...]:
    """Return the kind of a decision, and under what it was granted."""
    decision = Engine(facts).assess(request, at).decision
    under = getattr(decision, "entitlement", None)
    named = () if under is None else (under.contract, under.line, under.plan, under.plan_version)
    return (type(decision).__name__, *named, getattr(decision, "group", None))
