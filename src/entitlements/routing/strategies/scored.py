"""Strategies with coefficients: opportunity cost by demand, and affine scores by group.

Each is a chain of one key, and combines with other strategies by `then`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import attrs

from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import START_OF_TIME
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.strategies.strategy import (
    KeyScope,
    SelectionContext,
    SortKeyPart,
    Strategy,
)


def least_opportunity_cost(demand: Mapping[str, int]) -> Strategy:
    """Return the strategy that spares agents whose other skills will be in demand.

    Args:
        demand: Expected work by skill, all in one unit; missing skills have 0.

    >>> least_opportunity_cost({"oracle": 5}).name
    'least_opportunity_cost'
    """
    expected, name = FrozenMap(demand), "least_opportunity_cost"

    def cost(state: AgentState, context: SelectionContext) -> int:
        needed = context.requires.skills
        return sum(expected.get(name, 0) for name in state.agent.skills if name not in needed)

    return Strategy(name, (SortKeyPart(name, cost, KeyScope.PROFILE),))


@final
@attrs.frozen
class AffineScore:
    """Coefficients of the score `base + per_wait * wait + per_idle * idle`, times in seconds.

    >>> AffineScore(base=10, per_idle=1).per_wait
    0
    """

    base: int = 0
    per_wait: int = 0
    per_idle: int = 0


def affine_score(groups: Mapping[str, AffineScore]) -> Strategy:
    """Return the strategy of the highest affine score over the groups of an agent.

    Only groups that the requirement accepts count; without coefficients for any, the score is 0.
    An agent without completed work counts as idle since the opening of the work.

    >>> affine_score({"db": AffineScore(per_wait=1)}).name
    'affine'
    """
    coefficients = FrozenMap(groups)

    def score(state: AgentState, context: SelectionContext) -> int:
        accepted = context.requires.groups
        wait = context.at - context.opened
        idle = context.at - max(
            state.released, context.opened if state.released == START_OF_TIME else START_OF_TIME
        )
        values = [
            each.base * 1_000_000 + each.per_wait * wait + each.per_idle * idle
            for group, each in coefficients.items()
            if group in state.agent.groups and (not accepted or group in accepted)
        ]
        return -max(values, default=0)

    return Strategy("affine", (SortKeyPart("affine", score, KeyScope.WORK),))
