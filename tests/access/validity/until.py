"""Ask again at every instant: `python -m tests.access.validity.until 500 0 12`.

Three arguments, how many worlds, the first seed and for how many days to ask every half hour,
replay any of them. A fourth one, 1, draws worlds of uneven grants. What is found is compared with
`valid_until` and with `first_better`; up to the end that they name, however far, some instants are
asked that are drawn.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from time import process_time
from typing import Final

from tests.access.seeded import brief
from tests.access.validity.uneven import uneven_world

from entitlements.access import AccountDecider, Decision, Deferred, Granted
from entitlements.access.precedence import NO_TARGET, FirstResponseTarget
from entitlements.calendars.timeline.zones import LAST_MICROS
from entitlements.kernel.instants import (
    DAY,
    from_micros,
    from_micros_or_none,
    to_micros,
)
from entitlements.kernel.requests import Request
from entitlements.testing.oracles.by_the_guide.validity import (
    HALF_HOUR,
    first_other,
    instants_to_ask,
)
from entitlements.testing.strategies.worlds.access import World, world
from entitlements.testing.strategies.worlds.hostile_worlds import hostile_world

FAR_INSTANTS: Final = 20


def compare(
    drawn: World, days: int, reached: Counter[str], response: FirstResponseTarget = NO_TARGET
) -> list[str]:
    """Return what is wrong in one world, and count what was reached."""
    terms = AccountDecider(drawn.account, drawn.catalog, response)
    found: list[str] = []
    for request, at in drawn.questions:
        answer = terms.decide_at(request, at)
        instants = instants_to_ask(drawn.account, at, at + days * DAY)
        instants = sorted({*instants, *far_instants(at)})
        where = f"{from_micros(at)} {request}"
        found += [f"{where} {each}" for each in _ends(terms, request, at, instants)]
        found += [f"{where} {each}" for each in _betters(terms, request, answer, instants)]
        until = terms.valid_until(request, at)
        reached[f"{type(answer).__name__}, {'for good' if until is None else 'ends'}"] += 1
    return found


def _ends(terms: AccountDecider, request: Request, at: int, instants: list[int]) -> Iterator[str]:
    """Yield how `valid_until` differs from what asking again finds."""
    until = terms.valid_until(request, at)

    def ask(when: int) -> object:
        return brief(terms.decide_at(request, when))

    before = [each for each in instants if until is None or each < until]
    near = [] if until is None else [until - 1]
    other = first_other(ask, at, [*before, *(each for each in near if each > at)])
    if other is not None:
        yield f"valid until {from_micros_or_none(until)}, but another at {from_micros(other)}"
    if until is not None and ask(until) == ask(at):
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


def far_instants(at: int) -> list[int]:
    """Return instants on the half hour, most of them far away, and some where time ends."""
    random = Random(at)  # noqa: S311 - a seed has to replay it
    steps = [int(2 ** random.uniform(6, 27)) for _ in range(FAR_INSTANTS)]
    last = [LAST_MICROS - days * DAY for days in (0, 1, 2, 3, 30)]
    return sorted([*last, *(each for n in steps if (each := at + n * HALF_HOUR) < LAST_MICROS)])


def seeded(seed: int) -> World:
    """Return the world of a seed; odd ones are hostile."""
    random = Random(seed)  # noqa: S311 - a seed has to replay it
    return hostile_world(random, 4) if seed % 2 else world(random, 4)


def uneven(seed: int) -> World:
    """Return the world of uneven grants of a seed."""
    return uneven_world(Random(seed))  # noqa: S311 - a seed has to replay it


def run(
    count: int, first: int, days: int, draw: Callable[[int], World] = seeded
) -> tuple[Counter[str], list[str]]:
    """Compare the worlds of `count` seeds."""
    reached: Counter[str] = Counter()
    wrong: list[str] = []
    for seed in range(first, first + count):
        wrong += [f"seed {seed}: {each}" for each in compare(draw(seed), days, reached)]
    return reached, wrong


if __name__ == "__main__":
    count, first, days, *kind = map(int, sys.argv[1:])
    began = process_time()
    hits, wrong = run(count, first, days, uneven if kind == [1] else seeded)
    lines = [
        f"{hits.total()} decisions in {process_time() - began:.0f} s, {len(wrong)} differences"
    ]
    lines += [f"{hits[name]:9} {name}" for name in sorted(hits)]
    sys.stdout.write("\n".join([*lines, *wrong[:9]]) + "\n")
