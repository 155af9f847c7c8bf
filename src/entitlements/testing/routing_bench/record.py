"""Results as plain data for JSON, with the machine and the versions they were measured with."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import attrs

from entitlements.testing.routing_bench.bench import BenchResult
from entitlements.testing.routing_bench.scaling import ScalingRow

FORMAT: Final = "entitlements-routing-bench-1"
_PACKAGES: Final = (
    "entitlements", "attrs", "numpy", "scipy", "simpy", "SQLAlchemy", "psycopg",
)  # fmt: skip


def bench_environment() -> dict[str, object]:
    """Return the machine, the interpreter and the versions of the packages that matter.

    >>> sorted(bench_environment())
    ['cores', 'machine', 'packages', 'python', 'system']
    """
    packages = {}
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            packages[name] = version(name)
    return {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": packages,
    }


def bench_record(
    results: Iterable[BenchResult], scaling: Iterable[ScalingRow] = ()
) -> dict[str, object]:
    """Return everything as plain data.

    >>> from entitlements.testing.routing_bench import contender_maker, make_world, run_bench
    >>> world = make_world("uniform", agents=2, pieces=3)
    >>> makers = {"live": contender_maker("live")}
    >>> result = run_bench(world, makers, rounds=1, memory=False)
    >>> [each["world"]["name"] for each in bench_record([result])["worlds"]]
    ['uniform']
    """
    return {
        "format": FORMAT,
        "environment": bench_environment(),
        "worlds": [_of_result(each) for each in results],
        "scaling": [_plain(each) for each in scaling],
    }


def _of_result(result: BenchResult) -> dict[str, object]:
    world = result.world
    return {
        "world": {
            "name": world.name, "seed": world.seed, "order": world.order.value,
            "agents": len(world.agents), "pieces": world.pieces,
        },
        "rounds": result.rounds,
        "clock": result.clock.value,
        "contenders": [_plain(each) for each in result.results],
        "left_out": dict(result.left_out),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if attrs.has(type(value)):
        fields = attrs.fields(type(value))
        return {field.name: _plain(getattr(value, field.name)) for field in fields}
    if isinstance(value, Mapping):
        return {str(_plain(name)): _plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
