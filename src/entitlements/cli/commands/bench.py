"""Command `bench`: routers measured on the same worlds, with every choice checked."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from entitlements.cli.arguments import Parser
from entitlements.cli.bench.selection import named_contenders, named_worlds, summaries
from entitlements.cli.files.written_files import write_file
from entitlements.cli.garbage_collector import tune_garbage_collector
from entitlements.kernel.errors import InvalidValueError
from entitlements.testing.routing_bench import (
    BenchResult,
    Clock,
    ScalingRow,
    bench_chart,
    bench_record,
    run_bench,
    run_scaling,
    write_world,
)

SUBJECTS: Final = ("routing",)
MAX_ROUNDS: Final = 1_000
FINDINGS: Final = 1


def run(words: Sequence[str]) -> int:
    """Measure contenders on worlds and print tables; 1 if a contender broke a rule."""
    asked = _parser().read(words)
    if asked.list:
        sys.stdout.write(summaries())
        return 0
    _check(asked)
    worlds = named_worlds(asked)
    if asked.write_world is not None:
        return _write(worlds, asked.write_world)
    sys.path.insert(0, str(Path.cwd()))  # a contender of your own is a module beside you
    makers = named_contenders(asked.contenders, asked.database)
    if find_spec("rich") is None:
        raise InvalidValueError(
            "the benchmark needs `rich`, which is not installed",
            hint="install `entitlements[cli]`",
        )
    from entitlements.cli.bench.screen import (  # noqa: PLC0415 - rich is an extra
        BenchProgress,
        show,
    )

    options = _options(asked)
    rounds = len(worlds) * len(makers) * (asked.rounds + 1 + (not asked.no_memory))
    with BenchProgress(rounds) as progress, tune_garbage_collector():
        results = tuple(
            run_bench(each, makers, memory=not asked.no_memory, progress=progress, **options)
            for each in worlds
        )
        scaling: tuple[ScalingRow, ...] = ()
        if asked.scaling:
            progress.expect_scaling(len(makers) * asked.rounds)
            seed = {} if asked.seed is None else {"seed": asked.seed}
            scaling = run_scaling(makers, progress=progress, **seed, **options)
    show(results, scaling)
    _save(asked, results, scaling)
    broken = any(each.rules.total for result in results for each in result.results)
    return FINDINGS if broken else 0


def _parser() -> Parser:
    parser = Parser("bench", "Measure routers on the same worlds, and check every choice.")
    parser.add_argument("subject", choices=SUBJECTS, help="what is measured")
    parser.add_argument(
        "--world", action="append", metavar="NAME",
        help="named world, `all`, or a file of `--write-world`; may be repeated; default: real_day",
    )  # fmt: skip
    parser.add_argument("--agents", type=int, help="agents of a named world; default: 200")
    parser.add_argument("--pieces", type=int, help="pieces of a named world; default: 5000")
    parser.add_argument("--seed", type=int, help="seed of a named world; default: 2026")
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds of each contender")
    parser.add_argument(
        "--budget", type=float, default=5.0, metavar="SECONDS",
        help="time inside a contender after which a round ends early; 0 for no end",
    )  # fmt: skip
    parser.add_argument(
        "--contenders", default="live,sorted_lists,linear_scan", metavar="NAMES",
        help="names with commas, `all`, or MODULE:CLASS of your own; ratios are to the first",
    )  # fmt: skip
    parser.add_argument("--database", metavar="URL", help="PostgreSQL for `desk_postgres`")
    parser.add_argument(
        "--clock", choices=[each.value for each in Clock], default=Clock.WALL.value,
        help="elapsed time, or processor time of the thread",
    )  # fmt: skip
    parser.add_argument("--no-memory", action="store_true", help="leave out the round for memory")
    parser.add_argument("--scaling", action="store_true", help="measure the scaling table too")
    parser.add_argument("--json", metavar="FILE", help="write the record; `-` for standard output")
    parser.add_argument("--chart", metavar="FILE", help="write a chart as SVG")
    parser.add_argument("--write-world", metavar="FILE", help="write the world and end")
    parser.add_argument("--list", action="store_true", help="list worlds and contenders")
    return parser


def _check(asked: Namespace) -> None:
    if not 1 <= asked.rounds <= MAX_ROUNDS:
        raise InvalidValueError(
            f"`{asked.rounds}` rounds", hint=f"from 1 to {MAX_ROUNDS}", path="--rounds"
        )
    if not 0 <= asked.budget < float("inf"):
        raise InvalidValueError(f"`{asked.budget}` seconds", hint="0 or more", path="--budget")
    asked.budget = asked.budget or None


def _options(asked: Namespace) -> dict[str, Any]:
    return {"rounds": asked.rounds, "budget": asked.budget, "clock": Clock(asked.clock)}


def _write(worlds: Sequence[object], file: str) -> int:
    if len(worlds) != 1:
        raise InvalidValueError(f"{len(worlds)} worlds", hint="name one", path="--write-world")
    events = write_world(worlds[0], file)  # type: ignore[arg-type]
    sys.stderr.write(f"wrote {file} with {events} events\n")
    return 0


def _save(asked: Namespace, results: Sequence[BenchResult], scaling: Sequence[ScalingRow]) -> None:
    if asked.json is not None:
        text = json.dumps(bench_record(results, scaling), indent=1) + "\n"
        if asked.json == "-":
            sys.stdout.write(text)
        else:
            write_file(asked.json, text)
    if asked.chart is not None:
        write_file(asked.chart, bench_chart(results, scaling))
