"""Price book: rate cards, price lists, work rules and credit schedules by their ids.

Plans and contracts name these ids in their commercial terms. One book serves all customers; what
was agreed with one customer alone is in its billing account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final, final

import attrs

from entitlements.billing.credits.credit_schedules import CreditSchedule
from entitlements.billing.fees.price_lists import PriceList
from entitlements.billing.work.rates import RateCard
from entitlements.billing.work.work_rules import WorkRules
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import by_id, check_known_id, check_known_ids


def _rate_cards(values: Mapping[str, RateCard] | Iterable[RateCard]) -> FrozenMap[str, RateCard]:
    return by_id(RateCard, "rate card", values)


def _price_lists(
    values: Mapping[str, PriceList] | Iterable[PriceList],
) -> FrozenMap[str, PriceList]:
    return by_id(PriceList, "price list", values)


def _work_rules(values: Mapping[str, WorkRules] | Iterable[WorkRules]) -> FrozenMap[str, WorkRules]:
    return by_id(WorkRules, "work rule set", values)


def _credit_schedules(
    values: Mapping[str, CreditSchedule] | Iterable[CreditSchedule],
) -> FrozenMap[str, CreditSchedule]:
    return by_id(CreditSchedule, "credit schedule", values)


@final
@attrs.frozen(kw_only=True)
class PriceBook:
    """All prices and rules of charging that plans and contracts name.

    Attributes:
        rate_cards: What an hour of work costs, by id; or an iterable of rate cards.
        price_lists: What is paid every period, by id; or an iterable.
        work_rules: Rounding, unit factors and overage, by id; or an iterable.
        credit_schedules: What missed promises give back, by id; or an iterable.

    >>> PriceBook(work_rules=[WorkRules(id="standard")]).work_rules["standard"].id
    'standard'

    Raises:
        DuplicateIdError: Two values of one kind have one id.
    """

    rate_cards: FrozenMap[str, RateCard] = attrs.field(factory=FrozenMap, converter=_rate_cards)
    price_lists: FrozenMap[str, PriceList] = attrs.field(factory=FrozenMap, converter=_price_lists)
    work_rules: FrozenMap[str, WorkRules] = attrs.field(factory=FrozenMap, converter=_work_rules)
    credit_schedules: FrozenMap[str, CreditSchedule] = attrs.field(
        factory=FrozenMap, converter=_credit_schedules
    )

    @property
    def work_kinds(self) -> frozenset[str]:
        """The kinds of work that rates and unit factors name."""
        found = {
            kind for card in self.rate_cards.values() for rate in card.rates for kind in rate.kinds
        }
        return frozenset(found.union(*(each.unit_factors for each in self.work_rules.values())))

    def check_terms(self, terms: CommercialTerms, items: Iterable[str], path: str) -> None:
        """Raise unless all that commercial terms name is here, and in one currency.

        Args:
            terms: The terms of a plan, or of a contract.
            items: What the terms may be charged for: the price list needs a price of one of them.
            path: Where the terms are, for errors.

        Raises:
            UnknownIdError: An id is not in the book, or no item is in the price list.
            InvalidValueError: The prices are in two currencies.
        """
        check_known_id("rate card", terms.rates, self.rate_cards, f"{path}.rates")
        check_known_id("price list", terms.price, self.price_lists, f"{path}.price")
        check_known_id("work rule set", terms.work, self.work_rules, f"{path}.work")
        check_known_ids("credit schedule", terms.credits, self.credit_schedules, f"{path}.credits")
        if terms.price is not None:
            known, wanted = self.price_lists[terms.price].items, [*items]
            if not known.intersection(wanted):
                check_known_id("price", wanted[0], known, f"{path}.price")
        found = self.currencies(terms)
        if len(found) > 1:
            raise InvalidValueError(
                f"the commercial terms are in {' and '.join(f'`{each}`' for each in found)}",
                hint="name a rate card, price list and work rules in one currency",
                path=path,
            )

    def check_calendars(self, known: Collection[str]) -> None:
        """Raise `UnknownIdError` if work after hours is priced by a calendar that is not known."""
        for number, card in enumerate(self.rate_cards.values()):
            for index, rate in enumerate(card.rates):
                if rate.after_hours is not None:
                    path = f"rate_cards[{number}].rates[{index}].after_hours"
                    check_known_id("calendar", rate.after_hours.hours, known, path)

    def currencies(self, terms: CommercialTerms) -> tuple[str, ...]:
        """Return the currencies of all that the terms name, sorted; there should be one at most."""
        found: set[str] = set()
        if terms.rates is not None:
            found.add(self.rate_cards[terms.rates].currency)
        if terms.price is not None:
            found.add(self.price_lists[terms.price].currency)
        if terms.work is not None:
            found |= self.work_rules[terms.work].currencies
        least = (self.credit_schedules[each].more_than for each in terms.credits)
        found |= {each.currency for each in least if each is not None}
        return tuple(sorted(found))


NO_PRICES: Final = PriceBook()
