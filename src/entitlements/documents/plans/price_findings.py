"""Findings about prices: rates that end or never do, work without a rate, blocks without use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from entitlements.billing.billing_accounts import BillingAccount
from entitlements.billing.fees.prepaid_blocks import PrepaidBlock
from entitlements.billing.price_book import PriceBook
from entitlements.billing.work.rates import Rate, RateCard
from entitlements.contracts.account import Account
from entitlements.contracts.allowances.allowance import OveragePolicy, Unit
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms
from entitlements.contracts.plans import ChargeBasis, Plan
from entitlements.contracts.records.contract import Contract
from entitlements.engine.facts import Facts

_ONE_DAY = timedelta(days=1)


class PriceFinding(NamedTuple):
    """What is probably unintended: its path in the document and a sentence; or only a note."""

    path: str
    message: str
    is_note: bool = False


def price_findings(facts: Facts) -> Iterator[PriceFinding]:
    """Yield the findings about all prices of the facts."""
    for index, plan in enumerate(facts.catalog.plans):
        if plan.commercial is not None:
            yield from _of_plan(plan, plan.commercial, facts.prices, f"plans[{index}]")
    yield from _of_contracts(facts)
    for index, card in enumerate(facts.prices.rate_cards.values()):
        yield from _of_card(card, f"rate_cards[{index}]")
    for index, billed in enumerate(facts.billing_accounts.values()):
        yield from _of_blocks(billed, facts, f"billing_accounts[{index}]")
    yield from _unused(facts)


def _of_plan(
    plan: Plan, terms: CommercialTerms, prices: PriceBook, path: str
) -> Iterator[PriceFinding]:
    place = f"{path}.commercial"
    hourly = None if terms.work is None else prices.work_rules[terms.work].overage_hourly
    overdrawn = [
        each.id
        for each in plan.allowances
        if each.unit is Unit.MINUTES and each.over_use is not OveragePolicy.REFUSE
    ]
    if terms.rates is None and plan.charge is ChargeBasis.TIME_AND_MATERIALS:
        yield PriceFinding(
            place, f"`{plan.id}`: work is charged by the hour, and no rates are named"
        )
    elif terms.rates is None and hourly is None and overdrawn:
        message = f"`{plan.id}`: overage of `{overdrawn[0]}` is allowed, and it has no price"
        yield PriceFinding(place, message)
    if terms.uptime is not None and not terms.credits:
        message = f"`{plan.id}`: uptime is promised, and no schedule gives a credit for less"
        yield PriceFinding(place, message, is_note=True)


def _of_contracts(facts: Facts) -> Iterator[PriceFinding]:
    plans = {plan.id: plan for plan in facts.catalog.plans}
    for number, account in enumerate(facts.accounts.values()):
        for index, contract in enumerate(account.contracts):
            path = f"accounts[{number}].contracts[{index}].commercial"
            found = _currencies(contract, plans, facts.prices)
            if len(found) > 1:
                named = " and ".join(f"`{each}`" for each in sorted(found))
                message = f"`{contract.id}` is charged in {named}; it needs one bill for each"
                yield PriceFinding(path, message)


def _currencies(contract: Contract, plans: dict[str, Plan], prices: PriceBook) -> set[str]:
    """Return the currencies in which the lines of a contract are charged."""
    found: set[str] = set()
    for line in contract.lines:
        plan = plans.get(line.plan)
        terms = None if plan is None else plan.commercial
        agreed = terms if contract.commercial is None else contract.commercial.over(terms)
        if agreed is not None:
            found |= {*prices.currencies(agreed)}
    return found


def _of_card(card: RateCard, path: str) -> Iterator[PriceFinding]:
    by_work: dict[object, list[Rate]] = {}
    for each in card.rates:
        by_work.setdefault((each.agents, each.groups, each.kinds), []).append(each)
    for rates in by_work.values():
        ordered = sorted(rates, key=lambda each: each.start or date.min)
        last = ordered[-1]
        if any(each.start or each.end for each in rates) and last.end is None:
            message = f"`{card.id}`: rate `{last.id}` has no end, though rates are dated"
            yield PriceFinding(path, message, is_note=True)
        for one, other in pairwise(ordered):
            if one.end is not None and other.start is not None:
                first = one.end + _ONE_DAY
                if first < other.start:
                    message = f"`{card.id}`: from {first} on no rate follows `{one.id}`"
                    yield PriceFinding(path, f"{message} until {other.start}")


def _of_blocks(billed: BillingAccount, facts: Facts, path: str) -> Iterator[PriceFinding]:
    account = facts.accounts[billed.customer]
    for index, block in enumerate(billed.blocks):
        place = f"{path}.blocks[{index}]"
        last = None if block.renews else _last_day(block)
        for contract in account.contracts:
            if contract.id != block.contract:
                continue
            if last is not None and last < contract.start:
                message = f"block `{block.id}` expires on {last}, before it can be used"
                yield PriceFinding(place, message)
            end = _end(contract, account)
            if end is not None and block.start > end:
                message = f"block `{block.id}` is bought after contract `{contract.id}` has ended"
                yield PriceFinding(place, message)
        if block.allowance is not None and block.allowance not in _allowances(facts):
            message = f"block `{block.id}` extends `{block.allowance}`, an allowance of no plan"
            yield PriceFinding(place, message)
        if billed.currency not in {None, block.price.currency}:
            message = f"block `{block.id}` costs `{block.price}`, and bills are in another currency"
            yield PriceFinding(place, message)


def _allowances(facts: Facts) -> set[str]:
    return {each.id for plan in facts.catalog.plans for each in plan.allowances}


def _last_day(block: PrepaidBlock) -> date:
    """Return the last day of the first lifetime of a block."""
    (grant, *_) = block.grants(block.start + _ONE_DAY)
    expires = grant.expires or grant.effective
    return (block.start + (expires - grant.effective)) - _ONE_DAY


def _end(contract: Contract, account: Account) -> date | None:
    """Return the last day of a contract as signed; None if it may go on."""
    may_go_on = contract.renewal is not None or any(
        each.contract == contract.id for each in account.changes
    )
    return None if may_go_on else contract.last_day


def _unused(facts: Facts) -> Iterator[PriceFinding]:
    terms = [plan.commercial for plan in facts.catalog.plans]
    for account in facts.accounts.values():
        terms += [each.commercial for each in account.contracts]
    stated = [each for each in terms if each is not None]
    used: dict[str, set[str | None]] = {
        "rate_cards": {each.rates for each in stated},
        "price_lists": {each.price for each in stated},
        "work_rules": {each.work for each in stated},
        "credit_schedules": {id for each in stated for id in each.credits},
    }
    for section, named in used.items():
        for index, id in enumerate(getattr(facts.prices, section)):
            if id not in named:
                path = f"{section}[{index}]"
                yield PriceFinding(path, f"no plan or contract names `{id}`", is_note=True)
