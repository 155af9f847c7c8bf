"""Catalogs of a load: the next edition, from the stored one and the document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final

from entitlements.billing.price_book import PriceBook
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plans import Plan
from entitlements.engine.facts import Facts, commercial_problems, line_problems
from entitlements.kernel.errors import ConflictError, InvalidValueError, UnknownIdError
from entitlements.loading.changes import FoundSteps, combined
from entitlements.loading.retained import retained
from entitlements.routing.policies.policy import RoutingPolicy

_LISTS = (("service product", "services"), ("product", "products"), ("expert group", "groups"))
PRICE_KINDS: Final = (
    ("rate card", "rate_cards"),
    ("price list", "price_lists"),
    ("work rule set", "work_rules"),
    ("credit schedule", "credit_schedules"),
)


def loaded_catalog(
    stored: Facts, given: Facts, accounts: Iterable[Account], found: FoundSteps, *, prune: bool
) -> Facts:
    """Return the catalog after a load, as facts without accounts and agents, and note the steps.

    Args:
        stored: The latest edition, or empty facts.
        given: The facts that are loaded.
        accounts: With `prune`, all accounts: what their records name is kept. Otherwise those
            that are checked against the other catalog.
        found: Where steps are noted.
        prune: Whether what is not given is ended.

    Raises:
        ConflictError: A line of a stored account would lose its plan or a calendar, or a contract
            a price.
    """
    every = list(accounts)
    wanted = retained(stored, given, every) if prune else given
    parts: dict[str, Any] = {
        "calendars": combined(
            "calendar", stored.catalog.calendars, wanted.catalog.calendars, found, prune=prune
        )
    }
    for kind, name in _LISTS:
        before, after = (_by_id(getattr(each.catalog, name)) for each in (stored, wanted))
        parts[name] = combined(kind, before, after, found, prune=prune).values()
    plans = combined("plan", _plans(stored), _plans(wanted), found, prune=prune)
    policies = combined("policy", stored.policies, wanted.policies, found, prune=prune)
    order = _single(
        "precedence",
        (stored.catalog.precedence, wanted.catalog.precedence, Catalog().precedence),
        found,
        prune=prune,
    )
    routing = _single(
        "routing policy", (stored.routing, wanted.routing, RoutingPolicy()), found, prune=prune
    )
    clauses = _single(
        "notice clauses", (stored.notice_clauses, wanted.notice_clauses, ()), found, prune=prune
    )
    catalog = Catalog(plans=plans.values(), precedence=order, **parts)
    prices = _prices(stored.prices, wanted.prices, found, prune=prune)
    after_load = Facts(
        catalog=catalog, policies=policies, routing=routing, prices=prices, notice_clauses=clauses
    )
    for account in every:
        if not any(True for _ in _problems(account, stored)):
            _check(account, after_load)
    return after_load


def may_not_fit(stored: Facts, given: Facts) -> bool:
    """Return whether a load may take something away from accounts that it does not name.

    That is where a stored price is another, or a stored version of a plan leaves more calendars to
    lines than before.
    """
    before = _plans(stored)
    for _, name in PRICE_KINDS:
        old, new = getattr(stored.prices, name), getattr(given.prices, name)
        if any(id in old and old[id] != value for id, value in new.items()):
            return True
    return any(
        name in before and not plan.line_calendars <= before[name].line_calendars
        for name, plan in _plans(given).items()
    )


def _plans(facts: Facts) -> dict[tuple[str, str], Plan]:
    return {(plan.id, plan.version): plan for plan in facts.catalog.plans}


def _prices(stored: PriceBook, wanted: PriceBook, found: FoundSteps, *, prune: bool) -> PriceBook:
    parts: dict[str, Any] = {
        name: combined(kind, getattr(stored, name), getattr(wanted, name), found, prune=prune)
        for kind, name in PRICE_KINDS
    }
    return PriceBook(**parts)


def _by_id(values: Iterable[Any]) -> Mapping[str, Any]:
    return {each.id: each for each in values}


def _single(kind: str, values: tuple[Any, Any, Any], found: FoundSteps, *, prune: bool) -> Any:
    """Return a value of which there is one; the default counts as not given."""
    stored, given, default = values
    if given == stored or (given == default and not prune):
        found.leave(kind, int(stored != default), named=given != default)
        return stored
    (found.add if stored == default else found.change)(kind)
    return given


def _problems(account: Account, facts: Facts) -> Iterator[UnknownIdError | InvalidValueError]:
    return chain(line_problems(account, facts.catalog), commercial_problems(account, facts.prices))


def _check(account: Account, facts: Facts) -> None:
    for error in _problems(account, facts):
        raise ConflictError(
            f"the stored account of `{account.customer}` needs what the catalog would no longer "
            f"have: {error.message}",
            field="catalog",
            hint=f"keep it, or give the line or contract what it needs: `{error.path}`",
            path="plans",
        ) from error
