"""The routing benchmark of the library on all of its worlds, with the scaling table.

python benchmarks/bench_routing.py [--quick] [--json FILE]

This is `entitlements bench routing` with the worlds, contenders and sizes that are compared from
release to release; `docs/benchmarking.md` describes them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from entitlements.cli.main import main as entitlements

CONTENDERS = "live,sorted_lists,linear_scan,numpy_masks,scipy_matching,simpy_store"
QUICK = ["--agents", "20", "--pieces", "300", "--rounds", "1", "--budget", "0.5", "--no-memory"]
FULL = ["--agents", "200", "--pieces", "5000", "--rounds", "5", "--budget", "10"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small worlds, few rounds")
    parser.add_argument("--json", type=Path, help="write the record there")
    options = parser.parse_args()
    words = ["bench", "routing", "--world", "all", "--contenders", CONTENDERS, "--scaling"]
    words += QUICK if options.quick else FULL
    if options.json:
        words += ["--json", str(options.json)]
    # SciPy's matching knows no order of service, so that broken rules are no failure here.
    return 0 if entitlements(words) in {0, 1} else 2


if __name__ == "__main__":
    sys.exit(main())
