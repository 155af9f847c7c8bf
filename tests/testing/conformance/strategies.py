"""Cases of the corpus for every routing strategy: one roster on which they choose differently."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.testing.conformance.expected import expected_answer

from entitlements.documents import parse_facts
from entitlements.kernel.instants import utc
from entitlements.kernel.requests import Request
from entitlements.testing.oracles.routing import MEASURES

SOURCE = "oracles: the best of all pairs of agents who can take the work"
SEED = 283
AT = "2026-03-02T12:00:00Z"
NAMES = ("ada", "bob", "cleo", "dan", "eve", "finn")
BY_LOAD = ("least_loaded", "most_spare", "most_spare_ratio")
LOADS = {"ada": 1, "bob": 2, "cleo": 0, "dan": 2, "eve": 1, "finn": 1}
SKILLS = ("oracle", "spanish", "linux")


def strategy_groups() -> Iterator[dict[str, Any]]:
    """Yield a group for each strategy."""
    document = roster_document(Random(SEED))  # noqa: S311 - the same roster in every build
    yield _by_measures("by default", document, ("least_loaded", "longest_idle"))
    for name in MEASURES:
        chained = {**document, "routing": {"strategy": [name]}}
        yield _by_measures(name, chained, (name,))
    for name in BY_LOAD:
        loaded = {**with_work(document), "routing": {"strategy": [name]}}
        yield _by_measures(f"{name} of agents with work", loaded, (name,))
    yield from _drawn(document)
    yield from _scored(document)


def roster_document(random: Random) -> dict[str, Any]:
    """Return a document with six agents, whose skills, loads and counters are drawn."""
    agents, workloads = [], {}
    for position, name in enumerate(NAMES):
        skills = {each: random.randint(1, 5) for each in SKILLS if random.random() < 0.7}
        agents.append({
            "id": name, "groups": ["dba"], "skills": {"oracle": 1, **skills},
            "capacity": random.randint(3, 5), "tier": random.randint(0, 2),
            "weight": random.randint(1, 3), "speed": random.randint(1, 3),
            "position": (position * 5) % 6,
        })  # fmt: skip
        busy = random.randint(1, 9) * 10
        workloads[name] = {
            "last_assigned": f"2026-03-02T0{random.randint(1, 9)}:00:00Z",
            "released": f"2026-03-02T0{random.randint(1, 9)}:30:00Z",
            "handled": random.randint(0, 9), "assigned": random.randint(1, 9),
            "assignment_number": random.randint(1, 99), "busy": f"{busy}m",
        }  # fmt: skip
    return {
        "products": ["db"],
        "groups": ["dba"],
        "plans": [{"id": "gold", "severities": ["S1"], "channels": ["web"], "group": "dba",
                   "reached": "always", "first_response": "1h always"}],
        "agents": agents,
        "roster": {"since": "2026-03-02T00:00:00Z", "workloads": workloads},
        "accounts": [{"customer": "acme", "contracts": [
            {"id": "C-1", "zone": "UTC", "start": "2026-01-01", "months": 12, "any_contact": True,
             "lines": [{"id": "1", "plan": "gold"}]}]}],
    }  # fmt: skip


def with_work(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document in which some agents have work already."""
    piece = {"requires": {"groups": ["dba"]}, "since": "2026-03-02T08:00:00Z"}
    workloads = {
        name: {**said, "held": {f"{name}-{n}": piece for n in range(LOADS[name])}}
        for name, said in document["roster"]["workloads"].items()
    }
    return {**document, "roster": {**document["roster"], "workloads": workloads}}


def _asked(id: str, **skills: int) -> dict[str, Any]:
    return {"id": id, "customer": "acme", "contact": "dana", "product": "db", "severity": "S1",
            "channel": "web", "skills": skills}  # fmt: skip


def _by_measures(name: str, document: dict[str, Any], measures: tuple[str, ...]) -> dict[str, Any]:
    facts = parse_facts(json.dumps(document), format="json")
    wanted: tuple[dict[str, int], ...] = ({"oracle": 1}, {"spanish": 1}, {"linux": 2, "oracle": 1})
    cases = []
    for number, skills in enumerate(wanted, start=1):
        asked = _asked(f"R-{number}", **skills)
        expect = expected_answer(facts, Request(**asked), utc(AT), measures=measures)
        cases.append({"name": f"{name}, R-{number}", "request": asked, "at": AT, "expect": expect})
    return {"name": f"strategy {name}", "source": SOURCE, "document": document, "cases": cases}


def _drawn(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the strategies of a pseudo-random order, which the guide defines by a hash."""
    for name, strategy, epoch, size in (
        ("seeded_random", ["seeded_random"], "", 1),
        ("seeded_random of an epoch", [{"kind": "seeded_random", "epoch": "2026"}], "2026", 1),
        ("power_of_d", [{"kind": "power_of_d", "size": 3, "epoch": "x"}, "least_loaded"], "x", 3),
    ):
        sample = sorted(NAMES, key=lambda agent: _draw("R-1", agent, epoch))[:size]
        last = document["roster"]["workloads"]
        agent = min(sample, key=lambda each: (last[each]["last_assigned"], each))
        yield _group(document, name, strategy, agent, "the hash of the routing guide")


def _draw(work: str, agent: str, epoch: str) -> bytes:
    text = f"{len(work)}:{work}{len(agent)}:{agent}{epoch}"
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def _scored(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the strategies with coefficients, and the longest idle by another instant."""
    work, agents = document["roster"]["workloads"], document["agents"]

    def first(key: Any) -> str:
        chosen = min(agents, key=lambda each: (key(each), work[each["id"]]["last_assigned"],
                                               each["id"]))  # fmt: skip
        return str(chosen["id"])

    demand = {"spanish": 5, "linux": 2}
    yield _group(
        document,
        "least_opportunity_cost",
        [{"kind": "least_opportunity_cost", "demand": demand}],
        first(lambda each: sum(demand.get(skill, 0) for skill in each["skills"])),
        "the routing guide",
    )
    yield _group(
        document,
        "affine_score",
        [{"kind": "affine_score", "groups": {"dba": {"base": 10, "per_idle": -1}}}],
        first(lambda each: -utc(work[each["id"]]["released"]).timestamp()),
        "the routing guide: who has been idle for the shortest time",
    )
    yield _group(
        document,
        "longest_idle since the last assignment",
        [{"kind": "longest_idle", "since": "last_assigned"}],
        first(lambda each: work[each["id"]]["last_assigned"]),
        "the routing guide",
    )


def _group(
    document: dict[str, Any], name: str, strategy: list[Any], agent: str, source: str
) -> dict[str, Any]:
    case = {"name": f"{name}, R-1", "request": _asked("R-1"), "at": AT, "expect": {"agent": agent}}
    changed = {**document, "routing": {"strategy": strategy}}
    return {"name": f"strategy {name}", "source": source, "document": changed, "cases": [case]}
