"""Who takes it, at once? The choice of `route` over lines of agents, in integers.

Agents of one profile (whatever the organisation decided about them) share lanes: one line for each
kind of load that work can be, of the agents who are here and have room for it, in the order of the
strategy. A choice looks at the front of the lanes whose profile fits. An agent's version moves on
with every change, and an entry of an older version is put right or dropped when it comes to the
front, so that work which is taken and given back in between moves nobody. Shifts, absences and
paces change at edges kept in a timer heap.

Not safe to share among threads. Instants are microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any, Final, final

from entitlements.kernel.errors import ConflictError, DuplicateIdError, UnknownIdError
from entitlements.kernel.instants import (
    from_micros_or_none,
    micros_or_start,
)
from entitlements.kernel.memo import Memo
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.agents.workload import Workload
from entitlements.routing.eligibility.eligibility import (
    check,
    fits_permanently,
    is_available,
    on_call,
)
from entitlements.routing.eligibility.removal import Removal, check_removal
from entitlements.routing.live.agent_queues import (
    AgentProfile,
    AgentQueue,
    HeapEntry,
    IndexedAgent,
    first_of,
    lane_of,
    profile_key,
)
from entitlements.routing.live.attendance import Attendance
from entitlements.routing.live.roster_log import CHANGE_WIDTH, RosterChange, RosterLog
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.named import STRATEGIES
from entitlements.routing.strategies.strategy import KeyScope, SelectionContext, Strategy
from entitlements.routing.work.requirements import Requirement

_PLANS_KEPT: Final = 4_096
_LANES_KEPT: Final = 64
# Taking work puts nobody further ahead by these keys, as long as instants and turns rise.
_WORSENING_KEYS: Final = frozenset(key for each in STRATEGIES.values() for key in each.keys)
# Members of an enumeration are looked up too slowly for every assignment.
TAKE: Final = RosterChange.TAKE
GIVE_BACK: Final = RosterChange.GIVE_BACK


@final
class RosterIndex:
    """A roster in a form that is quick to choose from and to change.

    Its answers equal those of `route` on `roster()` at any instant, rising or falling; only the
    time they take differs: going back in time costs a pass over all agents.
    """

    __slots__ = (
        "_attendance",
        "_holders",
        "_journal",
        "_linear",
        "_newest",
        "_ordered",
        "_picked",
        "_place",
        "_plans",
        "_profiles",
        "_quick",
        "_since",
        "_sinking",
        "_version",
        "agent_states",
        "on_call",
        "strategy",
        "turns",
    )

    def __init__(self, roster: Roster, strategy: Strategy) -> None:
        self.strategy = strategy
        self.on_call = roster.on_call
        self.turns = roster.turns
        self.agent_states: dict[str, IndexedAgent] = {}
        self._newest = 0
        self._since = micros_or_start(roster.since)
        self._journal: RosterLog | None = None
        self._holders: dict[str, IndexedAgent] = {}
        self._profiles: dict[Hashable, AgentProfile] = {}
        self._plans: Memo[Requirement, list[list[AgentQueue]]] = Memo(_PLANS_KEPT)
        # The last choice. As long as it is that version, whoever was chosen is eligible for that.
        self._picked: tuple[str, int, Requirement, int] | None = None
        self._attendance = Attendance(self.agent_states, self._changed)
        scopes = [key.scope for key in strategy.keys]
        self._linear = strategy.sample is not None or KeyScope.PICK in scopes
        profile_first = sorted(scopes, key=lambda scope: scope is not KeyScope.PROFILE) == scopes
        self._ordered = profile_first and KeyScope.MOMENT not in scopes
        self._quick = self._ordered and not self._linear
        self._sinking = all(
            k.scope is KeyScope.PROFILE or k in _WORSENING_KEYS for k in strategy.keys
        )
        self._place = 3 + sum(scope is not KeyScope.PROFILE for scope in scopes)
        self._version = self._place - 1
        for id, agent in roster.agents.items():
            self._enter(agent, roster.standing(id))

    # -- asking ------------------------------------------------------------------------------

    def pick(self, requires: Requirement, at: int) -> AgentState | None:
        """Return the seat that work taking `requires` should go to at `at`, or None."""
        attendance = self._attendance
        if not attendance.start <= at < attendance.end:
            attendance.advance(at)
        if not self._quick:
            return self.choose(SelectionContext(requires, at, since=self._since))
        plan = self._plans.get(requires)
        if plan is None:
            if requires.on_call is not None:
                return self.choose(SelectionContext(requires, at, since=self._since))
            plan = self._plan(requires)
        best: HeapEntry | None = None
        # Positions from the front, which the interpreter reads faster than `-2` and `-1`.
        version, place = self._version, self._place
        for lanes in plan:
            for lane in lanes:
                top = lane.top
                if top is not None:
                    if top[version] != top[place].version:
                        top = lane.refresh_top()
                        if top is None:
                            continue
                    if best is None or top < best:
                        best = top
            if best is not None:
                chosen: IndexedAgent = best[place]
                self._picked = (chosen.id, chosen.version, requires, at)
                return chosen
        return None

    def choose(
        self,
        pick: SelectionContext,
        excluded: Collection[str] = (),
        preferred: tuple[tuple[str, ...], ...] = (),
    ) -> AgentState | None:
        """Return the seat for `pick`, with some agents excluded and others tried first."""
        at = pick.at
        attendance = self._attendance
        if not attendance.start <= at < attendance.end:
            attendance.advance(at)
        for names in preferred:
            known = [seat for id in set(names) if (seat := self._able(id, pick, excluded))]
            if known:
                return self.strategy.choose(known, pick)
        schedule = pick.requires.on_call
        if self._linear or schedule is not None:
            among: Collection[str] = self.agent_states
            if schedule is not None and among:
                among = set(on_call(schedule, at, self.on_call))
            able = (self._able(id, pick, excluded) for id in among)
            return self.strategy.choose([seat for seat in able if seat is not None], pick)
        plan = self._plans.get(pick.requires)
        if plan is None:
            plan = self._plan(pick.requires)
        tops = [top for lanes in plan for lane in lanes if (top := first_of(lane, excluded))]
        return min(tops, key=lambda seat: self.strategy.key(seat, pick), default=None)

    def roster(self) -> Roster:
        """Return the same facts as a value."""
        return Roster(
            agents={id: seat.agent for id, seat in self.agent_states.items()},
            standings={id: seat.standing() for id, seat in self.agent_states.items()},
            on_call=self.on_call,
            turns=self.turns,
            since=from_micros_or_none(self._since),
        )

    def agent(self, id: str) -> Agent:
        """Return the agent; raise `UnknownIdError` if there is none."""
        return self.seat(id).agent

    @property
    def needs_work(self) -> bool:
        """Whether the strategy looks at the work itself, and not only at what it takes."""
        return self._linear

    @property
    def since(self) -> int:
        """Beginning of the roster's period; `NEVER` if it states none."""
        return self._since

    def holder(self, work: str) -> str | None:
        """Return who has the work in hand, or None."""
        seat = self._holders.get(work)
        return None if seat is None else seat.id

    @property
    def journal(self) -> RosterLog:
        """What is done from the first time that this is asked for; begun anew when it is long.

        Most changes are never asked about, and then nothing is written down.
        """
        if self._journal is None:
            self._journal = RosterLog(
                self.agent_states.values(), self.on_call, self.turns, self._since
            )
        return self._journal

    # -- changing ----------------------------------------------------------------------------

    def assign(
        self,
        work: str,
        requires: Requirement,
        agent: str,
        at: int,
        *,
        excluded: Collection[str] = (),
        override: AssignmentOverride | None = None,
    ) -> None:
        """Give `work` to `agent`; raises as `Roster.assign` does, and then changes nothing."""
        seat = self.agent_states.get(agent) or self.seat(agent)
        self._check_free(work)
        if excluded or self._picked != (agent, seat.version, requires, at):
            check(work, seat, requires, at, excluded, self.on_call, override)
        sinks = (
            self._sinking
            and seat.last_assigned <= at
            and seat.turn <= self.turns
            and seat.pace is None
        )
        self.turns += 1
        seat.assign(work, requires, at, self.turns)
        self._holders[work] = seat
        journal = self._journal
        if journal is not None:
            deeds = journal.changes
            deeds += (TAKE, agent, work, requires, at)
            if len(deeds) >= journal.most:
                self._journal = None
        if override is not None:
            seat.note(work, override)
            self._note((RosterChange.OVERRIDE, agent, work, override))
        if sinks:
            seat.version += 1  # they stand too far ahead in line now, which is seen at the top
        else:
            if seat.pace is not None:
                self._attendance.reconsider(seat, at)
            self._changed(seat)

    def complete(self, work: str, at: int, *, done: bool = True) -> None:
        """Take `work` out of its holder's hands; raises as `Roster.complete` does."""
        seat = self._holders.pop(work, None)
        if seat is None:
            raise UnknownIdError("work in hand", work)
        seat.release(work, at, done=done)
        journal = self._journal
        if journal is not None:
            # There are no more of these than assignments, which see to the length.
            journal.changes += (GIVE_BACK, seat.id, work, at, done)
        seat.version += 1
        if seat.here:
            for lane in seat.profile.lanes:
                lane.change(seat)

    def set_status(self, agent: str, at: int, *, away: bool, back: int | None = None) -> None:
        """Note that `agent` left or came back; raises as `Roster.set_status` does."""
        seat = self.seat(agent)
        seat.set_away(at, away=away, back=back)
        self._note((RosterChange.STATUS, agent, at, away, back))
        self._attendance.reconsider(seat, at)
        self._changed(seat)

    def replace(self, agent: Agent) -> None:
        """Put `agent` in place of the one of the same id; standing stays."""
        old = self.seat(agent.id)
        self._leave(old)
        self._enter(agent, old.standing())
        self._note((RosterChange.REPLACE, agent))

    def add(self, agent: Agent, standing: Workload | None = None) -> None:
        """Add an agent; raises as `Roster.add` does, or if their work is in other hands."""
        if agent.id in self.agent_states:
            raise DuplicateIdError("agent", agent.id)
        how = Workload(turn=self.turns) if standing is None else standing
        for work in how.held:
            self._check_free(work)
        self._enter(agent, how)
        self._note((RosterChange.ADD, agent, how))

    def remove(self, agent: str) -> None:
        """Remove an agent with nothing in hand; raises as `Roster.remove` does."""
        seat = self.seat(agent)
        check_removal(agent, seat.held, Removal.REFUSE)
        self._leave(seat)
        self._note((RosterChange.REMOVE, agent))

    def new_period(self, at: int) -> None:
        """Set all counters to nothing; a new period begins at `at`."""
        self._since = at
        for seat in self.agent_states.values():
            seat.new_period(at)
            self._changed(seat)
        self._note((RosterChange.PERIOD, at))

    # -- keeping -----------------------------------------------------------------------------

    def seat(self, agent: str) -> IndexedAgent:
        """Return the seat of the agent; raise `UnknownIdError` if there is none."""
        try:
            return self.agent_states[agent]
        except KeyError:
            raise UnknownIdError("agent", agent, known=self.agent_states) from None

    def _check_free(self, work: str) -> None:
        if (holder := self._holders.get(work)) is not None:
            raise ConflictError(f"work `{work}` is in the hands of `{holder.id}`", field="work")

    def _note(self, entry: tuple[Any, ...]) -> None:
        if self._journal is not None:
            deeds = self._journal.changes
            deeds += (*entry, None, None, None, None)[:CHANGE_WIDTH]
            if len(deeds) >= self._journal.most:
                self._journal = None

    def _changed(self, seat: IndexedAgent) -> None:
        seat.version += 1
        if seat.here:
            for lane in seat.profile.lanes:
                lane.change(seat)

    def _able(
        self, id: str, pick: SelectionContext, excluded: Collection[str]
    ) -> IndexedAgent | None:
        seat = self.agent_states.get(id)
        if seat is None or id in excluded or not fits_permanently(seat.agent, pick.requires):
            return None
        here = seat.here
        if pick.requires.on_call is not None:
            here = is_available(seat, pick.requires, pick.at, self.on_call)
        return seat if here and has_room(seat, pick.requires) else None

    def _plan(self, requires: Requirement) -> list[list[AgentQueue]]:
        groups: dict[tuple[Any, ...], list[AgentQueue]] = {}
        pick = SelectionContext(requires, 0)
        ranks = [key.of for key in self.strategy.keys if key.scope is KeyScope.PROFILE]
        for profile in self._profiles.values():
            if fits_permanently(profile.agent, requires):
                member = next(iter(profile.members.values()))
                rank = tuple(of(member, pick) for of in ranks) if self._ordered else ()
                groups.setdefault(rank, []).append(self._lane(profile, requires))
        plan = [groups[rank] for rank in sorted(groups)]
        return self._plans.put(requires, plan)

    def _lane(self, profile: AgentProfile, requires: Requirement) -> AgentQueue:
        load = (requires.drawn, requires.channel, requires.exclusive)
        lane = profile.by_load.get(load)
        if lane is None:
            if len(profile.lanes) >= _LANES_KEPT:
                # Heaps that a plan still points at would no longer be kept, so the plans go too.
                self._plans.clear()
                profile.lanes.clear()
                profile.by_load.clear()
            lane = lane_of(profile, requires, self.strategy)
            profile.by_load[load] = lane
            profile.lanes.append(lane)
        return lane

    def _enter(self, agent: Agent, standing: Workload) -> None:
        seat = IndexedAgent(agent, standing, self._newest)
        key = profile_key(seat, self.strategy)
        profile = self._profiles.get(key)
        if profile is None:
            profile = self._profiles[key] = AgentProfile(seat.agent)
            self._plans.clear()
        seat.profile = profile
        seat.limits = profile.limits  # shared, so that fewer things are looked up far away
        profile.members[seat.id] = seat
        self.agent_states[seat.id] = seat
        for work in seat.held:
            self._holders[work] = seat
        self._attendance.enter(seat)
        self._changed(seat)

    def _leave(self, seat: IndexedAgent) -> None:
        profile = seat.profile
        self._attendance.leave(seat)
        # Nothing stands for them any more, nor is mistaken for another agent of the same id.
        self._newest = max(self._newest, seat.version + 1)
        seat.version = -1
        for lane in profile.lanes:
            lane.live.pop(seat.id, None)
        del self.agent_states[seat.id], profile.members[seat.id]
        for work in seat.held:
            del self._holders[work]
        if not profile.members:
            self._profiles = {k: v for k, v in self._profiles.items() if v is not profile}
            self._plans.clear()
