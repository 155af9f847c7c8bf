"""Compare many decisions with those of the oracle: `python -m tests.access.differential 500 0`.

It prints what was reached: shares of the outcomes and hits of every reason. Two arguments, how many
worlds and the first seed, replay any of them.
"""

from __future__ import annotations

import sys
from collections import Counter
from random import Random
from time import perf_counter

from entitlements.access import Decision, Deferred, Denied, Granted, Reason
from entitlements.access.decider import AccountDecider
from entitlements.kernel.instants import from_micros
from entitlements.testing.oracles.access import NaiveAccess, Verdict
from entitlements.testing.strategies.worlds.access import World, world


def said(decision: Decision) -> Verdict:
    """Return a decision in the oracle's words."""
    tried = {
        (each.contract, each.line, each.right): frozenset(each.reasons)
        for each in decision.candidates
    }
    if isinstance(decision, Denied):
        return Verdict(outcome="denied", reasons=frozenset(decision.reasons), tried=tried)
    promise, charge = decision.entitlement, decision.charge
    return Verdict(
        outcome="granted" if isinstance(decision, Granted) else "deferred",
        name=(promise.contract, promise.line, promise.right),
        group=decision.group,
        immediate=isinstance(decision, Granted) and decision.immediate,
        opens=decision.opens_at if isinstance(decision, Deferred) else None,
        charge=(charge.kind.value, charge.allowance, charge.consent_needed),
        experts=promise.experts,
        language=decision.promise.language,
        tried=tried,
    )


def compare(drawn: World, reached: Counter[str]) -> list[str]:
    """Return the differences in one world, and count what was reached."""
    terms, naive = (
        AccountDecider(drawn.account, drawn.catalog),
        NaiveAccess(drawn.catalog, drawn.account),
    )
    found = []
    for request, at in drawn.questions:
        ours = said(terms.decide_at(request, at))
        theirs = naive.decide(request, from_micros(at))
        reached[theirs.outcome] += 1
        reached.update([f"charge {theirs.charge[0]}"] if theirs.charge else [])
        reached.update({reason for each in theirs.tried.values() for reason in each})
        reached.update(reason for reason in theirs.reasons if not theirs.tried)
        if ours != theirs or ours.tried != theirs.tried:
            found.append(f"{from_micros(at)} {request}\nours   {ours}\ntheirs {theirs}")
    return found


def seeded(seed: int) -> World:
    """Return the world of a seed."""
    return world(Random(seed))  # noqa: S311 - a seed has to replay it


def run(worlds: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Return what was reached in so many worlds, and the differences."""
    reached: Counter[str] = Counter()
    found: list[str] = []
    for number in range(seed, seed + worlds):
        found += [f"seed {number}: {each}" for each in compare(seeded(number), reached)]
    return reached, found


if __name__ == "__main__":
    count, first = int(sys.argv[1]), int(sys.argv[2])
    began = perf_counter()
    hits, wrong = run(count, first)
    total = hits["granted"] + hits["deferred"] + hits["denied"]
    lines = [f"{total} decisions in {perf_counter() - began:.0f} s, {len(wrong)} differences"]
    kinds = sorted(name for name in hits if name.startswith("charge "))
    names = ("granted", "deferred", "denied", *kinds, *Reason)
    lines += [f"{hits[name]:9} {name}" for name in names]
    sys.stdout.write("\n".join([*lines, *wrong[:3]]) + "\n")
