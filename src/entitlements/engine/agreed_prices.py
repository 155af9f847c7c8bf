"""Agreed prices: the commercial terms of a contract line, with the values that they name.

The terms of a contract hold in place of those of the plan, term by term.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import final

import attrs

from entitlements.billing.credits.credit_schedules import CreditSchedule
from entitlements.billing.fees.price_lists import PriceList
from entitlements.billing.price_book import PriceBook
from entitlements.billing.work.rates import RateCard
from entitlements.billing.work.work_rules import WorkRules
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.contract import Contract

DEFAULT_RULES = WorkRules(id="default")
"""The rules where neither plan nor contract names any: exact time, no factors."""


@final
@attrs.frozen(kw_only=True)
class AgreedPrices:
    """What was agreed for one contract line.

    Attributes:
        rates: What an hour of work costs; its calendars are those that the line binds.
        rules: How worked time is charged.
        fees: What is paid every period.
        item: The item of the price list that is paid; the contract's id for a price of the whole
            contract.
        credits: What missed promises give back.
    """

    rates: RateCard | None = None
    rules: WorkRules = DEFAULT_RULES
    fees: PriceList | None = None
    item: str = ""
    credits: tuple[CreditSchedule, ...] = ()

    @property
    def currencies(self) -> frozenset[str]:
        """The currencies of all prices; one at most in facts that were checked."""
        named = (self.rates, self.fees)
        found = frozenset(each.currency for each in named if each is not None)
        return found | self.rules.currencies


def agreed_prices(
    contract: Contract, plan: Plan, prices: PriceBook, calendars: Iterable[tuple[str, str]] = ()
) -> AgreedPrices | None:
    """Return what was agreed for a line of a contract, or None if nothing was.

    Args:
        contract: The contract.
        plan: The version of the plan that holds for the line.
        prices: The values that terms name.
        calendars: Calendar names of the plan, and the calendars to which the line binds them.

    Raises:
        UnknownIdError: The terms name what the price book does not have.
        InvalidValueError: The prices are in two currencies.
    """
    terms = plan.commercial
    if contract.commercial is not None:
        terms = contract.commercial.over(terms)
    if terms is None:
        return None
    prices.check_terms(terms, (plan.id, contract.id), f"contract {contract.id}")
    fees = None if terms.price is None else prices.price_lists[terms.price]
    is_whole = fees is not None and contract.id in fees.items and _is_own(contract)
    return AgreedPrices(
        rates=None if terms.rates is None else bound(prices.rate_cards[terms.rates], calendars),
        rules=DEFAULT_RULES if terms.work is None else prices.work_rules[terms.work],
        fees=fees,
        item=contract.id if is_whole else plan.id,
        credits=tuple(prices.credit_schedules[each] for each in terms.credits),
    )


def _is_own(contract: Contract) -> bool:
    return contract.commercial is not None and contract.commercial.price is not None


def bound(card: RateCard, calendars: Iterable[tuple[str, str]]) -> RateCard:
    """Return the card whose hours are those to which a contract line binds their names."""
    names: Mapping[str, str] = dict(calendars)
    rates = [
        each
        if each.after_hours is None or each.after_hours.hours not in names
        else attrs.evolve(
            each,
            after_hours=attrs.evolve(each.after_hours, hours=names[each.after_hours.hours]),
        )
        for each in card.rates
    ]
    return card if rates == [*card.rates] else attrs.evolve(card, rates=rates)
