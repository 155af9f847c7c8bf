"""Compare many decisions with those by the guide: `python -m tests.access.by_the_guide 500 0`.

Two arguments, how many worlds and the first seed, replay any of them.
"""

from __future__ import annotations

import sys
from collections import Counter
from random import Random
from time import perf_counter

from entitlements.access import Reason
from entitlements.access.decider import AccountDecider
from entitlements.kernel.instants import from_micros
from entitlements.testing.laws.answers import in_terms_of_the_guide
from entitlements.testing.oracles.by_the_guide.decision import decision_by_the_guide
from entitlements.testing.strategies.worlds.access import World
from entitlements.testing.strategies.worlds.hostile_worlds import hostile_world


def compare(drawn: World, reached: Counter[str]) -> list[str]:
    """Return the differences in one world, and count what was reached."""
    terms = AccountDecider(drawn.account, drawn.catalog)
    found = []
    for request, micros in drawn.questions:
        at = from_micros(micros)
        ours = in_terms_of_the_guide(terms.decide_at(request, micros))
        guide = decision_by_the_guide(request, drawn.catalog, drawn.account, at)
        reached[guide.kind] += 1
        reached.update(guide.reasons)
        reached.update([] if guide.charge is None else [f"charge {guide.charge}"])
        if ours != guide:
            found.append(f"{at} {request}\nours  {ours}\nguide {guide}")
    return found


def seeded(seed: int, questions: int = 3) -> World:
    """Return the world of a seed."""
    return hostile_world(Random(seed), questions)  # noqa: S311 - a seed has to replay it


def run(count: int, first: int) -> tuple[Counter[str], list[str]]:
    """Compare the worlds of `count` seeds."""
    reached: Counter[str] = Counter()
    wrong: list[str] = []
    for seed in range(first, first + count):
        wrong += [f"seed {seed}: {each}" for each in compare(seeded(seed), reached)]
    return reached, wrong


if __name__ == "__main__":
    count, first = int(sys.argv[1]), int(sys.argv[2])
    began = perf_counter()
    hits, wrong = run(count, first)
    total = hits["granted"] + hits["deferred"] + hits["denied"]
    lines = [f"{total} decisions in {perf_counter() - began:.0f} s, {len(wrong)} differences"]
    kinds = sorted(name for name in hits if name.startswith("charge "))
    lines += [
        f"{hits[name]:9} {name}" for name in ("granted", "deferred", "denied", *kinds, *Reason)
    ]
    sys.stdout.write("\n".join([*lines, *wrong]) + "\n")
