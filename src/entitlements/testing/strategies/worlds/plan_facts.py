"""Plan facts for small worlds: what published plans say beside severities, channels and hours.

They are drawn last and put into a world that is complete without them, so that they are common
where they are drawn at all, and the rest of the world is that of its seed.
"""

from __future__ import annotations

from typing import Final, TypeAlias, TypeVar

import attrs

from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.changes import Amendment
from entitlements.contracts.contract import Contract, ContractLine
from entitlements.contracts.parties import NamedContact
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.kernel.requests import Request
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
    return attrs.evolve(catalog, plans=plans), _account(dice, account), asked


def _plan(dice: Dice, plan: Plan) -> Plan:
    opened_by = (
        {dice.one(plan.severities): dice.some(ROLES, 60)}
        if plan.severities and dice.often(25)
        else {}
    )
    kinds = KINDS[:2] if dice.often(30) else ()
    others = sorted({"gold", "silver"} - {plan.id})
    tied = dice.one(["requires_plan"] * 3 + ["suspended_by"] * 4 + [""] * 13)
    return attrs.evolve(
        plan,
        requires_plan=others if tied == "requires_plan" else [],
        suspended_by=others if tied == "suspended_by" else [],
        opened_by={severity: roles for severity, roles in opened_by.items() if roles},
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
