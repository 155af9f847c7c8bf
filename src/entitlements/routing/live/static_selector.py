"""Who of a roster that stands still? The default choice at any instant, in any order of asking.

Where nobody takes or finishes work, only shifts, absences and the like change with time. Agents who
share a shift then differ by nothing that time changes, so that the best of them stands for all, and
a choice looks at one agent a shift. A roster that moves belongs in a `Router`.
"""

from __future__ import annotations

from typing import Final, TypeAlias, final

from entitlements.kernel.instants import START_OF_TIME
from entitlements.kernel.memo import Memo
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.agents.duty import ShiftTimeline
from entitlements.routing.eligibility.eligibility import Schedules, fits_permanently, is_available
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.strategies.strategy import SelectionContext
from entitlements.routing.work.requirements import Requirement

MAX_KEPT: Final = 4_096
RankedAgent: TypeAlias = tuple[AgentState, ShiftTimeline | None, bool]


@final
class RankedAgents:
    """Those who may have one kind of work at some time, best first."""

    __slots__ = ("_places", "_requires", "_schedules")

    def __init__(
        self, places: tuple[RankedAgent, ...], requires: Requirement, schedules: Schedules
    ) -> None:
        self._places = places
        self._requires = requires
        self._schedules = schedules

    def first(self, at: int) -> str | None:
        """Return who is there first at `at`, in microseconds since 1970, or None."""
        for seat, timeline, plain in self._places:
            if plain:
                if timeline is None or timeline.is_open(at):
                    return seat.id
            elif is_available(seat, self._requires, at, self._schedules):
                return seat.id
        return None


@final
class StaticSelector:
    """A roster, ready to be asked about any instant; immutable to its users.

    >>> from entitlements.kernel.instants import utc
    >>> from entitlements.routing.agents.agent import Agent
    >>> StaticSelector(Roster(agents=[Agent(id="bob"), Agent(id="ada")])).line(Requirement()).first(0)
    'ada'
    """

    __slots__ = ("_lines", "roster")

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        self._lines: Memo[tuple[Requirement, tuple[str, ...]], RankedAgents] = Memo(MAX_KEPT)

    def ranked(self, requires: Requirement, preferred: tuple[str, ...] = ()) -> RankedAgents:
        """Return those who may have such work, in the order in which `route` would choose them.

        Args:
            requires: What the work takes, without any relaxation.
            preferred: Agents to be tried before all others.
        """
        found = self._lines.get((requires, preferred))
        if found is None:
            places = (*(self._places(requires, preferred) if preferred else ()),)
            places += self._places(requires, ())
            line = RankedAgents(places, requires, self.roster.on_call)
            found = self._lines.put((requires, preferred), line)
        return found

    def _places(self, requires: Requirement, among: tuple[str, ...]) -> tuple[RankedAgent, ...]:
        """Return those who may have it, best first, one for each plain shift."""
        # Nothing in the default strategy depends on the instant of the choice.
        pick = SelectionContext(requires, 0, "", 0, START_OF_TIME)
        able = [
            seat
            for id, seat in self.roster.agent_states.items()
            if (not among or id in among)
            and fits_permanently(seat.agent, requires)
            and has_room(seat, requires)
        ]
        line: list[RankedAgent] = []
        shifts: set[int] = set()
        for seat in sorted(able, key=lambda each: DEFAULT_STRATEGY.key(each, pick)):
            plain = requires.on_call is None and _is_plain(seat)
            if plain and id(seat.duty.timeline) in shifts:
                continue
            if plain:
                shifts.add(id(seat.duty.timeline))
            line.append((seat, seat.duty.timeline, plain))
        return tuple(line)


def _is_plain(seat: AgentState) -> bool:
    """Return whether only the shift decides when the agent is there."""
    duty = seat.duty
    return not (duty.absences or duty.extra or seat.away or seat.pace is not None)
