"""Routing decisions a second, with agreement of all contenders and capacity violations counted.

python benchmarks/bench_routing.py [--quick] [--json FILE] [--with MODULE:CLASS]

One workload for all: agents of several skill signatures, work that needs one or two skills,
least loaded first, then longest idle. Every contender makes the same 2,000 choices as the plain
rules before it is timed; others are named and not timed. `pick` chooses, `cycle`
chooses, assigns and completes. Rounds are interleaved; figures are nanoseconds of processor time,
minimum and median. `benchmarks/README.md` says how to put another router in.
"""

from __future__ import annotations

# ruff: noqa: ARG002 - contenders share one protocol, and not all need all of it
import argparse
import importlib
import json
import platform
import random
import statistics
import sys
import time
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from entitlements.kernel.instants import from_micros, to_micros, utc
from entitlements.routing import STRATEGIES, Agent, Assigned, Requirement, Roster, Router, Work
from entitlements.routing.batch_assignment import min_cost_matching
from entitlements.routing.live.roster_index import RosterIndex
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.strategies.strategy import Strategy

try:
    import numpy as np
except ImportError:
    np = None  # type: ignore[assignment]
try:
    from entitlements.batch import scipy_pairs
except ImportError:
    scipy_pairs = None  # type: ignore[assignment]

Row = dict[str, Any]
START = to_micros(utc("2026-03-02T09:00Z"))
NEVER = -(2**62)
CAPACITY = 5


class Person(NamedTuple):
    """One agent of the workload."""

    id: str
    skills: frozenset[str]
    capacity: int


class Contender(Protocol):
    """What a router must do to be measured. Instants are whole microseconds and only rise."""

    name: str

    def load(self, people: Sequence[Person]) -> None: ...

    def pick(self, needs: frozenset[str], now: int) -> str | None: ...

    def take(self, work: str, needs: frozenset[str], agent: str, now: int) -> None: ...

    def done(self, work: str, agent: str, now: int) -> None: ...


class LiveIndex:
    """The live index of this library, in integers."""

    name = "entitlements, integers"

    def __init__(self, strategy: Strategy = DEFAULT_STRATEGY) -> None:
        self.strategy = strategy
        self.known: dict[frozenset[str], Requirement] = {}

    def load(self, people: Sequence[Person]) -> None:
        agents = [Agent(id=p.id, skills=sorted(p.skills), capacity=p.capacity) for p in people]
        self.index = RosterIndex(Roster(agents=agents), self.strategy)

    def requirement(self, needs: frozenset[str]) -> Requirement:
        found = self.known.get(needs)
        if found is None:
            found = self.known[needs] = Requirement(skills=sorted(needs))
        return found

    def pick(self, needs: frozenset[str], now: int) -> str | None:
        agent = self.index.pick(self.known.get(needs) or self.requirement(needs), now)
        return None if agent is None else agent.id

    def take(self, work: str, needs: frozenset[str], agent: str, now: int) -> None:
        self.index.assign(work, self.known[needs], agent, now)

    def done(self, work: str, agent: str, now: int) -> None:
        self.index.complete(work, now)


class LiveRouter(LiveIndex):
    """The router of this library as its users call it: work, datetimes, answers and evidence."""

    name = "entitlements, answers"

    def load(self, people: Sequence[Person]) -> None:
        agents = [Agent(id=p.id, skills=sorted(p.skills), capacity=p.capacity) for p in people]
        self.router = Router(Roster(agents=agents))
        self.works: dict[frozenset[str], Work] = {}
        self.pieces: dict[tuple[str, frozenset[str]], Work] = {}

    def pick(self, needs: frozenset[str], now: int) -> str | None:
        work = self.works.get(needs)
        if work is None:
            opened = from_micros(START)
            work = Work(id="asked", opened=opened, requires=self.requirement(needs))
            self.works[needs] = work
        answer = self.router.route(work, from_micros(now))
        return answer.agent if isinstance(answer, Assigned) else None

    def take(self, work: str, needs: frozenset[str], agent: str, now: int) -> None:
        piece = self.pieces.get((work, needs))
        if piece is None:
            # Work is made when it comes in, not when it is assigned; rounds use the same ids again.
            piece = Work(id=work, opened=from_micros(START), requires=self.known[needs])
            self.pieces[work, needs] = piece
        self.router.assign(piece, agent, from_micros(now))

    def done(self, work: str, agent: str, now: int) -> None:
        self.router.complete(work, from_micros(now))


class Desk:
    """An agent as the peers keep it."""

    __slots__ = ("assigned", "bits", "capacity", "id", "load", "number", "released")

    def __init__(self, number: int, person: Person, bits: int) -> None:
        self.number, self.id, self.bits, self.capacity = number, person.id, bits, person.capacity
        self.load, self.released, self.assigned = 0, NEVER, NEVER

    def key(self) -> tuple[int, int, int, str]:
        return (self.load, self.released, self.assigned, self.id)


class Peer:
    """Skills as bits, and the bookkeeping that all peers share."""

    name = ""

    def load(self, people: Sequence[Person]) -> None:
        skills = sorted({skill for person in people for skill in person.skills})
        self.bit = {skill: 1 << n for n, skill in enumerate(skills)}
        self.desks = [Desk(n, p, self.mask(p.skills)) for n, p in enumerate(people)]
        self.by_id = {desk.id: desk for desk in self.desks}
        self.masks: dict[frozenset[str], int] = {}

    def mask(self, skills: frozenset[str]) -> int:
        return sum(self.bit[skill] for skill in skills)

    def wanted(self, needs: frozenset[str]) -> int:
        found = self.masks.get(needs)
        if found is None:
            found = self.masks[needs] = self.mask(needs)
        return found

    def take(self, work: str, needs: frozenset[str], agent: str, now: int) -> None:
        desk = self.by_id[agent]
        desk.load += 1
        desk.assigned = now

    def done(self, work: str, agent: str, now: int) -> None:
        desk = self.by_id[agent]
        desk.load -= 1
        desk.released = now


class LinearScan(Peer):
    """Everybody is looked at, every time: what most helpdesks do, without their database."""

    name = "linear scan"

    def pick(self, needs: frozenset[str], now: int) -> str | None:
        wanted, best, least = self.wanted(needs), None, None
        for desk in self.desks:
            if desk.bits & wanted == wanted and desk.load < desk.capacity:
                key = (desk.load, desk.released, desk.assigned, desk.id)
                if least is None or key < least:
                    best, least = desk, key
        return None if best is None else best.id


class SortedList(Peer):
    """One sorted list for each signature, kept in order by bisection."""

    name = "sorted lists"

    def load(self, people: Sequence[Person]) -> None:
        super().load(people)
        self.lists: dict[int, list[tuple[int, int, int, str]]] = {}
        for desk in self.desks:
            insort(self.lists.setdefault(desk.bits, []), desk.key())
        self.fitting: dict[int, list[list[tuple[int, int, int, str]]]] = {}

    def pick(self, needs: frozenset[str], now: int) -> str | None:
        wanted = self.wanted(needs)
        lists = self.fitting.get(wanted)
        if lists is None:
            lists = [each for bits, each in self.lists.items() if bits & wanted == wanted]
            self.fitting[wanted] = lists
        best = min((each[0] for each in lists), default=None)
        if best is None or best[0] >= self.by_id[best[3]].capacity:
            return None
        return best[3]

    def take(self, work: str, needs: frozenset[str], agent: str, now: int) -> None:
        self.change(agent, now, Peer.take, work, needs)

    def done(self, work: str, agent: str, now: int) -> None:
        desk = self.by_id[agent]
        self.remove(desk)
        super().done(work, agent, now)
        insort(self.lists[desk.bits], desk.key())

    def change(
        self, agent: str, now: int, deed: Callable[..., None], work: str, needs: frozenset[str]
    ) -> None:
        desk = self.by_id[agent]
        self.remove(desk)
        deed(self, work, needs, agent, now)
        insort(self.lists[desk.bits], desk.key())

    def remove(self, desk: Desk) -> None:
        entries = self.lists[desk.bits]
        del entries[bisect_left(entries, desk.key())]


class MaskedArgmin(Peer):
    """Columns, a mask, and the smallest of what is left; ties are broken among the few."""

    name = "numpy masked argmin"

    def load(self, people: Sequence[Person]) -> None:
        super().load(people)
        self.bits = np.array([desk.bits for desk in self.desks], dtype=np.int64)
        self.loads = np.zeros(len(self.desks), dtype=np.int64)
        self.fits: dict[int, Any] = {}

    def pick(self, needs: frozenset[str], now: int) -> str | None:
        wanted = self.wanted(needs)
        fits = self.fits.get(wanted)
        if fits is None:
            fits = self.fits[wanted] = np.flatnonzero(self.bits & wanted == wanted)
        if not len(fits):
            return None
        loads = self.loads[fits]
        least = loads.min()
        if least >= CAPACITY:
            return None
        among = (self.desks[n] for n in fits[loads == least])
        return min(among, key=Desk.key).id

    def take(self, work: str, needs: frozenset[str], agent: str, now: int) -> None:
        super().take(work, needs, agent, now)
        self.loads[self.by_id[agent].number] += 1

    def done(self, work: str, agent: str, now: int) -> None:
        super().done(work, agent, now)
        self.loads[self.by_id[agent].number] -= 1


def workload(
    agents: int, signatures: int, seed: int = 1
) -> tuple[list[Person], list[frozenset[str]]]:
    """Agents of so many signatures of four skills out of 32, and 64 needs of one or two skills."""
    chance = random.Random(seed)  # noqa: S311 - the same on every run
    skills = [f"s{n:02}" for n in range(32)]
    kinds = [frozenset(chance.sample(skills, 4)) for _ in range(signatures)]
    people = [Person(f"a{n:05}", kinds[n % signatures], CAPACITY) for n in range(agents)]
    present = kinds[: min(agents, signatures)]
    needs = [
        frozenset(chance.sample(sorted(chance.choice(present)), chance.choice((1, 2))))
        for _ in range(64)
    ]
    return people, needs


def drive(
    contender: Contender, needs: Sequence[frozenset[str]], count: int, keep: int, now: int
) -> tuple[list[str | None], int]:
    """Choose, assign and complete; at most `keep` pieces are assigned at once."""
    chosen: list[str | None] = []
    hands: deque[tuple[str, str]] = deque()
    for n in range(count):
        now += 1
        need = needs[n % len(needs)]
        agent = contender.pick(need, now)
        chosen.append(agent)
        if agent is not None:
            contender.take(str(n), need, agent, now)
            hands.append((str(n), agent))
        if len(hands) > keep or (agent is None and hands):
            contender.done(*hands.popleft(), now)
    while hands:
        now += 1
        contender.done(*hands.popleft(), now)
    return chosen, now


def timed(
    contenders: dict[str, Contender],
    needs: Sequence[frozenset[str]],
    keep: int,
    rounds: int,
    budget: float,
) -> list[Row]:
    """Time everybody in turns; slow contenders make fewer choices in a round."""
    rows: dict[str, dict[str, list[float]]] = {
        name: {"pick": [], "cycle": []} for name in contenders
    }
    clock = dict.fromkeys(contenders, START + 10**9)
    counts: dict[str, int] = {}
    for name, each in contenders.items():
        before = time.process_time()
        _, clock[name] = drive(each, needs, 50, keep, clock[name])
        spent = max(1e-6, (time.process_time() - before) / 50)
        counts[name] = max(50, min(20_000, int(budget / spent)))
    for _ in range(rounds):
        for name, each in contenders.items():
            count, now = counts[name], clock[name]
            wanted = [needs[n % len(needs)] for n in range(count)]
            pick = each.pick
            before = time.process_time()
            for need in wanted:
                pick(need, now)
            rows[name]["pick"].append((time.process_time() - before) / count)
            before = time.process_time()
            _, clock[name] = drive(each, needs, count, keep, now)
            rows[name]["cycle"].append((time.process_time() - before) / count)
    return [
        {
            "contender": name,
            **{
                f"{kind}_{word}_ns": round(of(values) * 1e9)
                for kind, values in each.items()
                for word, of in (("min", min), ("median", statistics.median))
            },
            "decisions_per_second": round(1 / min(each["cycle"])),
        }
        for name, each in rows.items()
    ]


def contenders(extra: list[type[Contender]]) -> dict[str, Contender]:
    """Everybody who can be measured here; who cannot is named."""
    classes: list[Any] = [LiveIndex, LiveRouter, SortedList, LinearScan, *extra]
    if np is None:
        print("numpy is missing, so masked argmin is not measured")
    else:
        classes.insert(3, MaskedArgmin)
    return {each.name: each() for each in classes}


def agreement(
    entered: dict[str, Contender], people: list[Person], needs: list[frozenset[str]], count: int
) -> dict[str, Contender]:
    """Return the routers whose choices equal the plain rules; print the others."""
    judge = LinearScan()
    judge.load(people)
    expected, _ = drive(judge, needs, count, len(people), START)
    right: dict[str, Contender] = {}
    for name, each in entered.items():
        each.load(people)
        found, _ = drive(each, needs, count, len(people), START)
        if found == expected:
            right[name] = each
            continue
        at = next(n for n, (a, b) in enumerate(zip(found, expected, strict=True)) if a != b)
        print(f"  {name} chose {found[at]} instead of {expected[at]} at {at}: not timed")
    return right


def compare(options: argparse.Namespace, extra: list[type[Contender]]) -> list[Row]:
    """All contenders, by number of agents and signatures."""
    rows = []
    print("\nleast loaded, then longest idle; nanoseconds, minimum (median)")
    print(
        f"{'agents':>7}{'signatures':>11}  {'contender':<24}{'pick':>18}{'cycle':>18}{'x ours':>8}"
    )
    for agents in (10, 100, 1_000) if options.quick else (10, 100, 1_000, 10_000):
        for signatures in (8, 64):
            people, needs = workload(agents, signatures)
            count = 300 if agents > 1_000 or options.quick else 2_000
            right = agreement(contenders(extra), people, needs, count)
            found = timed(right, needs, agents, options.rounds, options.budget)
            ours = found[0]["cycle_min_ns"]
            for row in found:
                ratio = row["cycle_min_ns"] / ours
                rows.append({"agents": agents, "signatures": signatures, **row, "x_ours": ratio})
                pick = f"{row['pick_min_ns']} ({row['pick_median_ns']})"
                cycle = f"{row['cycle_min_ns']} ({row['cycle_median_ns']})"
                print(
                    f"{agents:>7}{signatures:>11}  {row['contender']:<24}"
                    f"{pick:>18}{cycle:>18}{ratio:>8.1f}"
                )
    return rows


class InIntegers:
    """The live index as a caller with integers uses it, without a contender around it."""

    name = "integers"

    def __init__(self, people: Sequence[Person], needs: Sequence[frozenset[str]]) -> None:
        live = LiveIndex()
        live.load(people)
        self.index, self.now = live.index, START
        self.wanted = [live.requirement(each) for each in needs]

    def pick(self, count: int) -> float:
        index, now = self.index, self.now
        wanted = [self.wanted[n % len(self.wanted)] for n in range(count)]
        before = time.process_time()
        for requires in wanted:
            index.pick(requires, now)
        return time.process_time() - before

    def cycle(self, count: int) -> float:
        index, now = self.index, self.now
        wanted = [self.wanted[n % len(self.wanted)] for n in range(count)]
        before = time.process_time()
        for requires in wanted:
            now += 10
            index.assign("w", requires, index.pick(requires, now).id, now)
            index.complete("w", now + 5)
        spent = time.process_time() - before
        self.now = now
        return spent


class InPublic:
    """The router as its users call it; work and datetimes come from elsewhere, and cost nothing."""

    name = "work and datetimes"

    def __init__(self, people: Sequence[Person], needs: Sequence[frozenset[str]]) -> None:
        live = LiveRouter()
        live.load(people)
        self.router, self.now, self.wanted = live.router, START, needs
        self.requirement, self.works = live.requirement, []

    def pick(self, count: int) -> float:
        router, now, works = self.router, from_micros(self.now), self.pieces(count)
        before = time.process_time()
        for work in works:
            router.route(work, now)
        return time.process_time() - before

    def cycle(self, count: int) -> float:
        router, start, works = self.router, self.now, self.pieces(count)
        self.now = start + 10 * count
        moments = [
            (work, from_micros(now), from_micros(now + 5))
            for work, now in zip(works, range(start, self.now, 10), strict=True)
        ]
        before = time.process_time()
        for work, now, later in moments:
            router.assign(work, router.route(work, now).agent, now)
            router.complete(work.id, later)
        return time.process_time() - before

    def pieces(self, count: int) -> list[Work]:
        opened = from_micros(START)
        while len(self.works) < count:
            needs = self.wanted[len(self.works) % len(self.wanted)]
            requires = self.requirement(needs)
            self.works.append(Work(id=f"w{len(self.works)}", opened=opened, requires=requires))
        return self.works[:count]


class InPeer:
    """A contender, driven in the same way."""

    def __init__(
        self, peer: Contender, people: Sequence[Person], needs: Sequence[frozenset[str]]
    ) -> None:
        peer.load(people)
        self.peer, self.needs, self.now, self.name = peer, needs, START, peer.name

    def pick(self, count: int) -> float:
        peer, now = self.peer, self.now
        wanted = [self.needs[n % len(self.needs)] for n in range(count)]
        before = time.process_time()
        for needs in wanted:
            peer.pick(needs, now)
        return time.process_time() - before

    def cycle(self, count: int) -> float:
        peer, now = self.peer, self.now
        wanted = [self.needs[n % len(self.needs)] for n in range(count)]
        before = time.process_time()
        for needs in wanted:
            now += 10
            agent = peer.pick(needs, now)
            peer.take("w", needs, agent, now)
            peer.done("w", agent, now + 5)
        spent = time.process_time() - before
        self.now = now
        return spent


def budget(options: argparse.Namespace) -> list[Row]:
    """The figures that the design sets bounds to: 1,000 and 10,000 agents, 8 signatures."""
    entered = []
    for agents in (1_000, 10_000):
        people, needs = workload(agents, 8)
        for each in (
            InIntegers(people, needs),
            InPublic(people, needs),
            InPeer(SortedList(), people, needs),
            InPeer(LinearScan(), people, needs),
        ):
            count = max(20, options.cycles // (agents if each.name == LinearScan.name else 1))
            entered.append((each, agents, count))
    spent: dict[tuple[str, int], dict[str, list[float]]] = {}
    for _ in range(options.rounds):
        for each, agents, count in entered:
            found = spent.setdefault((each.name, agents), {"pick": [], "cycle": []})
            for kind, run in (("pick", each.pick), ("cycle", each.cycle)):
                run(count)  # the others have left nothing of it in the processor's caches
                found[kind].append(run(count) / count)
    return report(spent)


BOUNDS = {("integers", "pick"): 1.0, ("integers", "cycle"): 2.5}


def report(spent: dict[tuple[str, int], dict[str, list[float]]]) -> list[Row]:
    """Print who needs how long, how that grows, and what is allowed."""
    rows = []
    print(
        "\nbudget, 8 signatures; microseconds, minimum (median); a cycle is pick, assign, complete"
    )
    print(
        f"{'':>6} {'called with':<20}{'1,000 agents':>18}{'10,000 agents':>18}{'growth':>8}  bound"
    )
    for kind in ("pick", "cycle"):
        for name in dict.fromkeys(name for name, _ in spent):
            least, middle = (
                {agents: of(spent[name, agents][kind]) * 1e6 for agents in (1_000, 10_000)}
                for of in (min, statistics.median)
            )
            growth, bound = least[10_000] / least[1_000], BOUNDS.get((name, kind))
            allowed = "" if bound is None else f"{bound} at 1,000, growth 1.5"
            shown = [f"{least[agents]:.2f} ({middle[agents]:.2f})" for agents in (1_000, 10_000)]
            print(f"{kind:>6} {name:<20}{shown[0]:>18}{shown[1]:>18}{growth:>8.2f}  {allowed}")
            rows += [
                {
                    "kind": kind,
                    "called_with": name,
                    "agents": agents,
                    "min_us": least[agents],
                    "median_us": middle[agents],
                    "growth": growth,
                    "bound_us": bound,
                }
                for agents in (1_000, 10_000)
            ]
    return rows


def strategies(options: argparse.Namespace) -> list[Row]:
    """Every strategy without parameters, at 1,000 agents and 8 signatures."""
    rows = []
    print("\nstrategies, 1,000 agents, 8 signatures; nanoseconds, minimum")
    people, needs = workload(1_000, 8)
    for name, strategy in sorted(STRATEGIES.items()):
        live = LiveIndex(strategy)
        live.load(people)
        (row,) = timed({name: live}, needs, 1_000, options.rounds, options.budget)
        rows.append({"strategy": name, **row})
        print(f"  {name:<26}{row['pick_min_ns']:>10}{row['cycle_min_ns']:>10}")
    return rows


def latency(options: argparse.Namespace) -> Row:
    """Wall-clock latency of one cycle, at 1,000 agents and 8 signatures."""
    people, needs = workload(1_000, 8)
    live = LiveIndex()
    live.load(people)
    _, now = drive(live, needs, 2_000, 1_000, START)
    spent = []
    hands: deque[tuple[str, str]] = deque()
    for n in range(options.budget_of_latency):
        now += 1
        need, work = needs[n % 64], f"l{n}"
        before = time.perf_counter_ns()
        agent = live.pick(need, now)
        if agent is not None:
            live.take(work, need, agent, now)
            hands.append((work, agent))
        if len(hands) > 1_000:
            live.done(*hands.popleft(), now)
        spent.append(time.perf_counter_ns() - before)
    spent.sort()
    marks = {f"p{p}": spent[min(len(spent) - 1, int(len(spent) * p / 100))] for p in (50, 99, 99.9)}
    print("\nlatency of a cycle, wall clock: " + ", ".join(f"{k} {v} ns" for k, v in marks.items()))
    return marks


def batches(options: argparse.Namespace) -> list[Row]:
    """Matching with 30 percent of the pairs allowed: the pure solver against scipy."""
    rows = []
    print("\nbatch matching, milliseconds")
    if scipy_pairs is None:
        print("  scipy is missing, so it is not measured")
    for size in (50, 100) if options.quick else (50, 100, 200):
        chance = random.Random(size)  # noqa: S311 - the same on every run
        costs = {
            (r, c): chance.randrange(1_000)
            for r in range(size)
            for c in range(size)
            if chance.random() < 0.3
        }
        row: Row = {"size": size}
        answers = []
        for name, solve in (("pure", min_cost_matching), ("scipy", scipy_pairs)):
            if solve is not None:
                best = min(once(solve, costs) for _ in range(3))
                row[name] = best * 1e3
                pairs = solve(costs)
                answers.append((len(pairs), sum(costs[pair] for pair in pairs.items())))
        assert len(set(answers)) == 1, answers
        rows.append(row)
        print(
            f"  {size}x{size}: " + ", ".join(f"{k} {v:.1f}" for k, v in row.items() if k != "size")
        )
    return rows


def once(solve: Callable[[dict[tuple[int, int], int]], object], costs: Any) -> float:
    before = time.process_time()
    solve(costs)
    return time.process_time() - before


def soak(options: argparse.Namespace) -> Row:
    """Mixed operations on a live router; counts every hand that holds more than it may."""
    chance = random.Random(7)  # noqa: S311 - the same on every run
    people, needs = workload(1_000, 64)
    live = LiveIndex()
    live.load(people)
    index, now, hands, violations, lost = live.index, START, {}, 0, 0
    before = time.process_time()
    for n in range(options.operations):
        now += 1
        deed = chance.random()
        if deed < 0.5:
            agent = live.pick(needs[n % 64], now)
            if agent is None:
                lost += 1
            else:
                live.take(str(n), needs[n % 64], agent, now)
                hands[str(n)] = agent
                violations += index.agent_states[agent].load["work"] > CAPACITY
        elif deed < 0.95 and hands:
            work = next(iter(hands))
            live.done(work, hands.pop(work), now)
        elif deed < 0.99:
            someone = people[chance.randrange(1_000)].id
            index.set_status(someone, now, away=chance.random() < 0.3)
        else:
            someone = people[chance.randrange(1_000)].id
            agent_now = index.agent(someone)
            index.replace(Agent(id=someone, skills=agent_now.skills, capacity=CAPACITY))
    spent = time.process_time() - before
    over = sum(agent.load.get("work", 0) > CAPACITY for agent in index.agent_states.values())
    twice = len(hands) - sum(len(agent.held) for agent in index.agent_states.values())
    row = {
        "operations": options.operations,
        "capacity_violations": violations + over,
        "work_in_two_hands": twice,
        "nobody_free": lost,
        "ns_per_operation": round(spent / options.operations * 1e9),
    }
    print("\nmixed operations, seed 7: " + ", ".join(f"{k} {v}" for k, v in row.items()))
    assert not row["capacity_violations"]
    assert not twice
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, few rounds")
    parser.add_argument("--json", type=Path, help="write the record there")
    parser.add_argument("--with", dest="extra", action="append", default=[], metavar="MODULE:CLASS")
    options = parser.parse_args()
    options.rounds = 3 if options.quick else 7
    options.budget = 0.02 if options.quick else 0.1
    options.cycles = 2_000 if options.quick else 20_000
    options.budget_of_latency = 5_000 if options.quick else 50_000
    options.operations = 20_000 if options.quick else 1_000_000
    sys.path.insert(0, str(Path.cwd()))
    extra = [
        getattr(importlib.import_module(module), name)
        for module, name in (each.split(":") for each in options.extra)
    ]
    record = {
        "machine": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "numpy": None if np is None else np.__version__,
        "quick": options.quick,
        "budget": budget(options),
        "contenders": compare(options, extra),
        "strategies": strategies(options),
        "latency": latency(options),
        "batches": batches(options),
        "soak": soak(options),
    }
    if options.json:
        options.json.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
