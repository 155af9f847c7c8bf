"""The documented loop of router and backlog beside two event simulators, with equal waiting times.

python benchmarks/bench_routing_simulators.py [--quick] [--json FILE]

Arrivals, handling times and skills are drawn before, so that every program serves the same pieces:
first come first served across skills, by the agent who is idle longest. Times are what each program
takes: datetimes for the router, numbers for the simulators. The waiting time of every piece must be
the same in all of them; a program with other times is named and not compared. Figures are pieces a
second of processor time, median of interleaved rounds.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from typing import Any, NamedTuple

from entitlements.kernel.instants import from_micros
from entitlements.routing import (
    FIRST_IN_FIRST_OUT,
    LONGEST_IDLE,
    Agent,
    Assigned,
    Backlog,
    Requirement,
    Roster,
    Router,
    Work,
)
from entitlements.testing.routing_bench import Piece, make_world

try:
    import simpy
except ImportError:
    simpy = None
try:
    import ciw
except ImportError:
    ciw = None


class Case(NamedTuple):
    """One piece: arrival and handling time, in microseconds from the start, and skill.

    The last two are the same times as the router takes them.
    """

    at: int
    handling: int
    skill: str
    opened: datetime
    lasts: timedelta


class Scene(NamedTuple):
    """Agents with their skills, and the pieces in order of arrival."""

    name: str
    agents: dict[str, frozenset[str]]
    cases: list[Case]


Waits = list[int]
MICROSECOND = timedelta(microseconds=1)


def scenes(pieces: int) -> list[Scene]:
    """One skill and ten agents at load 0.9, and 20 skills with two for each of 200 agents."""
    small = make_world("uniform", agents=10, pieces=pieces)
    large = make_world("uniform", agents=200, pieces=pieces)
    one = [case(each.at - small.start, each.handling, "all") for each in arrivals(small)]
    many = [
        case(each.at - large.start, each.handling, next(iter(each.needs.skills)))
        for each in arrivals(large)
    ]
    return [
        Scene("one skill, 10 agents", {a.id: frozenset(["all"]) for a in small.agents}, one),
        Scene("20 skills, 200 agents", {a.id: frozenset(a.skills) for a in large.agents}, many),
    ]


def case(at: int, handling: int, skill: str) -> Case:
    return Case(at, handling, skill, from_micros(at), timedelta(microseconds=handling))


def arrivals(world: Any) -> list[Piece]:
    return [each for each in world.events if isinstance(each, Piece)]


def documented(scene: Scene) -> list[timedelta]:
    """`Router.route` at the arrival, `Backlog` for what must wait, drained when agents are free."""
    agents = [
        Agent(id=id, skills=sorted(skills), capacity=1) for id, skills in scene.agents.items()
    ]
    router, backlog = Router(Roster(agents=agents), LONGEST_IDLE), Backlog(FIRST_IN_FIRST_OUT)
    cases = scene.cases
    needs = {skill: Requirement(skills=[skill]) for skill in {each.skill for each in cases}}
    waits = [timedelta()] * len(cases)
    busy: list[tuple[datetime, str]] = []

    def finish(until: datetime) -> None:
        while busy and busy[0][0] <= until:
            at, id = heappop(busy)
            router.complete(id, at)
            for answer in backlog.drain(router, at):
                piece = cases[int(answer.work)]
                waits[int(answer.work)] = at - piece.opened
                heappush(busy, (at + piece.lasts, answer.work))

    for number, piece in enumerate(cases):
        at = piece.opened
        finish(at)
        work = Work(id=str(number), opened=at, requires=needs[piece.skill])
        answer = router.route(work, at)
        if isinstance(answer, Assigned):
            router.assign(work, answer.agent, at)
            heappush(busy, (at + piece.lasts, work.id))
        else:
            backlog.add(work)
    finish(datetime.max.replace(tzinfo=UTC))
    return waits


def in_simpy(scene: Scene) -> Waits:
    """A process for each piece, and a store of agents with a filter."""
    environment = simpy.Environment()
    store = simpy.FilterStore(environment)
    store.items += list(scene.agents.values())
    waits = [0] * len(scene.cases)

    def served(number: int, case: Case) -> Any:
        agent = yield store.get(lambda skills: case.skill in skills)
        waits[number] = environment.now - case.at
        yield environment.timeout(case.handling)
        yield store.put(agent)

    def source() -> Any:
        for number, case in enumerate(scene.cases):
            yield environment.timeout(case.at - environment.now)
            environment.process(served(number, case))

    environment.process(source())
    environment.run()
    return waits


def in_ciw(scene: Scene) -> Waits:
    """A node whose servers have skills; a free one takes the first piece that it can."""
    cases, skills = scene.cases, list(scene.agents.values())

    class Node(ciw.Node):  # type: ignore[name-defined,misc]
        """A node that looks at skills."""

        def find_free_server(self, ind: Any) -> Any:
            wanted = cases[ind.id_number - 1].skill
            free = (
                each for each in self.servers
                if not each.busy and wanted in skills[each.id_number - 1]
            )  # fmt: skip
            return min(free, key=lambda each: getattr(each, "released", -1), default=None)

        def choose_next_customer(self) -> Any:
            waiting = (each for each in self.individuals[0] if not each.server)
            if self.freed is None:
                return self.individuals[0][-1]
            able = skills[self.freed.id_number - 1]
            return next((i for i in waiting if cases[i.id_number - 1].skill in able), None)

        freed = None

        def begin_service_if_possible_release(self, individual: Any, server: Any) -> None:
            server.released = self.now
            self.freed = server
            super().begin_service_if_possible_release(individual, server)
            self.freed = None

    class Handling(ciw.dists.Distribution):  # type: ignore[name-defined,misc]
        """The handling time of the piece."""

        def sample(self, t: object = None, ind: Any = None) -> int:  # noqa: ARG002 - as Ciw calls it
            return cases[ind.id_number - 1].handling

    gaps = [
        now.at - before for now, before in zip(cases, [0, *(c.at for c in cases)], strict=False)
    ]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, 2**60])],
        service_distributions=[Handling()],
        number_of_servers=[len(skills)],
    )
    simulation = ciw.Simulation(network, node_class=Node)
    simulation.simulate_until_max_customers(len(cases), method="Finish")
    waits = [0] * len(cases)
    for record in simulation.get_all_records():
        waits[record.id_number - 1] = record.waiting_time
    return waits


def programs() -> dict[str, Callable[[Scene], list[Any]]]:
    """Every program that can run here; the others are named."""
    found: dict[str, Callable[[Scene], list[Any]]] = {"documented loop": documented}
    for name, module, program in (("SimPy", simpy, in_simpy), ("Ciw", ciw, in_ciw)):
        if module is None:
            print(f"{name} is missing, so it is not measured")
        else:
            found[name] = program
    return found


def compare(scene: Scene, rounds: int) -> list[dict[str, Any]]:
    """Time everybody in turns, after a round in which waiting times are compared."""
    entered = programs()
    expected = [each // MICROSECOND for each in documented(scene)]
    for name, program in list(entered.items())[1:]:
        found = program(scene)
        if found != expected:
            other = sum(a != b for a, b in zip(found, expected, strict=True))
            print(f"  {name}: {other} of {len(expected)} pieces wait otherwise: not timed")
            del entered[name]
    spent: dict[str, list[float]] = {name: [] for name in entered}
    for _ in range(rounds):
        for name, program in entered.items():
            before = time.process_time()
            program(scene)
            spent[name].append(time.process_time() - before)
    rows = []
    print(f"\n{scene.name}, {len(scene.cases)} pieces; pieces a second, and the ratio of ours")
    for name, values in spent.items():
        rate = len(scene.cases) / statistics.median(values)
        ours = zip(spent["documented loop"], values, strict=True)
        ratio = statistics.median(other / mine for mine, other in ours)
        rows.append({"scene": scene.name, "program": name, "per_second": rate, "x_ours": ratio})
        print(f"  {name:<16}{rate:>12,.0f}{ratio:>8.2f}")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few pieces and rounds")
    parser.add_argument("--json", type=Path, help="write the record there")
    options = parser.parse_args()
    pieces, rounds = (1_500, 1) if options.quick else (30_000, 5)
    rows = [row for scene in scenes(pieces) for row in compare(scene, rounds)]
    if options.json:
        record = {"python": platform.python_version(), "quick": options.quick, "rows": rows}
        options.json.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
