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
from entitlements.ports.records import GroupLease, WorkItem
from entitlements.ports.store import Observer, Store
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.live.backlog import Backlog
from entitlements.routing.live.reservations import apply_reservations
from entitlements.routing.live.router import Router
from entitlements.routing.offers import lifecycle as offers
from entitlements.routing.offers.command_events import apply_command
from entitlements.routing.work.work import Work
from entitlements.service.caches.agent_cache import AgentCache
from entitlements.service.cases.offer_commands import add_messages
from entitlements.service.cases.timeouts import process_due
from entitlements.service.failures import ItemKind
from entitlements.service.transaction import DeskRules, TenantContext, Transaction

MAX_BATCH: Final = 3_200
MAX_BATCHES_PER_GROUP: Final = 8
"""So many batches of one group before others may have it."""


@final
@attrs.frozen(kw_only=True)
class WorkerRound:
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

    def __add__(self, other: WorkerRound) -> WorkerRound:
        return WorkerRound(
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
        "_agent_caches",
        "_batch",
        "_contexts",
        "_lease",
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
        rules: DeskRules | None = None,
        observer: Observer | None = None,
        tenants: Iterable[str] | None = None,
        lease: timedelta = timedelta(seconds=15),
        batch: int = 50,
    ) -> None:
        self._store = store
        self._owner = identifier(owner)
        self._settings = (rules or DeskRules(), observer)
        self._tenants = None if tenants is None else tuple(tenants)
        self._lease = lease
        self._batch = batch
        self._contexts: dict[str, TenantContext] = {}
        self._agent_caches: dict[tuple[str, str], AgentCache] = {}

    def run(self, stopped: Callable[[], bool], *, poll: float = 2.0) -> WorkerRound:
        """Work until `stopped` says so, and return what was done in all.

        Args:
            stopped: Asked before every round.
            poll: Seconds to sleep when nothing is to be done and no news comes.
        """
        total = WorkerRound()
        while not stopped():
            done = self.round()
            total += done
            if done.idle:
                self._store.wait(poll)
        return total

    def round(self) -> WorkerRound:
        """Offer what waits in every group that is free, and sweep; return what was done."""
        done = WorkerRound()
        tenants = self._store.tenants() if self._tenants is None else self._tenants
        for tenant in tenants:
            context = self._context(tenant)
            groups = context.query(lambda work: work.work_items.groups())
            aside = self._aside(context, ItemKind.GROUP)
            for group in self._from_own_place(groups):
                if group not in aside:
                    done += self._visit(context, group)
            swept = process_due(context, None)
            changed = len(swept.work_items) + len(swept.cases)
            done += WorkerRound(swept=changed, failed=len(swept.failed))
        return done

    @staticmethod
    def _aside(context: TenantContext, kind: ItemKind) -> frozenset[str]:
        if not context.failures:
            return frozenset()
        return context.failures.aside(kind, context.query(lambda work: work.now()))

    def take(self, context: TenantContext, group: str) -> GroupLease | None:
        """Lease a group, and return the lease; None if another worker has it."""

        def step(transaction: Transaction) -> GroupLease | None:
            until = transaction.at + self._lease
            return transaction.work.group_leases.take(group, self._owner, transaction.at, until)

        return context.execute(step, None)

    def batch(self, context: TenantContext, lease: GroupLease) -> int:
        """Offer the first of a leased group's queue in one transaction; return how many.

        Raises:
            ConflictError: Somebody else has taken the group over.
        """
        return self._work_off(context, lease, self._batch)[0]

    def _work_off(self, context: TenantContext, lease: GroupLease, size: int) -> tuple[int, bool]:
        agent_cache, aside = (
            self._agent_cache(context, lease.group),
            self._aside(context, ItemKind.WORK),
        )
        offered, more = context.execute(
            lambda transaction: offer_batch(transaction, lease, size, agent_cache, aside), None
        )
        agent_cache.committed()
        if not offered and more and size < MAX_BATCH:
            # Nobody can take any of the first: look further, so that they do not block the rest.
            return self._work_off(context, lease, size * 8)
        return offered, more

    def _visit(self, context: TenantContext, group: str) -> WorkerRound:
        done = WorkerRound()
        try:
            lease = self.take(context, group)
            if lease is None:
                return done
            for _ in range(MAX_BATCHES_PER_GROUP):
                now, more = self._work_off_readable(context, lease)
                done += now
                if now.offered < self._batch or not more:
                    break
            context.execute(lambda transaction: transaction.work.group_leases.release(lease), None)
        except ConflictError:
            return done + WorkerRound(fenced=1)
        except EntitlementsError as error:
            if isinstance(error, StorageError) and not isinstance(error, UnreadableError):
                raise
            context.set_aside(ItemKind.GROUP, group, error, None)
            return done + WorkerRound(failed=1)
        context.failures.clear(ItemKind.GROUP, group)
        return done

    def _work_off_readable(
        self, context: TenantContext, lease: GroupLease
    ) -> tuple[WorkerRound, bool]:
        """Offer a batch; set aside the work in the queue that cannot be read, however much it is.

        Raises:
            UnreadableError: Something else than a piece of work cannot be read.
        """
        failed = 0
        while True:
            try:
                offered, more = self._work_off(context, lease, self._batch)
            except UnreadableError as error:
                if error.work is None:
                    raise
                context.set_aside(ItemKind.WORK, error.work, error, None)
                failed += 1
            else:
                return WorkerRound(offered=offered, failed=failed), more

    def _agent_cache(self, context: TenantContext, group: str) -> AgentCache:
        named = (context.tenant, group)
        found = self._agent_caches.get(named)
        if found is None:
            found = self._agent_caches[named] = AgentCache(group, context.rules.strategy)
        return found

    def _context(self, tenant: str) -> TenantContext:
        found = self._contexts.get(tenant)
        if found is None:
            rules, observer = self._settings
            found = TenantContext(store=self._store, tenant=tenant, rules=rules, observer=observer)
            self._contexts[tenant] = found
        return found

    def _from_own_place(self, groups: tuple[str, ...]) -> tuple[str, ...]:
        """Return the groups from another one on for each worker, so that few meet at the first."""
        start = sum(self._owner.encode()) % len(groups) if groups else 0
        return groups[start:] + groups[:start]


def offer_batch(
    transaction: Transaction,
    lease: GroupLease,
    most: int,
    agent_cache: AgentCache,
    aside: AbstractSet[str] = frozenset(),
) -> tuple[int, bool]:
    """Offer the first `most` of a group's queue; return how many, and whether more wait.

    Work whose ids are in `aside` is passed over.

    Raises:
        ConflictError: The lease belongs to somebody else by now.
    """
    work, policy = transaction.work, transaction.rules.offers
    work.group_leases.check(lease)
    found = work.work_items.claim(lease.group, most + 1, aside)
    claimed = {each.id: each for each in found[:most]}
    backlog = Backlog()
    for item in claimed.values():
        backlog.add(item.state.as_work(item.work, transaction.at, policy))
    changes = _offer_all(transaction, lease, claimed, agent_cache.router(work), backlog)
    if changes:
        work.work_items.change_all(changes)
        agent_cache.write(
            work, {lease.agent for _, after in changes for lease in after.state.leases}
        )
    transaction.changed = bool(changes)
    return len(changes), len(found) > most


def _offer_all(
    transaction: Transaction,
    lease: GroupLease,
    claimed: dict[str, WorkItem],
    router: Router,
    backlog: Backlog,
) -> list[tuple[WorkItem, WorkItem]]:
    """Offer waiting work, in order, for as long as anybody can take any of it.

    Returns:
        What was offered, as it was before and as it is now.
    """
    moment, policy = to_micros(transaction.at), transaction.rules.offers
    changes: list[tuple[WorkItem, WorkItem]] = []
    seat: AgentState | None = None

    def able(wanted: Work) -> bool:
        nonlocal seat
        seat = router.choose(wanted, moment)
        return seat is not None

    while (wanted := backlog.pop_first(able, transaction.at)) is not None:
        assert seat is not None  # noqa: S101 - `able` has just found it
        item = claimed[wanted.id]
        state = item.state
        step = offers.Offer(key("route", lease.term, state.fence + 1), [seat.id])
        state, events = apply_command(state, step, transaction.at, policy)
        apply_reservations(router, wanted, events)
        next_due_at = state.next_change_at(policy)
        offered = WorkItem(work=item.work, group=item.group, state=state, next_due_at=next_due_at)
        changes.append((item, offered))
        add_messages(transaction, item.id, events)
    return changes
