"""Charge again, minute by minute: `python -m tests.billing.by_the_guide 1000 0`.

Two arguments, how many customers and the first seed, replay any of them. Two more change the
customers: how many work logs they have at most, and how many seconds the longest takes; short logs
are compared faster. A part of a minute may be a microsecond longer or shorter.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from random import Random
from time import process_time

from entitlements.billing import ChargeLine
from entitlements.testing.oracles.billing import OracleLine, charged_by_the_guide
from entitlements.testing.strategies.worlds.billing import CALENDARS, BilledWorld, billed_world

A_MICROSECOND = Fraction(2, 1_000_000)


def seeded(seed: int, most: int = 6, longest: int = 40_000) -> BilledWorld:
    """Return the customer of a seed."""
    return billed_world(Random(seed), most, longest)  # noqa: S311 - a seed has to replay it


def compare(world: BilledWorld, lines: Sequence[ChargeLine] | None = None) -> list[str]:
    """Return what differs between the lines and the oracle."""
    lines = world.charged() if lines is None else lines
    expected = charged_by_the_guide(world.logs, world.cases, world.terms, CALENDARS)
    if len(lines) != len(expected):
        return [f"{len(lines)} lines, and {len(expected)} by the guide"]
    return [
        f"{name} of {other.source} at {other.start} is {mine}, and {theirs} by the guide"
        for line, other in zip(lines, expected, strict=True)
        for name, mine, theirs in differences(line, other)
    ]


def differences(line: ChargeLine, other: OracleLine) -> list[tuple[str, object, object]]:
    """Return the fields in which a line and the oracle's differ."""
    mine = {
        "source": line.source,
        "start": line.start,
        "kind": line.kind.value,
        "grant": line.grant,
        "units": line.units,
        "cents": line.amount.minor_units,
    }
    found = [
        (name, value, getattr(other, name))
        for name, value in mine.items()
        if value != getattr(other, name)
    ]
    seconds = Fraction(str(line.billed.total_seconds()))
    if abs(seconds - other.seconds) > A_MICROSECOND:
        found.append(("seconds", seconds, other.seconds))
    return found


def run(
    count: int, first: int, most: int = 6, longest: int = 40_000
) -> tuple[Counter[str], list[str]]:
    """Compare the customers of `count` seeds."""
    reached: Counter[str] = Counter()
    wrong: list[str] = []
    for seed in range(first, first + count):
        world = seeded(seed, most, longest)
        lines = world.charged()
        wrong += [f"seed {seed}: {each}" for each in compare(world, lines)]
        reached.update(f"{each.kind}, {each.reason}" for each in lines)
    return reached, wrong


if __name__ == "__main__":
    hits, wrong = run(*map(int, sys.argv[1:]))
    lines = [f"{hits.total()} lines in {process_time():.0f} s, {len(wrong)} differences"]
    lines += [f"{hits[name]:9} {name}" for name in sorted(hits)]
    sys.stdout.write("\n".join([*lines, *wrong[:9]]) + "\n")
