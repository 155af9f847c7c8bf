"""SciPy's assignment solver, asked after every event about free agents and waiting work."""

from __future__ import annotations

from typing import Any, Final, final

import numpy as np
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

from entitlements.testing.routing_bench.contender import Assignments
from entitlements.testing.routing_bench.contenders.rival import Rival, RivalAgent, RivalPiece
from entitlements.testing.routing_bench.worlds.events import Needs, Piece

ROWS: Final = 100
"""Waiting pieces in one matrix, from the front of the queue."""

_FORBIDDEN: Final = 1e12


@final
class ScipyMatching(Rival):
    """Matches as many pieces as possible at the lowest cost, which is the place of the agent.

    A matching knows no order of service beyond its costs, so that the checker may report pieces
    that go before others.
    """

    name = "scipy_matching"

    def choose(self, needs: Needs, excluded: frozenset[str]) -> RivalAgent | None:
        """Return the first agent who can take a piece; only one row is asked for."""
        agents = [each for each in self.agents.values() if each.can_take(needs, excluded)]
        return min(agents, key=RivalAgent.key, default=None)

    def arrive(self, piece: Piece) -> Assignments:
        """Add the piece to those that wait, and match them."""
        self._move_to(piece.at)
        found = self.pieces[piece.id] = RivalPiece(piece)
        self._wait(found)
        return self._match(list(self.agents.values()), [found])

    def _serve(self, touched: list[RivalAgent]) -> Assignments:
        pairs: list[tuple[str, str]] = []
        while self.waiting and (free := [each for each in touched if self._is_free(each)]):
            rows = [self.pieces[id] for _, id in self.waiting]
            able = [each for each in rows if self._able_for(each, free)][:ROWS]
            found = list(self._match(free, able)) if able else []
            if not found:
                break
            pairs += found
        return pairs

    def _match(self, agents: list[RivalAgent], rows: list[RivalPiece]) -> Assignments:
        costs = self._costs(agents, rows)
        pairs = []
        for row, column in zip(*linear_sum_assignment(costs), strict=True):
            if costs[row, column] < _FORBIDDEN:
                self._unwait(rows[row])
                pairs.append(self._assign(rows[row], agents[column]))
        return pairs

    def _costs(self, agents: list[RivalAgent], rows: list[RivalPiece]) -> Any:
        places = {each.id: n for n, each in enumerate(sorted(agents, key=RivalAgent.key))}
        costs = np.full((len(rows), len(agents)), _FORBIDDEN)
        for number, row in enumerate(rows):
            needs = row.piece.needs_at(self.now)
            for column, agent in enumerate(agents):
                if agent.can_take(needs, row.excluded):
                    costs[number, column] = places[agent.id] + 0.001 * number
        return costs

    @staticmethod
    def _is_free(agent: RivalAgent) -> bool:
        return agent.on_duty and not agent.away

    def _able_for(self, row: RivalPiece, agents: list[RivalAgent]) -> bool:
        needs = row.piece.needs_at(self.now)
        return any(each.can_take(needs, row.excluded) for each in agents)
