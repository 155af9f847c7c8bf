"""Assignment tests: two workers, many agents, pauses and wrong clocks; no work is assigned twice.

Workers continue with leases that ended long ago, agents accept offers that have expired, and the
clocks of both machines differ by more than a lease. The messages must be consistent afterwards.

    python -m tests.service.deals --grants 100000 --workers 2
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Final

from tests.service.desks import MONDAY, TENANT, messages, request, settle
from tests.service.sharing import parts, spread

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.ids import key_parts
from entitlements.ports import Store, UnitOfWork
from entitlements.ports.records import GroupLease
from entitlements.routing import Agent, Roster
from entitlements.service import (
    AcceptOffer,
    AdmitRequest,
    DeclineOffer,
    Desk,
    DeskCommand,
    ResolveCase,
    Worker,
)
from entitlements.testing.laws.desk import accepted_at_most_once, all_or_nothing

SECOND: Final = timedelta(seconds=1)
LEASE: Final = 15 * SECOND
PEOPLE: Final = Roster(
    agents=[Agent(id=f"a{number}", groups=["experts"], capacity=3) for number in range(10)]
)
SKEWS: Final = (-40, -5, 7, 40)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = MONDAY

    def __call__(self) -> datetime:
        return self.at


class Standing:
    """A store with the clock of the test, or with one that is wrong by so much."""

    def __init__(self, store: Store, clock: Clock, skew: timedelta = timedelta()) -> None:
        self._store = store
        self._clock = clock
        self._skew = skew

    def begin(self, tenant: str) -> AbstractContextManager[UnitOfWork]:
        return self._begin(tenant)

    @contextmanager
    def _begin(self, tenant: str) -> Iterator[UnitOfWork]:
        with self._store.begin(tenant) as work:
            now = self._clock.at + self._skew
            work.now = lambda: now  # type: ignore[method-assign]
            yield work

    def tenants(self) -> tuple[str, ...]:
        return self._store.tenants()

    def wait(self, seconds: float) -> bool:
        return self._store.wait(seconds)


class Side:
    """One machine: a worker, a desk, and all leases it ever had."""

    def __init__(self, store: Store, clock: Clock, name: str, skew: timedelta) -> None:
        seen = Standing(store, clock, skew)
        self.worker = Worker(seen, name, lease=LEASE, batch=5)
        self.desk = Desk(seen, TENANT)
        self.leases: list[GroupLease] = []

    def take(self) -> None:
        lease = self.worker.take(self.desk.context, "experts")
        self.leases += [] if lease is None else [lease]

    def offer(self, rng: Random) -> int:
        """Offer a batch under one of the last leases, which may have ended long ago."""
        lease = rng.choice(self.leases[-3:]) if self.leases else None
        if lease is None:
            return 0
        return attempt(lambda: self.worker.batch(self.desk.context, lease))

    def answer(self, rng: Random, id: str) -> None:
        """Accept or decline any offer made so far, perhaps for another agent."""
        offers = made(self.desk)
        if not offers:
            return
        case, agent, fence = rng.choice(offers)
        who = rng.choice([agent, agent, agent, "a1"])
        kind = rng.choice([AcceptOffer, AcceptOffer, DeclineOffer])
        _try(self.desk, kind(id=id, case=case, agent=who, fence=fence))

    def finish(self, id: str) -> None:
        """Process what is due, and resolve half of the assigned work to free capacity."""
        self.desk.process_due()
        roster = self.desk.context.query(lambda work: work.roster.roster())
        held = sorted(name for each in roster.workloads.values() for name in each.held)
        for name in held[::2]:
            case = key_parts(name)[1]
            resolve = ResolveCase(id=f"{id} {case}", case=case)
            _try(self.desk, resolve)


def attempt(act: Callable[[], int]) -> int:
    """Return the result, or None if it was refused."""
    try:
        return act()
    except EntitlementsError:
        return 0


def _try(at_desk: Desk, command: DeskCommand) -> None:
    with suppress(EntitlementsError):
        at_desk.execute(command)


def made(at_desk: Desk) -> list[tuple[str, str, int]]:
    """Return the last offers that were made, also expired ones."""
    bodies = [json.loads(each.body) for each in messages(at_desk) if each.topic == "offer.made"]
    return [(each["case"], each["agent"], each["fence"]) for each in bodies[-30:]]


def deal(store: Store, clock: Clock, seed: int, grants: int) -> int:
    """Let both machines act at random until so many offers were made; return how many.

    Raises:
        AssertionError: One piece of work was assigned twice, or something was written in part.
    """
    rng = Random(seed)  # noqa: S311 - a repeatable story
    skew = rng.choice(SKEWS) * SECOND
    sides = [Side(store, clock, "one", timedelta()), Side(store, clock, "two", skew)]
    offered = 0
    for number in count(1):
        if offered >= grants:
            break
        side = rng.choice(sides)
        clock.at += rng.choice([0, 1, 1, 5, 20]) * SECOND
        match rng.randrange(8):
            case 0 | 1:
                side.desk.execute(AdmitRequest(id=f"k{number}", request=request(f"R-{number}")))
            case 2:
                side.take()
            case 3 | 4:
                offered += side.offer(rng)
            case 5 | 6:
                side.answer(rng, f"k{number}")
            case _:
                side.finish(f"k{number}")
    accepted_at_most_once(messages(sides[0].desk))
    all_or_nothing(store, TENANT)
    return offered


def share(seeds: Iterable[int], grants: int) -> Counter[str]:
    """Make so many offers, forty or so with each seed; return how many offers and stories."""
    done: Counter[str] = Counter()
    for seed in seeds:
        if done["offers"] >= grants:
            break
        clock = Clock()
        store = MemoryStore(clock)
        settle(store, PEOPLE)
        done["offers"] += deal(store, clock, seed, grants=40)
        done["stories"] += 1
    return done


def main() -> None:
    """Make so many offers, and print what happened."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--grants", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1_000)
    parser.add_argument("--workers", type=int, default=1, help="processes side by side")
    asked = parser.parse_args()
    began = time.monotonic()
    done = spread(
        [
            partial(share, range(asked.seed + number, sys.maxsize, asked.workers), part)
            for number, part in enumerate(parts(asked.grants, asked.workers))
        ]
    )
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"{done['offers']} grants in {done['stories']} stories, 0 in two hands, "
        f"{seconds:.0f} s, {done['offers'] / seconds:.1f} a second\n"
    )


if __name__ == "__main__":
    main()
