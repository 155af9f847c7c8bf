"""Batch matching: the solver in plain Python beside SciPy's, with equal answers.

python benchmarks/bench_batch_assignment.py [--quick] [--json FILE]

30 percent of the pairs are allowed. Figures are milliseconds of processor time, minimum of three.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from entitlements.routing.batch_assignment import min_cost_matching

try:
    from entitlements.batch import scipy_pairs
except ImportError:
    scipy_pairs = None  # type: ignore[assignment]

Costs = dict[tuple[int, int], int]


def drawn(size: int) -> Costs:
    """Costs of the allowed pairs of so many pieces and as many agents."""
    chance = random.Random(size)  # noqa: S311 - the same on every run
    return {
        (row, column): chance.randrange(1_000)
        for row in range(size)
        for column in range(size)
        if chance.random() < 0.3
    }


def once(solve: Callable[[Any], object], costs: Costs) -> float:
    before = time.process_time()
    solve(costs)
    return time.process_time() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--json", type=Path, help="write the record there")
    options = parser.parse_args()
    if scipy_pairs is None:
        print("SciPy is missing, so it is not measured")
    rows = []
    for size in (20, 50) if options.quick else (50, 100, 200):
        costs, answers = drawn(size), set()
        row: dict[str, Any] = {"size": size}
        for name, solve in (("pure", min_cost_matching), ("scipy", scipy_pairs)):
            if solve is not None:
                row[name] = min(once(solve, costs) for _ in range(3)) * 1e3
                pairs = solve(costs)
                answers.add((len(pairs), sum(costs[pair] for pair in pairs.items())))
        assert len(answers) == 1, answers
        rows.append(row)
        times = ", ".join(f"{name} {value:.1f}" for name, value in row.items() if name != "size")
        print(f"{size}x{size}: {times} ms")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
