from __future__ import annotations

import io

import attrs
import pytest

from entitlements.cli.bench.screen import BenchProgress, show
from entitlements.testing.routing_bench import (
    BenchResult,
    Rule,
    ScalingRow,
    contender_maker,
    make_world,
    run_bench,
    run_scaling,
)


@pytest.fixture(scope="module")
def result() -> BenchResult:
    makers = {"live": contender_maker("live"), "none": "not installed"}
    return run_bench(make_world("overload", agents=4, pieces=60), makers, rounds=1)


@pytest.fixture(scope="module")
def scaling() -> tuple[ScalingRow, ...]:
    return run_scaling({"live": contender_maker("live")}, rounds=1, doublings=0, pieces=5)


def shown(result: BenchResult, scaling: tuple[ScalingRow, ...], encoding: str) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    show([result], scaling, file)
    file.seek(0)
    return file.read()


def test_results_are_shown_in_their_order(
    result: BenchResult, scaling: tuple[ScalingRow, ...]
) -> None:
    text = shown(result, scaling, "utf-8")
    parts = (
        "CPython", "overload: 4 agents, 60 pieces, seed 2026, order guarded", "ops/s", "operation",
        "withdrawn", "waiting time",
        "none is left out: not installed", "Scaling", "profiles",
    )  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_broken_rules_are_counted_below_the_table_so_that_it_fits(
    result: BenchResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    live = result.results[0]
    counts = dict.fromkeys(Rule, 1_000)
    broken = attrs.evolve(live, rules=attrs.evolve(live.rules, violations=counts))
    text = shown(attrs.evolve(result, results=[broken]), (), "utf-8")
    assert "…" not in text
    assert " 8000 " in text
    assert "live broke capacity 1000 times, shift 1000 times, " in text


def test_a_terminal_without_other_letters_gets_ascii(
    result: BenchResult, scaling: tuple[ScalingRow, ...]
) -> None:
    assert shown(result, scaling, "ascii").isascii()


def test_tables_fit_into_eighty_columns(
    result: BenchResult, scaling: tuple[ScalingRow, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    live = result.results[0]
    slow = attrs.evolve(live.latency["all"], p50=81_300, p99=37_497_000, longest=164_500_000)
    long = attrs.evolve(
        live,
        name="sorted_lists",
        finished=False,
        per_second=126_202.0,
        ratio=0.0167,
        latency={"all": slow},
    )
    text = shown(attrs.evolve(result, results=[live, long]), scaling, "utf-8")
    assert "…" not in text
    assert "164500" in text
    assert max(map(len, text.splitlines())) <= 110


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with BenchProgress(2) as progress:
        progress("live", "timed")
        progress.expect_scaling(1)
    assert capsys.readouterr().err.strip() == ""
