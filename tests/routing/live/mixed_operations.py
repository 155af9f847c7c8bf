"""A live router and a backlog beside linear rules: the same operations, and equal answers.

    python -m tests.routing.live.mixed_operations --operations 1000000 --seed 2026

draws worlds of 1 to 9 agents, compares every choice, every drain, every offer and every instant of
change, and stops at the first difference with the seed of the world and the step. The rules are
written in their own words, over plain states, without queues, masks and timers.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

import attrs
from tests.routing.live.invariants import (
    check_blocked,
    check_index,
    check_queues,
    check_reach,
)
from tests.routing.live.linear_rules import LinearDesk
from tests.routing.live.random_worlds import (
    MINUTE,
    SUPERVISOR,
)

from entitlements.kernel import ConflictError, TooEarlyError, UnknownIdError
from entitlements.kernel.instants import MICROSECOND, to_micros
from entitlements.routing import (
    Assigned,
    Backlog,
    Roster,
    Router,
    Work,
    Workload,
)
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.eligibility.eligibility import obstacles

STEPS = (0, 0, 0, 1, 5, 30, 90)
OPERATIONS = {
    "arrive": 30,
    "wait": 12,
    "complete": 24,
    "decline": 5,
    "drain": 20,
    "offer": 8,
    "accept": 5,
    "status": 6,
    "skills": 4,
    "replace_agent": 1,
    "hire": 2,
    "dismiss": 2,
    "reprioritise": 4,
    "withdraw": 2,
    "transfer": 3,
    "force": 1,
    "period": 1,
    "back_in_time": 1,
    "until_change": 3,
}


def offer_key(work: Work) -> str:
    """Return the key under which an agent holds work that is offered."""
    return Reservation(work.id, 1).key


class World(LinearDesk):
    """One seeded world; `counts` holds the number of each operation and answer."""

    def __init__(self, seed: int, agents: int | None = None) -> None:
        super().__init__(seed, agents)
        roster = Roster(
            agents=[state.agent for state in self.states.values()],
            on_call=self.schedules.values(),
            since=self.since,
        )
        self.router, self.backlog = Router(roster, self.strategy), Backlog(self.order)

    # -- operations -----------------------------------------------------------------------------

    def run(self, operations: int) -> Counter[str]:
        names, odds = tuple(OPERATIONS), tuple(OPERATIONS.values())
        for _ in range(operations):
            self.at += self.chance.choice(STEPS) * MINUTE
            name = self.chance.choices(names, odds)[0]
            getattr(self, name)()
            self.counts[name] += 1
            if self.chance.randrange(100) == 0:
                self.compare()
        self.compare()
        return self.counts

    def answer(self, work: Work) -> str | None:
        """Return the agent of the router, compared with the rules."""
        expected, found = self.chosen(work), self.router.route(work, self.at)
        agent = found.agent if isinstance(found, Assigned) else None
        self.counts["agent" if agent else "nobody"] += 1
        if agent != expected:
            self.fail(work, f"router chooses {agent}, rules choose {expected}")
        if agent is None and self.chance.randrange(4) == 0:
            self.explained(work, found)
        return agent

    def new_work(self) -> Work:
        held = {work.id for _, work in self.held.values()}
        return self.work(list(self.states), {*self.waiting, *held})

    def arrive(self) -> None:
        work = self.new_work()
        agent = self.answer(work)
        if agent is None:
            self.backlog.add(work)
            self.waiting[work.id] = work
        else:
            self.router.assign(work, agent, self.at)
            self.take(work, agent)

    def wait(self) -> None:
        work = self.new_work()
        self.backlog.add(work)
        self.waiting[work.id] = work

    def complete(self) -> None:
        if id := self.some_held():
            self.router.complete(id, self.at, done=True)
            self.release(id, done=True)

    def some_held(self) -> str | None:
        """Return assigned work that can end now; work assigned later cannot, and stays."""
        if not self.held:
            return None
        id = self.chance.choice(list(self.held))
        if id in self.begun():
            return id
        others = [agent for agent in self.states if agent != self.held[id][0]]
        try:
            if others and self.chance.randrange(2):
                self.router.transfer(id, others[0], self.at)
            else:
                self.router.complete(id, self.at)
        except TooEarlyError:
            self.counts["too early"] += 1
            return None
        return self.fail(id, "ends before it begins")

    def decline(self) -> None:
        """An agent gives work back, which waits again without that agent."""
        if id := self.some_held():
            agent = self.held[id][0]
            self.router.complete(id, self.at, done=False)
            work = self.release(id, done=False)
            again = attrs.evolve(work, excluded_agents=work.excluded_agents | {agent})
            self.backlog.add(again)
            self.waiting[again.id] = again

    def drain(self, limit: int | None = None) -> None:
        if limit is None:
            limit = self.chance.choice([None, None, None, 0, 1, 2])
        offers = self.chance.randrange(5) == 0
        key = offer_key if offers else None
        found = self.backlog.drain(self.router, self.at, limit=limit, key=key)
        self.counts["drained"] += len(found)
        expected = []
        while limit is None or len(expected) < limit:
            work = self.next_work()
            if work is None:
                break
            agent = self.chosen(work)
            assert agent is not None
            del self.waiting[work.id]
            self.take(work, agent, offer_key(work) if offers else None)
            self.served += 1
            expected.append((work.id, agent))
        if [(each.work, each.agent) for each in found] != expected:
            self.fail(f"drained {[(e.work, e.agent) for e in found]}, rules {expected}")

    def offer(self) -> None:
        """Offer the first waiting work: an agent holds it under the key of the offer."""
        work, found = self.next_work(), self.backlog.first(self.router, self.at)
        expected = None if work is None else (work.id, self.chosen(work))
        if expected != (found and (found[0].id, found[1])):
            self.fail(f"first {found and (found[0].id, found[1])}, rules {expected}")
        if found is not None:
            work, agent = found
            self.router.reserve(offer_key(work), work, agent, self.at)
            self.backlog.remove(work.id, served=True)
            del self.waiting[work.id]
            self.take(work, agent, offer_key(work))
            self.served += 1

    def accept(self) -> None:
        """An agent accepts an offer, and holds the work under its id; declined offers are ended."""
        offered = [id for id, (_, work) in self.held.items() if id != work.id]
        if offered:
            key = self.chance.choice(offered)
            agent, work = self.held.pop(key)
            self.router.confirm(key, work.id)
            self.states[agent].rename(key, work.id)
            self.held[work.id] = (agent, work)

    def status(self) -> None:
        agent, away = self.anybody(), self.chance.randrange(2) == 0
        if agent is None:
            return
        back = self.at + 90 * MINUTE if away and self.chance.randrange(2) else None
        self.router.set_status(agent, self.at, away=away, back=back)
        until = None if back is None else to_micros(back)
        self.states[agent].set_away(to_micros(self.at), away=away, back=until)

    def skills(self) -> None:
        agent = self.anybody()
        if agent is not None:
            chance = self.chance
            skills = {n: chance.randrange(1, 4) for n in chance.sample("wxyz", chance.randrange(4))}
            self.router.change_skills(agent, skills)
            state = self.states[agent]
            self.states[agent] = AgentState(
                attrs.evolve(state.agent, skills=skills), state.workload()
            )

    def replace_agent(self) -> None:
        agent = self.anybody()
        if agent is not None:
            new = self.agent(agent)
            self.router.replace(new)
            self.states[agent] = AgentState(new, self.states[agent].workload())

    def hire(self) -> None:
        if len(self.states) < 12:
            gone = [f"a{n}" for n in range(self.hired) if f"a{n}" not in self.states]
            id = self.chance.choice(gone) if gone and self.chance.randrange(2) else f"a{self.hired}"
            self.hired += id == f"a{self.hired}"
            idle = self.chance.choice(["never", "now", "median"])
            new = self.agent(id)
            self.router.add(new, idle=idle, at=self.at)
            state = AgentState(new, Workload(assignment_number=self.assignment_count))
            if idle == "now":
                state.start_idle(to_micros(self.at))
            elif idle == "median" and self.states:
                ordered = sorted(each.released for each in self.states.values())
                state.start_idle(ordered[(len(ordered) - 1) // 2])
            self.states[id] = state

    def dismiss(self) -> None:
        """An agent leaves; their work waits again."""
        agent = self.anybody()
        if agent is not None:
            held = [id for id, (holder, _) in self.held.items() if holder == agent]
            freed = self.router.remove(agent, self.at, policy="requeue")
            if sorted(held) != list(freed):
                self.fail(agent, held, freed)
            for id in freed:
                work = self.release(id, done=False)
                self.backlog.add(work)
                self.waiting[work.id] = work
            del self.states[agent]

    def reprioritise(self) -> None:
        if self.waiting:
            work = self.waiting[self.chance.choice(list(self.waiting))]
            new = attrs.evolve(work, rank=self.chance.randrange(3))
            if self.chance.randrange(3) == 0:
                new = attrs.evolve(new, requires=self.chance.choice(self.kinds))
            self.backlog.replace(new)
            self.waiting[work.id] = new

    def withdraw(self) -> None:
        if self.waiting:
            work = self.waiting.pop(self.chance.choice(list(self.waiting)))
            if self.backlog.remove(work.id) != work or work.id in self.backlog:
                self.fail(work)

    def transfer(self) -> None:
        to, id = self.anybody(), self.some_held()
        if id is not None and to is not None:
            agent, work = self.held[id]
            requires = self.states[agent].held[id][0]
            at = to_micros(self.at)
            refused = agent == to or bool(
                obstacles(
                    self.states[to],
                    requires,
                    at,
                    excluded=work.excluded_agents,
                    schedules=self.schedules,
                )
            )
            before = self.router.roster if refused and self.made % 16 == 0 else None
            try:
                self.router.transfer(id, to, self.at)
            except ConflictError:
                if not refused or (before is not None and before != self.router.roster):
                    self.fail(id, agent, to)
                return
            if refused:
                self.fail(id, agent, to)
            self.release(id, done=False)
            self.assignment_count += 1
            self.states[to].assign(id, requires, at, self.assignment_count)
            self.keep_excluded(work, to, id)
            self.held[id] = (to, work)

    def force(self) -> None:
        """A supervisor assigns work whatever the limits are."""
        agent, work = self.anybody(), self.new_work()
        if agent is not None:
            try:
                self.router.assign(work, agent, self.at, override=SUPERVISOR)
            except (ConflictError, UnknownIdError):
                return
            self.take(work, agent)
            self.states[agent].add_override(work.id, SUPERVISOR)

    def period(self) -> None:
        self.since = self.at
        self.router.new_period(self.at)
        for state in self.states.values():
            state.new_period(to_micros(self.at))

    def back_in_time(self) -> None:
        self.at -= self.chance.choice([1, 45, 600]) * MINUTE

    def until_change(self) -> None:
        """Until the next change by time, nothing that waits can be assigned."""
        while self.next_work() is not None:
            self.drain(limit=3)
        changes = [self.router.next_change_at(self.at), self.backlog.next_change_at(self.at)]
        known = [each for each in changes if each is not None]
        if known:
            if min(known) <= self.at:
                self.fail("the next change is not later", changes)
            self.at = min(known) - MICROSECOND
            if self.next_work() is not None:
                self.fail("work can be assigned before the next change", changes)
            self.drain()

    def anybody(self) -> str | None:
        return self.chance.choice(list(self.states)) if self.states else None

    def compare(self) -> None:
        """Compare everything that is held and waits, and check all invariants."""
        index = self.router.index
        check_queues(self.backlog._queues)  # noqa: SLF001 - the structures are what is checked
        check_index(index)
        check_reach(self.backlog, index)
        check_blocked(self.backlog, index)
        if {id: self.router.holder(id) for id in self.held} != {
            id: agent for id, (agent, _) in self.held.items()
        }:
            self.fail("holders")
        if {work.id: work for work in self.backlog} != self.waiting:
            self.fail("waiting")
        for id, state in self.states.items():
            if (self.router.state(id), self.router.agent(id)) != (state.workload(), state.agent):
                self.fail(id, self.router.state(id), state.workload())


def run(operations: int, seed: int, *, each: int = 400, agents: int | None = None) -> Counter[str]:
    """Run worlds of `each` operations; raise `AssertionError` at the first difference."""
    counts: Counter[str] = Counter()
    for number in range(-(-operations // each)):
        counts += World(seed + number, agents).run(min(each, operations - number * each))
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=400, help="operations in one world")
    parser.add_argument("--agents", type=int, help="agents at the start; 1 to 9 by default")
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    part = min(given.operations, 100 * given.each)
    for start in range(0, given.operations, part):
        seed = given.seed + start // given.each
        counts += run(part, seed, each=given.each, agents=given.agents)
        spent = time.process_time()
        sys.stdout.write(f"{start + part} operations, no difference, {spent:.0f} s\n")
        sys.stdout.flush()
    sys.stdout.write(f"{dict(counts.most_common())}\n")


if __name__ == "__main__":
    main()
