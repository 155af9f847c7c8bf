"""What an import costs: milliseconds over attrs and pendulum, modules and classes.

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

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BASE = "import attrs, pendulum"
STATEMENTS = {
    "attrs and pendulum": BASE,
    "one name: Calendar": f"{BASE}; from entitlements import Calendar",
    "one name: SlaPolicy": f"{BASE}; from entitlements import SlaPolicy",
    "all thirty names": f"{BASE}; from entitlements import *",
    "README's first answer": f"{BASE}\n{README.partition('```python')[2].partition('```')[0]}",
}
COUNT = """
import sys
modules = [each for name, each in sys.modules.items() if name.startswith("entitlements")]
classes = {each for module in modules for each in vars(module).values() if isinstance(each, type)}
own = [each for each in classes if each.__module__.startswith("entitlements.")]
print(len(modules), sum(map(attrs.has, own)))
"""


def milliseconds(statement: str, cache: str) -> float:
    """Return the processor time of `statement` in a new interpreter."""
    script = f"import time; begin = time.process_time()\n{statement}\n"
    script += "print(time.process_time() - begin)"
    return float(output(script, cache)[-1]) * 1000


def output(script: str, cache: str) -> list[str]:
    """Return the words that `script` prints in a new interpreter; byte code is in `cache`."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""}
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    return run.stdout.split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="five rounds instead of 21")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    with TemporaryDirectory() as cache:
        counts = {name: output(each + COUNT, cache)[-2:] for name, each in STATEMENTS.items()}
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
        modules, classes = counts[name]
        print(f"{name:22} {figure:7.1f} ms{over:25} {modules:>4} modules {classes:>4} classes")
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
