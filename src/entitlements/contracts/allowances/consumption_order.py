"""Consumption order: the order in which grants of a unit, or of a pool, are used up.

The grant with the smallest `consumption_key` is used first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from operator import itemgetter
from typing import Final, TypeAlias, final

from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.allowances.grants import Grant, consumption_key

ConsumptionRank: TypeAlias = tuple[tuple[int, int, int, str], str | None]
"""The consumption key of a grant, which ends with its id, and its pool."""

NO_GRANTS: Final[tuple[str, ...]] = ()


@final
class ConsumptionOrder:
    """The ids of grants in the order in which their units are taken.

    It is immutable: `adding` returns another one. The lookup of one pool costs the same however
    many pools there are.

    >>> one = Grant(id="a", unit="minutes", amount=5, effective="2026-01-01T00:00Z", pool="p")
    >>> order = ConsumptionOrder().adding([one])
    >>> order.for_unit(Unit.MINUTES), order.for_unit(Unit.MINUTES, ("q",))
    (('a',), ())
    """

    __slots__ = ("_by_pool", "_names", "_ranks")

    def __init__(self) -> None:
        self._ranks: dict[Unit, tuple[ConsumptionRank, ...]] = {}
        self._names: dict[Unit, tuple[str, ...]] = {}
        self._by_pool: dict[Unit, dict[str | None, tuple[str, ...]]] = {}

    def adding(self, grants: Iterable[Grant]) -> ConsumptionOrder:
        """Return the order of these grants together with those already in it."""
        longer = ConsumptionOrder()
        longer._ranks, longer._names = dict(self._ranks), dict(self._names)
        longer._by_pool = dict(self._by_pool)
        added: dict[Unit, list[ConsumptionRank]] = {}
        for grant in grants:
            added.setdefault(grant.unit, []).append((consumption_key(grant), grant.pool))
        for unit, ranks in added.items():
            longer._by_pool.pop(unit, None)
            longer._merge(unit, ranks)
        return longer

    def _merge(self, unit: Unit, added: list[ConsumptionRank]) -> None:
        ranks, names = self._ranks.get(unit, ()), self._names.get(unit, NO_GRANTS)
        if len(added) == 1:
            place = bisect_right(ranks, added[0][0], key=itemgetter(0))
            self._ranks[unit] = (*ranks[:place], *added, *ranks[place:])
            self._names[unit] = (*names[:place], added[0][0][-1], *names[place:])
        else:
            self._ranks[unit] = merged = tuple(sorted([*ranks, *added], key=itemgetter(0)))
            self._names[unit] = tuple(key[-1] for key, _ in merged)

    def for_unit(self, unit: Unit, pools: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the ids of a unit's grants in any of the pools; no pools listed means all."""
        if not pools:
            return self._names.get(unit, NO_GRANTS)
        if len(pools) == 1:
            return self._pools(unit).get(pools[0], NO_GRANTS)
        return tuple(key[-1] for key, pool in self._ranks.get(unit, ()) if pool in pools)

    def _pools(self, unit: Unit) -> dict[str | None, tuple[str, ...]]:
        found = self._by_pool.get(unit)
        if found is None:
            lists: dict[str | None, list[str]] = {}
            for key, pool in self._ranks.get(unit, ()):
                lists.setdefault(pool, []).append(key[-1])
            found = {pool: tuple(names) for pool, names in lists.items()}
            self._by_pool[unit] = found
        return found
