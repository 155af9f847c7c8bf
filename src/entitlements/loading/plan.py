"""Load plan: what a load adds, changes and ends in a store, and what it leaves, as a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, final

import attrs

from entitlements.documents.changes.change import FactsChange
from entitlements.documents.changes.facts_diff import facts_diff
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import (
    enum_member,
    frozen_map,
    instance_of,
    tuple_of,
)
from entitlements.kernel.errors import LimitExceededError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import text_of, utc
from entitlements.kernel.mixins.text_enum import TextEnum


class LoadAction(TextEnum):
    """What a load does with one record: add it, change it, or end it."""

    ADD = "add"
    CHANGE = "change"
    END = "end"


_SIGNS = {LoadAction.ADD: "+", LoadAction.CHANGE: "~", LoadAction.END: "-"}


def _action(value: LoadAction | str) -> LoadAction:
    return enum_member(LoadAction, value)


@final
@attrs.frozen(kw_only=True)
class LoadStep:
    """One step of a load.

    Attributes:
        action: What is done.
        place: The record, such as `contract C-1 of acme, line L-1, plan`.
        before: What it was, as text; empty if it was not there.
        after: What it is from then on, or how it ends; may be empty.

    >>> print(LoadStep(action="change", place="agent ada, capacity", before="1", after="3"))
    ~ agent ada, capacity: 1 -> 3
    """

    action: LoadAction = attrs.field(converter=_action)
    place: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        change = " -> ".join(filter(None, (self.before, self.after)))
        return f"{_SIGNS[self.action]} {self.place}" + (f": {change}" if change else "")


def _steps(values: Iterable[LoadStep]) -> tuple[LoadStep, ...]:
    return tuple_of(LoadStep, values)


def _counts(values: Mapping[str, int]) -> FrozenMap[str, int]:
    found: Mapping[str, int] = frozen_map(values)
    return FrozenMap({kind: found[kind] for kind in sorted(found) if found[kind]})


def _facts(value: Facts) -> Facts:
    return instance_of(Facts, value)


@final
@attrs.frozen(kw_only=True)
class LoadPlan:
    """What a load changes in the store, for one tenant.

    Attributes:
        tenant: Id of the tenant.
        at: Instant from which the changes are known.
        steps: What is added, changed and ended; empty if the store holds the facts already.
        left: Number of records that stay as they are, by kind; an account whose records all stay is
            one, as it is one when it is added.
        unnamed: Number of those that the facts do not name, by kind; `prune` ends them.
        catalog_before: Catalog, policies and routing policy before, without accounts and agents.
        catalog_after: The same after.

    >>> plan = LoadPlan(tenant="t", at="2026-06-15T08:00Z", left={"agent": 2},
    ...                 steps=[LoadStep(action="add", place="account acme")])
    >>> print(plan)
    + account acme
    1 to add, 0 to change, 0 to end, 2 left
    """

    tenant: str = attrs.field(converter=identifier)
    at: datetime = attrs.field(converter=utc)
    steps: tuple[LoadStep, ...] = attrs.field(default=(), converter=_steps)
    left: FrozenMap[str, int] = attrs.field(factory=FrozenMap, converter=_counts)
    unnamed: FrozenMap[str, int] = attrs.field(factory=FrozenMap, converter=_counts)
    catalog_before: Facts = attrs.field(factory=Facts, repr=False, converter=_facts)
    catalog_after: Facts = attrs.field(factory=Facts, repr=False, converter=_facts)

    @property
    def changes_anything(self) -> bool:
        """Whether the store does not hold the facts already."""
        return bool(self.steps)

    def effects(self) -> tuple[FactsChange, ...]:
        """Return what the other catalog means for customers, as `facts_diff` says it.

        Empty for a first catalog, and where a plan has too many kinds of requests to compare.
        """
        if self.catalog_before == self.catalog_after or self.catalog_before == Facts():
            return ()
        try:
            return facts_diff(self.catalog_before, self.catalog_after, self.at)
        except LimitExceededError:
            return ()

    def summary(self) -> str:
        """Return the numbers of steps and of records that are left, in one line."""
        done = Counter(each.action for each in self.steps)
        parts = [f"{done[action]} to {action}" for action in LoadAction]
        text = ", ".join([*parts, f"{sum(self.left.values())} left"])
        if not self.unnamed:
            return text
        named = ", ".join(f"{kind} ({number})" for kind, number in self.unnamed.items())
        return f"{text}; not named in the document: {named}"

    def __str__(self) -> str:
        return "\n".join([*map(str, self.steps), self.summary()])

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain data, without the catalogs."""
        return {
            "tenant": self.tenant,
            "at": text_of(self.at),
            "steps": [
                {
                    "action": each.action.value,
                    "place": each.place,
                    "before": each.before,
                    "after": each.after,
                }
                for each in self.steps
            ],
            "left": dict(self.left),
            "unnamed": dict(self.unnamed),
        }
