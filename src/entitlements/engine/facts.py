"""Facts: catalog, SLA policies, prices, roster, routing policy and accounts, checked as a whole.

Every name in them is known: a plan's policy, a line's plan and calendars.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import final

import attrs

from entitlements import aftersales, billing
from entitlements import routing as routing_package
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.changes import Amendment
from entitlements.contracts.records.contract import ContractLine
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import by_id, check_known_id, check_known_ids
from entitlements.kernel.instants import instant_of
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.routing.roster import Roster
from entitlements.sla.milestones import Milestone
from entitlements.sla.policy import SlaPolicy


def _policies(
    policies: Mapping[str, SlaPolicy] | Iterable[SlaPolicy],
) -> FrozenMap[str, SlaPolicy]:
    return by_id(SlaPolicy, "policy", policies)


def _accounts(accounts: Mapping[str, Account] | Iterable[Account]) -> FrozenMap[str, Account]:
    return by_id(Account, "account", accounts, field="customer")


def _billing_accounts(
    accounts: Mapping[str, billing.BillingAccount] | Iterable[billing.BillingAccount],
) -> FrozenMap[str, billing.BillingAccount]:
    return by_id(billing.BillingAccount, "billing account", accounts, field="customer")


def _clauses(clauses: Iterable[aftersales.NoticeClause]) -> tuple[aftersales.NoticeClause, ...]:
    return tuple_of(aftersales.NoticeClause, clauses)


def _default_routing() -> routing_package.RoutingPolicy:
    return routing_package.RoutingPolicy()


def _no_prices() -> billing.PriceBook:
    return billing.PriceBook()


@final
@attrs.frozen(repr=False, kw_only=True)
class Facts(ReprWithoutDefaults):
    """Everything that assessments follow from.

    Attributes:
        catalog: Calendars, products, groups and plans.
        policies: SLA policies by id; or an iterable of policies.
        roster: The agents.
        routing: How work is routed: strategy, queue order, offers.
        accounts: Customers' records by customer; or an iterable of accounts.
        prices: Rate cards, price lists, work rules and credit schedules, which plans and contracts
            name.
        billing_accounts: What customers agreed to pay beside that, by customer; or an iterable.
        notice_clauses: Of what customers have to be informed, and how long before.

    Raises:
        UnknownIdError: A plan names a policy that is not here, its policy a kind of request that
            the plan does not list, a contract line a plan, version or calendar, or a notice clause
            a plan.
        InvalidValueError: A plan admits requests for whose severity its policy has no target, or a
            contract line does not bind a calendar that its plan leaves to it.
        DuplicateIdError: Two policies or accounts have one id.
    """

    catalog: Catalog = attrs.field(factory=Catalog)
    policies: FrozenMap[str, SlaPolicy] = attrs.field(factory=FrozenMap, converter=_policies)
    roster: Roster = attrs.field(factory=Roster)
    routing: routing_package.RoutingPolicy = attrs.field(factory=_default_routing)
    accounts: FrozenMap[str, Account] = attrs.field(factory=FrozenMap, converter=_accounts)
    prices: billing.PriceBook = attrs.field(factory=_no_prices)
    billing_accounts: FrozenMap[str, billing.BillingAccount] = attrs.field(
        factory=FrozenMap, converter=_billing_accounts
    )
    notice_clauses: tuple[aftersales.NoticeClause, ...] = attrs.field(
        repr=False, default=(), converter=_clauses
    )

    def __attrs_post_init__(self) -> None:
        instance_of(Roster, self.roster)
        instance_of(routing_package.RoutingPolicy, self.routing)
        instance_of(billing.PriceBook, self.prices)
        for index, plan in enumerate(instance_of(Catalog, self.catalog).plans):
            path = f"plans[{index}]"
            if plan.policy not in self.policies:
                raise UnknownIdError(
                    "policy", plan.policy, known=self.policies, path=f"{path}.policy"
                )
            policy = self.policies[plan.policy]
            named = sorted({kind for target in policy.targets for kind in target.kinds})
            check_known_ids("kind of request", named, plan.kinds, f"{path}.targets")
            without = uncovered_requests(plan, policy)
            if without:
                severity, channel = without[0]
                case = "a request" if severity is None else f"severity `{severity}`"
                raise InvalidValueError(
                    f"{case} by `{channel}` has no target for the first response",
                    hint="add one, or state `within: none`",
                    path=f"{path}.targets",
                )

        self._check_prices()
        plans = {each.id for each in self.catalog.plans}
        for index, clause in enumerate(self.notice_clauses):
            path = f"notice_clauses[{index}].plans"
            check_known_ids("plan", sorted(clause.plans), plans, path)
        checked: set[Hashable] = set()
        for account in self.accounts.values():
            for error in line_problems(account, self.catalog, checked):
                error.path = f"accounts[{account.customer}].{error.path}"
                raise error

    def _check_prices(self) -> None:
        """Raise unless all that is named about prices is there."""
        calendars = {*self.catalog.calendars}
        for index, plan in enumerate(self.catalog.plans):
            calendars |= plan.line_calendars
            if plan.commercial is not None:
                path = f"plans[{index}].commercial"
                self.prices.check_terms(plan.commercial, [plan.id], path)
        self.prices.check_calendars(calendars)
        for account in self.accounts.values():
            for error in commercial_problems(account, self.prices):
                error.path = f"accounts[{account.customer}].{error.path}"
                raise error
        for billed in self.billing_accounts.values():
            path = f"billing_accounts[{billed.customer}]"
            check_known_id("account", billed.customer, self.accounts, f"{path}.customer")
            check_billed_lines(billed, self.accounts[billed.customer], path)

    def account(self, customer: str) -> Account | None:
        """Return the customer's records, or None."""
        return self.accounts.get(instance_of(str, customer))

    def as_known(self, known_at: datetime) -> Facts:
        """Return the facts as they were known at `known_at`."""
        known = instant_of(known_at)
        accounts = [account.as_known(known) for account in self.accounts.values()]
        return attrs.evolve(self, accounts=accounts)


def line_problems(
    account: Account, catalog: Catalog, checked: set[Hashable] | None = None
) -> Iterator[UnknownIdError | InvalidValueError]:
    """Yield what is missing in the catalog for the lines of an account, each with its path.

    That is a plan or version, or a calendar that the line binds or its plan needs.

    Args:
        account: The customer's records; corrected ones count, for they may be asked about.
        catalog: Where plans and calendars are looked up.
        checked: Lines found complete before; pass one set for several accounts.
    """
    known = set[Hashable]() if checked is None else checked
    for place, lines in _texts(account):
        for index, (line, days) in enumerate(lines):
            for day in days:
                error = _line_problem(line, day, catalog, known)
                if error is not None:
                    error.path = f"{place}.lines[{index}].{error.path}"
                    yield error
                    break


def commercial_problems(
    account: Account, prices: billing.PriceBook
) -> Iterator[UnknownIdError | InvalidValueError]:
    """Yield what contracts of an account name that the price book does not have, with its path.

    A price list of a contract needs a price of the contract, or of the plan of one of its lines.
    """
    for number, contract in enumerate(account.contracts):
        if contract.commercial is not None:
            items = [contract.id, *(line.plan for line in contract.lines)]
            try:
                prices.check_terms(contract.commercial, items, f"contracts[{number}].commercial")
            except (UnknownIdError, InvalidValueError) as error:
                yield error


def check_billed_lines(billed: billing.BillingAccount, account: Account, path: str) -> None:
    """Raise `UnknownIdError` if a billing account names a line that the customer never had."""
    known = _named_lines(account)
    for place, contract, line in billed.named_lines:
        check_known_id("contract", contract, known, f"{path}.{place}.contract")
        check_known_id("contract line", line, known[contract], f"{path}.{place}.line")


def _named_lines(account: Account) -> Mapping[str, Collection[str]]:
    """Return the ids of the lines of each contract, also those that amendments add."""
    found: dict[str, set[str]] = {}
    for place, lines in _contract_lines(account):
        found.setdefault(place, set()).update(each.id for each in lines)
    return found


def _contract_lines(account: Account) -> Iterator[tuple[str, Iterable[ContractLine]]]:
    for contract in account.contracts:
        yield contract.id, contract.lines
    for change in account.changes:
        if isinstance(change, Amendment):
            yield change.contract, change.lines


def _texts(account: Account) -> Iterator[tuple[str, list[tuple[ContractLine, list[date]]]]]:
    """Yield the lines of each record, with the days on which they may have got their plan."""
    planned: dict[tuple[str, str, str], list[date]] = {}
    for number, contract in enumerate(account.contracts):
        for line in contract.lines:
            planned.setdefault((contract.id, line.id, line.plan), []).append(contract.start)
        yield f"contracts[{number}]", [(line, [contract.start]) for line in contract.lines]
    amendments = [change for change in account.changes if isinstance(change, Amendment)]
    for each in amendments:
        for line in each.lines:
            planned.setdefault((each.contract, line.id, line.plan), []).append(each.effective)
    for number, change in enumerate(account.changes):
        if isinstance(change, Amendment):
            named = [(line, planned[change.contract, line.id, line.plan]) for line in change.lines]
            yield (
                f"changes[{number}]",
                [(line, [day for day in days if day <= change.effective]) for line, days in named],
            )


def _line_problem(
    line: ContractLine, planned: date, catalog: Catalog, checked: set[Hashable]
) -> UnknownIdError | InvalidValueError | None:
    day = line.day_of_sale(planned)
    key = (line.plan, line.plan_version, day, line.calendars)
    if key in checked:
        return None
    try:
        catalog.check_line(line, planned)
    except (UnknownIdError, InvalidValueError) as error:
        return error
    checked.add(key)
    return None


def uncovered_requests(plan: Plan, policy: SlaPolicy) -> tuple[tuple[str | None, str], ...]:
    """Return the severities and channels that the plan admits and the policy has no target for.

    A plan that tells kinds of requests apart needs a target for each of them. In a plan without
    severities, targets for some severities do not count; the severity is None.
    """
    first = [each for each in policy.targets if each.milestone == Milestone.FIRST_RESPONSE]
    if not first:
        return ()
    severities = [each for each in plan.scale if each not in plan.may_not_open]
    certain = [each for each in first if not each.conditions]
    found: dict[tuple[str | None, str], None] = {}
    kinds: list[str | None] = [*sorted(plan.kinds)] or [None]
    for kind in kinds:
        rights = (each for each in plan.rights if not each.kinds or kind in each.kinds)
        targets = (each for each in certain if not each.kinds or kind in each.kinds)
        admitted = _channels(((each.severities, each.channels) for each in rights), plan)
        answered = _channels(((each.severities, each.channels) for each in targets), plan)
        for severity in severities:
            for channel in sorted(admitted[severity] - answered[severity]):
                found[severity, channel] = None
    return tuple(found)


def _channels(
    parts: Iterable[tuple[Collection[str], Collection[str]]], plan: Plan
) -> Mapping[str | None, set[str]]:
    """Return the plan's channels in any part, by severity; an empty part holds for all."""
    found: dict[str | None, set[str]] = {severity: set() for severity in plan.scale}
    for severities, channels in dict.fromkeys(parts):
        for severity in severities or plan.scale:
            known = found.get(severity)
            if known is not None and len(known) < len(plan.channels):
                known |= plan.channels.intersection(channels) if channels else plan.channels
    return found
