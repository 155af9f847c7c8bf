"""Lint of accounts: roles nobody has, named engineers who left, lone add-ons, late notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, final

from entitlements.contracts.account import Account, records_as_known
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.records.changes import Amendment
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.contracts.records.parties import NamedContact
from entitlements.contracts.validity.term_extensions import term_extensions
from entitlements.contracts.validity.terms import late_notices
from entitlements.documents.shapes.read_context import suggestion
from entitlements.routing.agents.agent import Agent


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
    unlimited = {
        role
        for plan in plans
        for version in catalog.plan_versions(plan)
        for role in version.unlimited_roles
    }
    for role, contact in sorted(held.items()):
        if role not in wanted and role not in unlimited:
            hint = suggestion(role, {*wanted, *unlimited})
            message = f"no plan of `{contract.id}` asks for the role `{role}` of `{contact}`"
            yield SoldFinding("contacts", message + (f" ({hint})" if hint else ""))


def expert_findings(
    line: ContractLine, catalog: Catalog, roster: Mapping[str, Agent]
) -> Iterator[SoldFinding]:
    """Yield each engineer named for a customer who is not there, or in none of the groups."""
    if not roster or not catalog.has_plan(line.plan):
        return
    plans = catalog.plan_versions(line.plan)
    groups = {right.group for plan in plans for right in plan.rights}
    for expert in line.experts:
        if expert not in roster:
            hint = suggestion(expert, roster)
            message = f"no agent has the name `{expert}`" + (f" ({hint})" if hint else "")
            yield SoldFinding("experts", message)
        elif groups.isdisjoint(roster[expert].groups):
            message = f"`{expert}` is in no group that `{line.plan}` reaches, and is never asked"
            yield SoldFinding("experts", message)


def add_on_findings(
    line: ContractLine, account: Account, catalog: Catalog
) -> Iterator[SoldFinding]:
    """Yield a finding if a line is an add-on, and the account has no line of a plan it needs."""
    if not catalog.has_plan(line.plan):
        return
    sold = {each.plan for contract in account.contracts for each in _lines(contract, account)}
    for plan in catalog.plan_versions(line.plan):
        if plan.requires_plan and sold.isdisjoint(plan.requires_plan):
            wanted = " or ".join(f"`{each}`" for each in sorted(plan.requires_plan))
            message = f"`{plan.id}` needs {wanted}, of which `{account.customer}` has no line"
            yield SoldFinding("plan", message)
            return


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


def notice_findings(contract: Contract, account: Account) -> Iterator[SoldFinding]:
    """Yield a finding for each notice that is too late for the term in which it was given."""
    changes = records_as_known(account.changes, None)
    mine = [each for each in changes if each.contract == contract.id]
    shared = term_extensions(each for each in changes if each.contract is None)
    for notice, last, by in late_notices(contract, mine, shared):
        yield SoldFinding(
            "renewal",
            f"notice `{notice.id}` of {notice.given} is too late for the term that ends on {last}, "
            f"for which it had to be given by {by}; the contract goes on",
        )
