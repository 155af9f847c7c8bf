"""One desk transaction: a unit of work with its instant and its messages, retried on conflicts.

Messages are written to the outbox in the same transaction; the observer is notified of them after
the commit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar, final

import attrs

from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import (
    EntitlementsError,
    InvalidValueError,
    RestartTransactionError,
    StaleReadError,
    TooEarlyError,
)
from entitlements.kernel.instants import instant_of, text_of
from entitlements.ports.admissions import Admission, AdmissionFacts
from entitlements.ports.records import Message
from entitlements.ports.store import Observer, Store, UnitOfWork
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.service.caches.catalog_cache import CatalogCache, CompiledEdition
from entitlements.service.failures import Failure, Failures, ItemKind

MAX_ATTEMPTS: Final = 20

T = TypeVar("T")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return text_of(value)
    raise TypeError(f"`{value!r}` cannot be part of a message")


_ENCODE: Final = json.JSONEncoder(sort_keys=True, default=_plain).encode


@final
@attrs.frozen(kw_only=True)
class DeskRules:
    """Settings of a desk; how work is routed is part of the facts.

    Attributes:
        holds: How long units are reserved for an admitted case; None until the case is decided.
        clock_skew: How much later than the instant of the command an event may be dated. An event
            inside this tolerance is recorded, and counts from its instant on; a later one is
            refused.

    >>> DeskRules(holds=timedelta(days=14)).clock_skew
    datetime.timedelta(seconds=300)

    Raises:
        InvalidValueError: `clock_skew` is negative.
    """

    holds: timedelta | None = None
    clock_skew: timedelta = attrs.field(default=timedelta(minutes=5))

    @clock_skew.validator
    def _is_not_negative(self, _: attrs.Attribute[timedelta], skew: timedelta) -> None:
        if instance_of(timedelta, skew) < timedelta():
            raise InvalidValueError(f"a clock skew of `{skew}` is negative")


@final
class Transaction:
    """One transaction in progress.

    Attributes:
        work: The unit of work.
        present: Whether `at` is by the clock of the store, so that another try has a later one.
        rules: Settings of the desk.
        catalogs: Compiled editions of the catalog.
        contended: Whether another transaction was faster than this one, so that it runs again.
        changed: Whether there is anything to commit.
    """

    __slots__ = (
        "_at",
        "_messages",
        "_routing",
        "_written",
        "catalogs",
        "changed",
        "contended",
        "present",
        "rules",
        "work",
    )

    def __init__(
        self,
        work: UnitOfWork,
        at: datetime | None,
        rules: DeskRules,
        catalogs: CatalogCache,
        *,
        contended: bool = False,
    ) -> None:
        self.work = work
        self.present = at is None
        self._at = None if at is None else instant_of(at)
        self.rules = rules
        self.catalogs = catalogs
        self._messages: list[tuple[str, str, str]] = []
        self._written: list[tuple[Sequence[tuple[str, str, str]], Sequence[int]]] = []
        self._routing: RoutingPolicy | None = None
        self.contended = contended
        self.changed = True

    @property
    def at(self) -> datetime:
        """Instant of the command: as given, otherwise by the store's own clock."""
        if self._at is None:
            self._at = self.work.now()
        return self._at

    def facts(self, command: str, customer: str, *, fresh: bool) -> AdmissionFacts:
        """Return what an admission is decided from; `at` is read with it, if none was given."""
        fresh = fresh or self._at is None
        found = self.work.admissions.facts(command, customer, fresh=fresh)
        if self._at is None:
            self._at = found.now
        return found

    def write(self, admission: Admission) -> None:
        """Write an admission, with its messages."""
        self._written.append((admission.messages, self.work.admissions.write(admission)))

    def edition(self, latest: int) -> CompiledEdition:
        """Return the latest edition of the catalog, whose number is known."""
        found = self.catalogs.edition(self.work, latest)
        self._routing = found.routing
        return found

    @property
    def routing(self) -> RoutingPolicy:
        """The routing policy of the latest edition of the catalog, read once."""
        if self._routing is None:
            self._routing = self.catalogs.latest(self.work).routing
        return self._routing

    def add_message(self, topic: str, case: str, **data: object) -> None:
        """Add a message about a case, to be written to the outbox at the end of the transaction."""
        self._messages.append((topic, _ENCODE({"case": case, **data}), case))

    def add_text(self, topic: str, body: str, case: str) -> None:
        """Add a message whose body was written already, as `add_message` does."""
        self._messages.append((topic, body, case))

    def take_messages(self) -> tuple[tuple[str, str, str], ...]:
        """Return the messages that were added so far, for the caller to write."""
        taken, self._messages = tuple(self._messages), []
        return taken

    def commit(self) -> None:
        """Write all messages to the outbox, last and at once, and commit the unit of work."""
        if self._messages:
            numbers = self.work.outbox.put_all(self._messages, self.at)
            self._written.append((self._messages, numbers))
        self.work.commit()

    @property
    def messages(self) -> tuple[Message, ...]:
        """What was written to the outbox; complete after `commit`."""
        return tuple(
            Message(number=number, topic=topic, at=self.at, body=body, case=case)
            for messages, numbers in self._written
            for number, (topic, body, case) in zip(numbers, messages, strict=True)
        )


@final
@attrs.frozen(kw_only=True)
class TenantContext:
    """What the transactions of one tenant share: store, settings, observer, caches.

    Attributes:
        store: Where everything is stored.
        tenant: Id of the tenant.
        rules: Settings of the desk.
        observer: Notified of messages after each commit; None for no notification.
        catalogs: Compiled editions of the catalog.
        failures: Items that failed and are set aside.
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
        """Set an item that failed aside for a while, and write a message about it."""

        def step(transaction: Transaction) -> Failure:
            transaction.add_message("item.set_aside", id, **fields)
            return failure

        moment = self.query(lambda work: work.now()) if at is None else at
        failure = self.failures.note(kind, id, error, moment)
        fields = attrs.asdict(failure, filter=attrs.filters.exclude("id"))
        return self.execute(step, moment)

    def execute(self, step: Callable[[Transaction], T], at: datetime | None) -> T:
        """Run a step in a transaction, commit it, and return its result.

        If another transaction changed what this one read, the step runs again, at most
        `MAX_ATTEMPTS` times in all; so does a step that took its instant from the clock of the
        store, and found an offer that was made after it.

        Raises:
            TooEarlyError: A command is dated before what it is about.
            StaleReadError: Other transactions were faster every time.
            RestartTransactionError: A host has to run its whole transaction again.
            BusyError: The store was in use by others for as long as it waits.
            StorageError: The store failed; the step happened wholly or not at all.
        """
        contended = False
        for attempts_left in reversed(range(MAX_ATTEMPTS)):
            try:
                with self.store.begin(self.tenant) as work:
                    transaction = Transaction(
                        work, at, self.rules, self.catalogs, contended=contended
                    )
                    result = step(transaction)
                    if transaction.changed:
                        transaction.commit()
            except RestartTransactionError:
                raise
            except (StaleReadError, TooEarlyError) as error:
                contended = True
                given = at is not None and isinstance(error, TooEarlyError)
                if given or not attempts_left:
                    raise
            else:
                self._notify(transaction)
                return result
        raise AssertionError  # pragma: no cover - the last attempt returns or raises

    def _notify(self, transaction: Transaction) -> None:
        observer = self.observer
        if observer is None or not transaction.changed:
            return
        messages = transaction.messages
        if not messages:
            return
        later = getattr(self.store, "after_commit", None)
        if later is None:
            observer.notify(self.tenant, messages)
        else:
            later(lambda: observer.notify(self.tenant, messages))

    def query(self, question: Callable[[UnitOfWork], T]) -> T:
        """Return the answer to a question that changes nothing, from one unit of work."""
        with self.store.begin(self.tenant) as work:
            return question(work)
