"""Ask again at every instant: `python -m tests.access.validity.until 500 0 12`.

Three arguments, how many worlds, the first seed and for how many days to ask every half hour,
replay any of them. What is found is compared with `valid_until` and with `first_better`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from random import Random
from time import perf_counter

from tests.access.seeded import brief

from entitlements.access import AccountDecider, Decision, Deferred, Granted
from entitlements.access.precedence import NO_TARGET, FirstResponseTarget
from entitlements.access.validity.crossings import MAX_AHEAD
from entitlements.kernel.instants import (
    DAY,
    from_micros,
    from_micros_or_none,
    to_micros,
)
from entitlements.kernel.requests import Request
from entitlements.testing.oracles.by_the_guide.validity import first_other, instants_to_ask
from entitlements.testing.strategies.worlds.access import World, world
from entitlements.testing.strategies.worlds.hostile_worlds import hostile_world


def compare(
    drawn: World, days: int, reached: Counter[str], response: FirstResponseTarget = NO_TARGET
) -> list[str]:
    """Return what is wrong in one world, and count what was reached."""
    terms = AccountDecider(drawn.account, drawn.catalog, response)
    found: list[str] = []
    for request, at in drawn.questions:
        answer = terms.decide_at(request, at)
        instants = instants_to_ask(drawn.account, at, at + days * DAY)
        where = f"{from_micros(at)} {request}"
        found += [f"{where} {each}" for each in _ends(terms, request, at, instants)]
        found += [f"{where} {each}" for each in _betters(terms, request, answer, instants)]
        until = terms.valid_until(request, at)
        reached[f"{type(answer).__name__}, {'for good' if until is None else 'ends'}"] += 1
    return found


def _ends(terms: AccountDecider, request: Request, at: int, instants: list[int]) -> Iterator[str]:
    """Yield how `valid_until` differs from what asking again finds.

    Three years ahead it may be the end of a search, and the answer the same then.
    """
    until = terms.valid_until(request, at)

    def ask(when: int) -> object:
        return brief(terms.decide_at(request, when))

    before = [each for each in instants if until is None or each < until]
    near = [] if until is None else [until - 1]
    other = first_other(ask, at, [*before, *(each for each in near if each > at)])
    if other is not None:
        yield f"valid until {from_micros_or_none(until)}, but another at {from_micros(other)}"
    if until is not None and until < at + MAX_AHEAD and ask(until) == ask(at):
        yield f"valid until {from_micros(until)}, and the same then"


def _betters(
    terms: AccountDecider, request: Request, answer: Decision, instants: list[int]
) -> Iterator[str]:
    """Yield how the first better decision differs from what asking again finds."""
    if isinstance(answer, Granted):
        return
    after = terms.first_better(request, to_micros(answer.at))
    end = None if after is None else to_micros(after.at)

    def is_better(when: int) -> bool:
        other = terms.decide_at(request, when)
        return isinstance(other, Granted) or (
            isinstance(other, Deferred) and not isinstance(answer, Deferred)
        )

    before = [each for each in instants if end is None or each < end]
    near = [] if end is None or end - 1 <= to_micros(answer.at) else [end - 1]
    early = next((each for each in [*before, *near] if is_better(each)), None)
    if early is not None:
        yield f"better from {from_micros_or_none(end)}, but already at {from_micros(early)}"
    if end is not None and not is_better(end):
        yield f"better from {from_micros(end)}, and not better then"


def seeded(seed: int) -> World:
    """Return the world of a seed; odd ones are hostile."""
    random = Random(seed)  # noqa: S311 - a seed has to replay it
    return hostile_world(random, 4) if seed % 2 else world(random, 4)


def run(count: int, first: int, days: int) -> tuple[Counter[str], list[str]]:
    """Compare the worlds of `count` seeds."""
    reached: Counter[str] = Counter()
    wrong: list[str] = []
    for seed in range(first, first + count):
        wrong += [f"seed {seed}: {each}" for each in compare(seeded(seed), days, reached)]
    return reached, wrong


if __name__ == "__main__":
    count, first, days = map(int, sys.argv[1:])
    began = perf_counter()
    hits, wrong = run(count, first, days)
    lines = [
        f"{hits.total()} decisions in {perf_counter() - began:.0f} s, {len(wrong)} differences"
    ]
    lines += [f"{hits[name]:9} {name}" for name in sorted(hits)]
    sys.stdout.write("\n".join([*lines, *wrong[:9]]) + "\n")
