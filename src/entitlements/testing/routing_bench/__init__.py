"""Benchmark of routers: seeded worlds, a protocol for contenders, and an independent rule checker.

Start with `make_world`, `contender_maker` and `run_bench`; `Contender` is what a router of your own
implements. `entitlements bench routing` is the same on the command line.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.testing.routing_bench.bench import (
        BenchResult,
        ContenderResult,
        Latency,
        MemoryUse,
        run_bench,
    )
    from entitlements.testing.routing_bench.chart import bench_chart
    from entitlements.testing.routing_bench.checker.checker import RuleChecker, RuleReport
    from entitlements.testing.routing_bench.checker.rules import Rule, Violation
    from entitlements.testing.routing_bench.contender import Contender
    from entitlements.testing.routing_bench.outcomes import OutcomeLog, RankWaits, RoundOutcome
    from entitlements.testing.routing_bench.player import (
        Clock,
        Operation,
        Played,
        Player,
        Watch,
    )
    from entitlements.testing.routing_bench.record import bench_environment, bench_record
    from entitlements.testing.routing_bench.registry import (
        CONTENDERS,
        ContenderMaker,
        contender_maker,
    )
    from entitlements.testing.routing_bench.scaling import (
        Dimension,
        Scale,
        ScalingRow,
        run_scaling,
        scaled_world,
    )
    from entitlements.testing.routing_bench.worlds.events import (
        Needs,
        Piece,
        Relaxation,
        Reprioritisation,
        SkillChange,
        StatusChange,
        Withdrawal,
        WorkTransfer,
    )
    from entitlements.testing.routing_bench.worlds.features import Feature, features, unfit
    from entitlements.testing.routing_bench.worlds.files import read_world, write_world
    from entitlements.testing.routing_bench.worlds.named import WORLDS, make_world
    from entitlements.testing.routing_bench.worlds.presence import Presence
    from entitlements.testing.routing_bench.worlds.world import (
        ServiceOrder,
        World,
        WorldAgent,
        WorldShift,
    )
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "bench": (
                "BenchResult",
                "ContenderResult",
                "Latency",
                "MemoryUse",
                "run_bench",
            ),
            "chart": ("bench_chart",),
            "checker.checker": ("RuleChecker", "RuleReport"),
            "contender": ("Contender",),
            "outcomes": ("RoundOutcome", "OutcomeLog", "RankWaits"),
            "player": ("Clock", "Operation", "Played", "Player", "Watch"),
            "record": ("bench_environment", "bench_record"),
            "registry": ("CONTENDERS", "ContenderMaker", "contender_maker"),
            "checker.rules": ("Rule", "Violation"),
            "scaling": (
                "Dimension",
                "Scale",
                "ScalingRow",
                "run_scaling",
                "scaled_world",
            ),
            "worlds.events": (
                "Needs",
                "Piece",
                "Relaxation",
                "Reprioritisation",
                "SkillChange",
                "StatusChange",
                "WorkTransfer",
                "Withdrawal",
            ),
            "worlds.features": ("Feature", "features", "unfit"),
            "worlds.files": ("read_world", "write_world"),
            "worlds.named": ("WORLDS", "make_world"),
            "worlds.presence": ("Presence",),
            "worlds.world": ("ServiceOrder", "World", "WorldAgent", "WorldShift"),
        },
    )

__all__ = [
    "CONTENDERS",
    "WORLDS",
    "BenchResult",
    "Clock",
    "Contender",
    "ContenderMaker",
    "ContenderResult",
    "Dimension",
    "Feature",
    "Latency",
    "MemoryUse",
    "Needs",
    "Operation",
    "OutcomeLog",
    "Piece",
    "Played",
    "Player",
    "Presence",
    "RankWaits",
    "Relaxation",
    "Reprioritisation",
    "RoundOutcome",
    "Rule",
    "RuleChecker",
    "RuleReport",
    "Scale",
    "ScalingRow",
    "ServiceOrder",
    "SkillChange",
    "StatusChange",
    "Violation",
    "Watch",
    "Withdrawal",
    "WorkTransfer",
    "World",
    "WorldAgent",
    "WorldShift",
    "bench_chart",
    "bench_environment",
    "bench_record",
    "contender_maker",
    "features",
    "make_world",
    "read_world",
    "run_bench",
    "run_scaling",
    "scaled_world",
    "unfit",
    "write_world",
]
