"""Catalogs of a load: the next edition, from the stored one and the document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plans import Plan
from entitlements.engine.facts import Facts, line_problems
from entitlements.kernel.errors import ConflictError
from entitlements.loading.changes import FoundSteps, combined
from entitlements.loading.retained import retained
from entitlements.routing.policy import RoutingPolicy

_LISTS = (("service product", "services"), ("product", "products"), ("expert group", "groups"))


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
        ConflictError: A line of a stored account would lose its plan or a calendar.
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
    catalog = Catalog(plans=plans.values(), precedence=order, **parts)
    after_load = Facts(catalog=catalog, policies=policies, routing=routing)
    for account in every:
        if not any(True for _ in line_problems(account, stored.catalog)):
            _check(account, catalog)
    return after_load


def needs_more_of_lines(stored: Facts, given: Facts) -> bool:
    """Return whether a given version of a plan leaves more calendars to lines than the stored."""
    before = _plans(stored)
    return any(
        name in before and not plan.line_calendars <= before[name].line_calendars
        for name, plan in _plans(given).items()
    )


def _plans(facts: Facts) -> dict[str, Plan]:
    return {f"{plan.id} {plan.version}": plan for plan in facts.catalog.plans}


def _by_id(values: Iterable[Any]) -> Mapping[str, Any]:
    return {each.id: each for each in values}


def _single(kind: str, values: tuple[Any, Any, Any], found: FoundSteps, *, prune: bool) -> Any:
    """Return a value of which there is one; the default counts as not given."""
    stored, given, default = values
    if given == stored or (given == default and not prune):
        return stored
    found.change(kind)
    return given


def _check(account: Account, catalog: Catalog) -> None:
    for error in line_problems(account, catalog):
        raise ConflictError(
            f"the stored account of `{account.customer}` needs what the catalog would no longer "
            f"have: {error.message}",
            field="catalog",
            hint=f"keep it, or give the line what it needs: `{error.path}`",
            path="plans",
        ) from error
