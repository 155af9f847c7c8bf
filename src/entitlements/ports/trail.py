"""Repository protocols of what was done: messages, the chain of decisions, commands and leases.

They follow the rules of the other repositories; see `entitlements.ports.repositories`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from entitlements.ports.deliveries import Delivery, Endpoint
from entitlements.ports.records import (
    ChainHead,
    DecisionRecord,
    ExecutedCommand,
    GroupLease,
    Message,
)


class Outbox(Protocol):
    """Messages that leave after the commit, each at least once.

    A tenant without endpoints has one receiver: a message is claimed, delivered and removed. With
    endpoints, messages are distributed first, and each endpoint has its own deliveries of them.
    """

    def put(self, topic: str, body: str, at: datetime, case: str = "") -> int:
        """Add a message, about a case or about none, and return its number; one row."""
        ...

    def put_all(self, messages: Sequence[tuple[str, str, str]], at: datetime) -> tuple[int, ...]:
        """Add messages, each a topic, a body and a case, and return their numbers."""
        ...

    def save_endpoint(self, endpoint: Endpoint) -> None:
        """Register an endpoint, or change its topics for messages not yet distributed; one row."""
        ...

    def remove_endpoint(self, id: str) -> None:
        """Remove an endpoint with its deliveries and dead letters; an unknown id is ignored."""
        ...

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return all endpoints, ordered by id."""
        ...

    def distribute(self, at: datetime, most: int = 100) -> int:
        """Hand messages on to the endpoints that receive their topics.

        Each gets its own delivery, and the message leaves the outbox. Messages that a relay without
        an endpoint has claimed, and dead letters, stay where they are.

        Args:
            at: The present instant.
            most: The largest number of messages.

        Returns:
            The number of messages, those that no endpoint receives included; 0 without endpoints.
        """
        ...

    def claim(
        self, at: datetime, until: datetime, most: int = 100, endpoint: str = ""
    ) -> tuple[Delivery, ...]:
        """Claim undelivered messages until an instant, ordered by number.

        No other unit gets them before. Of each case, only those are claimed which no earlier
        message holds back: one that another relay has claimed, or that is tried again later.
        A message without a case holds back no other, and neither does a dead letter.

        Args:
            at: The present instant.
            until: End of the lease.
            most: The largest number of messages.
            endpoint: Whose deliveries; empty for messages that were not distributed.
        """
        ...

    def finish(self, claimed: Iterable[Delivery]) -> None:
        """Remove messages that were delivered, unless they were claimed again since."""
        ...

    def put_back(
        self, claimed: Iterable[Delivery], ready_at: datetime | None, error: str | None = None
    ) -> None:
        """Put messages back, unless they were claimed again since.

        Args:
            claimed: The messages.
            ready_at: When they may be claimed again; None makes them dead letters.
            error: Why their delivery failed; None if it was not tried.
        """
        ...

    def dead_letters(
        self, after: int = 0, most: int = 100, endpoint: str = ""
    ) -> tuple[Delivery, ...]:
        """Return dead letters with numbers above `after`, in their order."""
        ...

    def requeue(self, numbers: Iterable[int], endpoint: str = "") -> None:
        """Have dead letters delivered again, with all their tries; others are ignored."""
        ...

    def pending(self, most: int = 100) -> tuple[Message, ...]:
        """Return messages in the outbox, ordered by number, locked until the end of this unit."""
        ...

    def delivered(self, numbers: Iterable[int]) -> None:
        """Remove messages from the outbox; numbers that do not exist are ignored."""
        ...


class Decisions(Protocol):
    """Hash chain of decisions; no link is ever changed or removed."""

    def head(self) -> ChainHead:
        """Return the end of the chain, locked until the end of this unit."""
        ...

    def append(self, link: DecisionRecord) -> None:
        """Add the link that follows the head; one row and one more.

        Raises:
            StaleReadError: It does not follow the head.
        """
        ...

    def about(self, subject: str) -> tuple[DecisionRecord, ...]:
        """Return the links about one subject, in their order."""
        ...

    def links(self, after: int | None = None, most: int = 1_000) -> tuple[DecisionRecord, ...]:
        """Return the next `most` links with numbers above `after`, in their order.

        None begins with the first row, whatever its number.

        Raises:
            UnreadableError: A row cannot be read as a link.
        """
        ...


class Commands(Protocol):
    """Commands that were carried out, so that a repeated command is not."""

    def find(self, id: str) -> ExecutedCommand | None:
        """Return the command if it was carried out, otherwise None; one row."""
        ...

    def record(self, done: ExecutedCommand) -> None:
        """Record a command; one row.

        Raises:
            StaleReadError: The id was recorded before, maybe by another unit a moment ago.
        """
        ...


class GroupLeases(Protocol):
    """Leases of groups by workers; see `GroupLease`."""

    def take(self, group: str, owner: str, at: datetime, until: datetime) -> GroupLease | None:
        """Lease the group to `owner` until `until`; return None if another owner has it.

        The term rises whenever the last lease had ended or was released. One row.
        """
        ...

    def check(self, lease: GroupLease) -> None:
        """Raise `ConflictError` unless the lease is the present one; lock it until the end."""
        ...

    def release(self, lease: GroupLease) -> None:
        """End the lease; nothing happens if another worker has taken the group over."""
        ...

    def leases(self) -> tuple[GroupLease, ...]:
        """Return the leases of all groups, ordered by group."""
        ...
