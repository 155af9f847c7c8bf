"""Who offers the waiting work, when many machines could? One decider a group at a time.

A worker leases a group, offers its queue in batches, one transaction each, and lets go of it. The
lease only keeps workers from doing the same work twice: every batch proves, inside its transaction,
that the group is still its own, and every row is written only if it is still as it was read. So a
worker that slept through its lease, or whose clock is wrong, is fenced out and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Final, final

import attrs

from entitlements.kernel.errors import (
    ConflictError,
    EntitlementsError,
    StorageError,
    UnreadableError,
)
from entitlements.kernel.ids import identifier, key
from entitlements.kernel.instants import to_micros
from entitlements.ports.records import Placement, Shard
from entitlements.ports.store import Observer, Store
from entitlements.routing.agents.agent_state import Seat
from entitlements.routing.live.backlog import Backlog
from entitlements.routing.live.reservations import reserve
from entitlements.routing.live.router import Router
from entitlements.routing.offers import lifecycle as offers
from entitlements.routing.offers.work_state import carried_out
from entitlements.routing.work.work import Work
from entitlements.service.caches.agent_cache import Bench
from entitlements.service.cases.offer_commands import tell_deeds
from entitlements.service.cases.timeouts import sweep
from entitlements.service.failures import ItemKind
from entitlements.service.transaction import Office, Rules, Turn

WIDEST: Final = 3_200
VISIT: Final = 8
"""So many batches of one group before others may have it."""


@final
@attrs.frozen(kw_only=True)
class Round:
    """What one round of a worker did.

    Attributes:
        offered: Offers made.
        swept: Pieces of work and cases that time alone changed.
        fenced: Groups that somebody else took over while this worker thought it had them.
        failed: Items that failed and were set aside, to be tried again later.
    """

    offered: int = 0
    swept: int = 0
    fenced: int = 0
    failed: int = 0

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.offered or self.swept or self.fenced)

    def __add__(self, other: Round) -> Round:
        return Round(
            offered=self.offered + other.offered,
            swept=self.swept + other.swept,
            fenced=self.fenced + other.fenced,
            failed=self.failed + other.failed,
        )


@final
class Worker:
    """Offers waiting work, group by group, beside any number of other workers.

    Args:
        store: Where everything is kept; its clock is the one that counts.
        owner: The worker's name, unlike that of every other one.
        rules: How offers are made.
        observer: Who is told what became certain.
        tenants: For whom it works; None for everybody in the store.
        lease: How long a group may be kept without a sign of life.
        batch: Pieces of work in one transaction.
    """

    __slots__ = (
        "_batch",
        "_benches",
        "_lease",
        "_offices",
        "_owner",
        "_settings",
        "_store",
        "_tenants",
    )

    def __init__(
        self,
        store: Store,
        owner: str,
        *,
        rules: Rules | None = None,
        observer: Observer | None = None,
        tenants: Iterable[str] | None = None,
        lease: timedelta = timedelta(seconds=15),
        batch: int = 50,
    ) -> None:
        self._store = store
        self._owner = identifier(owner)
        self._settings = (rules or Rules(), observer)
        self._tenants = None if tenants is None else tuple(tenants)
        self._lease = lease
        self._batch = batch
        self._offices: dict[str, Office] = {}
        self._benches: dict[tuple[str, str], Bench] = {}

    def run(self, stopped: Callable[[], bool], *, poll: float = 2.0) -> Round:
        """Work until `stopped` says so, and return what was done in all.

        Args:
            stopped: Asked before every round.
            poll: Seconds to sleep when nothing is to be done and no news comes.
        """
        total = Round()
        while not stopped():
            done = self.round()
            total += done
            if done.idle:
                self._store.wait(poll)
        return total

    def round(self) -> Round:
        """Offer what waits in every group that is free, and sweep; return what was done."""
        done = Round()
        tenants = self._store.tenants() if self._tenants is None else self._tenants
        for tenant in tenants:
            office = self._office(tenant)
            groups = office.look(lambda work: work.offers.groups())
            aside = self._aside(office, ItemKind.GROUP)
            for group in self._from_own_place(groups):
                if group not in aside:
                    done += self._visit(office, group)
            swept = sweep(office, None)
            changed = len(swept.offers) + len(swept.cases)
            done += Round(swept=changed, failed=len(swept.failed))
        return done

    @staticmethod
    def _aside(office: Office, kind: ItemKind) -> frozenset[str]:
        if not office.failures:
            return frozenset()
        return office.failures.aside(kind, office.look(lambda work: work.now()))

    def take(self, office: Office, group: str) -> Shard | None:
        """Lease a group, and return the lease; None if another worker has it."""

        def step(turn: Turn) -> Shard | None:
            until = turn.at + self._lease
            return turn.work.shards.take(group, self._owner, turn.at, until)

        return office.take(step, None)

    def batch(self, office: Office, shard: Shard) -> int:
        """Offer the first of a leased group's queue in one transaction; return how many.

        Raises:
            ConflictError: Somebody else has taken the group over.
        """
        return self._work_off(office, shard, self._batch)[0]

    def _work_off(self, office: Office, shard: Shard, size: int) -> tuple[int, bool]:
        bench, aside = self._bench(office, shard.group), self._aside(office, ItemKind.WORK)
        offered, more = office.take(lambda turn: offer_batch(turn, shard, size, bench, aside), None)
        bench.settle()
        if not offered and more and size < WIDEST:
            # Nobody can take any of the first: look further, so that they do not block the rest.
            return self._work_off(office, shard, size * 8)
        return offered, more

    def _visit(self, office: Office, group: str) -> Round:
        done = Round()
        try:
            shard = self.take(office, group)
            if shard is None:
                return done
            for _ in range(VISIT):
                now, more = self._work_off_readable(office, shard)
                done += now
                if now.offered < self._batch or not more:
                    break
            office.take(lambda turn: turn.work.shards.release(shard), None)
        except ConflictError:
            return done + Round(fenced=1)
        except EntitlementsError as error:
            if isinstance(error, StorageError) and not isinstance(error, UnreadableError):
                raise
            office.set_aside(ItemKind.GROUP, group, error, None)
            return done + Round(failed=1)
        office.failures.clear(ItemKind.GROUP, group)
        return done

    def _work_off_readable(self, office: Office, shard: Shard) -> tuple[Round, bool]:
        """Offer a batch; set aside the work in the queue that cannot be read, however much it is.

        Raises:
            UnreadableError: Something else than a piece of work cannot be read.
        """
        failed = 0
        while True:
            try:
                offered, more = self._work_off(office, shard, self._batch)
            except UnreadableError as error:
                if error.work is None:
                    raise
                office.set_aside(ItemKind.WORK, error.work, error, None)
                failed += 1
            else:
                return Round(offered=offered, failed=failed), more

    def _bench(self, office: Office, group: str) -> Bench:
        named = (office.tenant, group)
        found = self._benches.get(named)
        if found is None:
            found = self._benches[named] = Bench(group, office.rules.strategy)
        return found

    def _office(self, tenant: str) -> Office:
        found = self._offices.get(tenant)
        if found is None:
            rules, observer = self._settings
            found = Office(store=self._store, tenant=tenant, rules=rules, observer=observer)
            self._offices[tenant] = found
        return found

    def _from_own_place(self, groups: tuple[str, ...]) -> tuple[str, ...]:
        """Return the groups from another one on for each worker, so that few meet at the first."""
        start = sum(self._owner.encode()) % len(groups) if groups else 0
        return groups[start:] + groups[:start]


def offer_batch(
    turn: Turn, shard: Shard, most: int, bench: Bench, aside: AbstractSet[str] = frozenset()
) -> tuple[int, bool]:
    """Offer the first `most` of a group's queue; return how many, and whether more wait.

    Work whose ids are in `aside` is passed over.

    Raises:
        ConflictError: The lease belongs to somebody else by now.
    """
    work, policy = turn.work, turn.rules.offers
    with turn.decided():
        work.shards.check(shard)
    found = work.offers.claim(shard.group, most + 1, aside)
    claimed = {each.id: each for each in found[:most]}
    backlog = Backlog()
    for placement in claimed.values():
        backlog.add(placement.state.as_work(placement.work, turn.at, policy))
    changes = _offer_all(turn, shard, claimed, bench.seated(work), backlog)
    if changes:
        work.offers.change_all(changes)
        bench.write(work, {lease.agent for _, after in changes for lease in after.state.leases})
    turn.changed = bool(changes)
    return len(changes), len(found) > most


def _offer_all(
    turn: Turn, shard: Shard, claimed: dict[str, Placement], router: Router, backlog: Backlog
) -> list[tuple[Placement, Placement]]:
    """Offer waiting work, in order, for as long as anybody can take any of it.

    Returns:
        What was offered, as it was before and as it is now.
    """
    moment, policy = to_micros(turn.at), turn.rules.offers
    changes: list[tuple[Placement, Placement]] = []
    seat: Seat | None = None

    def able(wanted: Work) -> bool:
        nonlocal seat
        seat = router.seat(wanted, moment)
        return seat is not None

    while (wanted := backlog.serve(able, turn.at)) is not None:
        assert seat is not None  # noqa: S101 - `able` has just found it
        placement = claimed[wanted.id]
        state = placement.state
        step = offers.Offer(key("route", shard.term, state.fence + 1), [seat.id])
        state, events = carried_out(state, step, turn.at, policy)
        reserve(router, wanted, events)
        wake = state.next_change_at(policy)
        offered = Placement(work=placement.work, group=placement.group, state=state, wake=wake)
        changes.append((placement, offered))
        tell_deeds(turn, placement.id, events)
    return changes
