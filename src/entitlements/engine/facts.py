"""Everything a decision follows from: the catalog, shared by all, and the accounts.

Facts are checked as a whole when they are put together, so that no decision meets a name that
points at nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import final

import attrs

from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.changes import Amendment
from entitlements.contracts.plans import Plan
from entitlements.kernel.converters import (
    as_tuple,
    instance_of,
)
from entitlements.kernel.errors import DuplicateIdError, InvalidValueError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.routing.roster import Roster
from entitlements.sla.milestones import Milestone
from entitlements.sla.policy import SlaPolicy


def _policies(
    policies: Mapping[str, SlaPolicy] | Iterable[SlaPolicy],
) -> FrozenMap[str, SlaPolicy]:
    found: dict[str, SlaPolicy] = {}
    for policy in policies.values() if isinstance(policies, Mapping) else as_tuple(policies):
        if instance_of(SlaPolicy, policy).id in found:
            raise DuplicateIdError("policy", policy.id)
        found[policy.id] = policy
    return FrozenMap(found)


def _accounts(accounts: Mapping[str, Account] | Iterable[Account]) -> FrozenMap[str, Account]:
    found: dict[str, Account] = {}
    for account in accounts.values() if isinstance(accounts, Mapping) else as_tuple(accounts):
        if instance_of(Account, account).customer in found:
            raise DuplicateIdError("account", account.customer)
        found[account.customer] = account
    return FrozenMap(found)


@final
@attrs.frozen(kw_only=True)
class Facts:
    """What was promised to whom, by when, and who is there to keep it.

    Attributes:
        catalog: Calendars, products, groups and plans.
        policies: SLA policies by id; an iterable of policies will do.
        roster: The agents.
        accounts: Customers' records by customer; an iterable of accounts will do.

    Raises:
        UnknownIdError: A plan names a policy that is not here, or a contract line a plan.
        InvalidValueError: A plan admits requests for whose severity its policy has no target.
        DuplicateIdError: Two policies or accounts have one id.
    """

    catalog: Catalog = attrs.field(factory=Catalog)
    policies: FrozenMap[str, SlaPolicy] = attrs.field(factory=FrozenMap, converter=_policies)
    roster: Roster = attrs.field(factory=Roster)
    accounts: FrozenMap[str, Account] = attrs.field(factory=FrozenMap, converter=_accounts)

    def __attrs_post_init__(self) -> None:
        instance_of(Roster, self.roster)
        for index, plan in enumerate(instance_of(Catalog, self.catalog).plans):
            path = f"plans[{index}]"
            if plan.policy not in self.policies:
                raise UnknownIdError(
                    "policy", plan.policy, known=self.policies, path=f"{path}.policy"
                )
            without = targetless(plan, self.policies[plan.policy])
            if without:
                severity, channel = without[0]
                raise InvalidValueError(
                    f"severity `{severity}` by `{channel}` has no target for the first response",
                    hint="add one, or state `within: none`",
                    path=f"{path}.targets",
                )

        plans = {plan.id for plan in self.catalog.plans}
        for account in self.accounts.values():
            _check_lines(account, plans)

    def account(self, customer: str) -> Account | None:
        """Return the customer's records, or None."""
        return self.accounts.get(customer)

    def as_known(self, known_at: datetime) -> Facts:
        """Return the facts as they were known at `known_at`."""
        accounts = [account.as_known(known_at) for account in self.accounts.values()]
        return attrs.evolve(self, accounts=accounts)


def _check_lines(account: Account, plans: set[str]) -> None:
    amendments = [each for each in account.changes if isinstance(each, Amendment)]
    named = [(f"contracts[{each.id}]", each.lines) for each in account.contracts]
    named += [(f"changes[{each.id}]", each.lines) for each in amendments]
    for place, lines in named:
        for line in lines:
            if line.plan not in plans:
                path = f"accounts[{account.customer}].{place}.lines[{line.id}].plan"
                raise UnknownIdError("plan", line.plan, known=plans, path=path)


def targetless(plan: Plan, policy: SlaPolicy) -> tuple[tuple[str, str], ...]:
    """Return the severities and channels that the plan admits and the policy has no answer for."""
    first = [each for each in policy.targets if each.milestone == Milestone.FIRST_RESPONSE]
    if not first:
        return ()
    severities = [each for each in plan.severities if each not in plan.may_not_open]
    admitted = _channels(((each.severities, each.channels) for each in plan.rights), plan)
    certain = ((each.severities, each.channels) for each in first if not each.conditions)
    answered = _channels(certain, plan)
    return tuple(
        (severity, channel)
        for severity in severities
        for channel in sorted(admitted[severity] - answered[severity])
    )


def _channels(
    parts: Iterable[tuple[Collection[str], Collection[str]]], plan: Plan
) -> Mapping[str, set[str]]:
    """Return the plan's channels in any part, by severity; an empty part holds for all."""
    found: dict[str, set[str]] = {severity: set() for severity in plan.severities}
    for severities, channels in dict.fromkeys(parts):
        for severity in severities or plan.severities:
            known = found.get(severity)
            if known is not None and len(known) < len(plan.channels):
                known |= plan.channels.intersection(channels) if channels else plan.channels
    return found
