"""What an import costs: the names of the front door, over attrs and pendulum, in milliseconds.

Each statement runs in a new interpreter, with byte code written before; processor time is taken,
the statements in turn, the median of the rounds. `--quick` runs fewer rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

BASE = "import attrs, pendulum"
STATEMENTS = {
    "attrs and pendulum": BASE,
    "one name: Calendar": f"{BASE}; from entitlements import Calendar",
    "one name: SlaPolicy": f"{BASE}; from entitlements import SlaPolicy",
    "all thirty names": f"{BASE}; from entitlements import *",
}


def milliseconds(statement: str, cache: str) -> float:
    """Return the processor time of `statement` in a new interpreter."""
    script = (
        f"import time; begin = time.process_time(); {statement}; print(time.process_time() - begin)"
    )
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""}
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    return float(run.stdout) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="five rounds instead of 21")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    with TemporaryDirectory() as cache:
        for statement in STATEMENTS.values():
            milliseconds(statement, cache)
        rounds = [
            {name: milliseconds(statement, cache) for name, statement in STATEMENTS.items()}
            for _ in range(5 if options.quick else 21)
        ]
    figures = {
        name: statistics.median(
            each[name] - (0 if name == "attrs and pendulum" else each["attrs and pendulum"])
            for each in rounds
        )
        for name in STATEMENTS
    }
    for name, figure in figures.items():
        over = "" if name == "attrs and pendulum" else " over attrs and pendulum"
        print(f"{name:22} {figure:7.1f} ms{over}")
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
