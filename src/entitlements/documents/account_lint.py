"""Lint of accounts: roles of contacts that nobody has, or that no plan knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, final

from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.changes import Amendment
from entitlements.contracts.contract import Contract, ContractLine
from entitlements.contracts.parties import NamedContact
from entitlements.documents.shapes.read_context import suggestion


@final
class SoldFinding(NamedTuple):
    """Something in a contract that is probably unintended.

    Attributes:
        path: Its path below the contract.
        message: The finding as a sentence.
    """

    path: str
    message: str


def role_findings(contract: Contract, account: Account, catalog: Catalog) -> Iterator[SoldFinding]:
    """Yield each role that a plan asks for and no contact has, and each that no plan asks for.

    Contacts and lines of later amendments count.
    """
    plans = {
        plan.id: plan.roles
        for line in _lines(contract, account)
        if catalog.has_plan(line.plan)
        for plan in catalog.plan_versions(line.plan)
    }
    wanted = {role: plan for plan, roles in plans.items() for role in roles}
    held = {role: each.contact for each in _contacts(contract, account) for role in each.roles}
    for role, plan in sorted(wanted.items()):
        if role not in held:
            message = f"no contact of `{contract.id}` has the role `{role}` that `{plan}` asks for"
            yield SoldFinding("contacts", message)
    for role, contact in sorted(held.items()):
        if role not in wanted:
            hint = suggestion(role, wanted)
            message = f"no plan of `{contract.id}` asks for the role `{role}` of `{contact}`"
            yield SoldFinding("contacts", message + (f" ({hint})" if hint else ""))


def _lines(contract: Contract, account: Account) -> Iterable[ContractLine]:
    later = (each.lines for each in _amendments(contract, account))
    return [*contract.lines, *(line for lines in later for line in lines)]


def _contacts(contract: Contract, account: Account) -> Iterable[NamedContact]:
    later = (each.contacts or () for each in _amendments(contract, account))
    return [*contract.contacts, *(contact for each in later for contact in each)]


def _amendments(contract: Contract, account: Account) -> Iterator[Amendment]:
    for each in account.changes:
        if isinstance(each, Amendment) and each.contract == contract.id:
            yield each
