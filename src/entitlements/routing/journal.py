"""How did it come about? What was done to a roster since it was last written down.

An explanation may be asked for long after the live index has moved on, so the index keeps a base
and the deeds since. The roster at any position is the fold of the deeds over the base.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final, final

import attrs

from entitlements.kernel.instants import from_micros
from entitlements.routing.answers import Considered
from entitlements.routing.roster import Roster
from entitlements.routing.route import Facts
from entitlements.routing.seats import Seat
from entitlements.routing.strategies import Strategy
from entitlements.routing.work import Work


class Deed(IntEnum):
    """What was done."""

    TAKE = 0
    GIVE_BACK = 1
    STATUS = 2
    REPLACE = 3
    ADD = 4
    REMOVE = 5
    PERIOD = 6


WIDTH: Final = 5
"""A deed and its four details lie side by side, because many small tuples cost memory and time."""


@final
class Journal:
    """A roster and what was done to it since."""

    __slots__ = ("base", "deeds")

    def __init__(self, base: Roster) -> None:
        self.base = base
        self.deeds: list[Any] = []

    def roster(self, position: int) -> Roster:
        """Return the roster as it was when there were `position` entries."""
        base = self.base
        agents = dict(base.agents)
        seats = {id: Seat(agent, base.standing(id)) for id, agent in agents.items()}
        turns, since = base.turns, base.since
        for start in range(0, position, WIDTH):
            deed, *args = self.deeds[start : start + WIDTH]
            if deed is Deed.TAKE:
                turns += 1
                seats[args[0]].take(args[1], args[2], args[3], turns)
            elif deed is Deed.PERIOD:
                since = from_micros(args[0])
                for seat in seats.values():
                    seat.new_period(args[0])
            else:
                _replay(seats, deed, args)
        return Roster(
            agents={id: seat.agent for id, seat in seats.items()},
            standings={id: seat.standing() for id, seat in seats.items()},
            on_call=base.on_call,
            turns=turns,
            since=since,
        )


@final
@attrs.frozen
class Record:
    """The evidence of one answer of the live index."""

    journal: Journal
    position: int
    work: Work
    at: int
    strategy: Strategy

    def considered(self) -> tuple[Considered, ...]:
        """Return everybody, in order of agent id, as they stood at the time."""
        roster = self.journal.roster(self.position)
        return Facts(self.work, roster, self.at, self.strategy).considered()


def _replay(seats: dict[str, Seat], deed: Deed, args: list[Any]) -> None:
    if deed is Deed.GIVE_BACK:
        id, work, at, done = args
        seats[id].give_back(work, at, done=done)
    elif deed is Deed.STATUS:
        id, at, away, back = args
        seats[id].set_away(at, away=away, back=back)
    elif deed is Deed.REMOVE:
        del seats[args[0]]
    elif deed is Deed.ADD:
        agent, standing = args[:2]
        seats[agent.id] = Seat(agent, standing)
    else:
        agent = args[0]
        seats[agent.id] = Seat(agent, seats[agent.id].standing())
