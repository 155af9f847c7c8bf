"""Seeded worlds for properties, and the words in which decisions are compared."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

import attrs
from tests.access.differential import seeded
from tests.effort import tries

from entitlements.access import AccountDecider, Decision, Deferred, Denied, Granted, Promise
from entitlements.contracts import Account, Contract
from entitlements.kernel.requests import Request
from entitlements.testing.strategies.worlds.access import World

Brief: TypeAlias = tuple[Any, ...]


@cache
def some_worlds(count: int = tries(20, deep=500), first: int = 40_000) -> tuple[World, ...]:
    """Return so many worlds."""
    return tuple(seeded(seed) for seed in range(first, first + count))


def brief(decision: Decision) -> Brief:
    """Return everything that was decided, and not for when."""
    match decision:
        case Granted(promise=promise):
            return "granted", promise
        case Deferred(promise=promise, opens_at=opens):
            return "deferred", promise, opens
        case Denied(reasons=reasons):
            return "denied", reasons


def accepted(decision: Decision) -> Promise | None:
    """Return what was promised, or None for a denial."""
    return None if isinstance(decision, Denied) else decision.promise


def answers(world: World, account: Account | None = None) -> list[Decision]:
    """Return the decisions on all questions of a world, under other records if given."""
    terms = AccountDecider(world.account if account is None else account, world.catalog)
    return [terms.decide_at(request, at) for request, at in world.questions]


def asked_one_by_one(world: World) -> Iterator[tuple[AccountDecider, Request, int, Decision]]:
    """Yield each question with its answer."""
    terms = AccountDecider(world.account, world.catalog)
    for request, at in world.questions:
        yield terms, request, at, terms.decide_at(request, at)


def with_contracts(account: Account, change: Any) -> Account:
    """Return the account with every record of a contract changed."""
    contracts: list[Contract] = [change(each) for each in account.contracts]
    return attrs.evolve(account, contracts=contracts)
