"""Who may ask by the guide: named contacts, the limit on them, delegations, roles."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from entitlements.access import Reason
from entitlements.contracts.account import AccountPart
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.contracts.records.parties import NamedContact
from entitlements.testing.oracles.by_the_guide.asked import Asked
from entitlements.testing.oracles.by_the_guide.records import (
    NEVER,
    amendments,
    day_end,
    day_start,
    known,
)
from entitlements.testing.oracles.by_the_guide.sold import lead_time_over

LINKS: Final = 3
"""How many delegations a chain may have."""


def contact_reason(
    asked: Asked, contract: Contract, line: ContractLine, plan: Plan
) -> Reason | None:
    """Return why the person may not ask, a delegation included."""
    why = named_reason(asked, contract, line, plan)
    if why is None or _first_givers(asked, contract, line, plan, asked.request.contact, 0):
        return None
    return why


def named_reason(asked: Asked, contract: Contract, line: ContractLine, plan: Plan) -> Reason | None:
    """Return why the person may not ask without a delegation."""
    named, who = contacts(asked, contract), asked.request.contact
    if (contract.any_contact and not named) or who in allowed(asked, contract, line, plan):
        return None
    entries = [each for each in named if each.contact == who]
    if not entries:
        return Reason.CONTACT_NOT_NAMED
    if not any(_runs(each, contract, asked.at) for each in entries):
        return Reason.CONTACT_OUT_OF_DATES
    if not _counts(asked, contract, line, plan, who):
        return Reason.CONTACT_IN_LEAD_TIME
    return Reason.CONTACT_OVER_LIMIT


def contacts(asked: Asked, contract: Contract) -> tuple[NamedContact, ...]:
    """Return the list of contacts: the contract's, or that of the latest amendment in force."""
    named = contract.contacts
    for amendment in amendments(asked.account, contract):
        in_force = day_start(amendment.effective, contract.zone) <= asked.at
        if in_force and amendment.contacts is not None:
            named = amendment.contacts
    return named


def allowed(asked: Asked, contract: Contract, line: ContractLine, plan: Plan) -> list[str]:
    """Return who may ask without a delegation: the first contacts, up to the limit."""
    found: list[str] = []
    free: list[str] = []
    for each in contacts(asked, contract):
        if not _runs(each, contract, asked.at):
            continue
        of_limit = all(role not in plan.unlimited_roles for role in each.roles)
        if each.contact not in (found if of_limit else free):
            (found if of_limit else free).append(each.contact)
    found = [who for who in found if _counts(asked, contract, line, plan, who)]
    free = [who for who in free if _counts(asked, contract, line, plan, who)]
    limit = line.contact_limit if line.contact_limit is not None else plan.contact_limit
    return free + (found if limit is None else found[:limit])


def _counts(asked: Asked, contract: Contract, line: ContractLine, plan: Plan, who: str) -> bool:
    """Return whether the lead time is over for the amendment that added the person last."""
    added = None
    listed = any(each.contact == who for each in contract.contacts)
    lists = {
        each.effective: each
        for each in amendments(asked.account, contract)
        if each.contacts is not None
    }
    for day, amendment in lists.items():
        if day_start(day, contract.zone) > asked.at:
            continue
        now = any(each.contact == who for each in amendment.contacts or ())
        added = day if now and not listed else added if now else None
        listed = now
    if added is None:
        return True
    return lead_time_over(asked.catalog, plan, line, added, contract.zone) <= asked.at


def _runs(entry: NamedContact, contract: Contract, at: datetime) -> bool:
    begun = entry.start is None or day_start(entry.start, contract.zone) <= at
    return begun and (entry.end is None or at < day_end(entry.end, contract.zone))


def role_reasons(
    asked: Asked, contract: Contract, line: ContractLine, plan: Plan, right: AccessRight | None
) -> list[Reason]:
    """Return the failures of the check of roles."""
    mine = _roles(asked, contract, line, plan)
    why = []
    severity = asked.request.severity or ""
    if severity in plan.opened_by and not any(each in plan.opened_by[severity] for each in mine):
        why.append(Reason.ROLE_MAY_NOT_OPEN)
    if right is not None and right.roles and not any(each in right.roles for each in mine):
        why.append(Reason.ROLE_NOT_IN_RIGHT)
    return why


def _roles(asked: Asked, contract: Contract, line: ContractLine, plan: Plan) -> set[str]:
    """Return the roles of who asks: their own, if they may ask, and those of who delegated."""
    who = asked.request.contact
    people = set(_first_givers(asked, contract, line, plan, who, 0))
    if who in allowed(asked, contract, line, plan):
        people.add(who)
    found: set[str] = set()
    for entry in contacts(asked, contract):
        if entry.contact in people and _runs(entry, contract, asked.at):
            found |= entry.roles
    return found


def _first_givers(
    asked: Asked, contract: Contract, line: ContractLine, plan: Plan, who: str, after: int
) -> list[str]:
    """Return who begins the chains of delegations to `who`, of which `after` links come later."""
    may_delegate = {
        each.contact
        for each in contacts(asked, contract)
        if each.may_delegate and _runs(each, contract, asked.at)
    }
    if AccountPart.DELEGATIONS in asked.account.unknown:
        return []
    givers = may_delegate.intersection(allowed(asked, contract, line, plan))
    found: list[str] = []
    for each in known(asked.account.delegations):
        runs = each.start <= asked.at < (each.end or NEVER)
        if each.contract != contract.id or each.receiver != who or not runs or each.depth < after:
            continue
        if each.giver in givers:
            found.append(each.giver)
        links = after + 1
        if links < LINKS:
            found += _first_givers(asked, contract, line, plan, each.giver, links)
    return found
