"""Strategies with coefficients: opportunity cost by demand, and affine scores by group.

Each is a chain of one key, and combines with other strategies by `then`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import attrs

from entitlements.kernel.converters import MAX_INT32, frozen_map, instance_of, whole_number
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import START_OF_TIME
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.strategies.strategy import (
    KeyScope,
    SelectionContext,
    SortKeyPart,
    Strategy,
)
from entitlements.routing.work.skills import levels


def _coefficient(value: int) -> int:
    return whole_number(value, what="coefficient", least=-MAX_INT32, most=MAX_INT32)


def _scores(value: Mapping[str, AffineScore]) -> FrozenMap[str, AffineScore]:
    return FrozenMap(
        sorted(
            (identifier(group), instance_of(AffineScore, each))
            for group, each in frozen_map(value).items()
        )
    )


@final
@attrs.frozen
class OpportunityCost:
    """Key function of the expected demand for the skills that the work does not require.

    Attributes:
        demand: Expected work by skill.
    """

    demand: FrozenMap[str, int] = attrs.field(converter=levels)

    def __call__(self, state: AgentState, context: SelectionContext) -> int:
        """Return the key of the agent."""
        needed, demand = context.requires.skills, self.demand
        return sum(demand.get(name, 0) for name in state.agent.skills if name not in needed)


def least_opportunity_cost(demand: Mapping[str, int]) -> Strategy:
    """Return the strategy that spares agents whose other skills will be in demand.

    Args:
        demand: Expected work by skill, all in one unit; missing skills have 0.

    >>> least_opportunity_cost({"oracle": 5}).name
    'least_opportunity_cost'

    Raises:
        InvalidValueError: a demand is not a whole number of 0 or more.
    """
    name = "least_opportunity_cost"
    return Strategy(name, (SortKeyPart(name, OpportunityCost(demand), KeyScope.PROFILE),))


@final
@attrs.frozen
class AffineScore:
    """Coefficients of the score `base + per_wait * wait + per_idle * idle`, times in seconds.

    >>> AffineScore(base=10, per_idle=1).per_wait
    0
    """

    base: int = attrs.field(default=0, converter=_coefficient)
    per_wait: int = attrs.field(default=0, converter=_coefficient)
    per_idle: int = attrs.field(default=0, converter=_coefficient)


@final
@attrs.frozen
class HighestScore:
    """Key function of the highest affine score over the groups of an agent.

    Attributes:
        groups: Coefficients by group.
    """

    groups: FrozenMap[str, AffineScore] = attrs.field(converter=_scores)

    def __call__(self, state: AgentState, context: SelectionContext) -> int:
        """Return the key of the agent."""
        accepted = context.requires.groups
        wait = context.at - context.opened
        idle = context.at - max(
            state.released, context.opened if state.released == START_OF_TIME else START_OF_TIME
        )
        values = [
            each.base * 1_000_000 + each.per_wait * wait + each.per_idle * idle
            for group, each in self.groups.items()
            if group in state.agent.groups and (not accepted or group in accepted)
        ]
        return -max(values, default=0)


def affine_score(groups: Mapping[str, AffineScore]) -> Strategy:
    """Return the strategy of the highest affine score over the groups of an agent.

    Only groups that the requirement accepts count; without coefficients for any, the score is 0.
    An agent without completed work counts as idle since the opening of the work.

    >>> affine_score({"db": AffineScore(per_wait=1)}).name
    'affine'

    Raises:
        InvalidValueError: a value is no `AffineScore`.
    """
    return Strategy("affine", (SortKeyPart("affine", HighestScore(groups), KeyScope.WORK),))
