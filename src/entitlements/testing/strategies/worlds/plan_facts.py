"""Plan facts for small worlds: what published plans say beside severities, channels and hours.

They are drawn last and put into a world that is complete without them, so that they are common
where they are drawn at all, and the rest of the world is that of its seed.
"""

from __future__ import annotations

from typing import Final, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import attrs

from entitlements.access.decider import AccountDecider
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plan_terms.priority_matrix import PriorityMatrix
from entitlements.contracts.plan_terms.quantity_steps import QuantityStep
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.contracts.records.changes import Amendment
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.contracts.records.parties import NamedContact
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import DAY, from_micros
from entitlements.kernel.requests import Request
from entitlements.testing.strategies.worlds.contracts import LEAD_TIMES
from entitlements.testing.strategies.worlds.dice import Dice

ROLES: Final = ("admin", "security")
"""Roles of contacts."""

LANGUAGES: Final = ("en", "ja")
"""Languages of support."""

KINDS: Final = ("incident", "question", "billing")
"""Kinds of requests; a plan that tells them apart takes the first two."""

SHARE: Final = 35
"""Per cent of the worlds that have plan facts."""

Facts: TypeAlias = tuple[Catalog, Account, tuple[tuple[Request, int], ...]]
"""A catalog, an account under it, and requests with their instants."""

_Agreed = TypeVar("_Agreed", Contract, Amendment)


def with_plan_facts(dice: Dice, facts: Facts) -> Facts:
    """Return the facts, often with plan facts in plans, contracts and requests."""
    if not dice.often(SHARE):
        return facts
    catalog, account, questions = facts
    asked = tuple((_asked(dice, request), at) for request, at in questions)
    plans = [_plan(dice, each) for each in catalog.plans]
    catalog, account = attrs.evolve(catalog, plans=plans), _account(dice, account)
    if dice.often(50):
        plans = [_with_lead_time(dice, each) for each in catalog.plans]
        catalog = attrs.evolve(catalog, plans=plans)
        for number, (request, at) in enumerate(dice.random.sample(asked, min(8, len(asked)))):
            account = _with_late_change(dice, f"W{number}", (catalog, account, ((request, at),)))
    return catalog, account, asked


def _with_lead_time(dice: Dice, plan: Plan) -> Plan:
    """Return a plan with a lead time, and often contacts and open cases by the quantity."""
    steps = plan.quantity_steps
    if not steps and dice.often(50):
        contacts, cases = dice.number(1, 3), dice.maybe(30, [1, 2])
        steps = (QuantityStep(quantity=1, per=1, contact_limit=contacts, concurrency=cases),)
    return attrs.evolve(
        plan, lead_time=plan.lead_time or dice.maybe(80, LEAD_TIMES), quantity_steps=steps
    )


def _with_late_change(dice: Dice, id: str, facts: Facts) -> Account:
    """Return the account with an amendment shortly before the question, if it is possible.

    It names the person who asks, or gives lines a larger quantity. The units of allowances stay:
    holds were taken from them.
    """
    catalog, account, ((request, at),) = facts
    if not account.contracts:
        return account
    contract = dice.one(account.contracts)
    day = from_micros(at - dice.number(0, 2) * DAY).astimezone(ZoneInfo(contract.zone)).date()
    counted = any(step.amounts for plan in catalog.plans for step in plan.quantity_steps)
    named = [*contract.contacts, NamedContact(contact=request.contact)]
    lines = [attrs.evolve(each, quantity=each.quantity + 1) for each in contract.lines]
    amendment = Amendment(
        id=id,
        contract=contract.id,
        effective=day,
        contacts=named if dice.often(75) else None,
        lines=lines if dice.often(50) and not counted else [],
    )
    try:
        found = attrs.evolve(account, changes=(*account.changes, amendment))
        AccountDecider(found, catalog)
    except EntitlementsError:
        return account
    return found


def _matrix(dice: Dice, plan: Plan) -> PriorityMatrix:
    urgencies = ("now", "soon")
    rows = {
        impact: {each: dice.one(plan.severities) for each in urgencies}
        for impact in ("site", "person")
    }
    return PriorityMatrix(rows)


def _plan(dice: Dice, plan: Plan) -> Plan:
    opened_by = (
        {dice.one(plan.severities): dice.some(ROLES, 60)}
        if plan.severities and dice.often(25)
        else {}
    )
    kinds = KINDS[:2] if dice.often(30) else ()
    others = sorted({"gold", "silver"} - {plan.id})
    tied = dice.one(["requires_plan"] * 3 + ["suspended_by"] * 3 + [""] * 14)
    return attrs.evolve(
        plan,
        requires_plan=others if tied == "requires_plan" else [],
        unlimited_roles=dice.some(ROLES, 60) if dice.often(25) else [],
        suspended_by=others if tied == "suspended_by" else [],
        opened_by={severity: roles for severity, roles in opened_by.items() if roles},
        priority_matrix=_matrix(dice, plan) if plan.severities and dice.often(15) else None,
        kinds=kinds,
        rights=[_right(dice, each, kinds) for each in plan.rights],
    )


def _right(dice: Dice, right: AccessRight, kinds: tuple[str, ...]) -> AccessRight:
    return attrs.evolve(
        right,
        roles=dice.some(ROLES, 70) if dice.often(20) else [],
        kinds=dice.some(kinds, 70) if dice.often(40) else [],
        only_when_named=dice.often(15),
        languages=dice.some(LANGUAGES, 60) if dice.often(20) else [],
    )


def _account(dice: Dice, account: Account) -> Account:
    return attrs.evolve(
        account,
        contracts=[_agreed(dice, each) for each in account.contracts],
        changes=[
            _agreed(dice, each) if isinstance(each, Amendment) else each for each in account.changes
        ],
    )


def _agreed(dice: Dice, agreed: _Agreed) -> _Agreed:
    contacts = agreed.contacts
    return attrs.evolve(
        agreed,
        contacts=contacts and [_named(dice, each) for each in contacts],
        lines=[_line(dice, each) for each in agreed.lines],
    )


def _line(dice: Dice, line: ContractLine) -> ContractLine:
    return attrs.evolve(line, experts=dice.some(["cleo", "ada"], 30))


def _named(dice: Dice, contact: NamedContact) -> NamedContact:
    return attrs.evolve(contact, roles=dice.some(ROLES, 60))


def _asked(dice: Dice, request: Request) -> Request:
    return attrs.evolve(
        request,
        kind=dice.one(KINDS) if dice.often(85) else None,
        language=dice.maybe(80, LANGUAGES),
    )
