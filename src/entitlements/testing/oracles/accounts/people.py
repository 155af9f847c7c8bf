"""People oracle: who may ask under a contract, in whose right, and in which roles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import final

from entitlements.access.reasons import Reason
from entitlements.contracts.account import Account, AccountPart
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.contracts.records.parties import Delegation, NamedContact
from entitlements.kernel.requests import Request
from entitlements.testing.oracles.accounts.contracts import NaiveContracts, latest
from entitlements.testing.oracles.sold.terms import DUSK, after, midnight


@final
class NaivePeople:
    """The contacts and delegations of one account."""

    def __init__(self, contracts: NaiveContracts, account: Account) -> None:
        self.contracts = contracts
        self.account = account
        self.unknown = AccountPart.DELEGATIONS in account.unknown

    def about_person(
        self, contract: Contract, line: ContractLine, plan: Plan, request: Request, at: datetime
    ) -> Iterator[Reason]:
        """Yield why the person may not ask."""
        listed, person = self.contracts.listed(contract, at), request.contact
        if contract.any_contact and not listed:
            return
        if self._givers(contract, line, plan, person, at):
            return
        if self.unknown:
            yield Reason.FACTS_MISSING
        if all(each.contact != person for each in listed):
            yield Reason.CONTACT_NOT_NAMED
        elif all(each.contact != person for each in self._named(contract, at)):
            yield Reason.CONTACT_OUT_OF_DATES
        elif person in self.contracts.waiting(contract, line, plan, at):
            yield Reason.CONTACT_IN_LEAD_TIME
        else:
            yield Reason.CONTACT_OVER_LIMIT

    def about_roles(
        self,
        contract: Contract,
        line: ContractLine,
        plan: Plan,
        right: AccessRight | None,
        request: Request,
        at: datetime,
    ) -> Iterator[Reason]:
        """Yield what the person's roles do not allow."""
        givers = self._givers(contract, line, plan, request.contact, at)
        named = [each for each in self._named(contract, at) if each.contact in givers]
        roles = {role for each in named for role in each.roles}
        wanted = {
            Reason.ROLE_MAY_NOT_OPEN: plan.opened_by.get(request.severity or ""),
            Reason.ROLE_NOT_IN_RIGHT: None if right is None else right.roles,
        }
        for reason, some in wanted.items():
            if some and not roles & some:
                yield reason
                if self.unknown:
                    yield Reason.FACTS_MISSING

    def _named(self, contract: Contract, at: datetime) -> list[NamedContact]:
        listed = self.contracts.listed(contract, at)
        return [each for each in listed if is_named(each, contract.zone, at)]

    def _givers(
        self, contract: Contract, line: ContractLine, plan: Plan, person: str, at: datetime
    ) -> set[str]:
        """Return the contacts in whose right a person may ask, the person included."""
        waiting = self.contracts.waiting(contract, line, plan, at)
        named = [each for each in self._named(contract, at) if each.contact not in waiting]
        outside = [each for each in named if each.roles & plan.unlimited_roles]
        people = list(dict.fromkeys(each.contact for each in named if each not in outside))
        allowed = people[: line.contact_limit or plan.contact_limit]
        allowed += [each.contact for each in outside]
        found = {person} & set(allowed)
        givers = {each.contact for each in named if each.contact in allowed and each.may_delegate}
        links = [
            each
            for each in latest(self.account.delegations)
            if each.contract == contract.id and each.start <= at < (each.end or DUSK)
        ]
        if not self.unknown:
            found |= {c[0].giver for c in chains(links) if is_chain(c, givers, person)}
        return found


def chains(links: list[Delegation]) -> Iterator[list[Delegation]]:
    """Yield every chain of up to three delegations."""
    for one in links:
        yield [one]
        for two in links:
            if two.giver == one.receiver:
                yield [one, two]
                for three in links:
                    if three.giver == two.receiver:
                        yield [one, two, three]


def is_chain(chain: list[Delegation], givers: set[str], person: str) -> bool:
    """Return whether a chain of delegations gives a person a right."""
    further = range(len(chain) - 1, -1, -1)
    enough = all(link.depth >= left for link, left in zip(chain, further, strict=True))
    return chain[0].giver in givers and chain[-1].receiver == person and enough


def is_named(each: NamedContact, zone: str, at: datetime) -> bool:
    """Return whether a contact is named at an instant."""
    begun = each.start is None or midnight(each.start, zone) <= at
    return begun and (each.end is None or at < after(each.end, zone))
