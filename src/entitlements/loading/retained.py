"""Retained catalog entries: what the records of customers name stays, whatever a load leaves out.

Past terms are answered from it: a plan that no line has any more is still that of an earlier line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Protocol, TypeVar, final

import attrs

from entitlements.contracts.account import Account
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.changes import Amendment
from entitlements.contracts.records.contract import ContractLine
from entitlements.engine.facts import Facts, commercial_problems, line_problems


def retained(stored: Facts, given: Facts, accounts: Iterable[Account]) -> Facts:
    """Return the given catalog, with what accounts name and only the stored catalog has."""
    names = _Names(stored, given)
    for account in accounts:
        if any(True for _ in line_problems(account, given.catalog)):
            for line in _lines(account):
                names.line(line)
        if any(True for _ in commercial_problems(account, given.prices)):
            for contract in account.contracts:
                names.terms(contract.commercial)
    return names.facts()


def _lines(account: Account) -> Iterator[ContractLine]:
    for contract in account.contracts:
        yield from contract.lines
    for change in account.changes:
        if isinstance(change, Amendment):
            yield from change.lines


class _Named(Protocol):
    @property
    def id(self) -> str: ...


NamedT = TypeVar("NamedT", bound=_Named)


@final
class _Names:
    """The plans and calendars to keep, with all that they name in turn."""

    def __init__(self, stored: Facts, given: Facts) -> None:
        self._stored = stored
        self._given = given
        self._plans: dict[tuple[str, str], Plan] = {}
        self._calendars: set[str | None] = set()
        self._prices: dict[str, dict[str, Any]] = {}
        self._known = {(plan.id, plan.version) for plan in given.catalog.plans}

    def line(self, line: ContractLine) -> None:
        self._calendars.update(line.calendars.values())
        self._versions(line.plan)

    def terms(self, terms: CommercialTerms | None) -> None:
        if terms is None:
            return
        named = ("rate_cards", [terms.rates]), ("price_lists", [terms.price])
        others = ("work_rules", [terms.work]), ("credit_schedules", terms.credits)
        for name, ids in (*named, *others):
            old, new = getattr(self._stored.prices, name), getattr(self._given.prices, name)
            kept: dict[str, Any] = {id: old[id] for id in ids if id and id in old and id not in new}
            self._prices.setdefault(name, {}).update(kept)
            if name == "rate_cards":
                rates = [rate for card in kept.values() for rate in card.rates]
                self._calendars |= {each.after_hours.hours for each in rates if each.after_hours}

    def _versions(self, id: str) -> None:
        for plan in self._stored.catalog.plans:
            key = (plan.id, plan.version)
            if plan.id != id or key in self._known or key in self._plans:
                continue
            self._plans[key] = plan
            self.terms(plan.commercial)
            self._calendars.update(each.hours for each in plan.rights if each.hours is not None)
            if plan.lead_time is not None:
                self._calendars |= {plan.lead_time.calendar} - {None}
            for other in sorted(plan.requires_plan):
                self._versions(other)

    def facts(self) -> Facts:
        """Return the given facts with what is kept after them."""
        old, new, plans = self._stored.catalog, self._given.catalog, self._plans.values()
        rights = [right for plan in plans for right in plan.rights]
        groups = {right.group for right in rights} | {plan.general_group for plan in plans}
        products = {product for right in rights for product in right.products}
        services = {plan.service for plan in plans}
        policies = {plan.policy for plan in plans}
        hours = {name: each for name, each in old.calendars.items() if name in self._calendars}
        catalog = attrs.evolve(
            new,
            calendars={**hours, **new.calendars},
            services=_with(new.services, old.services, services),
            products=_with(new.products, old.products, products),
            groups=_with(new.groups, old.groups, groups),
            plans=(*new.plans, *plans),
        )
        prices = self._given.prices
        book = {name: {**kept, **getattr(prices, name)} for name, kept in self._prices.items()}
        kept = {id: each for id, each in self._stored.policies.items() if id in policies}
        return Facts(
            catalog=catalog,
            policies={**kept, **self._given.policies},
            routing=self._given.routing,
            prices=attrs.evolve(prices, **book),
            notice_clauses=self._given.notice_clauses,
        )


def _with(new: Iterable[NamedT], old: Iterable[NamedT], wanted: Collection[object]) -> list[NamedT]:
    ids = {each.id for each in new}
    return [*new, *(each for each in old if each.id in wanted and each.id not in ids)]
