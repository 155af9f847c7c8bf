"""Relay: hands the messages of the outbox on to a broker or a receiver, each at least once.

Any number of relays may work for one tenant. Messages of one case are delivered in their order,
one after the other; a message that fails holds back its own case only. Between two tries the relay
waits longer and longer; after the last one the message is a dead letter. All of that is so for each
endpoint, if the tenant has several.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, TypeAlias, TypeVar, final

import attrs

from entitlements.kernel.converters import instance_of, positive, tuple_of
from entitlements.kernel.errors import BusyError, DeliveryError, InvalidValueError, StaleReadError
from entitlements.kernel.ids import check_known_id
from entitlements.kernel.instants import instant_of
from entitlements.ports.deliveries import Delivery, endpoint_or_none
from entitlements.ports.rules.arguments import function_of, store_of
from entitlements.ports.store import Store, UnitOfWork
from entitlements.service.messages.cloud_events import CloudEvent, cloud_event

T = TypeVar("T")

Publish: TypeAlias = Callable[[CloudEvent], object]
"""Delivers a message, or raises an exception: `DeliveryError` says when to try again."""

MAX_ATTEMPTS: Final = 20

MAX_ERROR: Final = 500
"""Characters of an error that are stored."""

_SPREAD: Final = 0.1
_MIX: Final = 2_654_435_761


def _delays(values: Iterable[timedelta]) -> tuple[timedelta, ...]:
    return tuple_of(timedelta, values)


@final
@attrs.frozen(kw_only=True)
class RelayPolicy:
    """The rules of a relay.

    Attributes:
        timeout: The longest time that a delivery takes; `publish` has to see to that.
        lease: How long claimed messages are kept from other relays: at least twice the timeout.
            After a crash they are delivered again when it has ended.
        batch: How many messages to claim at once.
        delays: How long to wait after each failure, a little longer for some messages than for
            others; after one failure more, the message is a dead letter. By default as Standard
            Webhooks recommends, about four days in all.

    >>> RelayPolicy().delays[0]
    datetime.timedelta(seconds=5)

    Raises:
        InvalidValueError: The lease is shorter than two timeouts, or a delay is negative.
    """

    timeout: timedelta = timedelta(seconds=15)
    lease: timedelta = timedelta(minutes=2)
    batch: int = attrs.field(default=100, converter=positive)
    delays: tuple[timedelta, ...] = attrs.field(
        default=(
            timedelta(seconds=5),
            timedelta(minutes=5),
            timedelta(minutes=30),
            *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24, 24)),
        ),
        converter=_delays,
    )

    def __attrs_post_init__(self) -> None:
        times = tuple_of(timedelta, (self.timeout, self.lease, *self.delays))
        if min(times[:2]) <= timedelta() or self.lease < 2 * self.timeout:
            raise InvalidValueError(
                f"a lease of `{self.lease}` is too short for a timeout of `{self.timeout}`",
                hint="at least twice as long",
            )
        if min(times) < timedelta():
            raise InvalidValueError(f"a delay must be 0 or more, not `{min(times)}`")

    def again_at(self, delivery: Delivery, at: datetime) -> datetime | None:
        """Return when to try a delivery that has failed at `at` again; None for never."""
        if instance_of(Delivery, delivery).attempts >= len(self.delays):
            return None
        spread = _SPREAD * (delivery.number * _MIX % 2**32) / 2**32
        return instant_of(at) + self.delays[delivery.attempts] * (1 + spread)


DEFAULT_POLICY: Final = RelayPolicy()


@final
@attrs.frozen(kw_only=True)
class RelayRound:
    """What one call of `relay` did.

    Attributes:
        delivered: Ids of the messages that were delivered.
        failed: Ids of the messages that are tried again later.
        dead: Ids of the messages that became dead letters.
        more: Whether there may be more to deliver at once.
    """

    delivered: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    more: bool = False

    def __add__(self, other: RelayRound) -> RelayRound:
        """Return what both calls did; `more` is that of the later one."""
        return RelayRound(
            delivered=self.delivered + instance_of(RelayRound, other).delivered,
            failed=self.failed + other.failed,
            dead=self.dead + other.dead,
            more=other.more,
        )


def relay(
    store: Store,
    tenant: str,
    publish: Publish,
    *,
    endpoint: str = "",
    policy: RelayPolicy = DEFAULT_POLICY,
    source: str | None = None,
    stopped: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> RelayRound:
    """Deliver the messages that wait in a tenant's outbox, a batch of them.

    Call it again at once while `more`, and otherwise every few seconds, or after `Store.wait`.

    A message may be delivered again: after a crash, and if the relay could not note that it was
    delivered. It has the same id then, and never at the same time as by another relay, unless
    `publish` takes longer than the lease.

    Args:
        store: Where the messages are.
        tenant: Id of the tenant.
        publish: Delivers one message, within `policy.timeout`.
        endpoint: Id of the endpoint whose messages these are; empty for a tenant without endpoints.
        policy: The rules.
        source: URI of the sender in the envelopes; a URN made of the tenant if None.
        stopped: Returns whether to stop after the present message; the others are put back.
        clock: Seconds that pass, from any beginning.

    Raises:
        UnknownIdError: No such endpoint is registered, or it was removed.
        InvalidValueError: The tenant has endpoints, and none of them is named.
        StaleReadError, BusyError: Other relays were in the way too often.
        StorageError: The store failed; what was delivered in this batch may be delivered again.

    >>> from entitlements.adapters.memory import MemoryStore
    >>> from entitlements.kernel.instants import utc
    >>> nine = utc("2026-03-02T09:00Z")
    >>> store = MemoryStore(lambda: nine)
    >>> with store.begin("acme") as work:
    ...     number = work.outbox.put("case.reopened", '{"case":"R-1"}', nine, "R-1")
    ...     work.commit()
    >>> relay(store, "acme", lambda event: print(event.subject)).delivered
    R-1
    ('acme/1',)
    """
    function_of(publish, "publish")
    instance_of(RelayPolicy, policy)
    function_of(stopped, "stopped")
    begun = function_of(clock, "clock")()
    # Two units of work: a receiver with much that waits keeps none of the others from its own.
    distributed = _retried(
        store_of(store), tenant, lambda work: _distribute(work, endpoint, policy)
    )
    claimed = _retried(store, tenant, lambda work: _claim(work, endpoint, policy))
    if not claimed:
        return RelayRound(more=bool(distributed))
    patience = (policy.lease - policy.timeout).total_seconds()
    batch = _Batch()
    for each in claimed:
        late = clock() - begun > patience or stopped()
        if late or each.message.case in batch.held_back:
            batch.left.append(each)
        else:
            batch.deliver(each, cloud_event(tenant, each.message, source), publish)
    return _retried(store, tenant, lambda work: batch.settled(work, policy))


def _retried(store: Store, tenant: str, step: Callable[[UnitOfWork], T]) -> T:
    """Return the result of a step in one unit of work, which other relays may keep waiting."""
    for attempts_left in reversed(range(MAX_ATTEMPTS)):
        try:
            with store.begin(tenant) as work:
                result = step(work)
                work.commit()
        except (StaleReadError, BusyError):
            if not attempts_left:
                raise
        else:
            return result
    raise AssertionError  # pragma: no cover - the last attempt returns or raises


def _distribute(work: UnitOfWork, endpoint: str, policy: RelayPolicy) -> int:
    """Return how many messages were handed on to the endpoints, of which one is named."""
    known = [each.id for each in work.outbox.endpoints()]
    if endpoint_or_none(endpoint):
        check_known_id("endpoint", endpoint, known, "")
        return work.outbox.distribute(work.now(), policy.batch)
    if known:
        raise InvalidValueError(
            f"the messages of tenant `{work.tenant}` go to its endpoints",
            hint="name one of " + ", ".join(f"`{each}`" for each in known),
            path="endpoint",
        )
    return 0


def _claim(work: UnitOfWork, endpoint: str, policy: RelayPolicy) -> tuple[Delivery, ...]:
    now = work.now()
    return work.outbox.claim(now, now + policy.lease, policy.batch, endpoint)


@final
@attrs.define
class _Batch:
    """What became of the messages of one claim."""

    done: list[Delivery] = attrs.field(factory=list)
    failed: list[tuple[Delivery, Exception]] = attrs.field(factory=list)
    left: list[Delivery] = attrs.field(factory=list)
    held_back: set[str] = attrs.field(factory=set)

    def deliver(self, delivery: Delivery, event: CloudEvent, publish: Publish) -> None:
        """Deliver a message; if that fails, hold back the later ones of its case."""
        try:
            publish(event)
        except Exception as error:  # noqa: BLE001 - whatever a receiver or a broker raises
            self.failed.append((delivery, error))
            if event.subject is not None:
                self.held_back.add(event.subject)
        else:
            self.done.append(delivery)

    def settled(self, work: UnitOfWork, policy: RelayPolicy) -> RelayRound:
        """Write down in the store what became of the messages."""
        again: list[str] = []
        dead: list[str] = []
        now, tenant = work.now(), work.tenant
        work.outbox.finish(self.done)
        for each, error in self.failed:
            ready_at = _again_at(policy, each, error, now)
            work.outbox.put_back([each], ready_at, _text(error))
            (dead if ready_at is None else again).append(cloud_event(tenant, each.message).id)
        work.outbox.put_back(self.left, now)
        return RelayRound(
            delivered=tuple(cloud_event(tenant, each.message).id for each in self.done),
            failed=tuple(again),
            dead=tuple(dead),
            more=bool(self.done or self.left),
        )


def _again_at(
    policy: RelayPolicy, delivery: Delivery, error: Exception, now: datetime
) -> datetime | None:
    found = policy.again_at(delivery, now)
    if not isinstance(error, DeliveryError):
        return found
    if error.final or found is None:
        return None
    return found if error.after is None else max(found, now + error.after)


def _text(error: Exception) -> str:
    text = f"{type(error).__name__}: {error}".replace("\0", " ")
    return text.encode("utf-8", "replace").decode()[:MAX_ERROR]
