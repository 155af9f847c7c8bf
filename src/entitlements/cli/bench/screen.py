"""The benchmark on a terminal: a progress bar, and tables of what was found."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final, Self, TextIO, final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from entitlements.cli.screens.tables import Screen, head, table
from entitlements.testing.routing_bench import (
    BenchResult,
    Clock,
    ContenderResult,
    Dimension,
    ScalingRow,
    bench_environment,
)

_WHOLE: Final = 1_000
"""Microseconds from which no fraction is shown."""

SIZES: Final = 24
"""Rows of the scaling table: four dimensions of six sizes."""


@final
class BenchProgress:
    """A progress bar on standard error, if that is a terminal; one step for each round."""

    def __init__(self, rounds: int) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._progress.add_task("measuring", total=rounds)

    def expect_scaling(self, rounds: int) -> None:
        """Add the rounds of the scaling table to what is expected."""
        self._progress.reset(self._task, total=SIZES * rounds)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, name: str, kind: str) -> None:
        """Take note of the round that begins now."""
        self._progress.update(self._task, description=f"{name}, {kind}", advance=1)


def show(
    results: Sequence[BenchResult],
    scaling: Sequence[ScalingRow] = (),
    file: TextIO | None = None,
) -> None:
    """Print the tables on standard output, or into `file`."""
    console = Screen(file=file, highlight=False)
    made = bench_environment()
    console.print(
        f"{made['python']}, {made['cores']} cores, {made['machine']}", markup=False, soft_wrap=True
    )
    for result in results:
        world = result.world
        clock = "processor time" if result.clock is Clock.CPU else "elapsed time"
        head(
            console,
            f"{world.name}: {len(world.agents)} agents, {world.pieces} pieces, seed {world.seed}, "
            f"order {world.order.value}; {result.rounds} rounds, {clock}",
        )
        if result.results:
            console.print(_speed(result, plain=console.options.ascii_only))
            console.print(_latencies(result, plain=console.options.ascii_only))
            console.print(_outcomes(result, plain=console.options.ascii_only))
            console.print(_waits(result, plain=console.options.ascii_only))
        if not all(each.finished for each in result.results):
            console.print("* a part of the world, to the end of the budget", markup=False)
        for each in result.results:
            if each.rules.total:
                console.print(f"{each.name} broke {_broken(each)}", markup=False, soft_wrap=True)
            for line in map(str, each.rules.examples[:3]):
                console.print(f"{each.name} broke {line}", markup=False, soft_wrap=True)
        for name, reason in result.left_out.items():
            console.print(f"{name} is left out: {reason}", markup=False, soft_wrap=True)
    if scaling:
        head(console, "Scaling: microseconds of an operation")
        for dimension in Dimension:
            console.print(_scaling(scaling, dimension, plain=console.options.ascii_only))


def _speed(result: BenchResult, *, plain: bool) -> Table:
    made = table(
        "contender", "ops/s", "x\nfirst", "p50\nus", "p99\nus", "max\nus", "KiB", "broken\nrules",
        plain=plain,
    )  # fmt: skip
    for each in result.results:
        latency = each.latency["all"]
        memory = "" if each.memory is None else f"{each.memory.end / 1024:.0f}"
        early = "" if each.finished else "*"
        made.add_row(
            f"{each.name}{early}", f"{each.per_second:,.0f}", f"{each.ratio:.3g}",
            _micros(latency.p50), _micros(latency.p99), _micros(latency.longest),
            memory, f"{each.rules.total}",
        )  # fmt: skip
    return made


def _micros(nanoseconds: int) -> str:
    micros = nanoseconds / 1e3
    return f"{micros:.1f}" if micros < _WHOLE else f"{micros:.0f}"


def _broken(result: ContenderResult) -> str:
    counts = result.rules.violations
    return ", ".join(f"{rule.value} {count} times" for rule, count in counts.items())


def _latencies(result: BenchResult, *, plain: bool) -> Table:
    made = table("operation", "contender", "calls", "p50 us", "p99 us", "max us", plain=plain)
    names = [name for each in result.results for name in each.latency if name != "all"]
    for operation in dict.fromkeys(names):
        for each in result.results:
            found = each.latency.get(operation)
            if found is not None:
                made.add_row(
                    operation, each.name, f"{found.count}", _micros(found.p50), _micros(found.p99),
                    _micros(found.longest),
                )  # fmt: skip
    return made


def _outcomes(result: BenchResult, *, plain: bool) -> Table:
    made = table("contender", "completed", "withdrawn", "waiting", "never", "Jain", plain=plain)
    for each in result.results:
        found = each.outcome
        made.add_row(
            each.name, f"{found.completed}", f"{found.withdrawn}",
            f"{found.waiting + found.held}", f"{found.unroutable}", f"{found.jain:.3f}",
        )  # fmt: skip
    return made


def _waits(result: BenchResult, *, plain: bool) -> Table:
    made = table("waiting time", "rank", "pieces", "mean s", "p95 s", "max s", plain=plain)
    for each in result.results:
        for rank, found in each.outcome.waits.items():
            made.add_row(
                each.name, f"{rank}", f"{found.count}", f"{found.mean:.1f}", f"{found.p95:.1f}",
                f"{found.longest:.1f}",
            )  # fmt: skip
    return made


def _scaling(rows: Sequence[ScalingRow], dimension: Dimension, *, plain: bool) -> Table:
    sizes = [row for row in rows if row.dimension is dimension]
    made = table(dimension.value, *(f"{row.size}" for row in sizes), plain=plain)
    for name in dict.fromkeys(name for row in rows for name in row.costs):
        costs = [row.costs.get(name) for row in sizes]
        made.add_row(name, *("" if cost is None else f"{cost / 1e3:.1f}" for cost in costs))
    return made
