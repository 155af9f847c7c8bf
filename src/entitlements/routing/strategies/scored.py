"""Whom, by numbers of your own? Strategies that take coefficients: demand, affine scores.

Both are chains of one key, like those of `strategies`, and combine with them.
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
    """Return the strategy that keeps back agents whose other skills will be in demand.

    Args:
        demand: Expected further work by skill, in any one unit; missing skills count nothing.
    """
    expected, name = FrozenMap(demand), "least_opportunity_cost"

    def cost(seat: AgentState, pick: SelectionContext) -> int:
        needed = pick.requires.skills
        return sum(expected.get(name, 0) for name in seat.agent.skills if name not in needed)

    return Strategy(name, (SortKeyPart(name, cost, KeyScope.PROFILE),))


@final
@attrs.frozen
class AffineScore:
    """Coefficients of one group: `base + per_wait * wait + per_idle * idle`, times in seconds."""

    base: int = 0
    per_wait: int = 0
    per_idle: int = 0


def affine_score(groups: Mapping[str, AffineScore]) -> Strategy:
    """Return the strategy of the highest affine score over an agent's groups.

    An agent is scored by each of their groups that the work accepts; groups without coefficients
    score nothing. Who was never released has been idle since the work was opened.
    """
    coefficients = FrozenMap(groups)

    def score(seat: AgentState, pick: SelectionContext) -> int:
        accepted = pick.requires.groups
        wait = pick.at - pick.opened
        idle = pick.at - max(
            seat.released, pick.opened if seat.released == START_OF_TIME else START_OF_TIME
        )
        values = [
            each.base * 1_000_000 + each.per_wait * wait + each.per_idle * idle
            for group, each in coefficients.items()
            if group in seat.agent.groups and (not accepted or group in accepted)
        ]
        return -max(values, default=0)

    return Strategy("affine", (SortKeyPart("affine", score, KeyScope.PICK),))
