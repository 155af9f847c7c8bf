"""A desk in overload for millions of operations: memory stays flat, and no structure grows.

    python -m tests.routing.live.soak --operations 10000000

Work of ever new requirements arrives, waits, is replaced, relaxes and is withdrawn; agents take it,
learn, have breaks, leave and come. After each tenth the script writes the memory of the process and
the size of every structure, and stops if one of them is beyond its bound.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from datetime import timedelta
from random import Random

from tests.routing.live.invariants import check_index, check_queues

from entitlements.calendars import Calendar
from entitlements.kernel.instants import utc
from entitlements.routing import (
    Agent,
    Assigned,
    Backlog,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    Roster,
    Router,
    Work,
)

START = utc("2026-03-02T06:00Z")
SECOND = timedelta(seconds=1)
SKILLS = [f"s{n:02}" for n in range(20)]
SHIFT = Calendar(zone="UTC", week="Mo-Su 06:00-22:00")
PLAN = RelaxationPlan(
    steps=[RelaxationStep(after=timedelta(minutes=n), drop=SKILLS[n : n + 9]) for n in (5, 11)]
)
WAITING = 400


class Soak:
    """Agents and work of one seed."""

    def __init__(self, seed: int, agents: int = 60) -> None:
        self.chance = Random(seed)  # noqa: S311 - reproducible on purpose
        self.at, self.made, self.hired = START, 0, agents
        people = [self.agent(f"a{n}") for n in range(agents)]
        self.router, self.backlog = Router(Roster(agents=people)), Backlog()
        self.present = [each.id for each in people]
        self.held: list[str] = []
        self.waiting: list[str] = []

    def levels(self, most: int) -> dict[str, int]:
        """Return levels of up to `most` skills."""
        chance = self.chance
        return {s: chance.randrange(1, 6) for s in chance.sample(SKILLS, chance.randrange(1, most))}

    def agent(self, id: str) -> Agent:
        """Return an agent with skills of their own."""
        shift = SHIFT if self.chance.randrange(2) else None
        return Agent(id=id, skills=self.levels(9), capacity=3, shift=shift)

    def work(self) -> Work:
        """Return work with a requirement that is nearly always new."""
        self.made += 1
        return Work(
            id=f"w{self.made}",
            opened=self.at,
            requires=Requirement(skills=self.levels(4), weights=self.chance.choice([1, 1, 1, 2])),
            rank=self.chance.randrange(3),
            due=self.at + self.chance.randrange(600) * SECOND,
            relaxation=PLAN if self.chance.randrange(10) < 3 else None,
        )

    def step(self) -> None:
        """Run one operation, and drain."""
        chance, router, backlog = self.chance, self.router, self.backlog
        self.at += chance.randrange(3) * SECOND
        odds = chance.randrange(100)
        if odds < 45:
            work = self.work()
            answer = router.route(work, self.at)
            if isinstance(answer, Assigned):
                router.assign(work, answer.agent, self.at)
                self.held.append(work.id)
            elif len(self.waiting) < WAITING:
                backlog.add(work)
                self.waiting.append(work.id)
        elif odds < 88 and self.held:
            router.complete(self.drawn(self.held), self.at)
        elif odds < 92 and self.waiting:
            old = backlog.remove(self.drawn(self.waiting))
            if chance.randrange(2):
                backlog.add(old)
                self.waiting.append(old.id)
        elif odds < 96:
            id = chance.choice(self.present)
            router.set_status(id, self.at, away=chance.randrange(3) == 0)
        elif odds < 98:
            router.change_skills(chance.choice(self.present), self.levels(9))
        else:
            self.turn_over()
        for answer in backlog.drain(router, self.at):
            self.waiting.remove(answer.work)
            self.held.append(answer.work)

    def turn_over(self) -> None:
        """One agent leaves, and another one comes."""
        gone = self.drawn(self.present)
        for id in self.router.remove(gone, self.at, policy="requeue"):
            self.held.remove(id)
        self.hired += 1
        self.present.append(f"a{self.hired}")
        self.router.add(self.agent(self.present[-1]), idle="median", at=self.at)

    def drawn(self, ids: list[str]) -> str:
        """Take an id out of a list, at random."""
        place = self.chance.randrange(len(ids))
        ids[place], ids[-1] = ids[-1], ids[place]
        return ids.pop()

    def sizes(self) -> dict[str, int]:
        """Check all invariants, and return the size of the structures."""
        queues, index = self.backlog._queues, self.router.index  # noqa: SLF001 - what is kept is the point
        check_queues(queues)
        check_index(index)
        return {
            "waiting": len(self.backlog),
            "queues": len(queues.queues),
            "entries": sum(queue.entries for queue in queues.queues),
            "timers": queues.timers,
            "signatures": len(index._signatures.known),  # noqa: SLF001 - what is kept is the point
            "lines": len(index._signatures.lines),  # noqa: SLF001 - what is kept is the point
            "agents": len(self.router),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    soak, part = Soak(given.seed), max(1, given.operations // 10)
    for tenth in range(1, 11):
        before = time.process_time()
        for _ in range(part):
            soak.step()
        rate = part / (time.process_time() - before)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        line = f"{tenth * part:>10} operations, {rate:,.0f} a second, {memory} MiB, {soak.sizes()}"
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
