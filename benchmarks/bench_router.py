"""Single calls of a live router: a choice, a whole cycle, a refusal, a change, every strategy.

python benchmarks/bench_router.py [--quick] [--json FILE]

Work and instants are made before, so that only the router is timed. *growth* is the largest roster
against 1,000 agents. Every timed round follows one that is not timed, because the others empty the
processor's caches. Figures are microseconds of processor time, minimum and median.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from entitlements.kernel.instants import utc
from entitlements.routing import STRATEGIES, Agent, Assigned, Requirement, Roster, Router, Work

START = utc("2026-03-02T09:00Z")
STEP = timedelta(microseconds=10)
SKILLS = [f"s{n:02}" for n in range(32)]
CAPACITY = 5
Call = Callable[[int], float]
Row = dict[str, Any]


class Bench:
    """A router of so many agents of so many profiles, and work that they can do."""

    def __init__(self, agents: int, profiles: int, strategy: str | None = None) -> None:
        chance = random.Random(1)  # noqa: S311 - the same on every run
        kinds = [chance.sample(SKILLS, 4) for _ in range(profiles)]
        people = [
            Agent(id=f"a{n:05}", skills=kinds[n % profiles], capacity=CAPACITY)
            for n in range(agents)
        ]
        roster = Roster(agents=people)
        self.router = Router(roster) if strategy is None else Router(roster, STRATEGIES[strategy])
        present = kinds[: min(agents, profiles)]
        needs = [
            Requirement(skills=chance.sample(chance.choice(present), chance.choice((1, 2))))
            for _ in range(64)
        ]
        self.works = [Work(id=f"w{n}", opened=START, requires=needs[n % 64]) for n in range(20_000)]
        self.nobody = Work(id="none", opened=START, requires=Requirement(skills=["other"]))
        self.kinds, self.at = kinds, START

    def moments(self, count: int) -> list[datetime]:
        """Instants that only rise, from the last one on."""
        begun = self.at
        self.at = begun + count * STEP
        return [begun + n * STEP for n in range(count)]

    def pick(self, count: int) -> float:
        route, at, works = self.router.route, self.at, self.works[:count]
        before = time.process_time()
        for work in works:
            route(work, at)
        return time.process_time() - before

    def refusal(self, count: int) -> float:
        route, at, work = self.router.route, self.at, self.nobody
        before = time.process_time()
        for _ in range(count):
            route(work, at)
        return time.process_time() - before

    def cycle(self, count: int) -> float:
        router, works = self.router, self.works[:count]
        moments = list(zip(works, self.moments(count), strict=True))
        before = time.process_time()
        for work, at in moments:
            answer = router.route(work, at)
            assert isinstance(answer, Assigned)
            router.assign(work, answer.agent, at)
            router.complete(work.id, at)
        return time.process_time() - before

    def learn(self, count: int) -> float:
        """Other skills for an agent, and the next choice."""
        router, at = self.router, self.at
        turns = [
            (f"a{n % 100:05}", dict.fromkeys(self.kinds[(n + 1) % len(self.kinds)], 1), work)
            for n, work in enumerate(self.works[:count])
        ]
        before = time.process_time()
        for agent, skills, work in turns:
            router.change_skills(agent, skills)
            router.route(work, at)
        return time.process_time() - before


def timed(calls: dict[Any, Call], counts: dict[Any, int], rounds: int) -> dict[Any, list[float]]:
    """Time everybody in turns; microseconds of a call, one for each round."""
    found: dict[Any, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            call(counts[name])
            found[name].append(call(counts[name]) / counts[name] * 1e6)
    return found


def counted(calls: dict[Any, Call], most: int, budget: float) -> dict[Any, int]:
    """How often each call fits into the budget; slow ones are called less often."""
    counts = {}
    for name, call in calls.items():
        spent = max(1e-7, call(5) / 5)
        counts[name] = max(5, min(most, int(budget / spent)))
    return counts


def sizes(options: argparse.Namespace) -> list[Row]:
    """Every call by number of agents, with 8 profiles and with one for each agent."""
    calls: dict[Any, Call] = {}
    agents = (100, 1_000) if options.quick else (200, 1_000, 5_000, 10_000)
    for size in agents:
        for profiles in (8, size):
            bench = Bench(size, profiles)
            for kind in ("pick", "cycle", "refusal", "learn"):
                calls[kind, profiles == size, size] = getattr(bench, kind)
    found = timed(calls, counted(calls, options.most, options.budget), options.rounds)
    rows = []
    print("\nmicroseconds of a call, minimum (median), and growth from 1,000 agents")
    print(f"{'':<10}{'profiles':<10}" + "".join(f"{size:>18,}" for size in agents) + "    growth")
    for kind in ("pick", "cycle", "refusal", "learn"):
        for own in (False, True):
            values = [found[kind, own, size] for size in agents]
            shown = "".join(f"{f'{min(v):.2f} ({statistics.median(v):.2f})':>18}" for v in values)
            growth = min(values[-1]) / min(found[kind, own, 1_000])
            print(f"{kind:<10}{'one each' if own else '8':<10}{shown}{growth:>10.2f}")
            rows += [
                {"call": kind, "own_profiles": own, "agents": size, "min_us": min(v),
                 "median_us": statistics.median(v)}
                for size, v in zip(agents, values, strict=True)
            ]  # fmt: skip
    return rows


def strategies(options: argparse.Namespace) -> list[Row]:
    """Every strategy without parameters, at 1,000 agents of 8 profiles."""
    calls: dict[Any, Call] = {}
    for name in sorted(STRATEGIES):
        bench = Bench(1_000, 8, name)
        calls[name, "pick"], calls[name, "cycle"] = bench.pick, bench.cycle
    found = timed(calls, counted(calls, options.most, options.budget / 2), options.rounds)
    print(
        "\nstrategies, 1,000 agents of 8 profiles; microseconds of a pick and of a cycle, minimum"
    )
    rows = []
    for name in sorted(STRATEGIES):
        pick, cycle = min(found[name, "pick"]), min(found[name, "cycle"])
        rows.append({"strategy": name, "pick_us": pick, "cycle_us": cycle})
        print(f"  {name:<26}{pick:>10.2f}{cycle:>10.2f}")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, few rounds")
    parser.add_argument("--json", type=Path, help="write the record there")
    options = parser.parse_args()
    options.rounds = 2 if options.quick else 7
    options.budget = 0.01 if options.quick else 0.1
    options.most = 1_000 if options.quick else 20_000
    record = {
        "python": platform.python_version(),
        "quick": options.quick,
        "sizes": sizes(options),
        "strategies": strategies(options),
    }
    if options.json:
        options.json.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
