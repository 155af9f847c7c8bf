"""Background worker: offers waiting work, one worker for each group at a time.

A worker leases a group, offers its queue in batches, each in one transaction, and releases it. The
lease only avoids doing work twice. Every batch checks in its transaction that the lease is still
valid, and every row is written only if it has not changed since it was read. So a worker that was
paused beyond its lease, or whose clock is wrong, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Final, final

import attrs

from entitlements.kernel.converters import instance_of, whole_number
from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.errors import (
    ConflictError,
    EntitlementsError,
    InvalidValueError,
    StorageError,
    UnreadableError,
)
from entitlements.kernel.ids import identifier, identifiers, key
from entitlements.ports.claims import claim_order, is_cut
from entitlements.ports.records import GroupLease, WorkItem
from entitlements.ports.rules.arguments import observer_of, seconds, store_of
from entitlements.ports.store import Observer, Store
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.live.backlog import Backlog
from entitlements.routing.live.book.selection_recorder import SelectionRecorder
from entitlements.routing.live.router import Router
from entitlements.routing.offers import lifecycle as offers
from entitlements.routing.offers.command_events import apply_command
from entitlements.routing.offers.selections import selections_of
from entitlements.routing.work.work import Work
from entitlements.service.caches.agent_cache import AgentCache
from entitlements.service.cases.agents.offer_commands import add_messages
from entitlements.service.cases.timeouts import process_due
from entitlements.service.failures import ItemKind
from entitlements.service.transaction import DeskRules, TenantContext, Transaction

MAX_BATCH: Final = 3_200
MAX_BATCHES_PER_GROUP: Final = 8
"""Batches of one group in one round; then the group is released for other workers."""


@final
@attrs.frozen(kw_only=True)
class WorkerRound:
    """What one round of a worker did.

    Attributes:
        offered: Offers made.
        timed_out: Work items and cases that were due because time has passed.
        fenced: Groups that another worker took over before this one had released them.
        failed: Items that failed and are set aside, to be tried again later.
    """

    offered: int = 0
    timed_out: int = 0
    fenced: int = 0
    failed: int = 0

    @property
    def idle(self) -> bool:
        """Whether the round found nothing to do."""
        return not (self.offered or self.timed_out or self.fenced)

    def __add__(self, other: WorkerRound) -> WorkerRound:
        return WorkerRound(
            offered=self.offered + other.offered,
            timed_out=self.timed_out + other.timed_out,
            fenced=self.fenced + other.fenced,
            failed=self.failed + other.failed,
        )


@final
class Worker:
    """Offers waiting work, group by group, beside any number of other workers.

    Args:
        store: Where everything is stored; its clock is used for leases and offers.
        owner: Id of the worker, different from that of every other worker.
        rules: Settings of offers; the defaults of `DeskRules` if None.
        observer: Notified of messages after each commit; None for no notification.
        tenants: Ids of the tenants to work for; None for all tenants of the store.
        lease: How long a group stays leased without a new batch.
        batch: Work items in one transaction, from 1 to 3,200.

    >>> from entitlements.adapters.memory import MemoryStore
    >>> Worker(MemoryStore(), "worker-1").round().idle
    True
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
        self._store = store_of(store)
        self._owner = identifier(owner)
        self._settings = (
            DeskRules() if rules is None else instance_of(DeskRules, rules),
            observer_of(observer),
        )
        self._tenants = None if tenants is None else identifiers(tenants)
        self._lease = instance_of(timedelta, lease)
        if lease <= timedelta():
            raise InvalidValueError(f"a lease of `{lease}` must be longer than 0")
        self._batch = whole_number(batch, what="batch", least=1, most=MAX_BATCH)
        self._contexts: dict[str, TenantContext] = {}
        self._agent_caches: dict[tuple[str, str], AgentCache] = {}

    def run(self, stopped: Callable[[], bool], *, poll: float = 2.0) -> WorkerRound:
        """Do rounds until `stopped` returns true, and return the sum of what they did.

        Args:
            stopped: Called before every round.
            poll: Seconds to wait after a round that did nothing, unless a message is put.

        Raises:
            InvalidValueError: `stopped` is not a function.
            StorageError: The store failed.
        """
        if not callable(stopped):
            raise InvalidValueError(
                f"`{stopped!r:.100}` is not a function", hint="such as `stop.is_set`"
            )
        total, pause = WorkerRound(), seconds(poll)
        while not stopped():
            done = self.round()
            total += done
            if done.idle:
                self._store.wait(pause)
        return total

    def round(self) -> WorkerRound:
        """Offer the work of every free group, process what is due, and return what was done."""
        done = WorkerRound()
        tenants = self._store.tenants() if self._tenants is None else self._tenants
        for tenant in tenants:
            context = self._context(tenant)
            groups = context.query(lambda work: work.work_items.groups())
            aside = self._aside(context, ItemKind.GROUP)
            for group in self._rotated(groups):
                if group not in aside:
                    done += self._work_on_group(context, group)
            due = process_due(context, None)
            changed = len(due.work_items) + len(due.cases)
            done += WorkerRound(timed_out=changed, failed=len(due.failed))
        return done

    @staticmethod
    def _aside(context: TenantContext, kind: ItemKind) -> frozenset[str]:
        if not context.failures:
            return frozenset()
        return context.failures.aside(kind, context.query(lambda work: work.now()))

    def take(self, context: TenantContext, group: str) -> GroupLease | None:
        """Lease a group, and return the lease; None if another worker has the group.

        Raises:
            InvalidValueError: `context` is no context of a tenant, or `group` no id.
        """

        def step(transaction: Transaction) -> GroupLease | None:
            until = transaction.at + self._lease
            return transaction.work.group_leases.take(group, self._owner, transaction.at, until)

        return instance_of(TenantContext, context).execute(step, None)

    def batch(self, context: TenantContext, lease: GroupLease) -> int:
        """Offer the first of a leased group's queue in one transaction; return how many.

        Raises:
            ConflictError: Another worker has taken the group over.
            InvalidValueError: `context` is no context of a tenant, or `lease` no lease.
        """
        instance_of(TenantContext, context)
        return self._offer_queue(context, instance_of(GroupLease, lease), self._batch)[0]

    def _offer_queue(
        self, context: TenantContext, lease: GroupLease, size: int, *, ends: bool | None = False
    ) -> tuple[int, bool]:
        """Offer a batch; return how many were offered, and whether more work waits.

        The lease ends in the transaction of the batch if `ends` is true; with None, if nothing is
        left that can be offered.
        """
        agent_cache, aside = (
            self._agent_cache(context, lease.group),
            self._aside(context, ItemKind.WORK),
        )

        def step(transaction: Transaction) -> tuple[int, bool, bool]:
            offered, more, cut = offer_batch(transaction, lease, size, agent_cache, aside)
            # If no agent can take any of these, look further, so that they do not block the rest.
            further = not offered and cut and size < MAX_BATCH
            finished = offered < self._batch or not more if ends is None else ends
            if finished and not further:
                transaction.work.group_leases.release(lease)
                transaction.changed = True
            return offered, more, further

        offered, more, further = context.execute(step, None)
        agent_cache.committed()
        if further:
            return self._offer_queue(context, lease, size * 8, ends=ends)
        return offered, more

    def _work_on_group(self, context: TenantContext, group: str) -> WorkerRound:
        done = WorkerRound()
        try:
            lease = self.take(context, group)
            if lease is None:
                return done
            for number in range(1, MAX_BATCHES_PER_GROUP + 1):
                last = number == MAX_BATCHES_PER_GROUP or None
                now, more = self._offer_readable(context, lease, ends=last)
                done += now
                if now.offered < self._batch or not more:
                    break
        except ConflictError:
            return done + WorkerRound(fenced=1)
        except EntitlementsError as error:
            if isinstance(error, StorageError) and not isinstance(error, UnreadableError):
                raise
            context.set_aside(ItemKind.GROUP, group, error, None)
            return done + WorkerRound(failed=1)
        context.failures.clear(ItemKind.GROUP, group)
        return done

    def _offer_readable(
        self, context: TenantContext, lease: GroupLease, *, ends: bool | None
    ) -> tuple[WorkerRound, bool]:
        """Offer a batch; set aside all work items in the queue that cannot be read.

        Raises:
            UnreadableError: A row of another kind cannot be read.
        """
        failed = 0
        while True:
            try:
                offered, more = self._offer_queue(context, lease, self._batch, ends=ends)
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
            found = self._agent_caches[named] = AgentCache(group)
        return found

    def _context(self, tenant: str) -> TenantContext:
        found = self._contexts.get(tenant)
        if found is None:
            rules, observer = self._settings
            found = TenantContext(store=self._store, tenant=tenant, rules=rules, observer=observer)
            self._contexts[tenant] = found
        return found

    def _rotated(self, groups: tuple[str, ...]) -> tuple[str, ...]:
        """Return the groups in an order that differs by worker, to spread them over the groups."""
        start = sum(self._owner.encode()) % len(groups) if groups else 0
        return groups[start:] + groups[:start]


def offer_batch(
    transaction: Transaction,
    lease: GroupLease,
    most: int,
    agent_cache: AgentCache,
    aside: AbstractSet[str] = frozenset(),
) -> tuple[int, bool, bool]:
    """Offer the first `most` items of a group's queue, in the queue order of the routing policy.

    The first items of every rank are claimed, which is what an order compares. The relief of an
    order counts the assignments of the roster, whoever makes them.

    Work items with ids in `aside` are left out.

    Returns:
        How many were offered, whether more wait, and whether some of these were not claimed.

    Raises:
        ConflictError: The lease is no longer valid.
    """
    work, routing = transaction.work, transaction.routing
    work.group_leases.check(lease)
    by = claim_order(routing.order)
    found = work.work_items.claim(lease.group, most + 1, aside, by)
    claimed = dict[str, tuple[WorkItem, Work]]()
    router = agent_cache.router(work, routing.strategy)
    backlog = Backlog(routing.order, served=router.assignment_count)
    staffing = router.staffing(transaction.at)
    for item in found:
        wanted = item.state.as_work(item.work, transaction.at, routing.offers)
        routed = staffing.take_steps(wanted)
        claimed[item.id] = item, routed
        backlog.add(routed)
    changes = _offer_all(transaction, lease, claimed, router, backlog, most)
    if changes:
        work.work_items.change_all(changes)
        agent_cache.write(work, {each.agent for _, after in changes for each in after.state.leases})
    transaction.changed = bool(changes)
    return len(changes), len(found) > len(changes), is_cut(found, most, by)


def _offer_all(
    transaction: Transaction,
    lease: GroupLease,
    claimed: Mapping[str, tuple[WorkItem, Work]],
    router: Router,
    backlog: Backlog,
    most: int,
) -> list[tuple[WorkItem, WorkItem]]:
    """Offer up to `most` pieces of waiting work, in order, as long as an agent can take any.

    Each of `claimed` is a work item and its work as it is routed now.

    Returns:
        Each work item that was offered, before and after.
    """
    policy = transaction.routing.offers
    changes: list[tuple[WorkItem, WorkItem]] = []
    if not claimed:
        return changes
    recorder = SelectionRecorder(router, transaction.at)

    def offer_key(work: Work) -> str:
        return Reservation(work.id, claimed[work.id][0].state.fence + 1).key

    drained = backlog.drain(
        router, transaction.at, limit=most, key=offer_key, before=recorder.compare
    )
    for answer in drained:
        item, work = claimed[answer.work]
        step = offers.Offer(key("route", lease.term, item.state.fence + 1), [answer.agent])
        state, events = apply_command(item.state, step, transaction.at, policy)
        chosen = recorder.record(work, answer.agent, state.fence)
        offered = copy_with(
            item,
            state=state,
            next_due_at=state.next_change_at(policy),
            selections=selections_of((*item.selections, chosen)),
        )
        changes.append((item, offered))
        add_messages(transaction, item.id, events)
    return changes
