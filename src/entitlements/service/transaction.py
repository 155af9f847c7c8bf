"""One desk transaction: a unit of work with its instant and its messages, retried on conflicts.

Messages are written to the outbox in the same transaction; the observer is notified of them after
the commit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, TypeVar, final

import attrs

from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import (
    BusyError,
    ConflictError,
    EntitlementsError,
    InvalidValueError,
)
from entitlements.kernel.instants import text_of, utc
from entitlements.ports.records import Message
from entitlements.ports.store import Observer, Store, UnitOfWork
from entitlements.routing.offers.lifecycle import OfferPolicy
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.strategies.strategy import Strategy
from entitlements.service.caches.catalog_cache import CatalogCache
from entitlements.service.failures import Failure, Failures, ItemKind

MAX_ATTEMPTS: Final = 20

T = TypeVar("T")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return text_of(value)
    raise TypeError(f"`{value!r}` cannot stand in a message")


_ENCODE: Final = json.JSONEncoder(sort_keys=True, default=_plain).encode


@final
@attrs.frozen(kw_only=True)
class DeskRules:
    """How a desk works where desks differ.

    Attributes:
        offers: How offers are made, declined and given up.
        strategy: How an agent is chosen among those who can.
        holds: How long units are held for an admitted case; None until the case is decided.
        clock_skew: How much later than the instant of the command an event may be dated. An event
            inside this tolerance is recorded, and counts when its instant has come; one beyond it
            is refused.

    Raises:
        InvalidValueError: `clock_skew` is negative.
    """

    offers: OfferPolicy = attrs.field(factory=OfferPolicy)
    strategy: Strategy = DEFAULT_STRATEGY
    holds: timedelta | None = None
    clock_skew: timedelta = attrs.field(default=timedelta(minutes=5))

    @clock_skew.validator
    def _is_not_negative(self, _: attrs.Attribute[timedelta], skew: timedelta) -> None:
        if instance_of(timedelta, skew) < timedelta():
            raise InvalidValueError(f"a clock skew of `{skew}` is negative")


@final
class Transaction:
    """One transaction under way.

    Attributes:
        work: The unit of work.
        at: The instant of the step: as given, else by the store's own clock.
        rules: How the desk works.
        catalogs: The catalog's editions.
        messages: What was written to the outbox, once everything else was.
        changed: Whether there is anything to commit.
        final: A conflict that trying again would not end.
    """

    __slots__ = ("_messages", "at", "catalogs", "changed", "final", "messages", "rules", "work")

    def __init__(
        self, work: UnitOfWork, at: datetime | None, rules: DeskRules, catalogs: CatalogCache
    ) -> None:
        self.work = work
        self.at = work.now() if at is None else utc(at)
        self.rules = rules
        self.catalogs = catalogs
        self.messages: tuple[Message, ...] = ()
        self._messages: list[tuple[str, str]] = []
        self.changed = True
        self.final: ConflictError | None = None

    def add_message(self, topic: str, case: str, **data: object) -> None:
        """Let a message about a case stand in the outbox at the end of the transaction."""
        self._messages.append((topic, _ENCODE({"case": case, **data})))

    def commit(self) -> None:
        """Write all messages, at once and last, and make everything certain."""
        numbers = self.work.outbox.put_all(self._messages, self.at) if self._messages else ()
        self.messages = tuple(
            Message(number=number, topic=topic, at=self.at, body=body)
            for number, (topic, body) in zip(numbers, self._messages, strict=True)
        )
        self.work.commit()

    @contextmanager
    def final_conflicts(self) -> Iterator[None]:
        """Mark conflicts that come of the facts themselves: trying again would change nothing."""
        try:
            yield
        except ConflictError as error:
            self.final = error
            raise


@final
@attrs.frozen(kw_only=True)
class TenantContext:
    """Where transactions run: a tenant's part of a store, and who hears of it.

    Attributes:
        store: Where everything is kept.
        tenant: Whose.
        rules: How the desk works.
        observer: Who is told what became certain; None for nobody.
        catalogs: The catalog's editions.
        failures: What is set aside because it failed.
    """

    store: Store
    tenant: str
    rules: DeskRules = attrs.field(factory=DeskRules)
    observer: Observer | None = None
    catalogs: CatalogCache = attrs.field(factory=CatalogCache)
    failures: Failures = attrs.field(factory=Failures)

    def set_aside(
        self, kind: ItemKind, id: str, error: EntitlementsError, at: datetime | None
    ) -> Failure:
        """Leave an item that failed alone for a while, and tell so in a message."""

        def step(transaction: Transaction) -> Failure:
            transaction.add_message("item.set_aside", id, **fields)
            return failure

        moment = self.query(lambda work: work.now()) if at is None else at
        failure = self.failures.note(kind, id, error, moment)
        fields = attrs.asdict(failure, filter=attrs.filters.exclude("id"))
        return self.execute(step, moment)

    def execute(self, step: Callable[[Transaction], T], at: datetime | None) -> T:
        """Return what `step` returns, after its transaction became certain.

        Whoever was overtaken by another writer decides again, a bounded number of times.

        Raises:
            ConflictError: The facts are in conflict, or others were faster every time.
            BusyError: The store was in use by others for as long as it waits.
            StorageError: The store failed; the step happened wholly or not at all.
        """
        for tries_left in reversed(range(MAX_ATTEMPTS)):
            transaction: Transaction | None = None
            try:
                with self.store.begin(self.tenant) as work:
                    transaction = Transaction(work, at, self.rules, self.catalogs)
                    result = step(transaction)
                    if transaction.changed:
                        transaction.commit()
            except BusyError:
                raise
            except ConflictError as error:
                if not tries_left or (transaction is not None and error is transaction.final):
                    raise
            else:
                self._notify(transaction)
                return result
        raise AssertionError  # pragma: no cover - the last try returns or raises

    def _notify(self, transaction: Transaction) -> None:
        if self.observer is not None and transaction.changed and transaction.messages:
            self.observer.notify(self.tenant, transaction.messages)

    def query(self, question: Callable[[UnitOfWork], T]) -> T:
        """Return the answer to a question that changes nothing."""
        with self.store.begin(self.tenant) as work:
            return question(work)
