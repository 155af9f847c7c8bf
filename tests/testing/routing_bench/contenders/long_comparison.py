"""All named worlds, played by the live router and by a linear scan: the same assignments.

    python -m tests.testing.routing_bench.contenders.long_comparison --seeds 60

plays each world with seeds from 2026 on, checks every assignment by the rules, and stops at the
first difference. `test_agreement` does so for small worlds and more contenders.
"""

from __future__ import annotations

import argparse
import sys

from tests.testing.routing_bench.contenders.test_agreement import made, played

from entitlements.testing.routing_bench import WORLDS, World, make_world

FIRST_SEED = 2026


def operations(world: World, other: str) -> int:
    """Return the number of calls of a contender; raise `AssertionError` at a difference."""
    found = []
    for name in ("live", other):
        contender = made(name)
        reason = contender.load(world)
        assert reason is None, reason
        notes, _ = played(world, contender)
        report = notes.checker.report()
        assert not report.violations, (world.name, world.seed, name, report.examples)
        found.append((notes.assigned, report.operations))
    assert found[0] == found[1], (world.name, world.seed, other)
    return found[0][1]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--agents", type=int, default=10)
    parser.add_argument("--pieces", type=int, default=1_000)
    parser.add_argument("--contender", default="linear_scan")
    given = parser.parse_args()
    total = 0
    for seed in range(FIRST_SEED, FIRST_SEED + given.seeds):
        for name in WORLDS:
            world = make_world(name, agents=given.agents, pieces=given.pieces, seed=seed)
            total += operations(world, given.contender)
        sys.stdout.write(f"{total} operations, seeds up to {seed}, no difference\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
