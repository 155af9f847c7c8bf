"""Everything a decision follows from: the catalog, shared by all, and the accounts.

Facts are checked as a whole when they are put together, so that no decision meets a name that
points at nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    return tuple(
        (severity, channel)
        for severity in plan.severities
        if severity not in plan.may_not_open
        for channel in sorted(plan.channels)
        if _admits(plan, severity, channel) and not _answers(policy, severity, channel)
    )


def _admits(plan: Plan, severity: str, channel: str) -> bool:
    return any(
        (not right.severities or severity in right.severities)
        and (not right.channels or channel in right.channels)
        for right in plan.rights
    )


def _answers(policy: SlaPolicy, severity: str, channel: str) -> bool:
    return not policy.compiled.lenient_plan(severity, channel, frozenset()).unanswered
