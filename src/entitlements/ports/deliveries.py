"""Deliveries: messages of the outbox that a relay has claimed, and messages that nobody took.

A claim is a lease: until it ends, no other relay gets the message. Each claim raises the fence of
the message, so that a relay whose lease has ended can no longer settle it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.ports.records import Message


def _message(value: Message) -> Message:
    return instance_of(Message, value)


@final
@attrs.frozen(kw_only=True)
class Delivery:
    """A message on its way to a receiver, or a dead letter.

    Attributes:
        message: The message.
        fence: Raised by each claim.
        attempts: How often its delivery has failed.
        error: Why it failed last; None if it has not.
    """

    message: Message = attrs.field(converter=_message)
    fence: int
    attempts: int = 0
    error: str | None = None

    @property
    def number(self) -> int:
        """Number of the message."""
        return self.message.number


def deliveries(values: Iterable[Delivery]) -> tuple[Delivery, ...]:
    """Return `values`; raise `InvalidValueError` unless they are deliveries."""
    return tuple_of(Delivery, values)


def first_of_cases(
    waiting: Iterable[tuple[Delivery, datetime | None]], at: datetime, most: int
) -> tuple[Delivery, ...]:
    """Return what may be claimed at `at`: of each case, what no earlier message holds back.

    Args:
        waiting: Every message with the instant from which it may be claimed, None for a dead
            letter; ordered by number.
        at: The instant of the claim.
        most: The largest number of messages.
    """
    held: set[str] = set()
    found: list[Delivery] = []
    for delivery, ready_at in waiting:
        case = delivery.message.case
        if ready_at is None or (case and case in held):
            continue
        if ready_at > at:
            held.add(case)
        elif len(found) < most:
            found.append(delivery)
    return tuple(found)
