"""How did it come about? What was done to a roster since it was last written down.

An explanation may be asked for long after the live index has moved on, so the index keeps a base
and the deeds since. The roster at any position is the fold of the deeds over the base.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, Final, final

from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import from_micros_or_none
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.on_call import OnCall
from entitlements.routing.answers import ConsideredAgent
from entitlements.routing.roster import Roster
from entitlements.routing.selection import LinearRouteEvidence
from entitlements.routing.strategies.strategy import Strategy
from entitlements.routing.work.work import Work


class RosterChange(IntEnum):
    """What was done."""

    TAKE = 0
    GIVE_BACK = 1
    STATUS = 2
    REPLACE = 3
    ADD = 4
    REMOVE = 5
    PERIOD = 6
    OVERRIDE = 7


CHANGE_WIDTH: Final = 5
"""A deed and its four details lie side by side, because many small tuples cost memory and time."""
_FEWEST: Final = 4_096
_PER_AGENT: Final = 16


@final
class RosterLog:
    """How everybody stood once, and what was done since.

    Attributes:
        deeds: What was done, `CHANGE_WIDTH` items each.
        most: A journal of so many items is long enough, and another should be begun.
    """

    __slots__ = ("_on_call", "_since", "_stood", "_turns", "changes", "most")

    def __init__(
        self, seats: Iterable[AgentState], on_call: FrozenMap[str, OnCall], turns: int, since: int
    ) -> None:
        # In integers, because this is written down again and again, and rarely read.
        self._stood = [seat.snapshot() for seat in seats]
        self._on_call = on_call
        self._turns = turns
        self._since = since
        self.changes: list[Any] = []
        self.most = CHANGE_WIDTH * (_FEWEST + _PER_AGENT * len(self._stood))

    def roster(self, position: int) -> Roster:
        """Return the roster as it was when there were `position` entries."""
        seats = {
            agent.id: AgentState.of((agent, held, facts)) for agent, held, facts in self._stood
        }
        turns, since = self._turns, self._since
        for start in range(0, position, CHANGE_WIDTH):
            deed, *args = self.changes[start : start + CHANGE_WIDTH]
            if deed is RosterChange.TAKE:
                turns += 1
                seats[args[0]].assign(args[1], args[2], args[3], turns)
            elif deed is RosterChange.PERIOD:
                since = args[0]
                for seat in seats.values():
                    seat.new_period(args[0])
            else:
                _replay(seats, deed, args)
        return Roster(
            agents={id: seat.agent for id, seat in seats.items()},
            standings={id: seat.standing() for id, seat in seats.items()},
            on_call=self._on_call,
            turns=turns,
            since=from_micros_or_none(since),
        )


@final
class LiveRouteEvidence:
    """The evidence of one answer of the live index; a plain class, because every answer has one."""

    __slots__ = ("_at", "_journal", "_position", "_strategy", "_work")

    def __init__(self, journal: RosterLog, work: Work, at: int, strategy: Strategy) -> None:
        self._journal = journal
        self._position = len(journal.changes)
        self._work = work
        self._at = at
        self._strategy = strategy

    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Return everybody, in order of agent id, as they stood at the time."""
        roster = self._journal.roster(self._position)
        return LinearRouteEvidence(self._work, roster, self._at, self._strategy).considered()


def _replay(seats: dict[str, AgentState], deed: RosterChange, args: list[Any]) -> None:
    if deed is RosterChange.GIVE_BACK:
        id, work, at, done = args
        seats[id].release(work, at, done=done)
    elif deed is RosterChange.STATUS:
        id, at, away, back = args
        seats[id].set_away(at, away=away, back=back)
    elif deed is RosterChange.OVERRIDE:
        id, work, override = args[:3]
        seats[id].note(work, override)
    elif deed is RosterChange.REMOVE:
        del seats[args[0]]
    elif deed is RosterChange.ADD:
        agent, standing = args[:2]
        seats[agent.id] = AgentState(agent, standing)
    else:
        agent = args[0]
        seats[agent.id] = AgentState(agent, seats[agent.id].standing())
